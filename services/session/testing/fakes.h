// Fakes of the session's ports: in memory, with the same promises as the real ones.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "services/session/ports.h"

namespace drover::session {

class FakeSessionStore final : public SessionStore {
 public:
  Task<Loaded> Load(const DeviceId& device, const syncml::Message* message, Deadline) override {
    if (down) co_return Unavailable("Redis is down");
    Loaded loaded;
    if (const auto found = sessions.find(device); found != sessions.end())
      loaded.session = found->second;
    if (const auto found = nonces_of.find(device); found != nonces_of.end())
      loaded.nonces = found->second;
    loaded.nonces_read = std::to_string(nonce_writes[device]);
    const bool needed = message != nullptr && NeedsAccount(loaded.session, *message);
    if (const auto found = accounts.find(device); needed && found != accounts.end())
      loaded.account = found->second;
    loaded.mark = mark;
    if (on_load) on_load();
    co_return loaded;
  }
  Task<void> Save(const DeviceId& device, const SessionState& session, uint64_t expected_version,
                  Nonces nonces, Deadline) override {
    const auto found = sessions.find(device);
    const uint64_t version = found == sessions.end() ? 0 : found->second.version;
    if (version != expected_version) co_return Aborted("changed");
    if (!Write(device, nonces)) co_return Aborted("changed");
    sessions[device] = session;
    co_return Result<void>{};
  }
  Task<void> SaveNonces(const DeviceId& device, Nonces nonces, Deadline) override {
    const NonceState before = nonces_of[device];
    if (!Write(device, nonces)) co_return Aborted("changed");
    const bool proved = before.client_nonce != nonces.next.client_nonce;
    nonces_of[device].previous_nonce = proved ? "" : before.previous_nonce;
    co_return Result<void>{};
  }
  bool marks_complete() const override { return complete; }

  std::map<DeviceId, SessionState> sessions;
  std::map<DeviceId, NonceState> nonces_of;
  std::map<DeviceId, int> nonce_writes;
  std::map<DeviceId, Account> accounts;
  int64_t mark = 1;
  bool complete = true;
  bool down = false;
  std::function<void()> on_load;

 private:
  bool Write(const DeviceId& device, Nonces nonces) {
    int& writes = nonce_writes[device];
    if (nonces.read != std::to_string(writes)) return false;
    ++writes;
    nonces_of[device] = nonces.next;
    return true;
  }
};

class FakeOperations final : public OperationsPort {
 public:
  Task<std::vector<Assignment>> Advance(Request request, Deadline) override {
    requests.push_back(std::move(request));
    if (down) co_return Unavailable("operations is down");
    std::vector<Assignment> out;
    if (requests.back().take > 0) out.swap(work);
    co_return out;
  }
  std::vector<Request> requests;
  std::vector<Assignment> work;
  bool down = false;
};

class FakeTree final : public TreePort {
 public:
  Task<std::optional<Account>> LookupAccount(const DeviceId& device, Use use, Deadline) override {
    ++lookups;
    last_use = use;
    const auto found = accounts.find(device);
    co_return found == accounts.end() ? std::optional<Account>()
                                      : std::optional<Account>(found->second);
  }
  void ApplyReport(const DeviceId&, std::vector<NodeReport> reported, std::vector<std::string>,
                   TimePoint, Deadline, Done done) override {
    nodes.insert(nodes.end(), reported.begin(), reported.end());
    done({});
  }
  Task<void> EnrolUnknown(Enrolment enrolment, Deadline) override {
    enrolled.push_back(std::move(enrolment));
    co_return Result<void>{};
  }
  Task<void> PromoteCredentials(const DeviceId&, bool client, bool server, Deadline) override {
    promoted.emplace_back(client, server);
    co_return Result<void>{};
  }
  std::vector<std::pair<bool, bool>> promoted;
  std::map<DeviceId, Account> accounts;
  std::vector<NodeReport> nodes;
  std::vector<Enrolment> enrolled;
  int lookups = 0;
  Use last_use = Use::kAgain;
};

class FakeEvents final : public EventsPort {
 public:
  Task<void> AlertsRaised(MessageRef, std::vector<Alert> raised, TimePoint, Deadline) override {
    alerts.insert(alerts.end(), raised.begin(), raised.end());
    co_return Result<void>{};
  }
  Task<void> SessionsEnded(const DeviceId&, const std::vector<Ending>& ended, TimePoint,
                           Deadline) override {
    if (down) co_return Unavailable("Kafka is down");
    endings.insert(endings.end(), ended.begin(), ended.end());
    co_return Result<void>{};
  }
  std::vector<Alert> alerts;
  std::vector<Ending> endings;
  bool down = false;
};

}  // namespace drover::session
