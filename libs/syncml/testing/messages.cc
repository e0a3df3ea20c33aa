#include "libs/syncml/testing/messages.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/syncml/message_reader.h"
#include "libs/wbxml/xml_text.h"

namespace drover::syncml::testing {
namespace {

class Generator {
 public:
  Generator(uint64_t seed, Document& document) : random_(seed), document_(document) {}

  void Fill() {
    Message& message = document_.message();
    message.version = static_cast<Version>(Below(3));
    FillHeader(message.header);
    for (size_t n = Below(8); n > 0; --n) FillCommand(message.commands, 0);
    message.final = Coin();
  }

 private:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  bool Coin() { return Below(2) == 0; }
  bool Rarely() { return Below(6) == 0; }

  void FillHeader(Header& header) {
    constexpr std::string_view kVerDtds[] = {"1.0", "1.1", "1.2"};
    header.ver_dtd = kVerDtds[static_cast<size_t>(document_.message().version)];
    header.ver_proto = Word();
    header.session_id = Word();
    header.msg_id = Word();
    FillLocation(header.target);
    FillLocation(header.source);
    if (Coin()) header.resp_uri = Word();
    header.no_resp = Rarely();
    if (Rarely()) FillCredentials(header.cred.emplace());
    if (Coin()) FillMeta(header.meta);
  }

  void FillCommand(std::pmr::vector<Command>& into, int depth) {
    Command& command = into.emplace_back();
    command.kind = static_cast<CommandKind>(1 + Below(static_cast<size_t>(CommandKind::kSync)));
    command.name = Name(command.kind);
    command.cmd_id = Word();
    command.no_resp = Rarely();
    command.no_results = Rarely();
    command.archive = Rarely();
    command.sft_del = Rarely();
    if (Coin()) command.msg_ref = Word();
    if (Coin()) command.cmd_ref = Word();
    if (Coin()) command.cmd = Word();
    for (size_t n = Below(3); n > 0; --n) command.target_refs.push_back(MaybeEmptyWord());
    for (size_t n = Below(3); n > 0; --n) command.source_refs.push_back(MaybeEmptyWord());
    if (Rarely()) command.lang = Word();
    if (Rarely()) FillCredentials(command.cred.emplace());
    if (Rarely()) FillMeta(command.chal.emplace());
    if (Rarely()) FillMeta(command.meta);
    if (Coin()) command.data = Data{MaybeEmptyWord(), DataForm::kText};
    if (Rarely()) command.correlator = Word();
    for (size_t n = Below(4); n > 0; --n) FillItem(command.items.emplace_back());
    const bool container = command.kind == CommandKind::kAtomic ||
                           command.kind == CommandKind::kSequence ||
                           command.kind == CommandKind::kSync;
    if (container && depth < 3) {
      for (size_t n = Below(4); n > 0; --n) FillCommand(command.children, depth + 1);
    }
  }

  void FillItem(Item& item) {
    if (Coin()) FillLocation(item.target.emplace());
    if (Coin()) FillLocation(item.source.emplace());
    if (Rarely()) item.source_parent = Word();
    if (Rarely()) item.target_parent = Word();
    if (Coin()) FillMeta(item.meta);
    if (Coin()) item.data = AnyData();
    if (item.data && Rarely()) item.meta.size = item.data->octets.size();
    item.more_data = Rarely();
  }

  void FillLocation(Location& location) {
    location.uri = Word();
    if (Rarely()) location.name = Word();
  }

  void FillCredentials(Credentials& credentials) {
    FillMeta(credentials.meta);
    credentials.data = {Word(), DataForm::kText};
  }

