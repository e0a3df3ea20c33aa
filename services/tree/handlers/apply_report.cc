#include "services/tree/handlers/apply_report.h"

#include <algorithm>
#include <utility>

#include "drover/events/v1/events.pb.h"
#include "libs/async/promise.h"
#include "services/tree/adapters/migrations.h"
#include "services/tree/adapters/registration_events.h"
#include "services/tree/core/text.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

constexpr size_t kRemembered = 65'536;  // Devices; some 8 MiB.
// While others write the same trees: of all who try at once, one gets through.
constexpr int kAttempts = 30;

const std::string& IdOf(const KnownDevice& known) { return known.device.id.value(); }

KnownDevice* FindIn(std::vector<KnownDevice>& sorted, const DeviceId& device) {
  const auto found = std::ranges::lower_bound(sorted, device.value(), {}, IdOf);
  return found != sorted.end() && found->device.id == device ? &*found : nullptr;
}

bool TouchesNodes(const Report& report) { return !report.nodes.empty() || !report.deleted.empty(); }

}  // namespace

// What one transaction writes.
struct ApplyReports::Plan {
  TimePoint now{};
  std::vector<OpenTree> trees;    // What the writes view.
  std::vector<TreeWrite> writes;  // In the order of devices.
  std::vector<std::string> seen;
  std::vector<std::pair<std::string, Facts>> facts;
  events::v1::OutboxBatch events;
  std::vector<std::pair<DeviceId, TimePoint>> looked_at;  // With the seen_at that they have then.
  std::vector<DeviceId> other_traits;  // Their accounts in the cache are out of date after it.
  size_t node_count = 0;
};

ApplyReports::ApplyReports(asio::io_context& loop, BatchLimits limits, postgres::Pool& pool,
                           PgNodes& nodes, Accounts& accounts, outbox::Relay& relay, Clock clock,
                           Metrics& metrics)
    : loop_(loop),
      pool_(pool),
      nodes_(nodes),
      accounts_(accounts),
      relay_(relay),
      clock_(std::move(clock)),
      metrics_(metrics),
      max_waiting_(limits.waiting),
      seen_(kRemembered),
      batcher_(loop, limits,
               [this](std::vector<Item> items) { return RunBatch(std::move(items)); }) {}

void ApplyReports::Submit(v1::ApplyReport request, Deadline deadline, Respond respond) {
  Result<Report> report = FromProto(std::move(request));
  Result<void> checked = report ? CheckReport(*report) : Result<void>(report.error());
  if (checked && waiting_ >= max_waiting_) {
    checked = ResourceExhausted("too many reports are waiting");
  }
  if (!checked) return Answer(respond, checked);
  Normalise(*report, clock_());
  ++waiting_;
  Item item{std::move(*report), deadline, std::move(respond)};
  const auto [behind, first] = busy_.try_emplace(item.report.device);
  if (!first) return behind->second.push_back(std::move(item));
  Queue(std::move(item));
}

Task<void> ApplyReports::Apply(v1::ApplyReport request, Deadline deadline) {
  const Promise<v1::TreeReply> promise(loop_);
  const auto respond = [promise](v1::TreeReply reply) { promise.Set(std::move(reply)); };
  Submit(std::move(request), deadline, respond);
  DROVER_CO_TRY(const v1::TreeReply reply, co_await promise.Wait(deadline, "a report"));
  if (reply.code() != 0) co_return Error{static_cast<Code>(reply.code()), reply.error()};
  co_return Result<void>();
}

void ApplyReports::Queue(Item item) {
  const size_t weight = 1 + item.report.nodes.size() + item.report.deleted.size();
  batcher_.Add(std::move(item), weight);
}

void ApplyReports::Answer(const Respond& respond, const Result<void>& outcome) {
  metrics_.Answered(Request::kApplyReport, outcome ? Code::kOk : outcome.error().code);
  respond(outcome ? v1::TreeReply() : FailureReply(outcome.error()));
}

