#include "libs/pap/message.h"

#include <algorithm>
#include <array>
#include <span>

namespace drover::pap {
namespace {

constexpr std::array<std::string_view, 3> kPriorities = {"low", "medium", "high"};
constexpr std::array<std::string_view, 4> kDeliveryMethods = {"confirmed", "preferconfirmed",
                                                              "unconfirmed", "notspecified"};
constexpr std::array<std::string_view, 2> kReplaceMethods = {"all", "pending-only"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

template <typename Enum>
std::optional<Enum> Find(std::span<const std::string_view> names, std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::equal(names[i], name, {}, {}, Lower)) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(Priority priority) { return kPriorities[static_cast<size_t>(priority)]; }
std::string_view Name(DeliveryMethod method) {
  return kDeliveryMethods[static_cast<size_t>(method)];
}
std::string_view Name(ReplaceMethod method) { return kReplaceMethods[static_cast<size_t>(method)]; }

std::optional<Priority> PriorityOf(std::string_view name) {
  return Find<Priority>(kPriorities, name);
}
std::optional<DeliveryMethod> DeliveryMethodOf(std::string_view name) {
  return Find<DeliveryMethod>(kDeliveryMethods, name);
}
std::optional<ReplaceMethod> ReplaceMethodOf(std::string_view name) {
  return Find<ReplaceMethod>(kReplaceMethods, name);
}

}  // namespace drover::pap
