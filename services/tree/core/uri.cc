#include "services/tree/core/uri.h"

#include "services/tree/core/text.h"

namespace drover::tree {

Result<void> CheckUri(std::string_view uri) {
  const auto refuse = [uri](const char* why) {
    return InvalidArgument("uri \"" + Printable(uri) + "\" " + why);
  };
  if (uri.size() > kMaxUriOctets) return refuse("is longer than 1024 octets");
  if (!IsPlainText(uri)) return refuse("must be UTF-8 without control characters");
  if (uri == ".") return {};
  if (!uri.starts_with("./")) return refuse("must begin with \"./\", or be \".\"");
  if (uri.ends_with('/')) return refuse("must not end with \"/\"");
  if (uri.find("//") != std::string_view::npos) return refuse("has an empty segment");
  if (uri.find('?') != std::string_view::npos) return refuse("must have no query");
  return {};
}

SubtreeBounds SubtreeOf(std::string_view uri) {
  static_assert('/' + 1 == '0');
  const std::string at(uri);
  return {at, at + "/", at + "0"};
}

}  // namespace drover::tree
