// An HTTP client for tests that sends exactly the octets it is told to, over a blocking socket.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace drover::http::testing {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

class RawClient {
 public:
  // address: "127.0.0.1:1234". Waits at most 10 s for anything.
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  // False if the server has closed.
  bool Send(std::string_view octets);
  void ShutDownSending();
  // By Content-Length. nullopt: the server closed before a whole response, or took too long.
  std::optional<RawResponse> Receive(bool to_head = false);
  // All that comes until the server closes.
  std::string ReceiveAll();
  // Whether the server has closed in an orderly way, with nothing more to read.
  bool AtEnd();

 private:
  bool ReadMore();
  int socket_ = -1;
  std::string received_;
};

// A POST with a Content-Length.
std::string Post(std::string_view path, std::string_view body,
                 std::string_view headers = "Content-Type: application/octet-stream\r\n");

}  // namespace drover::http::testing
