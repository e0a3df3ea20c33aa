// drover-load: see docs/simulator.md.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "loadtest/drover_load/compare_reports.h"
#include "loadtest/drover_load/merge_reports.h"
#include "loadtest/drover_load/options.h"
#include "loadtest/drover_load/run_command.h"
#include "loadtest/terminal/model.h"
#include "loadtest/terminal/quirks.h"

namespace drover::load {
namespace {

void AddEndpoints(CLI::App& command, Endpoints& endpoints) {
  command.add_option("--context", endpoints.context, "File that says where the services are")
      ->envname("DROVER_CONTEXT");
  command.add_option("--tree", endpoints.tree, "host:port of tree")->envname("DROVER_TREE_TARGET");
  command.add_option("--operations", endpoints.operations, "host:port of operations")
      ->envname("DROVER_OPERATIONS_TARGET");
  command.add_option("--token-file", endpoints.token_file, "File with the services' bearer token")
      ->envname("DROVER_TOKEN_FILE");
  command.add_option("--ingress", endpoints.ingress, "URL that terminals post to")
      ->envname("DROVER_INGRESS_URL")
      ->capture_default_str();
  command.add_option("--server-id", endpoints.server_id, "The services' --server-id")
      ->envname("DROVER_SERVER_ID")
      ->capture_default_str();
}

CLI::App* AddDemo(CLI::App& app, DemoOptions& options) {
  CLI::App* const demo = app.add_subcommand("demo", "The main job, end to end, on mixed terminals");
  AddEndpoints(*demo, options.endpoints);
  demo->add_option("--kafka", options.endpoints.kafka, "host:port of Kafka")
      ->envname("DROVER_KAFKA_BROKERS")
      ->capture_default_str();
  demo->add_option("--devices", options.devices, "Terminals")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  demo->add_option("--seed", options.seed, "Makes the same terminals again; 0: others each time");
  demo->add_option("--timeout", options.timeout_s, "How long to wait for the operations, e.g. 120s")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}}));
  demo->add_option("--concurrency", options.concurrency, "Sessions at the same time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  demo->add_option("--summary", options.summary, "File to write the summary to (JSON)");
  demo->add_option("--quirks", options.quirks, "For every terminal, besides its model's own")
      ->delimiter(',');
  demo->add_option("--smsc", options.smsc,
                   "URL of the simulated SMSC: terminals register and are woken by SMS")
      ->envname("DROVER_SMSC_URL");
  demo->add_option("--gateways-url", options.gateways_url,
                   "URL that voice home gateways ask: they run beside the terminals")
      ->envname("DROVER_GATEWAYS_URL");
  demo->add_option("--gateways", options.gateways, "How many of them")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  demo->add_flag("--with-dm11", options.with_dm11, "Terminals of DM 1.1.2 too");
  return demo;
}

CLI::App* AddSessions(CLI::App& app, SessionsOptions& options) {
  CLI::App* const sessions = app.add_subcommand("sessions", "The session benchmark");
  AddEndpoints(*sessions, options.endpoints);
  sessions->add_option("--devices", options.devices, "Terminals: one session each")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  sessions->add_option("--concurrency", options.concurrency, "Sessions in flight")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  sessions->add_option("--seed", options.seed, "Makes the same terminals in prepare and in run")
      ->capture_default_str();
  sessions->add_option("--duration", options.duration_s, "Stop after this time, e.g. 10s")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"s", 1}, {"m", 60}}));
  sessions->add_option("--phase", options.phase, "all, prepare (enrol and submit) or run")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Phase>{
          {"all", Phase::kAll}, {"prepare", Phase::kPrepare}, {"run", Phase::kRun}}));
  sessions->add_flag("--handshake", options.handshake,
                     "Say READY before and DONE after the run, and wait for a line each time");
  sessions->add_option("--sizes", options.sizes, "File to write the mean message sizes to (JSON)");
  return sessions;
}

CLI::App* AddFloor(CLI::App& app, FloorOptions& options) {
  CLI::App* const floor =
      app.add_subcommand("floor", "The same connections and sizes against any HTTP server");
  floor->add_option("--url", options.url, "http://address:port/ or https://")->required();
  floor->add_option("--sessions", options.sessions, "Connections")->capture_default_str();
  floor->add_option("--concurrency", options.concurrency, "At the same time")
      ->capture_default_str();
  floor->add_flag("!--no-resumption", options.resumption, "https: a full handshake each time");
  floor->add_option("--request-octets", options.request_octets, "Of each request's body: A,B")
      ->delimiter(',')
      ->capture_default_str();
  return floor;
}

