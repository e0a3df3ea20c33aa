// The server's message: statuses first, then commands, in the order and form that terminals count
// on.
//
// Spec: OMA-TS-DM_Protocol-V1_2 (packages 2 and 4); OMA-TS-DM_RepPro-V1_2. docs/protocol.md lists
// the habits of terminals behind each choice.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/syncml/document.h"
#include "services/session/core/model.h"

namespace drover::session {

// What a Status says about one command of the terminal's message (SyncHdr: cmd_ref "0").
struct StatusReply {
  std::string_view cmd_ref;
  std::string_view cmd;
  uint32_t code = 200;
  std::string_view target_ref;
  std::string_view source_ref;
};

struct Challenge {
  dmauth::Scheme scheme;
  std::string nonce;  // Raw; not sent for kBasic.
};

// Builds one message. CmdIDs count from 1. Texts that are passed as views must outlive Encode.
class Reply {
 public:
  Reply(syncml::Encoding encoding, syncml::Version version);

  syncml::Header& header() { return document_.message().header; }
  // Copies a text into the message's memory.
  std::string_view Keep(std::string_view text) { return document_.Keep(text); }

  void SetCredential(dmauth::Scheme scheme, std::string_view data);
  void AddStatus(std::string_view msg_ref, const StatusReply& status,
                 const Challenge* challenge = nullptr);
  // Versions that the server speaks, with 505 and 513.
  void AddVersionStatus(std::string_view msg_ref, uint32_t code, std::string_view versions);
  uint32_t AddAlert(std::string_view code);
  // Opens a Sequence: commands added until the end are its children. Returns its CmdID.
  uint32_t OpenSequence();
  uint32_t AddCommand(const CommandSpec& command, std::string_view correlator);
  uint32_t AddGet(std::string_view uri);
  void SetFinal() { document_.message().final = true; }

  std::string Encode() const;
  // Octets that the command would add, at most.
  size_t SizeBound(const CommandSpec& command) const;

 private:
  syncml::Command& NewCommand(syncml::CommandKind kind);
  uint32_t NextId(syncml::Command& command);
  void SetData(const CommandSpec& command, syncml::Item& item);

  syncml::Encoding encoding_;
  syncml::Document document_;
  uint32_t last_id_ = 0;
  bool in_sequence_ = false;
};

}  // namespace drover::session
