// Addresses to listen on and to connect to, as flags spell them: "host:port".
#pragma once
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "libs/base/result.h"

namespace drover::http {

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" (every address). Port 0: any.
// kInvalidArgument names what is wrong with it.
Result<boost::asio::ip::tcp::endpoint> ParseEndpoint(std::string_view text);
// "127.0.0.1:8080", "[::1]:8080"
std::string Text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace drover::http