  void FillMeta(Meta& meta) {
    if (Coin()) meta.format = Word();
    if (Coin()) meta.type = Word();
    if (Rarely()) meta.mark = Word();
    if (Rarely()) meta.size = random_();
    if (Rarely()) meta.next_nonce = Nonce();
    if (Rarely()) meta.max_msg_size = Below(100'000);
    if (Rarely()) meta.max_obj_size = random_();
    if (Rarely()) meta.emi = Word();
    if (Rarely()) meta.version = Word();
  }

  Data Nonce() {
    std::string octets;
    for (size_t n = 1 + Below(20); n > 0; --n) octets.push_back(static_cast<char>(Below(256)));
    if (Coin()) return {document_.Keep(octets), DataForm::kOpaque};
    return {document_.Keep(base::Base64(octets)), DataForm::kText};
  }

  Data AnyData() {
    switch (Below(5)) {
      case 0:
        return {};
      case 1: {
        std::string octets;
        for (size_t n = Below(300); n > 0; --n) octets.push_back(static_cast<char>(Below(256)));
        return {document_.Keep(octets), DataForm::kOpaque};
      }
      case 2:
        return {"<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><x>]]></x></MgmtTree>",
                DataForm::kMarkup};
      default:
        return {Text(), DataForm::kText};
    }
  }

  // A text as ids and URIs have them: no white space around.
  std::string_view Word() {
    std::string text;
    do {
      text = std::string(Trim(Text()));
      std::erase_if(text, [](char c) { return static_cast<uint8_t>(c) < 0x20; });
      text = std::string(Trim(text));
    } while (text.empty());
    return document_.Keep(text);
  }
  std::string_view MaybeEmptyWord() { return Rarely() ? std::string_view() : Word(); }

  std::string_view Text() {
    constexpr std::string_view kPieces[] = {"a",
                                            "Phone 9",
                                            "./DevInfo/DevId",
                                            "&",
                                            "<",
                                            ">",
                                            "\"",
                                            "'",
                                            "]]>",
                                            "&amp;",
                                            "<![CDATA[",
                                            "\xC3\xA9",
                                            " ",
                                            "\n",
                                            "\t",
                                            "\r",
                                            "\r\n",
                                            "IMEI:49",
                                            "\xE2\x82\xAC",
                                            "0",
                                            "=",
                                            "</Data>",
                                            "\xF0\x9F\x98\x80",
                                            "\x01",
                                            {"\0", 1}};
    std::string text;
    for (size_t n = Below(6); n > 0; --n) text += kPieces[Below(std::size(kPieces))];
    return document_.Keep(text);
  }

  std::mt19937_64 random_;
  Document& document_;
};

void Receive(Meta& meta, const Data* data, Encoding encoding, Document& document);

void Receive(Data& data, Encoding encoding, Document& document) {
  const bool carries = encoding == Encoding::kXml
                           ? wbxml::IsXmlText(data.octets)
                           : data.octets.find('\0') == std::string_view::npos;
  if (!carries) data.form = DataForm::kOpaque;
  if (data.form == DataForm::kOpaque && encoding == Encoding::kXml) {
    data = {document.Keep(base::Base64(data.octets)), DataForm::kText};
  } else if (data.form == DataForm::kMarkup) {
    data.form = DataForm::kText;
  }
}

void Receive(Meta& meta, const Data* data, Encoding encoding, Document& document) {
  if (meta.next_nonce.form == DataForm::kOpaque) {
    meta.next_nonce = {document.Keep(base::Base64(meta.next_nonce.octets)), DataForm::kText};
  }
  if (data == nullptr || encoding == Encoding::kWbxml) return;
  if (data->form != DataForm::kOpaque && wbxml::IsXmlText(data->octets)) return;
  if (meta.size == data->octets.size()) meta.size = (data->octets.size() + 2) / 3 * 4;
  meta.format = "b64";
}

void Receive(Command& command, Encoding encoding, Document& document) {
  Receive(command.meta, nullptr, encoding, document);
  if (command.chal) Receive(*command.chal, nullptr, encoding, document);
  if (command.cred) Receive(command.cred->meta, &command.cred->data, encoding, document);
  for (Item& item : command.items) {
    Receive(item.meta, item.data ? &*item.data : nullptr, encoding, document);
    if (item.data) Receive(*item.data, encoding, document);
  }
  for (Command& child : command.children) Receive(child, encoding, document);
  std::erase_if(command.children, [](const Command& c) { return c.kind == CommandKind::kUnknown; });
}

void CopyCommand(const Command& from, Command& to) {
  to.kind = from.kind;
  to.name = from.name;
  to.offset = from.offset;
  to.cmd_id = from.cmd_id;
  to.no_resp = from.no_resp;
  to.no_results = from.no_results;
  to.archive = from.archive;
  to.sft_del = from.sft_del;
  to.msg_ref = from.msg_ref;
  to.cmd_ref = from.cmd_ref;
  to.cmd = from.cmd;
  to.target_refs.assign(from.target_refs.begin(), from.target_refs.end());
  to.source_refs.assign(from.source_refs.begin(), from.source_refs.end());
  to.lang = from.lang;
  to.cred = from.cred;
  to.chal = from.chal;
  to.meta = from.meta;
  to.data = from.data;
  to.correlator = from.correlator;
  to.items.assign(from.items.begin(), from.items.end());
  for (const Command& child : from.children) CopyCommand(child, to.children.emplace_back());
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  DROVER_CHECK(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Document RandomMessage(uint64_t seed) {
  Document document;
  Generator(seed, document).Fill();
  return document;
}

Document Copy(const Message& message) {
  Document copy;
  copy.message().version = message.version;
  copy.message().header = message.header;
  copy.message().final = message.final;
  for (const Command& c : message.commands) CopyCommand(c, copy.message().commands.emplace_back());
  return copy;
}

Document AsReceived(const Message& message, Encoding encoding) {
  Document received = Copy(message);
  Message& copy = received.message();
  Receive(copy.header.meta, nullptr, encoding, received);
  if (copy.header.cred) {
    Receive(copy.header.cred->meta, &copy.header.cred->data, encoding, received);
  }
  for (Command& command : copy.commands) Receive(command, encoding, received);
  std::erase_if(copy.commands, [](const Command& c) { return c.kind == CommandKind::kUnknown; });
  return received;
}

std::string Encoded(Encoding encoding, const Message& message) {
  std::string octets;
  Encode(encoding, message, octets);
  return octets;
}

std::string ReadVector(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(DROVER_SYNCML_TESTDATA) / name;
  std::string octets = ReadFile(path);
  if (path.extension() == ".hex") octets = base::FromHex(octets).value();
  return octets;
}

std::vector<Vector> AllVectors() {
  std::vector<Vector> vectors;
  for (const auto& entry : std::filesystem::directory_iterator(DROVER_SYNCML_TESTDATA)) {
    const std::string name = entry.path().filename();
    const Encoding encoding =
        entry.path().extension() == ".xml" ? Encoding::kXml : Encoding::kWbxml;
    vectors.push_back({name, encoding, ReadVector(name)});
  }
  std::sort(vectors.begin(), vectors.end(),
            [](const Vector& a, const Vector& b) { return a.name < b.name; });
  return vectors;
}

}  // namespace drover::syncml::testing
