#include "libs/syncml/media_type.h"

#include <algorithm>

namespace drover::syncml {
namespace {

constexpr std::string_view kDmXml = "application/vnd.syncml.dm+xml";
constexpr std::string_view kDmWbxml = "application/vnd.syncml.dm+wbxml";
constexpr std::string_view kDsXml = "application/vnd.syncml+xml";
constexpr std::string_view kDsWbxml = "application/vnd.syncml+wbxml";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool Equals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return Equals(text.substr(0, prefix.size()), prefix);
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// What the body itself looks like.
std::optional<Encoding> Sniff(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  while (!body.empty() &&
         (body[0] == ' ' || body[0] == '\t' || body[0] == '\r' || body[0] == '\n')) {
    body.remove_prefix(1);
  }
  if (body.empty()) return std::nullopt;
  if (body[0] == '<') return Encoding::kXml;
  if (body[0] >= 1 && body[0] <= 3) return Encoding::kWbxml;
  return std::nullopt;
}

// The charset parameter among "; name=value; ..".
bool CharsetIsUtf8(std::string_view parameters) {
  while (!parameters.empty()) {
    const size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = TrimBlanks(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (!StartsWith(parameter, "charset")) continue;
    std::string_view value = TrimBlanks(parameter.substr(7));
    if (!value.starts_with('=')) continue;
    value = TrimBlanks(value.substr(1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (!value.empty() && !Equals(value, "utf-8") && !Equals(value, "utf8") &&
        !Equals(value, "us-ascii")) {
      return false;
    }
  }
  return true;
}

bool IsGeneric(std::string_view type) {
  constexpr std::string_view kGeneric[] = {
      "",
      "application/octet-stream",
      "application/xml",
      "text/xml",
      "text/plain",
      "application/x-www-form-urlencoded",
      "*/*",
  };
  return std::any_of(std::begin(kGeneric), std::end(kGeneric),
                     [type](std::string_view generic) { return Equals(type, generic); });
}

}  // namespace

std::optional<MediaType> ResolveMediaType(std::string_view content_type, std::string_view body) {
  const size_t end = std::min(content_type.find(';'), content_type.size());
  const std::string_view type = TrimBlanks(content_type.substr(0, end));
  if (!CharsetIsUtf8(content_type.substr(std::min(end + 1, content_type.size())))) {
    return std::nullopt;
  }
  // What follows the + may be missing or wrong: the body says better.
  const std::string_view family = type.substr(0, type.find('+'));
  const bool dm = Equals(family, "application/vnd.syncml.dm");
  const bool ds = Equals(family, "application/vnd.syncml");
  if (!dm && !ds && !IsGeneric(type)) return std::nullopt;

  std::optional<Encoding> encoding = Sniff(body);
  if (!encoding) {
    if (Equals(type, kDmXml) || Equals(type, kDsXml)) encoding = Encoding::kXml;
    if (Equals(type, kDmWbxml) || Equals(type, kDsWbxml)) encoding = Encoding::kWbxml;
  }
  if (!encoding) return std::nullopt;
  if (*encoding == Encoding::kXml) return MediaType{*encoding, ds ? kDsXml : kDmXml};
  return MediaType{*encoding, ds ? kDsWbxml : kDmWbxml};
}

}  // namespace drover::syncml
