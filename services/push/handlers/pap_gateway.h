// The Push Proxy Gateway: PAP over HTTP POST. Any replica takes part.
//
// HTTP says whether the request could be read (202), PAP what became of it. 1001 is said once the
// push is durable. Loop thread only.
// Spec: WAP-247-PAP; codes and accounts: docs/push.md.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "libs/async/spacing.h"
#include "libs/base/clock.h"
#include "libs/http/server.h"
#include "libs/outbox/relay.h"
#include "libs/pap/message.h"
#include "services/push/adapters/pg_pushes.h"
#include "services/push/adapters/pg_registrations.h"
#include "services/push/core/pap_access.h"
#include "services/push/core/pap_crowd.h"
#include "services/push/core/pap_push.h"
#include "services/push/handlers/pap_metrics.h"
#include "services/push/handlers/pap_queue.h"
#include "services/push/metrics.h"

namespace drover::push {

class PapGateway {
 public:
  struct Ports {
    PgPushes& pushes;
    PgRegistrations& registrations;
    outbox::Relay& relay;
    PapQueue& queue;
    PapCrowd& crowd;
  };
  struct Config {
    std::string name = "Drover";  // product-name, sender-name
    PapRules rules;
    std::chrono::milliseconds cancel_look{200};  // How often a cancelled push is looked at, thrice.
    std::chrono::milliseconds relay_apart{100};  // Between two times that the relay is woken.
  };
  // settings: must outlive it.
  PapGateway(asio::io_context& loop, Ports ports, Config config, const Settings& settings,
             Clock clock, RandomOctets random, Metrics& metrics, PapMetrics& pap_metrics);

  void Handle(const http::Request& request, const http::Responder& responder);

 private:
  // Who asked, and where the answer goes.
  struct Call {
    http::Responder responder;
    const Account* account;
    pap::Version version = pap::Version::k20;
  };

  const Account* Authenticate(const http::Request& request) const;
  void Refuse(const http::Responder& responder, http::Response response);
  void Perform(Call call, const pap::Submission& submission, pap::Message message);
  void BeginPush(Call call, const pap::Submission& submission, pap::PushMessage message);
  Process Push(Call call, pap::PushMessage message, PapPush push);
  // What stands against it; kOk: nothing, and it is on its way.
  Task<PapRefusal> LookUpAndAccept(const Call& call, const pap::PushMessage& message,
                                   PapPush& push);
  PapRefusal Accept(const Call& call, const pap::PushMessage& message, PapPush& push,
                    const std::vector<StoredPush>& cancelled);
  Task<void> Resolve(std::vector<PapRecipient>& recipients, Deadline deadline);
  Task<PapRefusal> BeginReplacing(const Call& call, const pap::PushMessage& message, PapPush& push,
                                  std::vector<StoredPush>& cancelled, Deadline deadline);
  void Add(const Call& call, const pap::PushMessage& message, PapPush& push,
           const std::vector<StoredPush>& cancelled, size_t accepted);
  StoredPush RowOf(const Call& call, const pap::PushMessage& message, const PapPush& push,
                   const PapRecipient& recipient, TimePoint now);
  void Accepted(const Call& call, const std::string& push_id, bool notes, TimePoint received,
                size_t count, const Result<void>& done);
  void WakeRelay();
  Process Cancel(Call call, pap::CancelMessage message);
  Task<std::vector<StoredPush>> CancelPending(const Call& call, const pap::CancelMessage& message);
  Process QueryStatus(Call call, pap::StatusQueryMessage message);
  Task<std::vector<StoredPush>> Find(const Call& call, const std::string& push_id,
                                     Deadline deadline);

  void AnswerPush(const Call& call, const std::string& push_id, pap::StatusCode code,
                  std::string desc, std::vector<pap::ProgressNote> notes = {});
  void Answer(const Call& call, const char* operation, pap::StatusCode code, pap::Message message);

  asio::io_context& loop_;
  Ports ports_;
  const Config config_;
  const Settings& settings_;
  const Clock clock_;
  const RandomOctets random_;
  Metrics& metrics_;
  PapMetrics& pap_metrics_;
  std::map<const Account*, Rate> rates_;
  Spacing relaying_;
};

}  // namespace drover::push
