// What the handlers need from outside; adapters/ has the real ones, testing/ the fakes. The core
// needs nothing: it says what has to be done (core/exchange.h, Effects) and is told what came of
// it.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/async/task.h"
#include "services/session/core/exchange.h"

namespace drover::session {

// Which message of which session an effect belongs to: makes it idempotent.
struct MessageRef {
  DeviceId device;
  std::string session_id;
  std::string session_key;
  uint32_t msg_id = 0;
};

// An encoded message, kept with the operations that it carried.
struct RawMessage {
  bool from_server = false;
  std::string session_id;
  std::string msg_id;
  std::string media_type;
  std::string body;
  TimePoint at;
};

struct Loaded {
  std::optional<SessionState> session;
  uint64_t lost_version = 0;  // Of a session that stands there and cannot be read; 0: none.
  NonceState nonces;
  std::string nonces_read;         // As they stood there: what a write of them compares with.
  std::optional<Account> account;  // From tree's cache; absent: not cached, or not needed.
  int64_t mark = 0;                // operations' work mark; 0: none.
};

// Redis. One round trip each.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  // message: what it is loaded for, and whether the account is needed then; nullptr: it is not.
  virtual Task<Loaded> Load(const DeviceId& device, const syncml::Message* message,
                            Deadline deadline) = 0;
  // Nonces, and what was loaded of them: Loaded::nonces_read.
  struct Nonces {
    const NonceState& next;
    const std::string& read;
  };
  // Writes both if the session's stored version is still expected and the nonces are as they were
  // read. kAborted: another replica was faster; nothing was written.
  virtual Task<void> Save(const DeviceId& device, const SessionState& session,
                          uint64_t expected_version, Nonces nonces, Deadline deadline) = 0;
  // Likewise. previous_nonce belongs to the session: it stays as it is, until a proof follows it.
  virtual Task<void> SaveNonces(const DeviceId& device, Nonces nonces, Deadline deadline) = 0;
  // False while marks may be missing (Redis was emptied): then no mark does not mean no work.
  virtual bool marks_complete() const = 0;
};

class OperationsPort {
 public:
  virtual ~OperationsPort() = default;
  struct Request {
    MessageRef ref;
    bool session_started = false;
    std::vector<std::string> untouched;  // Of the older session: held and never sent.
    std::vector<OperationReport> reports;
    std::vector<Alert> alerts;
    std::vector<RawMessage> messages;
    uint32_t take = 0;
    int64_t mark = 0;
    TimePoint now;
  };
  virtual Task<std::vector<Assignment>> Advance(Request request, Deadline deadline) = 0;
};

class TreePort {
 public:
  virtual ~TreePort() = default;
  // kOnce: asked for one message only, tree need not cache it.
  enum class Use : uint8_t { kAgain, kOnce };
  // nullopt: no such terminal.
  virtual Task<std::optional<Account>> LookupAccount(const DeviceId& device, Use use,
                                                     Deadline deadline) = 0;
  // Starts at once. done is called once, by the deadline, maybe before this returns.
  using Done = std::function<void(Result<void>)>;
  virtual void ApplyReport(const DeviceId& device, std::vector<NodeReport> nodes,
                           std::vector<std::string> deleted, TimePoint at, Deadline deadline,
                           Done done) = 0;
  struct Enrolment {
    DeviceId device;
    std::string user;
    std::string password;
    std::string server_password;
  };
  virtual Task<void> EnrolUnknown(Enrolment enrolment, Deadline deadline) = 0;
  virtual Task<void> PromoteCredentials(const DeviceId& device, bool client, bool server,
                                        Deadline deadline) = 0;
};

class EventsPort {
 public:
  virtual ~EventsPort() = default;
  virtual Task<void> AlertsRaised(MessageRef ref, std::vector<Alert> alerts, TimePoint at,
                                  Deadline deadline) = 0;
  virtual Task<void> SessionsEnded(const DeviceId& device, const std::vector<Ending>& endings,
                                   TimePoint at, Deadline deadline) = 0;
};

}  // namespace drover::session
