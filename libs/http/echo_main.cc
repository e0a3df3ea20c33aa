// bench_http_echo [ADDRESS]: answers every request 200 with 400 octets, to be measured beside
// nginx's `return 200`. Prints the address it listens on.
#include <cstdio>
#include <string>

#include "libs/http/server.h"

int main(int argc, char** argv) {
  using namespace drover;
  asio::io_context loop(1);
  http::Server::Config config;
  config.listen = argc > 1 ? argv[1] : "127.0.0.1:0";
  http::Server server(loop, std::move(config),
                      [](const http::Request&, const http::Responder& responder) {
                        http::Response response;
                        response.content_type = "application/octet-stream";
                        response.body.assign(400, 'x');
                        responder.Send(std::move(response));
                      });
  if (const Result<void> listening = server.Listen(); !listening) {
    std::fprintf(stderr, "%s\n", listening.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", server.address().c_str());
  std::fflush(stdout);
  loop.run();
}
