#include "libs/sip/event.h"

namespace drover::sip {

bool IsEventType(std::string_view value, std::string_view type) {
  Event event;
  return ParseEvent(value, event) && event.type == type;
}

bool IsTrigger(const Message& message, std::string_view type) {
  if (!message.is_request() || message.method() != Method::kNotify) return false;
  if (message.Count(HeaderId::kEvent) != 1) return false;
  return IsEventType(*message.Find(HeaderId::kEvent), type);
}

bool AllowsEvent(const Message& response, std::string_view type) {
  Message::Elements types = response.Values(HeaderId::kAllowEvents);
  std::string_view each;
  while (types.Next(each)) {
    if (each == type) return true;
  }
  return false;
}

std::string_view EventType(std::string_view event) { return event.substr(0, event.find(';')); }

}  // namespace drover::sip
