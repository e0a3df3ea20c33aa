#include "services/push/adapters/http_post.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "libs/async/promise.h"

namespace drover::push {
namespace {

namespace beast = boost::beast;
using Ec = boost::system::error_code;
using Tcp = asio::ip::tcp;
using Stream = beast::basic_stream<Tcp, Executor>;
using TlsStream = asio::ssl::stream<Stream>;
using Endpoints = std::vector<Tcp::endpoint>;
using Request = beast::http::request<beast::http::string_body>;

constexpr size_t kMostReplyOctets = 64 * 1024;
constexpr size_t kMostHeadOctets = 16 * 1024;

Error Failed(const std::string& what, const Ec& error) {
  if (error == beast::error::timeout) return DeadlineExceeded(what + ": no answer in time");
  if (error == beast::http::error::body_limit) return OutOfRange(what + ": too long an answer");
  return Unavailable(what + ": " + error.message());
}

Request RequestOf(const Url& url, const std::string& content_type, std::string body) {
  constexpr unsigned kHttp11 = 11;
  Request request{beast::http::verb::post, url.target, kHttp11};
  request.set(beast::http::field::host, url.authority);
  request.set(beast::http::field::content_type, content_type);
  request.set(beast::http::field::user_agent, "drover-push");
  request.set(beast::http::field::connection, "close");
  request.body() = std::move(body);
  request.prepare_payload();
  return request;
}

template <typename Any>
Task<HttpReply> Exchange(Any& stream, const Request& request) {
  Ec error;
  co_await beast::http::async_write(stream, request, asio::redirect_error(kAwait, error));
  if (error) co_return Failed("cannot send", error);
  beast::flat_buffer buffer(kMostHeadOctets + kMostReplyOctets);
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(kMostReplyOctets);
  parser.header_limit(kMostHeadOctets);
  co_await beast::http::async_read(stream, buffer, parser, asio::redirect_error(kAwait, error));
  if (error) co_return Failed("no answer", error);
  HttpReply reply;
  reply.status = static_cast<int>(parser.get().result_int());
  reply.body = std::move(parser.get().body());
  co_return reply;
}

Task<void> Greet(TlsStream& stream, const std::string& host) {
  Ec error;
  stream.set_verify_callback(asio::ssl::host_name_verification(host), error);
  if (!error && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1) {
    co_return InvalidArgument("no host name for TLS: " + host);
  }
  if (!error) {
    co_await stream.async_handshake(TlsStream::client, asio::redirect_error(kAwait, error));
  }
  if (error) co_return Failed("no TLS with " + host, error);
  co_return Result<void>();
}

// getaddrinfo cannot be called off: who waits does not wait for it.
Task<Endpoints> Resolve(asio::io_context& loop, std::string host, std::string port,
                        Deadline deadline) {
  const Promise<Endpoints> found(loop);
  const auto resolver = std::make_shared<Tcp::resolver>(loop);
  resolver->async_resolve(host, port,
                          [found, resolver](Ec error, const Tcp::resolver::results_type& results) {
                            if (error) {
                              found.Set(Unavailable("no such host: " + error.message()));
                              return;
                            }
                            Endpoints endpoints;
                            for (const auto& result : results)
                              endpoints.push_back(result.endpoint());
                            found.Set(std::move(endpoints));
                          });
  co_return co_await found.Wait(deadline, "name service");
}

}  // namespace

HttpPost::HttpPost(asio::io_context& loop) : loop_(loop), tls_(asio::ssl::context::tls_client) {
  Ec ignored;
  tls_.set_default_verify_paths(ignored);
  tls_.set_verify_mode(asio::ssl::verify_peer);
}

Task<HttpReply> HttpPost::Post(Url url, std::string content_type, std::string body,
                               Deadline deadline) {
  DROVER_CO_TRY(const Endpoints endpoints, co_await Resolve(loop_, url.host, url.port, deadline));
  const Request request = RequestOf(url, content_type, std::move(body));
  TlsStream stream(Stream(loop_.get_executor()), tls_);
  Stream& plain = stream.next_layer();
  plain.expires_at(deadline);
  Ec error;
  co_await plain.async_connect(endpoints, asio::redirect_error(kAwait, error));
  if (error) co_return Failed("cannot connect to " + url.authority, error);
  if (!url.secure) co_return co_await Exchange(plain, request);
  DROVER_CO_TRY(co_await Greet(stream, url.host));
  co_return co_await Exchange(stream, request);
}

}  // namespace drover::push
