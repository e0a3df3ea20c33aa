#include "libs/dmtree/loc_uri.h"

#include <algorithm>

#include "libs/base/bytes.h"

namespace drover::dmtree {
namespace {

size_t Characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

bool IsControl(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether "%hh" stands at the start of text.
bool IsEscape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && HexValue(text[1]) >= 0 && HexValue(text[2]) >= 0;
}

void AppendEscape(std::string& out, char octet) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  const auto value = static_cast<uint8_t>(octet);
  out.push_back('%');
  out.push_back(kDigits[value >> 4]);
  out.push_back(kDigits[value & 15]);
}

bool StandsForItself(char c) { return c > 0x20 && c < 0x7F && c != '/' && c != '%' && c != '?'; }

Result<void> CheckSegment(std::string_view segment, const LocUriLimits& limits) {
  if (segment.empty()) return InvalidArgument("an empty segment (\"//\" or a \"/\" at the end)");
  const std::string name = DecodeSegment(segment);
  if (name == "." || name == "..") {
    return InvalidArgument("\"" + std::string(segment) + "\" as a segment; write the whole path");
  }
  if (limits.segment_characters != 0 && Characters(segment) > limits.segment_characters) {
    return OutOfRange("a segment of more than " + std::to_string(limits.segment_characters) +
                      " characters (MaxSegLen)");
  }
  return {};
}

// path: without "./". Empty is the root.
Result<void> CheckSegments(std::string_view path, const LocUriLimits& limits) {
  if (path.empty()) return {};
  uint32_t depth = 0;
  for (size_t begin = 0; begin <= path.size(); ++depth) {
    const size_t end = std::min(path.find('/', begin), path.size());
    DROVER_TRY(CheckSegment(path.substr(begin, end - begin), limits));
    begin = end + 1;
  }
  if (limits.depth != 0 && depth > limits.depth) {
    return OutOfRange("more than " + std::to_string(limits.depth) + " segments (MaxDepth)");
  }
  return {};
}

Result<void> CheckText(std::string_view text, const LocUriLimits& limits) {
  if (text.empty()) return InvalidArgument("an empty URI; the root is \".\"");
  if (text.front() == '/') {
    return InvalidArgument("\"/\" at the start; write URIs from the root: \"./DevInfo\"");
  }
  if (!base::IsUtf8(text)) return InvalidArgument("a URI that is not UTF-8");
  if (std::ranges::any_of(text, IsControl)) {
    return InvalidArgument("a control character in a URI; percent-encode it");
  }
  if (limits.total_characters != 0 && Characters(text) > limits.total_characters) {
    return OutOfRange("more than " + std::to_string(limits.total_characters) +
                      " characters (MaxTotLen)");
  }
  return {};
}

struct ParsedQuery {
  Query query = Query::kNone;
  std::string_view value;
};

Result<ParsedQuery> ParseQuery(std::string_view text) {
  ParsedQuery parsed;
  if (text.starts_with("prop=")) {
    parsed.query = Query::kProp;
  } else if (text.starts_with("list=")) {
    parsed.query = Query::kList;
  } else {
    return InvalidArgument("a query other than ?prop=<name> or ?list=<attribute>");
  }
  parsed.value = text.substr(5);
  if (parsed.value.empty() || parsed.value.find_first_of("?&=/") != std::string_view::npos) {
    return InvalidArgument("a query must name exactly one property or list attribute");
  }
  return parsed;
}

}  // namespace

Result<LocUri> LocUri::Parse(std::string_view text, const LocUriLimits& limits) {
  DROVER_TRY(CheckText(text, limits));
  LocUri uri;
  const size_t mark = text.find('?');
  if (mark != std::string_view::npos) {
    DROVER_TRY(const ParsedQuery query, ParseQuery(text.substr(mark + 1)));
    uri.query_ = query.query;
    uri.query_value_ = query.value;
  }
  std::string_view path = text.substr(0, mark);
  if (path.empty()) return InvalidArgument("a query without a node; the root is \".\"");
  if (path == ".") path = {};
  if (path.starts_with("./")) path.remove_prefix(2);
  DROVER_TRY(CheckSegments(path, limits));
  uri.path_ = path.empty() ? "." : "./";
  uri.path_.append(path);
  return uri;
}

std::string LocUri::ToString() const {
  if (query_ == Query::kNone) return path_;
  return path_ + (query_ == Query::kProp ? "?prop=" : "?list=") + query_value_;
}

std::string LocUri::Canonical() const {
  std::string canonical = ".";
  canonical.reserve(path_.size());
  for (const std::string_view segment : Segments()) {
    canonical.push_back('/');
    for (size_t i = 0; i < segment.size(); ++i) {
      char octet = segment[i];
      if (IsEscape(segment.substr(i))) {
        octet = static_cast<char>(HexValue(segment[i + 1]) << 4 | HexValue(segment[i + 2]));
        i += 2;
      }
      if (StandsForItself(octet)) {
        canonical.push_back(octet);
      } else {
        AppendEscape(canonical, octet);
      }
    }
  }
  return canonical;
}

std::vector<std::string_view> LocUri::Segments() const {
  std::vector<std::string_view> segments;
  if (is_root()) return segments;
  const std::string_view path = path_;
  for (size_t begin = 2; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

std::string_view LocUri::Name() const {
  if (is_root()) return {};
  return std::string_view(path_).substr(path_.rfind('/') + 1);
}

std::optional<LocUri> LocUri::Parent() const {
  if (is_root()) return std::nullopt;
  LocUri parent;
  parent.path_ = path_.substr(0, path_.rfind('/'));
  return parent;
}

bool IsSelfOrBelow(std::string_view uri, std::string_view ancestor) {
  return uri.starts_with(ancestor) &&
         (uri.size() == ancestor.size() || uri[ancestor.size()] == '/');
}

std::string EncodeSegment(std::string_view name) {
  std::string segment;
  segment.reserve(name.size());
  for (const char c : name) {
    if (StandsForItself(c) || static_cast<uint8_t>(c) >= 0x80) {
      segment.push_back(c);
    } else {
      AppendEscape(segment, c);
    }
  }
  return segment;
}

std::string DecodeSegment(std::string_view segment) {
  std::string name;
  name.reserve(segment.size());
  for (size_t i = 0; i < segment.size(); ++i) {
    if (IsEscape(segment.substr(i))) {
      name.push_back(static_cast<char>(HexValue(segment[i + 1]) << 4 | HexValue(segment[i + 2])));
      i += 2;
    } else {
      name.push_back(segment[i]);
    }
  }
  return name;
}

}  // namespace drover::dmtree
