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

// A value as it travels in a message's encoding.
struct Transfer {
  std::string octets;
  std::string_view format;
  syncml::DataForm form = syncml::DataForm::kText;
};

// What part of a large object one message carries (REP, "Large object handling").
struct Piece {
  std::string_view octets;  // Of Transfer::octets.
  uint64_t total = 0;       // Their count in all.
  bool first = false;
  bool last = false;
};

// Builds one message. CmdIDs count from 1. Texts that are passed as views must outlive Encode.
class Reply {
 public:
  // binary_as_b64: also where the encoding could carry octets.
  Reply(syncml::Encoding encoding, syncml::Version version, bool binary_as_b64 = false);

  syncml::Header& header() { return document_.message().header; }
  // Copies a text into the message's memory.
  std::string_view Keep(std::string_view text) { return document_.Keep(text); }

  // CmdIDs count from here.
  void CountIdsFrom(uint32_t base) { last_id_ = base; }
  void SetCredential(dmauth::Scheme scheme, std::string_view data);
  void AddStatus(std::string_view msg_ref, const StatusReply& status,
                 const Challenge* challenge = nullptr);
  // Versions that the server speaks, with 505 and 513.
  void AddVersionStatus(std::string_view msg_ref, uint32_t code, std::string_view versions);
  uint32_t AddAlert(std::string_view code);
  // Alert 1225: the object at this URI was broken off.
  uint32_t AddNoEndOfData(std::string_view source);
  // Opens a Sequence or an Atomic: commands added until the end are its children. Returns its
  // CmdID.
  uint32_t OpenGroup(syncml::CommandKind kind);
  // correlator: of an Exec; empty: none.
  uint32_t AddCommand(const CommandSpec& command, std::string_view correlator);
  uint32_t AddPiece(const CommandSpec& command, const Transfer& transfer, const Piece& piece);
  uint32_t AddGet(std::string_view uri);
  void SetFinal() { document_.message().final = true; }

  std::string Encode() const;
  // Octets that the command would add, at most.
  static size_t SizeBound(syncml::Encoding encoding, const CommandSpec& command);
  Transfer TransferOf(const CommandSpec& command) const;

 private:
  syncml::Command& NewCommand(syncml::CommandKind kind);
  uint32_t NextId(syncml::Command& command);
  void SetData(const CommandSpec& command, syncml::Item& item);
  void SetPrompt(const Prompt& prompt, syncml::Command& command);

  syncml::Encoding encoding_;
  bool binary_as_b64_;
  syncml::Document document_;
  uint32_t last_id_ = 0;
  bool in_group_ = false;
};

}  // namespace drover::session