CLI::App* AddSoak(CLI::App& app, SoakOptions& options) {
  CLI::App* const soak = app.add_subcommand(
      "soak", "Operations always in flight, compared with the terminals' ledgers one by one");
  AddEndpoints(*soak, options.endpoints);
  soak->add_option("--kafka", options.endpoints.kafka, "host:port of Kafka")
      ->envname("DROVER_KAFKA_BROKERS")
      ->capture_default_str();
  soak->add_option("--devices", options.devices, "Terminals")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  soak->add_option("--seed", options.seed, "Makes the same terminals and operations again")
      ->capture_default_str();
  const std::map<std::string, int64_t> units{{"s", 1}, {"m", 60}, {"h", 3600}};
  soak->add_option("--duration", options.duration_s, "New operations for so long, e.g. 10m")
      ->transform(CLI::AsNumberWithUnit(units));
  soak->add_flag("--until-stopped", options.until_stopped, "New operations until SIGTERM");
  soak->add_option("--quiesce", options.quiesce_s, "Then wait for open ones so long, e.g. 180s")
      ->transform(CLI::AsNumberWithUnit(units));
  soak->add_option("--slots", options.slots, "Operations under way for each terminal")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  soak->add_option("--sessions-per-s", options.sessions_per_s, "Sessions begun, at most")
      ->check(CLI::Range(0.1, 100'000.0))
      ->capture_default_str();
  soak->add_option("--concurrency", options.concurrency, "Sessions at the same time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  soak->add_option("--answer-timeout-ms", options.answer_timeout_ms, "A terminal's patience")
      ->capture_default_str();
  soak->add_flag("--atomics", options.atomics, "Also an Atomic with a prompt");
  soak->add_flag("--large-objects", options.large_objects, "Also values of 20 to 100 KiB");
  soak->add_flag("--json", options.json, "Progress as lines of JSON");
  soak->add_option("--summary", options.summary, "File to write the summary to (JSON)");
  return soak;
}

void ListModels() {
  for (const terminal::ModelSpec& spec : terminal::WholeCatalogue()) {
    std::printf("%-10.*s %-12.*s %s", static_cast<int>(spec.manufacturer.size()),
                spec.manufacturer.data(), static_cast<int>(spec.model.size()), spec.model.data(),
                spec.encoding == syncml::Encoding::kXml ? "xml  " : "wbxml");
    for (const terminal::QuirkInfo& info : terminal::AllQuirks()) {
      if (!spec.quirks.Has(info.quirk)) continue;
      std::printf(" %.*s", static_cast<int>(info.name.size()), info.name.data());
    }
    std::printf("\n%31s", "");
    for (const auto& [object, place] : terminal::PlacesOf(spec.objects)) {
      std::printf(" %.*s=./%.*s", static_cast<int>(object.size()), object.data(),
                  static_cast<int>(place.size()), place.data());
    }
    std::printf("\n");
  }
}

void ListQuirks() {
  for (const terminal::QuirkInfo& info : terminal::AllQuirks()) {
    std::printf("%-28.*s %.*s\n", static_cast<int>(info.name.size()), info.name.data(),
                static_cast<int>(info.meaning.size()), info.meaning.data());
  }
}

std::string CommandLine(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) line += (i > 0 ? " " : "") + std::string(argv[i]);
  return line;
}

int Main(int argc, char** argv) {
  CLI::App app("Simulated terminals: demonstration and load for Drover", "drover-load");
  app.require_subcommand(1);
  DemoOptions demo_options;
  SessionsOptions sessions_options;
  FloorOptions floor_options;
  SoakOptions soak_options;
  RunOptions run_options;
  CLI::App* const run = AddRun(app, run_options);
  AddEndpoints(*run, run_options.endpoints);
  CLI::App* const demo = AddDemo(app, demo_options);
  CLI::App* const sessions = AddSessions(app, sessions_options);
  CLI::App* const floor = AddFloor(app, floor_options);
  CLI::App* const soak = AddSoak(app, soak_options);
  CLI::App* const models = app.add_subcommand("models", "Lists makers and models");
  app.add_subcommand("quirks", "Lists what terminals can be made to do");
  std::optional<int> done;
  AddCompare(app, done);
  AddMerge(app, done);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (done) return *done;
  if (*run) {
    run_options.command_line = CommandLine(argc, argv);
    return RunLoad(run_options);
  }
  Endpoints& endpoints = *demo   ? demo_options.endpoints
                         : *soak ? soak_options.endpoints
                                 : sessions_options.endpoints;
  if (*demo || *sessions || *soak) {
    const Result<void> complete = Complete(endpoints);
    if (!complete) {
      std::fprintf(stderr, "drover-load: %s\n", complete.error().message.c_str());
      return 2;
    }
  }
  if (*demo) return RunDemo(demo_options);
  if (*sessions) return RunSessions(sessions_options);
  if (*soak) return RunSoak(soak_options);
  if (*floor) return RunFloor(floor_options);
  *models ? ListModels() : ListQuirks();
  return 0;
}

}  // namespace
}  // namespace drover::load

int main(int argc, char** argv) { return drover::load::Main(argc, argv); }
