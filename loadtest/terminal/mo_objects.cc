#include "loadtest/terminal/mo_objects.h"

#include <algorithm>
#include <array>

#include "loadtest/terminal/mo_dcmo.h"
#include "loadtest/terminal/mo_diagmon.h"
#include "loadtest/terminal/mo_fumo.h"
#include "loadtest/terminal/mo_lawmo.h"
#include "loadtest/terminal/mo_scomo.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kAccepted = 202;
constexpr int kNotAllowed = 405;
constexpr int kCommandFailed = 500;

// The Status of an Exec that has ended with this result of its object's table.
int StatusOf(int result) {
  const bool success = (result >= 200 && result < 300) || (result >= 1200 && result < 1300);
  if (success) return kOk;
  return result >= 400 && result < 600 ? result : kCommandFailed;
}

// Nothing of the text: it is a property or a list, which are no matter of an object.
std::string_view PathIn(std::string_view uri) {
  if (uri.find('?') != std::string_view::npos) return "";
  if (uri.starts_with("./")) uri.remove_prefix(2);
  return uri;
}

}  // namespace

uint32_t Host::Draw(uint32_t bound) const {
  const std::string octets = random(4);
  uint32_t number = 0;
  for (const char c : octets) number = number << 8 | static_cast<unsigned char>(c);
  return number % bound;
}

std::chrono::milliseconds Host::Duration() const {
  const auto spread = policy.update_max - policy.update_min;
  return policy.update_min + spread * Draw(256) / 255;
}

int Host::ResultOf(std::string_view operation, std::span<const int> failures, int success) {
  if (const std::optional<int> given = objects.TakeFate(operation)) return *given;
  if (!Chance(policy.failure_permille)) return success;
  return failures[Draw(static_cast<uint32_t>(failures.size()))];
}

void Activity::WaitForRestart(const Host& host) {
  const TimePoint started = host.now + host.policy.restart;
  if (due_ < started) due_ = started;
}

void Activity::PowerLoss(Host& host) { WaitForRestart(host); }

void Activity::Report(Host& host, int result, ClientAlert alert) {
  result_ = result;
  if (silent_) return;
  alert.type = AlertType(host.spec, alert.type);
  alert.correlator = call_.correlator;
  host.reports.push_back(std::move(alert));
}

std::span<const ObjectKind* const> ObjectKinds() {
  static const std::array kKinds{&Fumo(),    &Scomo(),           &Lawmo(),      &Dcmo(),
                                 &DiagMon(), &OperatorDiagMon(), &DiagMonTrap()};
  return kKinds;
}

std::optional<ObjectAt> ObjectOf(const ManagementTree& tree, std::string_view path) {
  for (std::string_view at = path; !at.empty() && at != "."; at = ParentOf(at)) {
    const std::optional<NodeNow> now = tree.Find(at);
    if (!now || !now->interior() || now->node->type.empty()) continue;
    for (const ObjectKind* const kind : ObjectKinds()) {
      if (!now->node->type.starts_with(kind->id)) continue;
      return ObjectAt{kind, at, path.substr(std::min(at.size() + 1, path.size()))};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

int Objects::Exec(Host& host, std::string_view path, std::string_view correlator) {
  const std::optional<ObjectAt> at = ObjectOf(host.tree, path);
  if (!at) return kOk;
  if (at->below.empty()) return kNotAllowed;
  return at->kind->exec(
      host, Call{std::string(at->root), std::string(at->below), std::string(correlator)});
}

int Objects::MayChange(const Host& host, std::string_view uri, std::string_view data) {
  const std::string_view path = PathIn(uri);
  const std::optional<ObjectAt> at = ObjectOf(host.tree, path);
  if (!at || at->kind->may_change == nullptr) return kOk;
  return at->kind->may_change(host, at->root, at->below, data);
}

void Objects::Changed(Host& host, std::string_view uri) {
  const std::string_view path = PathIn(uri);
  const std::optional<ObjectAt> at = ObjectOf(host.tree, path);
  if (at && at->kind->changed != nullptr) at->kind->changed(host, at->root, at->below);
}

int Objects::Begin(Host& host, std::unique_ptr<Activity> activity, Answering answering) {
  // Before DM 1.2 there is no generic alert.
  if (answering == Answering::kLater && host.spec.version != DmVersion::k11) {
    activities_.push_back(std::move(activity));
    return kAccepted;
  }
  activity->set_silent();
  const TimePoint asked = host.now;
  while (!activity->over() && activity->result() == 0) {
    host.now = std::max(host.now, activity->due());
    activity->Step(host);
  }
  host.now = asked;
  const int status = StatusOf(activity->result());
  if (!activity->over()) activities_.push_back(std::move(activity));
  return status;
}

Activity* Objects::Find(std::string_view root) {
  for (const auto& activity : activities_) {
    if (activity->call().object == root) return activity.get();
  }
  return nullptr;
}

void Objects::Drop(const Activity* activity) {
  std::erase_if(activities_, [activity](const auto& each) { return each.get() == activity; });
}

std::optional<int> Objects::TakeFate(std::string_view operation) {
  const auto it = std::find_if(fates_.begin(), fates_.end(), [operation](const Fate& fate) {
    return fate.operation.empty() || fate.operation == operation;
  });
  if (it == fates_.end()) return std::nullopt;
  const int result = it->result;
  fates_.erase(it);
  return result;
}

std::optional<TimePoint> Objects::next_due() const {
  TimePoint next = Activity::kNever;
  for (const auto& activity : activities_) next = std::min(next, activity->due());
  if (next == Activity::kNever) return std::nullopt;
  return next;
}

void Objects::Tick(Host& host) {
  const TimePoint now = host.now;
  // By index: a step may begin another activity.
  for (size_t i = 0; i < activities_.size(); ++i) {
    Activity* const activity = activities_[i].get();
    while (!activity->over() && activity->due() <= now) {
      if (host.in_session && activity->restarts()) break;
      host.now = activity->due();
      activity->Step(host);
    }
  }
  host.now = now;
  std::erase_if(activities_, [](const auto& activity) { return activity->over(); });
}

void Objects::PowerLoss(Host& host) {
  for (size_t i = 0; i < activities_.size(); ++i) activities_[i]->PowerLoss(host);
  std::erase_if(activities_, [](const auto& activity) { return activity->over(); });
}

size_t Objects::size_octets() const {
  // An activity: its own fields and the texts of its call.
  constexpr size_t kActivity = 320;
  return sizeof(Objects) + activities_.capacity() * sizeof(void*) + activities_.size() * kActivity +
         fates_.capacity() * sizeof(Fate);
}

std::string AlertType(const ModelSpec& spec, std::string_view type) {
  // Names that are URNs themselves are written so.
  const bool bare = spec.quirks.Has(Quirk::kBareAlertType) || type.starts_with("urn:");
  return (bare ? "" : "Reversed-Domain-Name: ") + std::string(type);
}

}  // namespace drover::terminal
