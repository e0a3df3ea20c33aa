// drover-gwsim: see docs/gateway-simulator.md.
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "loadtest/gateway/admin.h"
#include "loadtest/gateway/options.h"
#include "loadtest/gateway/report.h"
#include "loadtest/scenario/units.h"

namespace drover::gwsim {
namespace {

constexpr std::chrono::seconds kDrain{2};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "drover-gwsim: %s\n", error.message.c_str());
  return code;
}

int Serve(SimulatorOptions options, std::string http, std::chrono::nanoseconds report_after) {
  asio::io_context loop(1);
  Simulator simulator(loop, std::move(options));
  Admin admin(loop, std::move(http), simulator);
  if (const auto listening = simulator.Listen(); !listening) return Fail(listening.error(), 1);
  if (const auto listening = admin.Listen(); !listening) return Fail(listening.error(), 1);
  std::printf("{\"sip\": \"%s\", \"http\": \"%s\"}\n", simulator.sip_address().c_str(),
              admin.address().c_str());
  std::fflush(stdout);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  Timer patience(loop.get_executor());
  const auto end = [&] {
    signals.cancel();
    admin.Stop();
    patience.expires_after(kDrain);
    patience.async_wait([&](const boost::system::error_code&) { loop.stop(); });
    simulator.Stop([&] { loop.stop(); });
  };
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) end();
  });
  Timer last(loop.get_executor());
  if (report_after.count() > 0) {
    last.expires_after(report_after);
    last.async_wait([&](const boost::system::error_code& error) {
      if (!error) end();
    });
  }
  simulator.Start();
  loop.run();
  std::fputs(TextReport(simulator).c_str(), stdout);
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Simulated voice home gateways", "drover-gwsim");
  CommandLine line;
  AddOptions(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto options = OptionsFrom(line);
  if (!options) return Fail(options.error(), 2);
  std::chrono::nanoseconds report_after{0};
  if (!line.report_after.empty()) {
    const auto time = scenario::ParseDuration(line.report_after);
    if (!time) return Fail(time.error(), 2);
    report_after = *time;
  }
  return Serve(*std::move(options), line.http, report_after);
}

}  // namespace
}  // namespace drover::gwsim

int main(int argc, char** argv) { return drover::gwsim::Main(argc, argv); }
