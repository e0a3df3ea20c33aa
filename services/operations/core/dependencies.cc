#include "services/operations/core/dependencies.h"

#include <algorithm>
#include <charconv>

#include "services/operations/core/states.h"
#include "services/operations/core/uuid7.h"

namespace drover::operations {
namespace {

using std::chrono::milliseconds;

// Who looks after one whose dependency has ended unnoticed: its process died just then.
constexpr std::chrono::seconds kLookAgain{60};
// A wake-up follows the time of an operation within this: a fleet is not woken in one moment.
constexpr milliseconds kWakeSpread{5'000};

std::optional<int> IndexOf(std::string_view reference) {
  if (!reference.starts_with('#')) return std::nullopt;
  reference.remove_prefix(1);
  int index = 0;
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), index);
  if (error != std::errc() || end != reference.data() + reference.size()) return std::nullopt;
  return index;
}

Result<void> CheckReference(const std::string& path, const std::string& reference, int own,
                            int count) {
  const std::optional<int> index = IndexOf(reference);
  if (!index && IsUuid(reference)) return {};
  if (!index) return InvalidArgument(path + ": is neither an operation's id nor an index (\"#3\")");
  if (*index < 0 || *index >= count) {
    return InvalidArgument(path + ": the request has no operations[" + std::to_string(*index) +
                           "]");
  }
  if (*index == own) return InvalidArgument(path + ": it would depend on itself");
  return {};
}

// Takes away, again and again, what depends on nothing that is left: what remains is in a cycle or
// depends on one.
int InCycle(const v1::SubmitOperationsRequest& request) {
  const int count = request.operations_size();
  std::vector<std::vector<int>> dependents(static_cast<size_t>(count));
  std::vector<int> open(static_cast<size_t>(count), 0);
  for (int i = 0; i < count; ++i) {
    for (const std::string& reference : request.operations(i).depends_on()) {
      const std::optional<int> index = IndexOf(reference);
      if (!index) continue;
      dependents[static_cast<size_t>(*index)].push_back(i);
      ++open[static_cast<size_t>(i)];
    }
  }
  std::vector<int> free;
  for (int i = 0; i < count; ++i) {
    if (open[static_cast<size_t>(i)] == 0) free.push_back(i);
  }
  while (!free.empty()) {
    const int next = free.back();
    free.pop_back();
    for (const int dependent : dependents[static_cast<size_t>(next)]) {
      if (--open[static_cast<size_t>(dependent)] == 0) free.push_back(dependent);
    }
  }
  const auto stuck = std::find_if(open.begin(), open.end(), [](int n) { return n > 0; });
  return stuck == open.end() ? -1 : static_cast<int>(stuck - open.begin());
}

std::string InWords(const Dependency& dependency) {
  if (!dependency.state) return "depends on " + dependency.id + ", which is not kept any more";
  return "depends on " + dependency.id + ", which " +
         (*dependency.state == v1::FAILED ? "" : "is ") + std::string(Name(*dependency.state));
}

}  // namespace

Result<void> CheckDependencies(const v1::SubmitOperationsRequest& request) {
  bool any = false;
  for (int i = 0; i < request.operations_size(); ++i) {
    const v1::NewOperation& operation = request.operations(i);
    const std::string path = "operations[" + std::to_string(i) + "].depends_on";
    if (operation.depends_on_size() > kMaxDependencies) {
      return InvalidArgument(path + ": are more than " + std::to_string(kMaxDependencies));
    }
    for (int k = 0; k < operation.depends_on_size(); ++k) {
      any = true;
      DROVER_TRY(CheckReference(path + "[" + std::to_string(k) + "]", operation.depends_on(k), i,
                                request.operations_size()));
    }
  }
  const int stuck = any ? InCycle(request) : -1;
  if (stuck < 0) return {};
  return InvalidArgument("operations[" + std::to_string(stuck) +
                         "].depends_on: goes round in a circle");
}

std::vector<std::string> DependenciesOf(const v1::NewOperation& wanted,
                                        const std::vector<std::string>& ids) {
  std::vector<std::string> out;
  for (const std::string& reference : wanted.depends_on()) {
    const std::optional<int> index = IndexOf(reference);
    std::string id = index ? ids[static_cast<size_t>(*index)] : reference;
    std::transform(id.begin(), id.end(), id.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(std::move(id));
  }
  return out;
}

Unblocked Unblock(const Stored& operation, const std::vector<Dependency>& dependencies,
                  TimePoint now, double jitter) {
  Unblocked out{false, Change(operation)};
  Change& change = out.change;
  const bool first_attempt = operation.standing.attempt == 1;  // Else they have succeeded already.
  bool waits = false;
  for (const Dependency& dependency : dependencies) {
    if (!first_attempt || dependency.state == v1::SUCCEEDED) continue;
    if (dependency.state && IsOpen(*dependency.state)) {
      waits = true;
      continue;
    }
    change.Step(v1::FAILED, now, InWords(dependency));
    return out;
  }
  const TimePoint begins = operation.standing.not_before.value_or(now);
  if (waits || begins > now) {
    const auto jittered = milliseconds(static_cast<int64_t>(10'000 * jitter));
    change.due_at = std::min(waits ? now + kLookAgain + jittered : begins, operation.expires_at);
    return out;
  }
  change.ready = true;
  // Many may begin at one time: those are woken one after the other. One that waited for another is
  // woken at once.
  const bool alone = !operation.standing.not_before;
  const auto spread =
      milliseconds(static_cast<int64_t>(static_cast<double>(kWakeSpread.count()) * jitter));
  out.wake = alone;
  change.attempts = alone ? 1 : 0;
  change.due_at = std::min(alone ? now + kLookAgain + spread : now + spread, operation.expires_at);
  return out;
}

}  // namespace drover::operations
