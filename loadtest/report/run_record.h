// Everything that is known of a run of drover-load when it is over: what the report is written
// from.
//
// Values only. The generator fills it, `merge` adds two, the writers (report_files.h) show it.
// Times are seconds since the run's start (start_unix_ms), latencies milliseconds, unless the name
// says another unit.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadtest/report/histogram.h"

namespace drover::report {

enum class Model : uint8_t {
  kOpen,    // Arrivals at their own rate; latency counts from when a session was due.
  kClosed,  // So many at a time, each begun when another ended; stalls hide arrivals.
};

struct Scale {
  uint64_t devices = 0;
  double rate_per_s = 0;     // Sessions that are due a second; 0: closed model.
  uint64_t concurrency = 0;  // Sessions at a time, at most; 0: no bound.
  double duration_s = 0;     // As asked for; 0: until every terminal has had its session.
};

// One second of the run, between at_s and at_s + 1. Counts are those of this second.
struct Second {
  double at_s = 0;
  uint64_t active_terminals = 0;  // That have begun a session until now.
  uint64_t due = 0;               // Arrivals that the scenario asked for.
  uint64_t started = 0;           // Sessions begun.
  uint64_t late_starts = 0;       // Of those, begun later than 10 ms after they were due.
  uint64_t good = 0;              // Sessions ended with all that they had to do done.
  uint64_t refused = 0;           // Terminals told to come back later (503, 429).
  uint64_t exchanges = 0;         // Answers received.
  std::vector<uint64_t> errors;   // By RunRecord::error_kinds; shorter: the others are 0.
  uint64_t in_flight = 0;         // At the second's end.
  Quantiles session;              // Of sessions that ended in this second.
  Quantiles exchange;             // Of exchanges that ended in this second.
  Quantiles accepted;             // Of good sessions, from their first message on.
  double lag_ms = 0;              // The generator's loop: the latest that a timer was, at most.
  double cpu_cores = 0;           // The generator's own CPU.
  std::vector<Bucket> session_buckets;  // Histogram::CoarseBuckets() of session. Only merging
                                        // needs it; may be empty, then the worse second counts.
};

// What was sampled of a process or of a store, once a second; a gap is a missing point.
enum class Watched : uint8_t { kProcess, kStore };
struct Point {
  double at_s = 0;
  double value = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
struct Series {
  Watched watched = Watched::kProcess;
  std::string name;  // "session-1", "redis", "postgres tree.nodes", "kafka drover.operations".
  std::string
      metric;  // Unit in its name: "cpu_seconds" (counter), "resident_bytes", "bytes", "keys".
  std::string source;  // "pid 123" or the URL.
  std::vector<Point> points;
};

// A part of the run: "prepare", "load", "drain", "ledgers".
struct Phase {
  std::string name;
  double begin_s = 0;
  double duration_s = 0;
};
// A part of the load with a rate of its own. What ended in it counts in it.
struct Step {
  std::string name;  // "2x"
  double begin_s = 0;
  double duration_s = 0;
  double rate_per_s = 0;  // As asked for.
  uint64_t due = 0;
  uint64_t good = 0;
  uint64_t refused = 0;
  uint64_t failed = 0;
  Histogram accepted;  // Latency of good sessions, from their first message on.
  double good_per_s() const { return duration_s > 0 ? static_cast<double>(good) / duration_s : 0; }
};
// Something that happened: shown in the plots.
struct Mark {
  double at_s = 0;
  std::string text;
};

struct Totals {
  uint64_t due = 0;
  uint64_t started = 0;
  uint64_t late_starts = 0;
  uint64_t not_started = 0;  // Due, and given up because the run ended or a bound was reached.
  uint64_t good = 0;
  uint64_t good_in_time = 0;  // Of those, ended while sessions were due (RunRecord::duration_s).
  uint64_t failed = 0;        // Sessions that ended otherwise; errors says why.
  uint64_t refused = 0;   // Terminals told to come back later (503, 429): they have had no session.
  uint64_t given_up = 0;  // Terminals whose session failed, and that did not come back again.
  uint64_t turned_away = 0;  // The same of those that were refused.
  uint64_t exchanges = 0;
  uint64_t retries = 0;  // Messages posted again.
  uint64_t connections = 0;
  uint64_t handshakes_full = 0;     // TLS
  uint64_t handshakes_resumed = 0;  // TLS
  uint64_t sent_octets = 0;         // Bodies
  uint64_t received_octets = 0;     // Bodies
};

// The terminals' ledgers against what operations believes.
struct Ledgers {
  bool compared = false;  // False: nobody asked (--no-ledgers, or the run broke off before).
  std::string not_compared_because;
  uint64_t terminals = 0;   // Asked for.
  uint64_t operations = 0;  // Compared.
  uint64_t lost = 0;        // Accepted and without an end, or ended and not executed.
  uint64_t doubled = 0;     // Executed more than once.
  uint64_t different = 0;   // Executed with other values, by another, or not submitted at all.
  std::vector<std::string> first_differences;  // At most 20 lines.
  uint64_t differences() const { return lost + doubled + different; }
};

// Short messages of a run whose terminals are reached by SMS, as they saw them.
struct Sms {
  bool used = false;
  // Registrations.
  uint64_t registrations = 0;  // Terminals that registered themselves.
  uint64_t repeated = 0;       // Registrations sent again, because nobody had confirmed in time.
  uint64_t confirmed = 0;      // Terminals that had their confirmation.
  uint64_t unconfirmed = 0;    // Terminals that gave up.
  // Notifications.
  uint64_t submitted = 0;                   // Terminals that operations were submitted for.
  uint64_t notifications = 0;               // That came to terminals.
  uint64_t accepted = 0;                    // That opened a session.
  std::map<std::string, uint64_t> refused;  // By reason: "digest", "copy" ..
  uint64_t never_woken = 0;                 // Terminals with operations and no session for them.
  // The ledgers: what the SMSC delivered against what terminals had.
  uint64_t messages = 0;                 // That came to terminals of this run.
  uint64_t missed = 0;                   // Delivered, and no terminal had them.
  uint64_t twice = 0;                    // Had by their terminals before.
  std::map<std::string, uint64_t> smsc;  // What the SMSC counted meanwhile, by its names.
  Histogram confirmed_latency;           // From a registration to its confirmation.
  Histogram notified_latency;            // From operations submitted to the notification.
  Histogram opened_latency;              // From the notification to the session opened.
  Histogram woken_latency;               // From operations submitted to the session opened.
};

// Voice home gateways of a run, beside its terminals.
struct Gateways {
  bool used = false;
  uint64_t gateways = 0;
  uint64_t registered = 0;   // That the server has answered.
  uint64_t submitted = 0;    // Operations.
  uint64_t told = 0;         // Gateways with an operation that took a NOTIFY.
  uint64_t asked = 0;        // .. that had a response to their request.
  uint64_t carried_out = 0;  // .. that did what it said.
  // Operations against what gateways did.
  uint64_t compared = 0;
  uint64_t lost = 0;        // Succeeded, and not carried out.
  uint64_t doubled = 0;     // Carried out more than once.
  uint64_t different = 0;   // Carried out otherwise, or while operations knows of nothing.
  uint64_t unfinished = 0;  // Open or failed, though the gateway hears, asks and tells.
  uint64_t excused = 0;     // Of those that do not, for whatever reason.
  std::map<std::string, uint64_t> operations;  // By outcome.
  std::vector<std::string> first_differences;  // At most 20 lines.
  Histogram told_latency;                      // From the operation submitted to the NOTIFY taken.
  Histogram asked_latency;                     // From the NOTIFY to the response.
  Histogram done_latency;                      // From the operation submitted to its end there.
  uint64_t differences() const { return lost + doubled + different + unfinished; }
};

struct Machine {
  std::string cpu_model;
  uint64_t cores = 0;
  uint64_t memory_bytes = 0;
  std::string kernel;
};

// The generator itself: whether its figures can be believed.
struct Generator {
  std::string name;  // Host name, or what --name said: tells merged ones apart.
  double cpu_cores_mean = 0;
  double cpu_cores_max = 0;  // Over one second.
  double lag_ms_p99 = 0;     // Of the seconds' lags.
  double lag_ms_max = 0;
  uint64_t resident_bytes_max = 0;
  double start_s = 0;               // From the process' start to the first session that was due.
  uint64_t terminal_octets = 0;     // Memory for one terminal.
  std::vector<std::string> limits;  // Why it was the limit itself, in words; empty: it was not.
};

struct RunRecord {
  std::string scenario;       // Its name.
  std::string scenario_text;  // The file, as read.
  std::string command_line;   // Without secrets.
  uint64_t seed = 0;
  Model model = Model::kOpen;
  Scale scale;
  int64_t start_unix_ms = 0;
  double duration_s =
      0;              // That sessions were due for; of a storm until the last terminal was served.
  double wall_s = 0;  // Everything, from start to the end of the comparison.
  bool interrupted = false;  // Ended early by a signal.
  std::string failure;       // The run broke off: why; empty if it did not.
  Machine machine;
  std::map<std::string, std::string> versions;  // "drover-load" -> "0.1.0", "redis" -> "7.0.15"

