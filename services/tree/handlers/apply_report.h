// ApplyReport: what terminals reported, many devices to a transaction.
//
// What is stored is read, what each report makes of it is decided (core/open_tree.h), and all of it
// is written in one transaction, which fails if somebody else wrote the same tree meanwhile; then
// the batch begins anew. A device is in one batch at a time; its next report waits for the one
// before. A report that the database refuses is told so alone: its batch is done again one by one.
#pragma once
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/async/batcher.h"
#include "libs/outbox/relay.h"
#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/pg_nodes.h"
#include "services/tree/core/report.h"
#include "services/tree/core/seen_devices.h"
#include "services/tree/handlers/accounts.h"
#include "services/tree/handlers/reply.h"
#include "services/tree/metrics.h"

namespace drover::tree {

class ApplyReports {
 public:
  ApplyReports(asio::io_context& loop, BatchLimits limits, postgres::Pool& pool, PgNodes& nodes,
               Accounts& accounts, outbox::Relay& relay, Clock clock, Metrics& metrics);
  ApplyReports(const ApplyReports&) = delete;

  void Submit(v1::ApplyReport request, Deadline deadline, Respond respond);
  // The same for a caller that waits.
  Task<void> Apply(v1::ApplyReport request, Deadline deadline);

 private:
  struct Item {
    Report report;
    Deadline deadline;
    Respond respond;
    Result<void> outcome = {};
    bool look = false;  // At the device's row, before it is decided what to write.
  };
  // What is stored of a batch's devices.
  struct Stored {
    std::vector<KnownDevice> known;  // By device; of items that look.
    std::vector<LoadedTree> trees;   // Of items that touch nodes, in their order.
  };
  struct Plan;

  Process RunBatch(std::vector<Item> items);
  Process ApplyOneByOne(const std::vector<Item*>& batch);
  Task<void> ApplyAll(const std::vector<Item*>& items, Deadline deadline);
  Task<void> ApplyOnce(const std::vector<Item*>& items, TimePoint now, Deadline deadline);
  Task<Stored> Read(const std::vector<Item*>& items, Deadline deadline);
  static Plan MakePlan(const std::vector<Item*>& items, Stored stored, TimePoint now);
  static void PlanItem(Plan& plan, const Item& item, KnownDevice* known, OpenTree tree);
  static void PlanDevice(Plan& plan, const KnownDevice& known, const Report& report);
  Task<void> Write(const Plan& plan, Deadline deadline);
  void Queue(Item item);
  void Answer(const Respond& respond, const Result<void>& outcome);
  void Release(const DeviceId& device);

  asio::io_context& loop_;
  postgres::Pool& pool_;
  PgNodes& nodes_;
  Accounts& accounts_;
  outbox::Relay& relay_;
  const Clock clock_;
  Metrics& metrics_;
  const size_t max_waiting_;
  size_t waiting_ = 0;
  SeenDevices seen_;
  // Devices with a report queued or in a batch, and the reports that wait behind it.
  std::unordered_map<DeviceId, std::deque<Item>> busy_;
  Batcher<Item> batcher_;
};

}  // namespace drover::tree
