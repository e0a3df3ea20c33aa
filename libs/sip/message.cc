#include "libs/sip/message.h"

namespace drover::sip {
namespace {

// Fields in which a comma separates nothing.
bool IsList(HeaderId id) {
  switch (id) {
    case HeaderId::kOther:
    case HeaderId::kFrom:
    case HeaderId::kTo:
    case HeaderId::kCallId:
    case HeaderId::kCSeq:
    case HeaderId::kMaxForwards:
    case HeaderId::kContentLength:
    case HeaderId::kContentType:
    case HeaderId::kEvent:
    case HeaderId::kSubscriptionState:
    case HeaderId::kExpires:
    case HeaderId::kMinExpires:
    case HeaderId::kRetryAfter:
    case HeaderId::kWwwAuthenticate:
    case HeaderId::kAuthorization:
    case HeaderId::kProxyAuthenticate:
    case HeaderId::kProxyAuthorization:
    case HeaderId::kAuthenticationInfo:
    case HeaderId::kUserAgent:
    case HeaderId::kServer:
    case HeaderId::kDate:
    case HeaderId::kFlowTimer:
    case HeaderId::kSubject:
    case HeaderId::kReferTo:
    case HeaderId::kReferredBy:
    case HeaderId::kSessionExpires:
    case HeaderId::kIdentity:
    case HeaderId::kIdentityInfo:
      return false;
    default:
      return true;
  }
}

}  // namespace

Field Message::field(size_t index) const {
  const Position& position = positions_[index];
  return {.id = position.id,
          .name = core_.octets.substr(position.name_at, position.name_octets),
          .value = core_.octets.substr(position.value_at, position.value_octets)};
}

std::optional<std::string_view> Message::Find(HeaderId id) const {
  if (id == HeaderId::kOther || !Has(id)) return std::nullopt;
  return field(first_[static_cast<size_t>(id)]).value;
}

std::optional<std::string_view> Message::Find(std::string_view name) const {
  if (const HeaderId id = HeaderIdOf(name); id != HeaderId::kOther) return Find(id);
  for (size_t i = 0; i < core_.count; ++i) {
    if (positions_[i].id != HeaderId::kOther) continue;
    const Field each = field(i);
    if (EqualsIgnoringCase(each.name, name)) return each.value;
  }
  return std::nullopt;
}

size_t Message::Count(HeaderId id) const {
  if (!Has(id)) return 0;
  size_t count = 0;
  for (size_t i = 0; i < core_.count; ++i) count += positions_[i].id == id ? 1 : 0;
  return count;
}

bool Message::Elements::Next(std::string_view& element) {
  if (in_field_ && NextElement(rest_, element)) return true;
  in_field_ = false;
  if (!message_.Has(id_)) return false;
  for (; index_ < message_.core_.count; ++index_) {
    if (message_.positions_[index_].id != id_) continue;
    rest_ = message_.field(index_).value;
    if (rest_.empty()) continue;
    ++index_;
    if (!IsList(id_)) {
      element = rest_;
      return true;
    }
    in_field_ = true;
    return NextElement(rest_, element);
  }
  return false;
}

bool CanBeAnswered(const Message& message) {
  const Message::Core& core = message.core_;
  return core.is_request && core.method != Method::kAck && !core.via.text.empty() &&
         message.Has(HeaderId::kFrom) && message.Has(HeaderId::kTo) &&
         message.Has(HeaderId::kCallId) && message.Has(HeaderId::kCSeq);
}

bool IsKeepAlive(std::string_view datagram) {
  return datagram.find_first_not_of(std::string_view("\r\n \t\0", 5)) == std::string_view::npos;
}

}  // namespace drover::sip
