// The HTTP side of one gateway's visit: a connection, the login, files in pieces. Loop thread only.
//
// Answers a digest challenge (MD5, SHA-256, SHA-512-256) or a Basic one with the gateway's
// password, and goes on with what it has learnt for the rest of the visit. Spec: RFC 9112; RFC
// 9110, sections 13.1.5 (If-Range) and 14 (ranges); RFC 7616, RFC 7617.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/async/task.h"
#include "libs/sip/digest_client.h"
#include "loadtest/client/connection.h"

namespace drover::gwsim {

// A server: "http://127.0.0.1:8080", or https.
struct WebServer {
  terminal::Url url;  // Its target is what comes before a path: "" or "/prefix".
  terminal::Connection::Peer peer;
};

// What all visits share.
class Web {
 public:
  struct Options {
    std::chrono::milliseconds patience{30'000};  // For an answer.
    bool basic_at_once = false;                  // Does not wait to be challenged.
  };
  struct Counts {
    uint64_t exchanges = 0;
    uint64_t failed = 0;      // Without an answer.
    uint64_t challenges = 0;  // 401
    uint64_t connections = 0;
    uint64_t octets_in = 0;  // Of bodies.
  };
  Web(asio::io_context& loop, Options options, std::function<std::string()> cnonce);
  ~Web();

  // Resolves a name, blocking; the same place again costs nothing. kInvalidArgument: no URL;
  // kUnavailable: no such host. At most 100 places are known.
  Result<std::shared_ptr<const WebServer>> Find(std::string_view url);

  asio::io_context& loop() { return loop_; }
  const Options& options() const { return options_; }
  terminal::DeadlineWatch& watch() { return watch_; }
  std::string Cnonce() const { return cnonce_(); }
  void CloseAll() { watch_.CloseAll(); }
  Counts counts;

 private:
  asio::io_context& loop_;
  Options options_;
  std::function<std::string()> cnonce_;
  terminal::DeadlineWatch watch_;
  std::unique_ptr<terminal::TlsClient> tls_;
  std::map<std::string, std::shared_ptr<const WebServer>, std::less<>> servers_;
};

struct WebAnswer {
  int status = 0;
  uint32_t retry_after_s = 0;
  std::string_view body;  // Until the next exchange.
  std::string etag;
  std::optional<uint64_t> whole_octets;  // Of a 206: from Content-Range.
  uint64_t first_octet = 0;
};

class WebLine {
 public:
  // number: picks the source address on a loopback.
  WebLine(std::shared_ptr<Web> web, std::shared_ptr<const WebServer> server, uint32_t number,
          sip::Login login);

  Task<WebAnswer> Post(std::string path, std::string xml);
  // range: "bytes=0-65535"; if_range: an ETag. Both may be empty.
  Task<WebAnswer> Get(std::string path, std::string range, std::string if_range);
  void Close() { connection_.Close(); }
  const WebServer& server() const { return *server_; }

 private:
  struct Ask {
    std::string_view method;
    std::string path;
    std::string body;
    std::string more;  // Header lines.
  };
  Task<WebAnswer> Exchange(Ask ask);
  Task<WebAnswer> Once(const Ask& ask);
  Task<void> SendAll(const std::string& octets, Deadline deadline);
  std::string Octets(const Ask& ask);
  std::string Authorization(const Ask& ask);
  bool Challenged();

  std::shared_ptr<Web> web_;
  std::shared_ptr<const WebServer> server_;
  uint32_t number_;
  sip::Login login_;
  sip::DigestClient digest_;
  bool basic_;
  terminal::Connection connection_;
};

// The value of a field of a head; its occurrence: 0 is the first. nullopt: there is none.
std::optional<std::string_view> HeadField(std::string_view head, std::string_view name,
                                          size_t occurrence = 0);

}  // namespace drover::gwsim
