// A terminal reduced to its management objects, for their tests: time is ticked by hand, chance is
// what the policy says it is (0 or 1000 permille).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/terminal/mo_objects.h"

namespace drover::terminal {

class Bench {
 public:
  explicit Bench(const ModelSpec& spec)
      : model_(spec, {"srv", "http://127.0.0.1/dm"}),
        tree_(model_.blueprint(), "IMEI:493005100592800") {}

  Host host() {
    return Host{.tree = tree_,
                .spec = model_.spec(),
                .policy = policy,
                .random = random_,
                .server_id = "srv",
                .now = now_,
                .in_session = in_session,
                .reports = reports,
                .objects = objects};
  }

  int Exec(std::string_view path, std::string_view correlator = "") {
    Host at = host();
    return Objects::Exec(at, path, correlator);
  }
  // As a server's Replace, or Add of what is not there.
  int Write(std::string_view path, std::string value) {
    Host at = host();
    const std::string uri = "./" + std::string(path);
    if (const int refusal = Objects::MayChange(at, uri, value); refusal != 200) return refusal;
    if (tree_.Find(path)) {
      tree_.SetValue(path, std::move(value));
    } else {
      Node node;
      node.path = path;
      node.value = std::move(value);
      node.permanent = false;
      tree_.Add(std::move(node));
    }
    Objects::Changed(at, uri);
    return 200;
  }
  // As a server's Add of an interior node.
  void AddInterior(std::string_view path) {
    Node node;
    node.path = path;
    node.format = "node";
    node.type = "";
    node.permanent = false;
    tree_.Add(std::move(node));
    Host at = host();
    Objects::Changed(at, "./" + std::string(path));
  }

  // Until the next step has been taken; false: nothing is under way.
  bool Step() {
    const std::optional<TimePoint> due = objects.next_due();
    if (!due) return false;
    TickAt(*due);
    return true;
  }
  void TickAt(TimePoint now) {
    now_ = std::max(now_, now);
    Host at = host();
    objects.Tick(at);
  }
  void PowerLoss() {
    Host at = host();
    objects.PowerLoss(at);
  }
  // The values that the leaf takes until nothing is under way, each once: "30 40 60 100".
  std::string Passes(std::string_view path) {
    std::string values = Value(path);
    std::string last = values;
    while (Step()) {
      if (Value(path) == last) continue;
      last = Value(path);
      values += " " + last;
    }
    return values;
  }

  std::string Value(std::string_view path) const { return tree_.Value(path); }
  bool Has(std::string_view path) const { return tree_.Find(path).has_value(); }
  ManagementTree& tree() { return tree_; }
  TimePoint now() const { return now_; }
  // The reports so far, as "type data", and forgets them.
  std::vector<std::string> TakeReports() {
    std::vector<std::string> lines;
    for (const ClientAlert& report : reports) lines.push_back(report.type + " " + report.data);
    reports.clear();
    return lines;
  }

  ObjectPolicy policy;
  bool in_session = false;
  std::vector<ClientAlert> reports;
  Objects objects;

 private:
  Model model_;
  ManagementTree tree_;
  RandomOctets random_ = [](size_t n) { return std::string(n, '\0'); };
  TimePoint now_ = TimePoint(std::chrono::hours(1));
};

}  // namespace drover::terminal
