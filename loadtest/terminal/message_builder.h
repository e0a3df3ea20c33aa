// Builds one message of a terminal: header, Status, Results, Alerts and Replace in order, with
// their CmdIDs; then its octets, with what the terminal's quirks do to them.
//
// A message that is too large is sent in parts: see Part.
// Spec: OMA-TS-SyncML_RepPro-V1_2 (element types), OMA-TS-DM_RepPro-V1_2, OMA-TS-DM_Protocol-V1_2
// ("Large object handling").
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
  DmVersion version = DmVersion::k12;
  std::string_view session_id;
  uint32_t msg_id = 0;
  std::string_view target;
  std::string_view source;
  std::string_view user;         // Source/LocName; empty: none.
  std::string_view cred_scheme;  // "syncml:auth-md5"; empty: no Cred.
  std::string_view cred;
  uint32_t max_msg_size = 0;  // 0: not announced.
  uint32_t max_obj_size = 0;
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

  // data: one Item each, as a user's answers are reported.
  void Status(const StatusOf& of, int code, const std::optional<Challenge>& challenge = {},
              const std::vector<std::string>& data = {});
  void Results(std::string_view msg_ref, std::string_view cmd_ref,
               const std::vector<Reported>& items);
  void Alert(int code);
  // report: the number of the report that the alert carries; -1: none. Who sends the message finds
  // it in ReportOf.
  void Alert(const ClientAlert& alert, int report = -1);
  void NoEndOfData(std::string_view uri);  // Alert 1225
  void ReplaceDevInfo(const ManagementTree& tree);
  // Takes over the commands of another message from this one on.
  void TakeFrom(std::unique_ptr<MessageBuilder> other, size_t from);
  void set_final(bool final) { document_.message().final = final; }

  size_t commands() const { return document_.message().commands.size(); }
  const syncml::Command& command(size_t index) const { return document_.message().commands[index]; }
  int ReportOf(size_t index) const { return reports_[index]; }
  // That report is settled; those behind it have a number less.
  void ForgetReport(int report);

  // The beginning of a message: some commands whole; of the next one some items whole; and of the
  // next item a chunk of its Data, with Size if it is the first and MoreData.
  struct Part {
    size_t commands = 0;
    size_t items = 0;
    size_t octets = 0;
    bool cuts() const { return items != 0 || octets != 0; }
  };
  std::string Encode(const Part& part);
  std::string Encode() { return Encode({commands()}); }
  // The largest part of at most `limit` octets. at_once: the first command that may be sent in
  // pieces (what stands before it always fits). A command is cut only if it would not fit a message
  // of its own, or if it is the rest of one that was cut. What can neither be cut nor fit exceeds
  // the limit.
  Part Fit(size_t limit, size_t at_once);
  // Takes the part away; what is left begins with command part.commands.
  void Sent(const Part& part);
  // The rest of a cut object will not be sent.
  void ForgetCut() { rest_continues_ = false; }

 private:
  syncml::Command& Append(syncml::CommandKind kind);
  std::string_view Keep(std::string_view text) { return document_.Keep(text); }
  void SetData(syncml::Item& item, syncml::Meta& meta, const Reported& reported);
  size_t SizeOf(const Part& part) { return Encode(part).size(); }
  void AddCut(const Part& part, syncml::Command& into) const;
  bool Continues(size_t command, size_t item) const;
  Part WholeCommands(size_t limit, size_t at_least);
  // now: what comes next must move, if only in part.
  void Cut(Part& part, size_t limit, bool now);
  size_t ChunkThatFits(Part part, size_t limit);
  void ApplyQuirks(std::string& octets) const;

  const ModelSpec& spec_;
  syncml::Document document_;
  uint32_t next_cmd_id_;
  std::vector<int> reports_;     // Of each command.
  size_t taken_at_ = SIZE_MAX;   // Where what was taken begins.
  bool continues_ = false;       // Its first item is the rest of a large object.
  bool rest_continues_ = false;  // So is that of what was not sent.
  std::string challenge_nonce_;  // Raw.
  std::vector<std::string> inline_tnds_;
  std::unique_ptr<MessageBuilder> taken_;  // Owns the texts of what was taken from it.
};

std::string_view VerDtdOf(DmVersion version);    // "1.2"
std::string_view VerProtoOf(DmVersion version);  // "DM/1.2"

// The Content-Type of a terminal's requests; empty: none.
std::string_view MediaTypeOf(const ModelSpec& spec);
// Whether a response's Content-Type is one that the terminal understands as an answer to its own:
// the same base type, or the registered one if it sent none.
bool AcceptsMediaType(const ModelSpec& spec, std::string_view content_type);
// Whether it also is written as registered: lower case, no parameters.
bool IsExactMediaType(const ModelSpec& spec, std::string_view content_type);

}  // namespace drover::terminal
