#include "libs/http/testing/raw_client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace drover::http::testing {

RawClient::RawClient(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.substr(colon + 1).c_str())));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return;
  ::close(socket_);
  socket_ = -1;
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::Send(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::ShutDownSending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::ReadMore() {
  std::array<char, 16384> piece;
  const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
  if (size <= 0) return false;
  received_.append(piece.data(), static_cast<size_t>(size));
  return true;
}

std::optional<RawResponse> RawClient::Receive(bool to_head) {
  size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return std::nullopt;
  }
  RawResponse response;
  response.status = std::atoi(received_.substr(9, 3).c_str());
  for (size_t line = received_.find("\r\n") + 2; line < end + 2;) {
    const size_t line_end = received_.find("\r\n", line);
    const size_t colon = received_.find(':', line);
    std::string name = received_.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    response.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
    line = line_end + 2;
  }
  received_.erase(0, end + 4);
  const auto length = static_cast<size_t>(std::atol(response.headers["content-length"].c_str()));
  if (to_head || response.status == 100) return response;
  while (received_.size() < length) {
    if (!ReadMore()) return std::nullopt;
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

std::string RawClient::ReceiveAll() {
  while (ReadMore()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::AtEnd() {
  if (!received_.empty()) return false;
  char octet;
  return ::recv(socket_, &octet, 1, 0) == 0;
}

std::string Post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: dm\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace drover::http::testing
