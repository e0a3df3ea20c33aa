#include "loadtest/drover_load/run_command.h"

namespace drover::load {

CLI::App* AddRun(CLI::App& app, RunOptions& options) {
  CLI::App* const run = app.add_subcommand("run", "A scenario of load, with a report");
  run->add_option("scenario", options.scenario, "File (loadtest/scenarios, docs/load.md)")
      ->required();
  run->add_option("--devices", options.devices, "Terminals, e.g. 1M");
  run->add_option("--rate", options.rate, "Sessions due a second, e.g. 3000/s");
  run->add_option("--duration", options.duration,
                  "Sessions are due for so long, e.g. 10m; 0s: one for each terminal");
  run->add_option("--seed", options.seed, "Makes the same terminals again")->capture_default_str();
  run->add_option("--closed", options.closed,
                  "Closed model: so many sessions at any time, each begun when another has ended");
  run->add_option("--concurrency", options.concurrency, "Sessions at a time, at most");
  run->add_option("--out", options.out, "Folder for the reports");
  run->add_option("--threshold", options.thresholds,
                  "Instead of the scenario's: e.g. 'p99<50ms,errors<0.1%'");
  run->add_option("--name", options.name, "Of this generator, where several are merged");
  run->add_flag("--local", options.local, "On a cluster of its own, which ends with it");
  run->add_option("--bin", options.bin, "With --local: folder of the services' programs");
  run->add_option("--cluster-script", options.cluster, "With --local: scripts/cluster");
  run->add_option("--set", options.set, "With --local: SERVICE.FLAG=VALUE")
      ->allow_extra_args(false);
  run->add_flag("--tls", options.tls, "Terminals come by HTTPS");
  run->add_flag("--no-resumption", options.no_resumption, "A full TLS handshake each time");
  run->add_flag("--keep-alive", options.keep_alive,
                "A connection serves one session after the other");
  run->add_flag("--prepare-only", options.prepare_only, "Enrol and submit, and nothing more");
  run->add_flag("--no-prepare", options.no_prepare, "What --prepare-only has prepared is there");
  run->add_option("--smsc", options.smsc,
                  "URL of the simulated SMSC, for a scenario whose terminals are reached by SMS")
      ->envname("DROVER_SMSC_URL");
  run->add_option("--sip", options.endpoints.sip, "host:port of sip, for a scenario with gateways")
      ->envname("DROVER_SIP_TARGET");
  run->add_option("--gateways", options.gateways, "URL that gateways ask, http://host:port/gw/v1")
      ->envname("DROVER_GATEWAYS_URL");
  run->add_option("--registrar", options.registrar,
                  "host:port of sip over UDP, for gateways that register by SIP")
      ->envname("DROVER_SIP_ADDRESS");
  run->add_flag("--no-ledgers", options.no_ledgers, "Do not ask operations at the end");
  run->add_option("--settle", options.settle,
                  "How long terminals that have failed may come back at the end, e.g. 60s");
  run->add_option("--enrolment-password-file", options.enrolment_password_file,
                  "Of terminals that register themselves: as session's --enrol-password-file")
      ->check(CLI::ExistingFile);
  run->add_option("--watch", options.watch,
                  "Processes to sample: NAME=PID or NAME=http://host:port/metrics")
      ->delimiter(',');
  return run;
}

}  // namespace drover::load
