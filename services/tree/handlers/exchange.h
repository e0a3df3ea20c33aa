// TreeStreamService.Exchange: requests of many devices, gathered into batches by kind.
#pragma once
#include <functional>

#include "services/tree/handlers/apply_report.h"
#include "services/tree/handlers/lookup_account.h"

namespace drover::tree {

class Exchange {
 public:
  Exchange(asio::io_context& loop, LookupAccounts& lookups, ApplyReports& reports,
           Accounts& accounts, Metrics& metrics);
  Exchange(const Exchange&) = delete;

  // As libs/service/stream.h's StreamHandle: respond is called once, on the loop.
  void Handle(v1::TreeRequest request, Deadline deadline, Respond respond);

 private:
  Process Promote(v1::PromoteCredentials request, Deadline deadline, Respond respond);
  Process Enrol(v1::NewDevice given, Deadline deadline, Respond respond);

  asio::io_context& loop_;
  LookupAccounts& lookups_;
  ApplyReports& reports_;
  Accounts& accounts_;
  Metrics& metrics_;
};

}  // namespace drover::tree
