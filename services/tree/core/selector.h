// Which terminals a list is of, and where its next page begins.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/result.h"
#include "services/tree/core/model.h"

namespace drover::tree {

struct Selector {
  std::vector<std::pair<Fact, std::string>> facts;  // In the order of Fact; all must be equal.
  std::optional<DeviceStatus> status;
};

// Keys: the names of the facts, and "status" ("enabled" or "disabled"). kInvalidArgument: another
// key, or a value that no terminal can have.
Result<Selector> ParseSelector(const std::map<std::string, std::string>& given);

// The place after a device in the list that the selector makes. A token is good for the same
// selector only.
std::string PageToken(const Selector& selector, const DeviceId& last);
// The device after which the page begins; empty for an empty token. kInvalidArgument: not a token
// of this list.
Result<DeviceId> ParsePageToken(const Selector& selector, std::string_view token);

// 0: the default. kInvalidArgument: negative or above 1000.
Result<int32_t> PageSize(int32_t given);

}  // namespace drover::tree
