// The heads of HTTP/1.1 messages as a DM client writes and reads them.
//
// Strict where real clients are: an answer must carry Content-Length (no chunked transfer). RFC
// 9112.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::terminal {

struct Url {
  std::string host;    // As in the URL: name or address.
  uint16_t port = 80;  // Of https: 443
  std::string target;  // Path and query.
  bool tls = false;
};
// "http://host[:port]/path?query", or https. kInvalidArgument: anything else.
Result<Url> ParseUrl(std::string_view url);

struct ResponseHead {
  int status = 0;
  size_t head_octets = 0;  // Up to and with the empty line.
  size_t content_length = 0;
  bool keep_alive = true;
  uint32_t retry_after_s = 0;
  std::string_view media_type;  // Views the input.
  std::string_view mac_header;  // x-syncml-hmac; views the input.
};

// nullopt: the head is not complete yet. kInvalidArgument: it never will be one, or it has no
// Content-Length.
Result<std::optional<ResponseHead>> ParseResponseHead(std::string_view octets);

// What a POST's head says beside its URL.
struct PostHeadFields {
  std::string_view media_type;  // Empty: no Content-Type.
  size_t content_length = 0;
  std::string_view mac_header;  // x-syncml-hmac; empty: none.
  bool lowercase_names = false;
  bool close_connection = false;
  bool chunked = false;  // Transfer-Encoding instead of Content-Length.
  bool expect_continue = false;
};
std::string PostHead(const Url& url, const PostHeadFields& fields);

}  // namespace drover::terminal
