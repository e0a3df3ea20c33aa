// Media types with their parameters, as header fields have them.
// Spec: RFC 2045, 5.1.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::pap {

struct Field {
  std::string name;
  std::string value;
  bool operator==(const Field&) const = default;
};

// "type/subtype", lower case, and parameters as they stand, without quotes.
struct MediaType {
  std::string type;
  std::vector<Field> parameters;
  // In any case of letters; nullptr: not there.
  const std::string* Find(std::string_view parameter) const;
};
// kInvalidArgument: no type, or parameters that are none.
Result<MediaType> ParseMediaType(std::string_view text);

// Fields by their name in any case of letters; nullptr: not there.
const std::string* FindField(const std::vector<Field>& fields, std::string_view name);

}  // namespace drover::pap
