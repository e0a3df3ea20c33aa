// Builds one message of a terminal: header, Status, Results, Alerts and Replace in order, with
// their CmdIDs; then its octets, with what the terminal's quirks do to them.
//
// Spec: OMA-TS-SyncML_RepPro-V1_2 (element types), OMA-TS-DM_RepPro-V1_2.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/syncml/document.h"
#include "loadtest/terminal/client_alert.h"
#include "loadtest/terminal/commands.h"
#include "loadtest/terminal/model.h"

namespace drover::terminal {

struct HeaderFields {
  std::string_view session_id;
  uint32_t msg_id = 0;
  std::string_view target;
  std::string_view device_id;
  std::string_view user;         // Source/LocName; empty: none.
  std::string_view cred_scheme;  // "syncml:auth-md5"; empty: no Cred.
  std::string_view cred;
  bool with_sizes = false;  // Meta with MaxMsgSize: in package 1.
};

// What a Status answers.
struct StatusOf {
  std::string_view msg_ref;
  std::string_view cmd_ref;
  std::string_view cmd;
  std::vector<std::string_view> target_refs;
  std::vector<std::string_view> source_refs;
};

struct Challenge {
  std::string_view scheme;  // "syncml:auth-md5"
  std::string_view nonce;   // Raw; empty: none (basic).
};

class MessageBuilder {
 public:
  MessageBuilder(const ModelSpec& spec, const HeaderFields& header);

  void Status(const StatusOf& of, int code, const std::optional<Challenge>& challenge = {});
  void Results(std::string_view msg_ref, std::string_view cmd_ref,
               const std::vector<Reported>& items);
  // Returns the CmdID.
  std::string Alert(int code);
  std::string Alert(const ClientAlert& alert);
  void NoEndOfData(std::string_view uri);  // Alert 1225
  std::string ReplaceDevInfo(const ManagementTree& tree);
  // Takes over the commands of another message from this one on.
  void TakeFrom(std::unique_ptr<MessageBuilder> other, size_t from);
  void set_final(bool final) { document_.message().final = final; }

  size_t commands() const { return document_.message().commands.size(); }
  // With the first n commands only.
  std::string Encode(size_t n);
  std::string Encode() { return Encode(commands()); }

 private:
  syncml::Command& Append(syncml::CommandKind kind);
  std::string_view Keep(std::string_view text) { return document_.Keep(text); }
  void SetData(syncml::Item& item, syncml::Meta& meta, const Reported& reported);
  void ApplyQuirks(std::string& octets) const;

  const ModelSpec& spec_;
  syncml::Document document_;
  uint32_t next_cmd_id_;
  std::unique_ptr<MessageBuilder> taken_;  // Owns the texts of what was taken from it.
};

std::string_view VerDtdOf(DmVersion version);    // "1.2"
std::string_view VerProtoOf(DmVersion version);  // "DM/1.2"

// The Content-Type of a terminal's requests; empty: none.
std::string_view MediaTypeOf(const ModelSpec& spec);
// Whether a response's Content-Type is one that the terminal understands as an answer to its own:
// the same base type, or the registered one if it sent none.
bool AcceptsMediaType(const ModelSpec& spec, std::string_view content_type);

}  // namespace drover::terminal
