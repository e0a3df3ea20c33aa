// SubmitOperations: from a request to stored operations, raised marks and wake-ups on their way.
#pragma once
#include "libs/base/clock.h"
#include "libs/outbox/relay.h"
#include "services/operations/adapters/pg_submissions.h"
#include "services/operations/adapters/redis_marks.h"
#include "services/operations/core/uuid7.h"
#include "services/operations/core/validate.h"
#include "services/operations/handlers/checker.h"
#include "services/operations/handlers/unblock.h"

namespace drover::operations {

// Of everything but the key: whether a key is used for the same again.
std::string DigestOf(const v1::SubmitOperationsRequest& request);
std::string DigestOf(const v1::SubmitSelectedRequest& request);

class Submitter {
 public:
  struct Config {
    Limits limits;
    std::chrono::milliseconds ttl{7 * 24 * 60 * 60 * 1000};
  };
  Submitter(asio::io_context& loop, PgSubmissions& store, PgOperations& operations,
            DeviceDirectory& devices, Unblocker& unblocker, RedisMarks& marks, outbox::Relay& relay,
            Clock clock, RandomOctets random, Metrics& metrics, Config config);

  // Errors as in the contract.
  Task<v1::SubmitOperationsResponse> Submit(v1::SubmitOperationsRequest request, Deadline deadline);

  // A part of a larger submission (submit_selected.h), already checked against its devices.
  // page: what is kept as the answer beside the operations. Returns what key was answered with
  // first, now or before. ABORTED: with another digest.
  Task<v1::SubmitProgress> SubmitPage(v1::SubmitOperationsRequest request, KnownDevices devices,
                                      std::string digest, v1::SubmitProgress page,
                                      Deadline deadline);
  // The page that was stored under this key; nullopt: none.
  Task<std::optional<v1::SubmitProgress>> StoredPage(std::string key, std::string digest,
                                                     Deadline deadline);
  // kNotFound: one of what the operations depend on is not there.
  Task<void> CheckDependencies(const v1::SubmitOperationsRequest& request, Deadline deadline);

  Checker& checker() { return checker_; }
  const Limits& limits() const { return config_.limits; }

 private:
  Task<std::optional<std::string>> FirstAnswer(const std::string& key, const std::string& digest,
                                               Deadline deadline);
  Task<std::optional<std::string>> Store(PgSubmissions::Submission submission, Deadline deadline);
  Task<void> CheckTrees(const v1::SubmitOperationsRequest& request, Deadline deadline);
  Task<KnownDevices> CheckDevices(const v1::SubmitOperationsRequest& request, Deadline deadline);
  PgSubmissions::Submission Prepare(const v1::SubmitOperationsRequest& request,
                                    const KnownDevices& devices, std::string digest);
  void AddWakeups(PgSubmissions::Submission* submission);
  Task<void> Wake(const PgSubmissions::Submission& submission);
  Task<void> LookAtBlocked(const PgSubmissions::Submission& submission, Deadline deadline);

  PgSubmissions& store_;
  PgOperations& operations_;
  DeviceDirectory& devices_;
  Checker checker_;
  Unblocker& unblocker_;
  RedisMarks& marks_;
  outbox::Relay& relay_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  const Config config_;
  Uuid7 ids_;
};

}  // namespace drover::operations
