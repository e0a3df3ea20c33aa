#include "loadtest/client/http_head.h"

#include <algorithm>
#include <charconv>

namespace drover::terminal {
namespace {

constexpr size_t kMaxHead = 16 * 1024;

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool SameName(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<void> ReadField(std::string_view line, ResponseHead& head, bool& has_length) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return InvalidArgument("a header line without a colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (SameName(name, "content-length")) {
    has_length = ParseNumber(value, head.content_length);
    if (!has_length) return InvalidArgument("Content-Length is no number");
  } else if (SameName(name, "content-type")) {
    head.media_type = value;
  } else if (SameName(name, "x-syncml-hmac")) {
    head.mac_header = value;
  } else if (SameName(name, "connection")) {
    if (SameName(value, "close")) head.keep_alive = false;
  } else if (SameName(name, "retry-after")) {
    ParseNumber(value, head.retry_after_s);
  }
  return {};
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kTlsScheme = "https://";
  constexpr uint16_t kTlsPort = 443;
  const std::string whole(text);
  Url url;
  url.tls = text.starts_with(kTlsScheme);
  if (url.tls) url.port = kTlsPort;
  if (!url.tls && !text.starts_with(kScheme)) {
    return InvalidArgument("not an http:// or https:// URL: " + whole);
  }
  text.remove_prefix(url.tls ? kTlsScheme.size() : kScheme.size());
  const size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  url.target = slash == text.size() ? "/" : text.substr(slash);
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos) {
    if (!ParseNumber(authority.substr(colon + 1), url.port) || url.port == 0) {
      return InvalidArgument("no port in URL: " + whole);
    }
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return InvalidArgument("no host in URL: " + whole);
  url.host = authority;
  return url;
}

Result<std::optional<ResponseHead>> ParseResponseHead(std::string_view octets) {
  const size_t end = octets.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (octets.size() > kMaxHead) return InvalidArgument("the head of the answer has no end");
    return std::optional<ResponseHead>();
  }
  ResponseHead head;
  head.head_octets = end + 4;
  std::string_view rest = octets.substr(0, end + 2);
  const std::string_view line = rest.substr(0, rest.find("\r\n"));
  rest.remove_prefix(line.size() + 2);
  if (!line.starts_with("HTTP/1.") || line.size() < 12 ||
      !ParseNumber(line.substr(9, 3), head.status)) {
    return InvalidArgument("not a status line of HTTP/1.1");
  }
  head.keep_alive = line[7] == '1';
  bool has_length = false;
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(field.size() + 2);
    DROVER_TRY(ReadField(field, head, has_length));
  }
  // Interim answers and 204 have no body and no length (RFC 9110, section 8.6).
  const bool bodiless = (head.status >= 100 && head.status < 200) || head.status == 204;
  if (!has_length && !bodiless) return InvalidArgument("the answer has no Content-Length");
  return std::optional<ResponseHead>(head);
}

std::string PostHead(const Url& url, const PostHeadFields& fields) {
  const auto name = [&fields](const char* capital, const char* lower) {
    return fields.lowercase_names ? lower : capital;
  };
  std::string head;
  head.reserve(320);
  head += "POST ";
  head += url.target;
  head += name(" HTTP/1.1\r\nHost: ", " HTTP/1.1\r\nhost: ");
  head += url.host;
  head += ':';
  head += std::to_string(url.port);
  if (!fields.media_type.empty()) {
    head += name("\r\nContent-Type: ", "\r\ncontent-type: ");
    head += fields.media_type;
    head += name("\r\nAccept: ", "\r\naccept: ");
    head += fields.media_type;
  }
  if (!fields.mac_header.empty()) {
    head += "\r\nx-syncml-hmac: ";
    head += fields.mac_header;
  }
  if (fields.close_connection) head += name("\r\nConnection: close", "\r\nconnection: close");
  if (fields.expect_continue) head += name("\r\nExpect: 100-continue", "\r\nexpect: 100-continue");
  if (fields.chunked) {
    head += name("\r\nTransfer-Encoding: chunked", "\r\ntransfer-encoding: chunked");
  } else {
    head += name("\r\nContent-Length: ", "\r\ncontent-length: ");
    head += std::to_string(fields.content_length);
  }
  head += "\r\n\r\n";
  return head;
}

}  // namespace drover::terminal