Process ApplyReports::RunBatch(std::vector<Item> items) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Item*> batch;
  Deadline deadline = start + kLeastTimeout;
  for (Item& item : items) {
    batch.push_back(&item);
    deadline = std::max(deadline, item.deadline);
  }
  // One order for all replicas, so that two of them do not wait for each other's rows.
  std::ranges::sort(batch, {}, [](const Item* item) { return item->report.device; });

  Result<void> applied = co_await ApplyAll(batch, deadline);
  if (!applied && applied.error().code == Code::kInvalidArgument && batch.size() > 1) {
    metrics_.RepeatedOneByOne();
    co_await ApplyOneByOne(batch);
  } else if (!applied) {
    for (Item* item : batch) item->outcome = applied;
  }
  metrics_.Batched(Batch::kReport, items.size(), std::chrono::steady_clock::now() - start);
  for (Item& item : items) {
    --waiting_;
    Answer(item.respond, item.outcome);
    Release(item.report.device);
  }
}

Process ApplyReports::ApplyOneByOne(const std::vector<Item*>& batch) {
  for (Item* item : batch) {
    const std::vector<Item*> alone = {item};
    const Deadline deadline = In(kLeastTimeout);
    const Result<void> applied = co_await ApplyAll(alone, deadline);
    if (!applied) item->outcome = applied;
  }
}

// The device's next report, if one waits, may go.
void ApplyReports::Release(const DeviceId& device) {
  const auto behind = busy_.find(device);
  if (behind->second.empty()) {
    busy_.erase(behind);
    return;
  }
  Item next = std::move(behind->second.front());
  behind->second.pop_front();
  Queue(std::move(next));
}

// Errors are those of the whole; a device that is not enrolled is its item's own outcome.
Task<void> ApplyReports::ApplyAll(const std::vector<Item*>& items, Deadline deadline) {
  const TimePoint now = clock_();
  Result<void> applied = Aborted("");
  for (int i = 0; i < kAttempts && !applied && applied.error().code == Code::kAborted; ++i) {
    applied = co_await ApplyOnce(items, now, deadline);
  }
  co_return applied;
}

Task<void> ApplyReports::ApplyOnce(const std::vector<Item*>& items, TimePoint now,
                                   Deadline deadline) {
  for (Item* item : items) {
    item->outcome = {};
    item->look = !seen_.Recently(item->report.device, now, kSeenInterval) ||
                 !FactsTouched(item->report).empty();
  }
  DROVER_CO_TRY(Stored stored, co_await Read(items, deadline));
  const Plan plan = MakePlan(items, std::move(stored), now);
  DROVER_CO_TRY(co_await Write(plan, deadline));
  for (const auto& [device, seen_at] : plan.looked_at) seen_.Saw(device, seen_at);
  metrics_.NodesWritten(plan.node_count);
  if (plan.events.records_size() > 0) relay_.Wake();
  co_return Result<void>();
}

// The rows of terminals that are not known to be there, or whose facts or seen_at may change; and
// what is stored of the trees that the reports touch. One round trip, but for large trees.
Task<ApplyReports::Stored> ApplyReports::Read(const std::vector<Item*>& items, Deadline deadline) {
  std::vector<std::string> ids;
  std::vector<TreeWanted> wanted;
  for (const Item* item : items) {
    if (item->look) ids.push_back(item->report.device.value());
    if (!TouchesNodes(item->report)) continue;
    wanted.push_back({item->report.device.value(), RangesOf(item->report)});
  }
  std::vector<postgres::Statement> statements;
  if (!ids.empty()) statements.push_back(FindDevices(ids));
  if (!wanted.empty()) statements.push_back(LoadTrees(wanted));
  Stored stored;
  if (statements.empty()) co_return stored;
  DROVER_CO_TRY(const std::vector<postgres::Rows> rows,
                co_await pool_.Transaction(std::move(statements), deadline));
  if (!ids.empty()) {
    for (StoredDevice& found : ReadDevices(rows.front())) {
      stored.known.push_back({std::move(found.device), {}});
    }
    std::ranges::sort(stored.known, {}, IdOf);
  }
  if (wanted.empty()) co_return stored;
  DROVER_CO_TRY(stored.trees, co_await nodes_.Complete(wanted, rows.back(), deadline));
  co_return stored;
}

