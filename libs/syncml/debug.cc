#include "libs/syncml/debug.h"

#include "libs/base/bytes.h"

namespace drover::syncml {
namespace {

std::string_view Name(Version version) {
  switch (version) {
    case Version::k10:
      return "SyncML 1.0";
    case Version::k11:
      return "SyncML 1.1";
    case Version::k12:
      break;
  }
  return "SyncML 1.2";
}

std::string_view Name(DataForm form) {
  switch (form) {
    case DataForm::kText:
      return "text";
    case DataForm::kOpaque:
      return "opaque";
    case DataForm::kMarkup:
      break;
  }
  return "markup";
}

class Printer {
 public:
  void Print(const Message& message) {
    Line(Name(message.version));
    Print("SyncHdr", message.header);
    for (const Command& command : message.commands) Print(command);
    Flag("Final", message.final);
  }

  void Print(const Command& command) {
    Open(command.kind == CommandKind::kUnknown ? "unknown " + std::string(command.name)
                                               : std::string(syncml::Name(command.kind)));
    Field("CmdID", command.cmd_id);
    Flag("NoResp", command.no_resp);
    Flag("NoResults", command.no_results);
    Flag("Archive", command.archive);
    Flag("SftDel", command.sft_del);
    Field("MsgRef", command.msg_ref);
    Field("CmdRef", command.cmd_ref);
    Field("Cmd", command.cmd);
    for (const std::string_view uri : command.target_refs) Quoted("TargetRef", uri);
    for (const std::string_view uri : command.source_refs) Quoted("SourceRef", uri);
    Field("Lang", command.lang);
    if (command.cred) Print("Cred", *command.cred);
    if (command.chal) Print("Chal", *command.chal);
    if (!command.meta.empty()) Print("Meta", command.meta);
    if (command.data) Print("Data", *command.data);
    Field("Correlator", command.correlator);
    for (const Item& item : command.items) Print("Item", item);
    for (const Command& child : command.children) Print(child);
    Close();
  }

  std::string Take() { return std::move(out_); }

 private:
  void Print(std::string_view name, const Header& header) {
    Open(name);
    Field("VerDTD", header.ver_dtd);
    Field("VerProto", header.ver_proto);
    Field("SessionID", header.session_id);
    Field("MsgID", header.msg_id);
    Print("Target", header.target);
    Print("Source", header.source);
    Field("RespURI", header.resp_uri);
    Flag("NoResp", header.no_resp);
    if (header.cred) Print("Cred", *header.cred);
    if (!header.meta.empty()) Print("Meta", header.meta);
    Close();
  }

  void Print(std::string_view name, const Item& item) {
    Open(name);
    if (item.target) Print("Target", *item.target);
    if (item.source) Print("Source", *item.source);
    Field("SourceParent", item.source_parent);
    Field("TargetParent", item.target_parent);
    if (!item.meta.empty()) Print("Meta", item.meta);
    if (item.data) Print("Data", *item.data);
    Flag("MoreData", item.more_data);
    Close();
  }

  void Print(std::string_view name, const Location& location) {
    Quoted(name, location.uri);
    Field("LocName", location.name);
  }

  void Print(std::string_view name, const Credentials& credentials) {
    Open(name);
    if (!credentials.meta.empty()) Print("Meta", credentials.meta);
    Print("Data", credentials.data);
    Close();
  }

  void Print(std::string_view name, const Meta& meta) {
    Open(name);
    Field("Format", meta.format);
    Field("Type", meta.type);
    Field("Mark", meta.mark);
    Number("Size", meta.size);
    if (!meta.next_nonce.octets.empty()) Print("NextNonce", meta.next_nonce);
    Number("MaxMsgSize", meta.max_msg_size);
    Number("MaxObjSize", meta.max_obj_size);
    Field("EMI", meta.emi);
    Field("Version", meta.version);
    Close();
  }

  void Print(std::string_view name, const Data& data) {
    Line(std::string(name) + " " + std::string(Name(data.form)) + " " + Quote(data.octets));
  }

  void Field(std::string_view name, std::string_view text) {
    if (!text.empty()) Quoted(name, text);
  }
  void Quoted(std::string_view name, std::string_view text) {
    Line(std::string(name) + " " + Quote(text));
  }
  void Number(std::string_view name, const std::optional<uint64_t>& number) {
    if (number) Line(std::string(name) + " " + std::to_string(*number));
  }
  void Flag(std::string_view name, bool set) {
    if (set) Line(name);
  }

  void Open(std::string_view name) {
    Line(name);
    ++depth_;
  }
  void Close() { --depth_; }
  void Line(std::string_view text) {
    out_.append(2 * depth_, ' ');
    out_ += text;
    out_ += '\n';
  }

  static std::string Quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        quoted += '\\';
        quoted += c;
      } else if (static_cast<uint8_t>(c) < 0x20 || static_cast<uint8_t>(c) >= 0x7F) {
        quoted += "\\x" + base::Hex({&c, 1});
      } else {
        quoted += c;
      }
    }
    return quoted + "\"";
  }

  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string DebugString(const Message& message) {
  Printer printer;
  printer.Print(message);
  return printer.Take();
}

std::string DebugString(const Command& command) {
  Printer printer;
  printer.Print(command);
  return printer.Take();
}

}  // namespace drover::syncml
