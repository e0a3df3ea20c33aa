#include "libs/pap/media_type.h"

#include <algorithm>

#include "libs/pap/field_text.h"

namespace drover::pap {
namespace {

constexpr size_t kMaxParameters = 16;

// A quoted string or whatever stands before the next ";"; rest goes on behind it.
Result<std::string> TakeValue(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    const std::string_view value = rest.substr(0, rest.find(';'));
    rest.remove_prefix(value.size());
    return std::string(TrimBlanks(value));
  }
  std::string value;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      rest = TrimBlanks(rest);
      return value;
    }
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    value.push_back(rest[i]);
  }
  return InvalidArgument("a media type with a quote that does not end");
}

}  // namespace

const std::string* FindField(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::ranges::find_if(
      fields, [&](const Field& field) { return SameInAnyCase(field.name, name); });
  return found == fields.end() ? nullptr : &found->value;
}

const std::string* MediaType::Find(std::string_view parameter) const {
  return FindField(parameters, parameter);
}

Result<MediaType> ParseMediaType(std::string_view text) {
  std::string_view rest = TrimBlanks(text);
  const std::string_view type = TrimBlanks(rest.substr(0, rest.find(';')));
  const size_t slash = type.find('/');
  const bool good = slash != std::string_view::npos && IsToken(type.substr(0, slash)) &&
                    IsToken(type.substr(slash + 1));
  if (!good) return InvalidArgument("not a media type");
  MediaType media;
  media.type = type;
  std::ranges::transform(media.type, media.type.begin(), LowerCase);
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (rest.starts_with(';')) {
    rest = TrimBlanks(rest.substr(1));
    if (rest.empty()) break;
    const size_t equals = rest.find('=');
    const std::string_view name = TrimBlanks(rest.substr(0, equals));
    if (equals == std::string_view::npos || !IsToken(name)) {
      return InvalidArgument("a media type with a parameter that is none");
    }
    rest = TrimBlanks(rest.substr(equals + 1));
    DROVER_TRY(std::string value, TakeValue(rest));
    media.parameters.push_back({std::string(name), std::move(value)});
    if (media.parameters.size() > kMaxParameters) return OutOfRange("too many parameters");
  }
  if (!rest.empty()) return InvalidArgument("a media type with a parameter that is none");
  return media;
}

}  // namespace drover::pap