  std::vector<std::string> error_kinds;  // "timeout", "connect", "503", ..: short words.
  std::vector<uint64_t> errors;          // By error_kinds, all of the run.
  Totals totals;
  std::vector<Second> seconds;
  std::vector<Series> series;
  std::vector<Phase> phases;
  std::vector<Mark> marks;
  std::vector<Step> steps;        // Of a scenario with steps; else empty.
  bool expects_refusals = false;  // The scenario brings it about that terminals are turned away
  bool expects_failures = false;  // .. or that sessions and operations fail.

  Histogram session_latency;   // From when it was due to its end; good ones.
  Histogram accepted_latency;  // The same from the session's first message on.
  Histogram deferred_latency;  // Of terminals that had been refused or had failed: from when the
                               // first session was due to the end of the one that was good.
  std::vector<Histogram> exchange_latency;     // By position in the session; the last: all later.
  std::map<std::string, uint64_t> operations;  // By outcome: "succeeded", "failed", "open" ..
  Ledgers ledgers;
  Sms sms;
  Gateways gateways;
  Generator generator;
  std::vector<Generator> generators;  // Only in a merged one: each that was merged.

  double good_per_s() const {
    return duration_s > 0 ? static_cast<double>(totals.good_in_time) / duration_s : 0;
  }
};

}  // namespace drover::report
