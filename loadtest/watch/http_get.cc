#include "loadtest/watch/http_get.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drover::watch {
namespace {

constexpr size_t kLargest = size_t{4} << 20;
constexpr size_t kLargestKept = size_t{64} << 20;

struct Target {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

Result<Target> TargetOf(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return InvalidArgument(url + " does not begin with http://");
  const std::string rest = url.substr(kScheme.size());
  Target target;
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string authority = rest.substr(0, slash);
  if (slash < rest.size()) target.path = rest.substr(slash);
  const size_t colon = authority.rfind(':');
  const bool port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  target.host = authority.substr(0, port ? colon : authority.size());
  if (port) target.port = authority.substr(colon + 1);
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  if (target.host.empty()) return InvalidArgument(url + " names no host");
  return target;
}

// A socket that closes itself.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Result<void> Await(const Socket& socket, short events, Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waiting{socket.get(), events, 0};
  const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
  if (ready <= 0) return DeadlineExceeded("no answer in time");
  return {};
}

Result<Socket> Connect(const Target& target, Deadline deadline) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.host.c_str(), target.port.c_str(), &wanted, &found) != 0) {
    return Unavailable("there is no " + target.host + ":" + target.port);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return Unavailable("no socket is left");
  if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) < 0) {
    if (errno != EINPROGRESS) return Unavailable("no connection to " + target.host);
    DROVER_TRY(Await(socket, POLLOUT, deadline));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Unavailable("no connection to " + target.host);
  }
  return socket;
}

Result<void> Send(const Socket& socket, std::string_view octets, Deadline deadline) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      octets.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EINTR) {
      DROVER_TRY(Await(socket, POLLOUT, deadline));
    } else {
      return Unavailable("the connection was lost");
    }
  }
  return {};
}

// Until the other end closes: the request asks for that.
Result<std::string> ReceiveAll(const Socket& socket, Deadline deadline) {
  std::string octets;
  std::array<char, 16384> piece;
  while (octets.size() < kLargest) {
    const ssize_t got = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (got > 0) {
      octets.append(piece.data(), static_cast<size_t>(got));
    } else if (got == 0) {
      return octets;
    } else if (errno == EAGAIN || errno == EINTR) {
      DROVER_TRY(Await(socket, POLLIN, deadline));
    } else {
      return Unavailable("the connection was lost");
    }
  }
  return ResourceExhausted("the page is larger than 4 MiB");
}

// At least one octet more.
Result<void> ReceiveMore(const Socket& socket, Deadline deadline, std::string& octets) {
  std::array<char, 65536> piece;
  while (true) {
    const ssize_t got = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (got > 0) {
      octets.append(piece.data(), static_cast<size_t>(got));
      return {};
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return Unavailable("the connection was lost");
    }
    DROVER_TRY(Await(socket, POLLIN, deadline));
  }
}

// Of a good answer, by its head.
Result<size_t> PageLength(std::string head) {
  if (!head.starts_with("HTTP/1.1 200 ")) {
    return FailedPrecondition("no page: " + head.substr(0, head.find('\r')));
  }
  std::transform(head.begin(), head.end(), head.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::string_view kName = "\r\ncontent-length:";
  const size_t at = head.find(kName);
  if (at == std::string::npos) return FailedPrecondition("the page does not say its length");
  const size_t length = std::strtoull(head.c_str() + at + kName.size(), nullptr, 10);
  if (length > kLargestKept) return ResourceExhausted("the page is larger than 64 MiB");
  return length;
}

// HTTP/1.0: no chunks, and the end of the connection is the end of the page. rest: of the head
// behind the request line, and the body.
Result<std::string> Ask(const char* method, const std::string& url, const std::string& rest,
                        Deadline deadline) {
  DROVER_TRY(const Target target, TargetOf(url));
  DROVER_TRY(const Socket socket, Connect(target, deadline));
  DROVER_TRY(Send(socket,
                  std::string(method) + " " + target.path + " HTTP/1.0\r\nHost: " + target.host +
                      "\r\nConnection: close\r\n" + rest,
                  deadline));
  DROVER_TRY(const std::string answer, ReceiveAll(socket, deadline));
  const size_t body = answer.find("\r\n\r\n");
  const bool good = answer.size() > 12 && answer.starts_with("HTTP/1.") &&
                    (answer.substr(8, 5) == " 200 " || answer.substr(8, 5) == " 202 ");
  if (!good || body == std::string::npos) {
    return Unavailable("no page at " + url + ": " + answer.substr(0, answer.find('\r')));
  }
  return answer.substr(body + 4);
}

}  // namespace

Result<std::string> HttpGet(const std::string& url, Deadline deadline) {
  return Ask("GET", url, "\r\n", deadline);
}

Result<std::string> HttpPost(const std::string& url, const std::string& body, Deadline deadline,
                             const std::string& type) {
  const std::string rest = "Content-Type: " + type +
                           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return Ask("POST", url, rest, deadline);
}

struct HttpPages::Line {
  Socket socket;
  std::string received;  // And not taken.
};

HttpPages::HttpPages(std::string url) : url_(std::move(url)) {}
HttpPages::~HttpPages() = default;

Result<std::string> HttpPages::Get(const std::string& path, Deadline deadline) {
  DROVER_TRY(const Target target, TargetOf(url_ + path));
  const std::string request =
      "GET " + target.path + " HTTP/1.1\r\nHost: " + target.host + "\r\n\r\n";
  const bool kept = line_ != nullptr;
  if (!kept) {
    DROVER_TRY(Socket socket, Connect(target, deadline));
    line_ = std::make_unique<Line>(Line{std::move(socket), ""});
  }
  Result<std::string> page = Ask(request, deadline);
  if (page) return page;
  line_.reset();
  const bool closed = page.error().code == Code::kUnavailable;
  return kept && closed ? Get(path, deadline) : page;
}

Result<std::string> HttpPages::Ask(const std::string& request, Deadline deadline) {
  DROVER_TRY(Send(line_->socket, request, deadline));
  std::string& received = line_->received;
  size_t head = std::string::npos;
  while ((head = received.find("\r\n\r\n")) == std::string::npos) {
    DROVER_TRY(ReceiveMore(line_->socket, deadline, received));
  }
  DROVER_TRY(const size_t length, PageLength(received.substr(0, head)));
  const size_t whole = head + 4 + length;
  received.reserve(whole);
  while (received.size() < whole) DROVER_TRY(ReceiveMore(line_->socket, deadline, received));
  std::string page = received.substr(head + 4, length);
  received.erase(0, whole);
  return page;
}

}  // namespace drover::watch