ApplyReports::Plan ApplyReports::MakePlan(const std::vector<Item*>& items, Stored stored,
                                          TimePoint now) {
  Plan plan;
  plan.now = now;
  plan.trees.reserve(items.size());
  auto loaded = stored.trees.begin();
  for (Item* item : items) {
    const Report& report = item->report;
    KnownDevice* known = item->look ? FindIn(stored.known, report.device) : nullptr;
    LoadedTree tree;
    if (TouchesNodes(report)) tree = std::move(*loaded++);
    if (item->look && known == nullptr) {
      const std::string id = Printable(report.device.value());
      item->outcome = NotFound("no device \"" + id + "\" is enrolled");
      continue;
    }
    Result<OpenTree> opened = OpenTree::Open(std::move(tree));
    if (opened) {
      PlanItem(plan, *item, known, std::move(*opened));
    } else {
      item->outcome = opened.error();
    }
  }
  return plan;
}

void ApplyReports::PlanItem(Plan& plan, const Item& item, KnownDevice* known, OpenTree tree) {
  const Report& report = item.report;
  if (known != nullptr) {
    for (const Fact fact : FactsTouched(report)) {
      const PageNode* node = tree.Find(dmtree::UriOf(fact));
      if (node != nullptr) known->fact_times[static_cast<size_t>(fact)] = node->reported_at;
    }
    PlanDevice(plan, *known, report);
  }
  plan.node_count += report.nodes.size();
  OpenTree& kept = plan.trees.emplace_back(std::move(tree));
  TreeChange change = kept.Apply(report, plan.now);
  if (change.large_objects) plan.other_traits.push_back(report.device);
  if (!change.empty()) plan.writes.push_back({&report.device, std::move(change)});
}

void ApplyReports::PlanDevice(Plan& plan, const KnownDevice& known, const Report& report) {
  const DeviceChange change = ChangeOf(known, report, plan.now);
  const bool written = change.seen || change.facts_differ;
  plan.looked_at.emplace_back(report.device, written ? plan.now : *known.device.seen_at);
  if (change.facts_differ) {
    Device after = known.device;
    after.facts = change.facts;
    AddRegistration(plan.events, after, Registration::kFactsChanged, plan.now);
    plan.facts.emplace_back(report.device.value(), change.facts);
    const bool another_model =
        At(change.facts, Fact::kManufacturer) != At(known.device.facts, Fact::kManufacturer) ||
        At(change.facts, Fact::kModel) != At(known.device.facts, Fact::kModel);
    if (another_model) plan.other_traits.push_back(report.device);
  } else if (change.seen) {
    plan.seen.push_back(report.device.value());
  }
}

Task<void> ApplyReports::Write(const Plan& plan, Deadline deadline) {
  std::vector<postgres::Statement> statements;
  if (!plan.seen.empty()) statements.push_back(SetSeen(plan.seen, plan.now));
  if (!plan.facts.empty()) statements.push_back(SetFacts(plan.facts, plan.now));
  for (postgres::Statement& statement : WriteTrees(plan.writes, plan.now)) {
    statements.push_back(std::move(statement));
  }
  if (plan.events.records_size() > 0) {
    statements.push_back(outbox::Insert(kOutboxTable, plan.events));
  }
  if (statements.empty()) co_return Result<void>();
  DROVER_CO_TRY(co_await pool_.Transaction(std::move(statements), deadline));
  for (const DeviceId& device : plan.other_traits) accounts_.Forget(device);
  co_return Result<void>();
}

}  // namespace drover::tree
