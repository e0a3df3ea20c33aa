// Strong ids: a DeviceId cannot be passed where an OperationId is meant.
#pragma once
#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace drover {

template <typename Tag>
class StringId {
 public:
  StringId() = default;
  explicit StringId(std::string value) : value_(std::move(value)) {}
  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const StringId&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const StringId& id) {
    return out << id.value_;
  }

 private:
  std::string value_;
};

// A managed terminal, as normalised by libs/dmtree/device_id.h: "IMEI:493005100592800",
// "urn:uuid:..".
using DeviceId = StringId<struct DeviceIdTag>;
// An operation: a UUID, time-ordered (version 7), in its 36-character text form.
using OperationId = StringId<struct OperationIdTag>;

}  // namespace drover

template <typename Tag>
struct std::hash<drover::StringId<Tag>> {
  size_t operator()(const drover::StringId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value());
  }
};
