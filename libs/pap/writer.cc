#include "libs/pap/writer.h"

#include "libs/pap/timestamp.h"
#include "libs/xml/text.h"

namespace drover::pap {
namespace {

constexpr std::string_view kProlog10 =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" "
    "\"http://www.wapforum.org/DTD/pap_1.0.dtd\">\n";
constexpr std::string_view kProlog20 =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" "
    "\"http://www.wapforum.org/DTD/pap_2.0.dtd\" "
    "[<?wap-pap-ver supported-versions=\"2.0,1.*\"?>]>\n";

class DocumentWriter {
 public:
  DocumentWriter(const Document& document, std::string& out) : document_(document), out_(out) {}

  void Run() {
    out_ += document_.version == Version::k10 ? kProlog10 : kProlog20;
    Open("pap");
    Put("product-name", document_.product_name);
    Content();
    std::visit([this](const auto& message) { Write(message); }, document_.message);
    Close("pap");
    out_ += '\n';
  }

 private:
  // <name attributes.. then Content and Close, or Empty.
  void Open(std::string_view name) { out_.append("<").append(name); }
  void Content() { out_ += '>'; }
  void Empty() { out_ += "/>"; }
  void Close(std::string_view name) { out_.append("</").append(name).append(">"); }

  // Left out if empty.
  void Put(std::string_view name, std::string_view value) {
    if (!value.empty()) PutAlways(name, value);
  }
  void PutAlways(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    xml::AppendEscaped(value, out_);
    out_ += '"';
  }
  void Put(std::string_view name, const Time& time) {
    if (time) PutAlways(name, FormatTimestamp(*time));
  }
  void PutTrue(std::string_view name, bool value) {
    if (value) PutAlways(name, "true");
  }
  void PutResult(StatusCode code, std::string_view desc) {
    PutAlways("code", std::to_string(Number(code)));
    Put("desc", desc);
  }

  void Write(const Addresses& addresses) {
    for (const std::string& address : addresses) WriteAddress(address);
  }
  void WriteAddress(std::string_view address) {
    Open("address");
    PutAlways("address-value", address);
    Empty();
  }
  void Write(const std::optional<QualityOfService>& qos) {
    if (!qos) return;
    Open("quality-of-service");
    PutAlways("priority", Name(qos->priority));
    PutAlways("delivery-method", Name(qos->delivery_method));
    Put("network", qos->network);
    PutTrue("network-required", qos->network_required);
    Put("bearer", qos->bearer);
    PutTrue("bearer-required", qos->bearer_required);
    Empty();
  }

  void Write(const PushMessage& m) {
    Open("push-message");
    PutAlways("push-id", m.push_id);
    if (document_.version != Version::k10 && !m.replace_push_id.empty()) {
      Put("replace-push-id", m.replace_push_id);
      PutAlways("replace-method", Name(m.replace_method));
    }
    Put("deliver-before-timestamp", m.deliver_before);
    Put("deliver-after-timestamp", m.deliver_after);
    Put("source-reference", m.source_reference);
    PutTrue("progress-notes-requested", m.progress_notes_requested);
    Put("ppg-notify-requested-to", m.ppg_notify_requested_to);
    Content();
    Write(m.addresses);
    Write(m.quality_of_service);
    Close("push-message");
  }

  void Write(const PushResponse& m) {
    Open("push-response");
    PutAlways("push-id", m.push_id);
    Put("sender-address", m.sender_address);
    Put("sender-name", m.sender_name);
    Put("reply-time", m.reply_time);
    Content();
    for (const ProgressNote& note : m.progress_notes) {
      Open("progress-note");
      PutAlways("stage", note.stage);
      Put("note", note.note);
      Put("time", note.time);
      Empty();
    }
    Open("response-result");
    PutResult(m.code, m.desc);
    Empty();
    Close("push-response");
  }

  void Write(const CancelMessage& m) {
    Open("cancel-message");
    PutAlways("push-id", m.push_id);
    Content();
    Write(m.addresses);
    Close("cancel-message");
  }

  void Write(const CancelResponse& m) {
    Open("cancel-response");
    PutAlways("push-id", m.push_id);
    Content();
    for (const CancelResult& result : m.results) {
      Open("cancel-result");
      PutResult(result.code, result.desc);
      Content();
      Write(result.addresses);
      Close("cancel-result");
    }
    Close("cancel-response");
  }

  void Write(const ResultNotificationMessage& m) {
    Open("resultnotification-message");
    PutAlways("push-id", m.push_id);
    Put("sender-address", m.sender_address);
    Put("sender-name", m.sender_name);
    Put("received-time", m.received_time);
    Put("event-time", m.event_time);
    PutAlways("message-state", Name(m.message_state));
    PutResult(m.code, m.desc);
    Content();
    WriteAddress(m.address);
    Write(m.quality_of_service);
    Close("resultnotification-message");
  }

  void Write(const ResultNotificationResponse& m) {
    Open("resultnotification-response");
    PutAlways("push-id", m.push_id);
    PutResult(m.code, m.desc);
    Content();
    if (!m.address.empty()) WriteAddress(m.address);
    Close("resultnotification-response");
  }

  void Write(const StatusQueryMessage& m) {
    Open("statusquery-message");
    PutAlways("push-id", m.push_id);
    Content();
    Write(m.addresses);
    Close("statusquery-message");
  }

  void Write(const StatusQueryResponse& m) {
    Open("statusquery-response");
    PutAlways("push-id", m.push_id);
    Content();
    for (const StatusQueryResult& result : m.results) {
      Open("statusquery-result");
      Put("event-time", result.event_time);
      PutAlways("message-state", Name(result.message_state));
      PutResult(result.code, result.desc);
      Content();
      Write(result.addresses);
      Write(result.quality_of_service);
      Close("statusquery-result");
    }
    Close("statusquery-response");
  }

  void Write(const CcqMessage& m) {
    Open("ccq-message");
    Put("query-id", m.query_id);
    Put("app-id", m.app_id);
    Content();
    Write(m.addresses);
    Close("ccq-message");
  }

  void Write(const CcqResponse& m) {
    Open("ccq-response");
    Put("query-id", m.query_id);
    PutResult(m.code, m.desc);
    Content();
    Write(m.addresses);
    Close("ccq-response");
  }

  void Write(const BadMessageResponse& m) {
    Open("badmessage-response");
    PutResult(m.code, m.desc);
    Put("bad-message-fragment", m.bad_message_fragment);
    Empty();
  }

  const Document& document_;
  std::string& out_;
};

}  // namespace

void Write(const Document& document, std::string& out) { DocumentWriter(document, out).Run(); }

}  // namespace drover::pap
