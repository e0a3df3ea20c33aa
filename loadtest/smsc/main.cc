// drover-smsc: see docs/smsc-simulator.md.
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "loadtest/smsc/admin.h"
#include "loadtest/smsc/options.h"

namespace drover::smsc {
namespace {

constexpr std::chrono::seconds kDrain{2};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "drover-smsc: %s\n", error.message.c_str());
  return code;
}

int Serve(SimulatorOptions options, std::string http) {
  asio::io_context loop(1);
  Simulator simulator(loop, std::move(options));
  Admin admin(loop, std::move(http), simulator);
  if (const auto listening = simulator.Listen(); !listening) return Fail(listening.error(), 1);
  if (const auto listening = admin.Listen(); !listening) return Fail(listening.error(), 1);
  std::printf("{\"smpp\": \"%s\", \"http\": \"%s\"}\n", simulator.address().c_str(),
              admin.address().c_str());
  std::fflush(stdout);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  Timer patience(loop.get_executor());
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    admin.Stop();
    simulator.Stop([&] { loop.stop(); });
    patience.expires_after(kDrain);
    patience.async_wait([&](const boost::system::error_code&) { loop.stop(); });
  });
  loop.run();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("A simulated SMSC with a radio network behind it", "drover-smsc");
  CommandLine line;
  AddOptions(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto options = OptionsFrom(line, SystemNow());
  if (!options) return Fail(options.error(), 2);
  return Serve(*std::move(options), line.http);
}

}  // namespace
}  // namespace drover::smsc

int main(int argc, char** argv) { return drover::smsc::Main(argc, argv); }
