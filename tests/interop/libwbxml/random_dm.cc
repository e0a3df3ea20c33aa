#include "tests/interop/libwbxml/random_dm.h"

#include <iterator>

#include "libs/base/bytes.h"

namespace drover::interop {
namespace {

using syncml::Command;
using syncml::CommandKind;
using syncml::Data;
using syncml::Item;

class Writer {
 public:
  Writer(uint64_t seed, syncml::Document& document) : random_(seed), document_(document) {}

  void Fill() {
    syncml::Message& message = document_.message();
    message.version = Below(3) == 0 ? syncml::Version::k11 : syncml::Version::k12;
    modern_ = message.version == syncml::Version::k12;
    FillHeader(message.header);
    for (size_t n = 1 + Below(6); n > 0; --n) {
      FillCommand(message.commands.emplace_back(), /*nested=*/false);
    }
    message.final = Below(4) != 0;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  bool Maybe() { return Below(2) == 0; }
  std::string_view Keep(std::string_view text) { return document_.Keep(text); }
  std::string_view Number() { return Keep(std::to_string(1 + Below(9999))); }

  std::string_view Uri() {
    static constexpr std::string_view kUris[] = {
        "./DevInfo/Man",      "./NAP/internet/ADDR",  "./FUMO/P1?prop=ACL",
        "./A?list=TNDS",      "./M%C3%BCnchen/B",     "./Ext/\xE6\x97\xA5\xE6\x9C\xAC",
        "IMEI:4930051005928", "https://dm.example/d", "."};
    return kUris[Below(std::size(kUris))];
  }
  std::string_view Text() {
    static constexpr std::string_view kTexts[] = {"iot.example.com",
                                                  "a & b < c > d \"e\" 'f'",
                                                  "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
                                                  "Add=*&Get=srv1+srv2",
                                                  "MINDT=5&MAXDT=60&DR=1",
                                                  "<MgmtTree><VerDTD>1.2</VerDTD></MgmtTree>",
                                                  "0",
                                                  "AAECAwQFBgcICQoLDA0ODw=="};
    return kTexts[Below(std::size(kTexts))];
  }

  void FillHeader(syncml::Header& header) {
    header.ver_dtd = modern_ ? "1.2" : "1.1";
    header.ver_proto = modern_ ? "DM/1.2" : "DM/1.1";
    header.session_id = Number();
    header.msg_id = Number();
    header.target.uri = Uri();
    header.source.uri = Uri();
    if (Maybe()) header.source.name = "user";
    if (Maybe()) header.resp_uri = "https://dm.example/dm?s=1&t=2";
    if (Maybe()) {
      syncml::Credentials cred;
      cred.meta.format = "b64";
      cred.meta.type = "syncml:auth-md5";
      cred.data.octets = "qLCDW9QNdGjJGJL7402Zmfw==";
      header.cred = cred;
    }
    if (Maybe()) header.meta.max_msg_size = Below(100'000);
    if (Maybe()) header.meta.max_obj_size = Below(10'000'000);
  }

  void FillCommand(Command& command, bool nested) {
    static constexpr CommandKind kKinds[] = {
        CommandKind::kStatus,  CommandKind::kResults, CommandKind::kAlert,    CommandKind::kGet,
        CommandKind::kReplace, CommandKind::kAdd,     CommandKind::kDelete,   CommandKind::kCopy,
        CommandKind::kExec,    CommandKind::kAtomic,  CommandKind::kSequence,
    };
    command.kind = kKinds[Below(std::size(kKinds) - (nested ? 2 : 0))];
    command.name = syncml::Name(command.kind);
    command.cmd_id = Number();
    if (command.kind == CommandKind::kAtomic || command.kind == CommandKind::kSequence) {
      for (size_t n = 1 + Below(3); n > 0; --n) FillCommand(command.children.emplace_back(), true);
      return;
    }
    if (command.kind == CommandKind::kStatus) return FillStatus(command);
    if (command.kind == CommandKind::kResults) FillReferences(command);
    if (command.kind == CommandKind::kAlert) command.data = Data{Maybe() ? "1226" : "1101"};
    const bool correlated =
        command.kind == CommandKind::kExec || command.kind == CommandKind::kAlert;
    if (modern_ && correlated && Maybe()) command.correlator = "op-1";
    for (size_t n = 1 + Below(3); n > 0; --n) FillItem(command, command.items.emplace_back());
  }

  void FillReferences(Command& command) {
    command.msg_ref = Number();
    command.cmd_ref = Number();
    if (Maybe()) command.target_refs.push_back(Uri());
    if (Maybe()) command.source_refs.push_back(Uri());
  }

  void FillStatus(Command& command) {
    FillReferences(command);
    command.cmd = "Replace";
    if (Maybe()) {
      syncml::Meta chal;
      chal.format = "b64";
      chal.type = "syncml:auth-md5";
      chal.next_nonce.octets = "AXOpoP7JO1YjGoejdpcblA==";
      command.chal = chal;
    }
    command.data = Data{Number()};
    if (Below(4) == 0) command.items.emplace_back().data = Data{Text()};
  }

  void FillItem(const Command& command, Item& item) {
    const bool from_terminal =
        command.kind == CommandKind::kResults || command.kind == CommandKind::kAlert;
    if (!from_terminal || Maybe()) item.target = syncml::Location{Uri(), {}};
    if (from_terminal || command.kind == CommandKind::kCopy) {
      item.source = syncml::Location{Uri(), {}};
    }
    if (command.kind == CommandKind::kGet || command.kind == CommandKind::kDelete) return;
    item.meta.format = Maybe() ? "chr" : "xml";
    if (Maybe()) item.meta.type = "text/plain";
    if (Maybe()) item.meta.size = Below(1'000'000);
    if (command.kind == CommandKind::kAlert && Maybe()) item.meta.mark = "critical";
    item.data = Data{Text()};
    item.more_data = Below(5) == 0;
  }

  std::mt19937_64 random_;
  syncml::Document& document_;
  bool modern_ = true;
};

}  // namespace

syncml::Document RandomDmMessage(uint64_t seed) {
  syncml::Document document;
  Writer(seed, document).Fill();
  return document;
}

}  // namespace drover::interop
