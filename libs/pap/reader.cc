#include "libs/pap/reader.h"

#include <algorithm>

#include "libs/pap/timestamp.h"
#include "libs/xml/reader.h"
#include "libs/xml/text.h"

namespace drover::pap {
namespace {

constexpr size_t kFragmentBefore = 24;
constexpr std::string_view kSpace = " \t\r\n";

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(kSpace) == std::string_view::npos;
}

std::string_view SkipSpace(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// What of the document stands around an offset, as printable ASCII.
std::string Fragment(std::string_view xml, size_t offset) {
  const size_t begin = std::min(xml.size(), offset) - std::min(offset, kFragmentBefore);
  return xml::Quote(xml.substr(std::min(begin, xml.size())));
}

// Answers with the response of the operation that was begun.
struct AnswerTo {
  StatusCode code;
  const std::string& desc;
  const std::string& fragment;

  Message operator()(const PushMessage& m) const {
    if (m.push_id.empty()) return Bad();
    return PushResponse{.push_id = m.push_id, .code = code, .desc = desc};
  }
  Message operator()(const CancelMessage& m) const {
    if (m.push_id.empty()) return Bad();
    return CancelResponse{m.push_id, {{code, desc, {}}}};
  }
  Message operator()(const StatusQueryMessage& m) const {
    if (m.push_id.empty()) return Bad();
    return StatusQueryResponse{m.push_id, {{.code = code, .desc = desc}}};
  }
  Message operator()(const ResultNotificationMessage& m) const {
    if (m.push_id.empty()) return Bad();
    return ResultNotificationResponse{.push_id = m.push_id, .code = code, .desc = desc};
  }
  Message operator()(const CcqMessage& m) const {
    return CcqResponse{.query_id = m.query_id, .code = code, .desc = desc};
  }
  template <typename Other>
  Message operator()(const Other&) const {
    return Bad();
  }

 private:
  Message Bad() const { return BadMessageResponse{code, desc, fragment}; }
};

class DocumentReader {
 public:
  DocumentReader(std::string_view xml, const ReadLimits& limits)
      : xml_(xml), limits_(limits), reader_(xml, {.depth = 5, .attributes = 24}) {}

  Reading Run() {
    Reading reading;
    if (ReadAll()) {
      reading.document = std::move(document_);
      return reading;
    }
    const bool well_formed = reader_.error().message.empty();
    if (!well_formed) desc_ = reader_.error().message;
    Refusal& refusal = reading.refusal;
    refusal.code = code_;
    refusal.desc = desc_;
    refusal.fragment = Fragment(xml_, reader_.offset());
    refusal.version = document_.version;
    const AnswerTo answer{code_, refusal.desc, refusal.fragment};
    if (well_formed && begun_) {
      refusal.answer = std::visit(answer, document_.message);
    } else {
      refusal.answer = BadMessageResponse{code_, desc_, refusal.fragment};
    }
    return reading;
  }

 private:
  bool Fail(std::string desc, StatusCode code = StatusCode::kBadRequest) {
    if (desc_.empty()) desc_ = std::move(desc), code_ = code;
    return false;
  }

  bool ReadAll() {
    if (xml_.size() > limits_.octets) {
      return Fail("longer than " + std::to_string(limits_.octets) + " octets");
    }
    if (reader_.Next() != xml::Event::kStart) return false;
    if (!TakeVersion()) return false;
    if (reader_.name() != "pap") return Fail("the root element is not pap");
    if (!CheckAttributes()) return false;
    if (const auto name = reader_.Find("product-name")) document_.product_name = *name;
    if (!NextChild()) return Fail("a pap without an operation");
    if (!ReadOperation()) return false;
    if (NextChild()) return Fail("more than one operation");
    return !failed() && reader_.Next() == xml::Event::kDone;
  }

  bool failed() const { return !desc_.empty() || !reader_.error().message.empty(); }

  bool TakeVersion() {
    const std::string_view id = reader_.public_id();
    if (id.empty()) return true;
    constexpr std::string_view kDtd = "DTD PAP";
    const size_t at = id.find(kDtd);
    if (at == std::string_view::npos) return Fail("the DOCTYPE is not that of PAP");
    const std::string_view number = SkipSpace(id.substr(at + kDtd.size()));
    if (number.starts_with("2.")) return true;
    document_.version = Version::k10;
    if (number.starts_with("1.") || number.starts_with("//")) return true;
    document_.version = Version::k20;
    return Fail("PAP of \"" + xml::Quote(id) + "\" is not supported: 1.0 and 2.0 are",
                StatusCode::kVersionNotSupported);
  }

  // Whether there is one; then its attributes are sound. False too when something failed.
  bool NextChild() {
    for (;;) {
      switch (reader_.Next()) {
        case xml::Event::kStart:
          return CheckAttributes();
        case xml::Event::kText:
          if (!IsBlank(reader_.text())) return Fail("text where none may stand");
          break;
        default:
          return false;
      }
    }
  }
  bool EndOfElement() {
    if (NextChild()) return Fail("an element where none may stand");
    return !failed();
  }
  bool UnexpectedChild() {
    return Fail("<" + xml::Quote(reader_.name()) + "> where it may not stand");
  }

  bool CheckAttributes() {
    for (const xml::Attribute& attribute : reader_.attributes()) {
      if (attribute.value.size() > limits_.attribute_octets) {
        return Fail("attribute " + xml::Quote(attribute.name) + " is too long");
      }
    }
    return true;
  }

  // Attributes: true if it is not there or was taken.
  bool Take(std::string_view name, std::string& to) {
    if (const auto value = reader_.Find(name)) to = *value;
    return true;
  }
  bool Need(std::string_view name, std::string& to) {
    Take(name, to);
    return !to.empty() || Fail("<" + xml::Quote(reader_.name()) + "> without " + std::string(name));
  }
  bool Take(std::string_view name, Time& to) {
    const auto value = reader_.Find(name);
    if (!value || value->empty()) return true;
    auto time = ParseTimestamp(*value);
    if (!time) return Fail(std::string(name) + ": " + time.error().message);
    to = *time;
    return true;
  }
  bool Take(std::string_view name, bool& to) {
    const auto value = reader_.Find(name);
    if (!value) return true;
    to = *value == "true";
    return to || *value == "false" || NotAValue(name, *value);
  }
  template <typename Enum>
  bool Take(std::string_view name, std::optional<Enum> (*parse)(std::string_view), Enum& to) {
    const auto value = reader_.Find(name);
    if (!value) return true;
    const auto parsed = parse(*value);
    if (!parsed) return NotAValue(name, *value);
    to = *parsed;
    return true;
  }
  bool NeedCode(StatusCode& to) {
    std::string value;
    if (!Need("code", value)) return false;
    const bool number = value.size() <= 5 &&
                        std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (!number) return NotAValue("code", value);
    to = static_cast<StatusCode>(std::stoul(value));
    return true;
  }
  bool NotAValue(std::string_view name, std::string_view value) {
    return Fail("\"" + xml::Quote(value) + "\" is no value of " + std::string(name));
  }

  // Child elements.
  bool TakeAddress(Addresses& to) {
    std::string value;
    if (!Need("address-value", value) || !EndOfElement()) return false;
    if (to.size() >= limits_.addresses) return Fail("too many addresses");
    to.push_back(std::move(value));
    return true;
  }
  bool TakeQos(std::optional<QualityOfService>& to) {
    if (to) return Fail("a second quality-of-service");
    QualityOfService& qos = to.emplace();
    return Take("priority", PriorityOf, qos.priority) &&
           Take("delivery-method", DeliveryMethodOf, qos.delivery_method) &&
           Take("network", qos.network) && Take("network-required", qos.network_required) &&
           Take("bearer", qos.bearer) && Take("bearer-required", qos.bearer_required) &&
           EndOfElement();
  }
  bool AddressesOnly(Addresses& to) {
    while (NextChild()) {
      if (reader_.name() != "address") return UnexpectedChild();
      if (!TakeAddress(to)) return false;
    }
    return !failed();
  }
  bool AddressesAndQos(Addresses& to, std::optional<QualityOfService>& qos) {
    while (NextChild()) {
      if (reader_.name() == "address" && !qos) {
        if (!TakeAddress(to)) return false;
      } else if (reader_.name() == "quality-of-service") {
        if (!TakeQos(qos)) return false;
      } else {
        return UnexpectedChild();
      }
    }
    return !failed();
  }
  // The address of an operation that has one, or may have one.
  bool OneAddress(Addresses&& addresses, bool needed, std::string& to) {
    if (addresses.size() > 1) return Fail("more than one address");
    if (addresses.empty()) return !needed || Fail("no address");
    to = std::move(addresses.front());
    return true;
  }

  template <typename T>
  T& Begin() {
    begun_ = true;
    return document_.message.emplace<T>();
  }

  bool ReadOperation() {
    struct Operation {
      std::string_view name;
      bool (DocumentReader::*read)();
    };
    static constexpr Operation kOperations[] = {
        {"push-message", &DocumentReader::ReadPush},
        {"push-response", &DocumentReader::ReadPushResponse},
        {"cancel-message", &DocumentReader::ReadCancel},
        {"cancel-response", &DocumentReader::ReadCancelResponse},
        {"resultnotification-message", &DocumentReader::ReadNotification},
        {"resultnotification-response", &DocumentReader::ReadNotificationResponse},
        {"statusquery-message", &DocumentReader::ReadStatusQuery},
        {"statusquery-response", &DocumentReader::ReadStatusQueryResponse},
        {"ccq-message", &DocumentReader::ReadCcq},
        {"ccq-response", &DocumentReader::ReadCcqResponse},
        {"badmessage-response", &DocumentReader::ReadBadMessage},
    };
    const auto* found = std::ranges::find(kOperations, reader_.name(), &Operation::name);
    if (found == std::end(kOperations)) {
      return Fail("<" + xml::Quote(reader_.name()) + "> is no operation of PAP");
    }
    return (this->*found->read)();
  }

  bool ReadPush() {
    auto& m = Begin<PushMessage>();
    const bool taken = Need("push-id", m.push_id) && Take("replace-push-id", m.replace_push_id) &&
                       Take("replace-method", ReplaceMethodOf, m.replace_method) &&
                       Take("deliver-before-timestamp", m.deliver_before) &&
                       Take("deliver-after-timestamp", m.deliver_after) &&
                       Take("source-reference", m.source_reference) &&
                       Take("progress-notes-requested", m.progress_notes_requested) &&
                       Take("ppg-notify-requested-to", m.ppg_notify_requested_to) &&
                       AddressesAndQos(m.addresses, m.quality_of_service);
    if (!taken) return false;
    if (m.addresses.empty()) return Fail("no address");
    if (m.deliver_before && m.deliver_after && *m.deliver_before < *m.deliver_after) {
      return Fail("deliver-before-timestamp lies before deliver-after-timestamp");
    }
    return true;
  }

  bool ReadPushResponse() {
    auto& m = Begin<PushResponse>();
    if (!Need("push-id", m.push_id) || !Take("sender-address", m.sender_address) ||
        !Take("sender-name", m.sender_name) || !Take("reply-time", m.reply_time)) {
      return false;
    }
    bool result = false;
    while (NextChild()) {
      if (reader_.name() == "progress-note" && !result) {
        ProgressNote& note = m.progress_notes.emplace_back();
        if (!Need("stage", note.stage) || !Take("note", note.note) || !Take("time", note.time)) {
          return false;
        }
      } else if (reader_.name() == "response-result" && !result) {
        result = true;
        if (!NeedCode(m.code) || !Take("desc", m.desc)) return false;
      } else {
        return UnexpectedChild();
      }
      if (!EndOfElement()) return false;
    }
    return !failed() && (result || Fail("a push-response without response-result"));
  }

  bool ReadCancel() {
    auto& m = Begin<CancelMessage>();
    return Need("push-id", m.push_id) && AddressesOnly(m.addresses);
  }

  bool ReadCancelResponse() {
    auto& m = Begin<CancelResponse>();
    if (!Need("push-id", m.push_id)) return false;
    while (NextChild()) {
      if (reader_.name() != "cancel-result") return UnexpectedChild();
      CancelResult& result = m.results.emplace_back();
      if (!NeedCode(result.code) || !Take("desc", result.desc) ||
          !AddressesOnly(result.addresses)) {
        return false;
      }
    }
    return !failed() && (!m.results.empty() || Fail("a cancel-response without cancel-result"));
  }

  bool ReadNotification() {
    auto& m = Begin<ResultNotificationMessage>();
    Addresses addresses;
    return Need("push-id", m.push_id) && Take("sender-address", m.sender_address) &&
           Take("sender-name", m.sender_name) && Take("received-time", m.received_time) &&
           Take("event-time", m.event_time) &&
           Take("message-state", MessageStateOf, m.message_state) && NeedCode(m.code) &&
           Take("desc", m.desc) && AddressesAndQos(addresses, m.quality_of_service) &&
           OneAddress(std::move(addresses), true, m.address);
  }

  bool ReadNotificationResponse() {
    auto& m = Begin<ResultNotificationResponse>();
    Addresses addresses;
    return Need("push-id", m.push_id) && NeedCode(m.code) && Take("desc", m.desc) &&
           AddressesOnly(addresses) && OneAddress(std::move(addresses), false, m.address);
  }

  bool ReadStatusQuery() {
    auto& m = Begin<StatusQueryMessage>();
    return Need("push-id", m.push_id) && AddressesOnly(m.addresses);
  }

  bool ReadStatusQueryResponse() {
    auto& m = Begin<StatusQueryResponse>();
    if (!Need("push-id", m.push_id)) return false;
    while (NextChild()) {
      if (reader_.name() != "statusquery-result") return UnexpectedChild();
      StatusQueryResult& result = m.results.emplace_back();
      const bool taken = Take("event-time", result.event_time) &&
                         Take("message-state", MessageStateOf, result.message_state) &&
                         NeedCode(result.code) && Take("desc", result.desc) &&
                         AddressesAndQos(result.addresses, result.quality_of_service);
      if (!taken) return false;
    }
    return !failed() &&
           (!m.results.empty() || Fail("a statusquery-response without statusquery-result"));
  }

  bool ReadCcq() {
    auto& m = Begin<CcqMessage>();
    return Take("query-id", m.query_id) && Take("app-id", m.app_id) && AddressesOnly(m.addresses) &&
           (!m.addresses.empty() || Fail("no address"));
  }

  bool ReadCcqResponse() {
    auto& m = Begin<CcqResponse>();
    return Take("query-id", m.query_id) && NeedCode(m.code) && Take("desc", m.desc) &&
           AddressesOnly(m.addresses);
  }

  bool ReadBadMessage() {
    auto& m = Begin<BadMessageResponse>();
    return NeedCode(m.code) && Take("desc", m.desc) &&
           Take("bad-message-fragment", m.bad_message_fragment) && EndOfElement();
  }

  std::string_view xml_;
  const ReadLimits& limits_;
  xml::Reader reader_;
  Document document_;
  bool begun_ = false;
  StatusCode code_ = StatusCode::kBadRequest;
  std::string desc_;
};

}  // namespace

Reading Read(std::string_view xml, const ReadLimits& limits) {
  return DocumentReader(SkipSpace(xml), limits).Run();
}

}  // namespace drover::pap
