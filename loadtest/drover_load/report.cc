#include "loadtest/drover_load/report.h"

#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace drover::load {
namespace {

namespace v1 = operations::v1;

template <typename... Args>
std::string Line(const char* format, Args... args) {
  char line[256];
  std::snprintf(line, sizeof line, format, args...);
  return line;
}

int64_t In(const std::map<v1::State, int64_t>& states, v1::State state) {
  const auto it = states.find(state);
  return it == states.end() ? 0 : it->second;
}

double Rounded(double value) { return std::stod(Line("%.3f", value)); }

std::string LatencyRow(const char* name, const terminal::Latency& latency) {
  return Line("%-18s %9llu %9.1f %9.1f %9.1f %9.1f\n", name,
              static_cast<unsigned long long>(latency.count()), latency.Percentile(50),
              latency.Percentile(95), latency.Percentile(99), latency.Percentile(100));
}

}  // namespace

int64_t LabelOutcome::total() const {
  int64_t sum = 0;
  for (const auto& [state, count] : states) sum += count;
  return sum;
}
int64_t LabelOutcome::succeeded() const { return In(states, v1::SUCCEEDED); }
int64_t LabelOutcome::failed() const {
  return In(states, v1::FAILED) + In(states, v1::EXPIRED) + In(states, v1::CANCELLED);
}

namespace {

uint64_t Succeeded(const report::Gateways& gateways) {
  const auto found = gateways.operations.find("succeeded");
  return found == gateways.operations.end() ? 0 : found->second;
}

}  // namespace

std::string Table(const DemoSummary& summary) {
  std::string table = Line("\n%-18s %9s %9s %9s %9s %9s %9s\n", "operations", "submitted",
                           "succeeded", "failed", "expired", "cancelled", "open");
  for (const LabelOutcome& outcome : summary.outcomes) {
    const auto count = [&outcome](v1::State state) {
      return static_cast<long long>(In(outcome.states, state));
    };
    table += Line("%-18s %9lld %9lld %9lld %9lld %9lld %9lld\n",
                  outcome.label.substr(0, outcome.label.find('.')).c_str(),
                  static_cast<long long>(outcome.total()), count(v1::SUCCEEDED), count(v1::FAILED),
                  count(v1::EXPIRED), count(v1::CANCELLED),
                  static_cast<long long>(outcome.total() - outcome.ended()));
  }
  table +=
      Line("\n%-18s %9s %9s %9s %9s %9s\n", "latency (ms)", "count", "p50", "p95", "p99", "max");
  table += LatencyRow("exchanges", summary.traffic.exchange);
  table += LatencyRow("sessions", summary.traffic.session);
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  table += Line(
      "\n%llu terminals, %llu sessions (%llu broke off), %llu messages, %llu sent again\n",
      number(summary.devices), number(summary.traffic.sessions), number(summary.failed_sessions),
      number(summary.traffic.messages), number(summary.traffic.retries));
  if (summary.registered > 0) {
    table += Line(
        "%llu registered by SMS, %llu woken by notifications in SMS (%llu refused by terminals)\n",
        number(summary.registered), number(summary.notifications),
        number(summary.refused_notifications));
  }
  if (summary.gateways.used) {
    const report::Gateways& gateways = summary.gateways;
    table += Line(
        "%llu voice home gateways registered, %llu told by NOTIFY, %llu operations (%llu "
        "succeeded), "
        "%llu carried out, %llu differences\n",
        number(gateways.registered), number(gateways.told), number(gateways.submitted),
        number(Succeeded(gateways)), number(gateways.carried_out), number(gateways.differences()));
  }
  table += Line(
      "%llu reports by generic alert, %llu power losses in updates, %llu differences between "
      "ledgers and operations, %llu protocol faults of the server, %.1f s\n",
      number(summary.reports), number(summary.power_losses), number(summary.ledger_differences),
      number(summary.protocol_faults), summary.wall_s);
  return table;
}

nlohmann::json LatencyJson(const terminal::Latency& latency) {
  return {{"p50", Rounded(latency.Percentile(50))},
          {"p95", Rounded(latency.Percentile(95))},
          {"p99", Rounded(latency.Percentile(99))},
          {"max", Rounded(latency.Percentile(100))}};
}

std::string Json(const DemoSummary& summary) {
  int64_t succeeded = 0;
  int64_t failed = 0;
  nlohmann::json kinds = nlohmann::json::object();
  for (const LabelOutcome& outcome : summary.outcomes) {
    succeeded += outcome.succeeded();
    failed += outcome.failed();
    kinds[outcome.label.substr(0, outcome.label.find('.'))] = {{"submitted", outcome.total()},
                                                               {"succeeded", outcome.succeeded()},
                                                               {"failed", outcome.failed()}};
  }
  const nlohmann::json json = {
      {"devices", summary.devices},
      {"operations",
       {{"submitted", summary.submitted}, {"succeeded", succeeded}, {"failed", failed}}},
      {"operations_by_label", kinds},
      {"ledger_differences", summary.ledger_differences},
      {"protocol_faults", summary.protocol_faults},
      {"reports", summary.reports},
      {"power_losses", summary.power_losses},
      {"registered_by_sms", summary.registered},
      {"notifications_by_sms", summary.notifications},
      {"notifications_refused", summary.refused_notifications},
      {"sessions", summary.traffic.sessions},
      {"sessions_broken", summary.failed_sessions},
      {"messages", summary.traffic.messages},
      {"retries", summary.traffic.retries},
      {"exchange_ms", LatencyJson(summary.traffic.exchange)},
      {"session_ms", LatencyJson(summary.traffic.session)},
      {"gateways",
       {{"registered", summary.gateways.registered},
        {"told", summary.gateways.told},
        {"operations", summary.gateways.submitted},
        {"succeeded", Succeeded(summary.gateways)},
        {"carried_out", summary.gateways.carried_out},
        {"differences", summary.gateways.differences()}}},
      {"terminal_octets", Rounded(summary.terminal_octets)},
      {"wall_s", Rounded(summary.wall_s)}};
  return json.dump(2) + "\n";
}

double OwnCpuUs() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

Result<void> WriteFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::trunc);
  file << content;
  file.close();
  if (!file) return Unavailable("cannot write " + path);
  return {};
}

}  // namespace drover::load
