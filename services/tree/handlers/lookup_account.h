// LookupAccount: accounts by device, many to a question to the database.
#pragma once
#include <string>
#include <vector>

#include "libs/async/batcher.h"
#include "services/tree/handlers/accounts.h"
#include "services/tree/handlers/reply.h"

namespace drover::tree {

class LookupAccounts {
 public:
  LookupAccounts(asio::io_context& loop, BatchLimits limits, PgDevices& devices, Accounts& accounts,
                 Metrics& metrics);
  LookupAccounts(const LookupAccounts&) = delete;

  void Submit(v1::LookupAccount request, Deadline deadline, Respond respond);

 private:
  struct Item {
    std::string device;
    Deadline deadline;
    Respond respond;
    bool once;
  };
  Process RunBatch(std::vector<Item> items);
  v1::TreeReply ReplyTo(const Item& item, const Result<std::vector<StoredDevice>>& found);
  void Answer(const Respond& respond, v1::TreeReply reply);

  PgDevices& devices_;
  Accounts& accounts_;
  Metrics& metrics_;
  Batcher<Item> batcher_;
};

}  // namespace drover::tree
