#include <charconv>

#include "libs/gateway/message_xml.h"
#include "libs/xml/text.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kDeclaration =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n";

class DocumentWriter {
 public:
  DocumentWriter(const WriteOptions& options, std::string& out) : options_(options), out_(out) {}

  void operator()(const Register& m) { Told("register", m.header, m.information, true); }
  void operator()(const Request& m) { Told("request", m.header, m.information, false); }

  void operator()(const Response& m) {
    Begin("response", m.header);
    Put("status", Name(m.status));
    PutNumber("interval", m.interval_seconds);
    PutNumber("retryafter", m.retry_after_seconds);
    Put("fileversion", m.file_version);
    Params(m.params);
    const bool flat = m.files.size() == 1 && m.file_version.empty();
    for (const File& file : m.files) {
      if (!flat) Open("file");
      Write(file);
      if (!flat) Close("file");
    }
    if (m.reboot) Put("reboot", *m.reboot ? "yes" : "no");
    End("response");
  }

  void operator()(const WorkResult& m) {
    Begin("result", m.header);
    Put("status", Name(m.status));
    Put("fileversion", m.file_version);
    Put("filename", m.file_name);
    Put("action", m.action);
    PutNumber("code", m.code);
    Put("detail", m.detail);
    End("result");
  }

 private:
  void Open(std::string_view name) { out_.append("<").append(name).append(">\n"); }
  void Close(std::string_view name) { out_.append("</").append(name).append(">\n"); }

  // Left out if empty.
  void Put(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out_.append("<").append(name).append(">");
    xml::AppendEscaped(value, out_);
    Close(name);
  }
  template <typename Value>
  void PutNumber(std::string_view name, const std::optional<Value>& value) {
    if (!value) return;
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), *value);
    Put(name, std::string_view(digits, end));
  }
  void Put(std::string_view name, const std::optional<Protocol>& protocol) {
    if (protocol) Put(name, Name(*protocol));
  }

  void Begin(std::string_view root, const Header& header) {
    out_ += kDeclaration;
    Open(root);
    Open("header");
    Put("version", header.version);
    Put("serial", header.serial);
    Put("msgid", header.msgid);
    Close(options_.emit_head_slip ? "head" : "header");
    Open("body");
  }
  void End(std::string_view root) {
    Close("body");
    Close(root);
  }

  void Told(std::string_view root, const Header& header, const BasicInformation& i,
            bool with_sip_uri) {
    Begin(root, header);
    Put("vendor", i.vendor);
    Put("model", i.model);
    Put("ip", i.ip);
    if (with_sip_uri) Put("sipuri", i.sip_uri);
    Put("fileversion", i.file_version);
    Put("filename", i.file_name);
    Put("upgradeserver", i.upgrade_server);
    Put("protocol", i.protocol);
    if (i.in_call) Put("incall", std::string_view(*i.in_call ? "yes" : "no"));
    End(root);
  }

  void Write(const File& file) {
    Put("filetype", Name(file.type));
    Put("filename", file.name);
    Put("fileversion", file.version);
    Put("downloadmethod", file.download_method);
    Put("downloadpath", file.download_path);
    PutNumber("filesize", file.size_octets);
    Put("sha256", file.sha256);
  }

  void Params(const std::vector<Param>& params) {
    if (params.empty()) return;
    Open("config");
    for (const Param& param : params) {
      out_ += "<param name=\"";
      xml::AppendEscaped(param.name, out_);
      out_ += "\" value=\"";
      xml::AppendEscaped(param.value, out_);
      out_ += "\"/>\n";
    }
    Close("config");
  }

  const WriteOptions& options_;
  std::string& out_;
};

}  // namespace

void Write(const Message& message, std::string& out, const WriteOptions& options) {
  std::visit(DocumentWriter(options, out), message);
}

Result<void> Check(const Message& message) {
  std::string xml;
  Write(message, xml);
  DROVER_TRY(const Reading reading, Read(xml));
  if (reading.message == message) return {};
  return InvalidArgument(
      "a value with blanks around it, or with characters that XML cannot carry, would arrive "
      "changed");
}

}  // namespace drover::gateway
