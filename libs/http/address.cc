#include "libs/http/address.h"

#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace drover::http {
namespace {

Result<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument("'" + std::string(text) + "' is not a port (0..65535)");
  }
  return port;
}

}  // namespace

Result<boost::asio::ip::tcp::endpoint> ParseEndpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return InvalidArgument("'" + std::string(text) + "' is not host:port, like 127.0.0.1:8080");
  }
  DROVER_TRY(const uint16_t port, ParsePort(text.substr(colon + 1)));
  std::string host(text.substr(0, colon));
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) {
    return InvalidArgument("'" + host + "' is not an IP address to listen on, like 127.0.0.1");
  }
  return boost::asio::ip::tcp::endpoint(address, port);
}

std::string Text(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace drover::http
