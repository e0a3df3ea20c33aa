// SubmitOperations: from a request to stored operations, raised marks and wake-ups on their way.
#pragma once
#include "libs/base/clock.h"
#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_submissions.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/core/uuid7.h"
#include "services/operations/core/validate.h"
#include "services/operations/handlers/device_directory.h"
#include "services/operations/metrics.h"

namespace drover::operations {

class Submitter {
 public:
  struct Config {
    Limits limits;
    std::chrono::milliseconds ttl{7 * 24 * 60 * 60 * 1000};
  };
  Submitter(PgSubmissions& store, DeviceDirectory& devices, RedisMarks& marks, outbox::Relay& relay,
            Clock clock, RandomOctets random, Metrics& metrics, Config config);

  // Errors as in the contract.
  Task<v1::SubmitOperationsResponse> Submit(v1::SubmitOperationsRequest request, Deadline deadline);

 private:
  using Answer = std::optional<v1::SubmitOperationsResponse>;
  Task<Answer> FirstAnswer(const std::string& key, const std::string& digest, Deadline deadline);
  Task<void> CheckDevices(const v1::SubmitOperationsRequest& request, Deadline deadline);
  PgSubmissions::Submission Prepare(const v1::SubmitOperationsRequest& request, std::string digest);
  void AddWakeups(PgSubmissions::Submission* submission);
  Task<void> Wake(const PgSubmissions::Submission& submission);

  PgSubmissions& store_;
  DeviceDirectory& devices_;
  RedisMarks& marks_;
  outbox::Relay& relay_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  const Config config_;
  Uuid7 ids_;
};

}  // namespace drover::operations
