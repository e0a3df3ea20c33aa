// A simulated terminal: a DM client as a value. Octets of the server in, octets of the terminal
// out.
//
// It knows no sockets, no threads and no clock: whoever drives it posts what it says, hands back
// what the server answered, and passes time and randomness in. Written against the specification
// and not against our server, so that each judges the other; what the server does wrong is kept in
// faults().
//
// Spec: OMA-TS-DM_Protocol-V1_2 (packages, session), OMA-TS-DM_Security-V1_2 (authentication),
// OMA-TS-DM_Notification-V1_2, OMA-TS-DM_TND-V1_2 (tree). What is left out: docs/simulator.md.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "loadtest/terminal/dialog.h"
#include "loadtest/terminal/ledger.h"
#include "loadtest/terminal/message_builder.h"
#include "loadtest/terminal/mo_objects.h"
#include "loadtest/terminal/model.h"

namespace drover::terminal {

// What all terminals of a fleet share. Outlives them.
struct Surroundings {
  ServerAddress server;
  Clock clock;
  RandomOctets random;
  ObjectPolicy objects;  // What becomes of updates, installations, locks ..
  uint32_t ledger_capacity = UINT32_MAX;
  User user = AgreeableUser;  // Who answers the terminals' dialogs.
};

// The terminal's side of its DM account (DMAcc, AppAuth). What a server changes of it in the tree
// takes effect with the next session.
struct Account {
  std::string device_id;  // Source LocURI
  std::string user;       // AAuthName of CLCRED; empty: the device id.
  std::string password;
  std::string server_password;
  std::string client_nonce;  // Raw.
  std::string server_nonce;
};

enum class SessionReason : uint8_t {
  kServerInitiated = 200,  // Alert 1200: a notification asked for it.
  kClientInitiated = 201,  // Alert 1201
};

// What the connection is to suffer, the first time that this message is sent. kSendTwice: the same
// octets again after their answer, which must be answered the same.
enum class Mishap : uint8_t { kNone, kDropBeforeSend, kDropAfterSend, kSendTwice };

// The next message to post.
struct Request {
  std::string url;
  std::string media_type;  // Empty: none.
  bool lowercase_headers = false;
  bool slowly = false;
  bool close_connection = false;  // After the answer.
  bool chunked = false;           // Transfer-Encoding instead of Content-Length.
  bool expect_continue = false;
  Mishap mishap = Mishap::kNone;
  std::string mac_header;  // Value of x-syncml-hmac; empty: none.
  std::string body;
};

struct Response {
  int http_status = 200;
  std::string_view media_type;
  std::string_view body;
  std::string_view mac_header;  // Value of x-syncml-hmac; empty: none.
};

struct SessionEnd {
  enum class Outcome : uint8_t {
    kCompleted,               // Nothing was left to say.
    kNotAuthenticated,        // The server refused the credentials for good.
    kServerNotAuthenticated,  // The server did not prove itself.
    kAborted,                 // Alert 1223 from either side.
    kSilent,                  // The terminal says no more, though it should.
    kRefused,                 // An HTTP status other than 200.
    kProtocolError,           // Not an answer to what was sent.
  };
  Outcome outcome = Outcome::kCompleted;
  std::string cause;  // For people; empty when completed.
};
std::string_view Name(SessionEnd::Outcome outcome);

using Next = std::variant<Request, SessionEnd>;

// What a terminal at rest remembers beside its account and its tree.
struct Memory {
  std::string previous_server_nonce;
  AuthScheme client_scheme = AuthScheme::kMd5;  // As it was negotiated last.
  AuthScheme server_scheme = AuthScheme::kMd5;
  bool fell_back = false;  // To DM 1.1.2.
  uint32_t sessions = 0;   // Begun so far.
  uint16_t notified = 0;   // Session id of the last notification that it followed; 0: none.
  friend bool operator==(const Memory&, const Memory&) = default;
};

class Terminal {
 public:
  // model and surroundings outlive the terminal.
  Terminal(const Model& model, const Surroundings& surroundings, Account account);
  // One that was at rest: as its account(), memory() and tree() were, with an empty ledger.
  Terminal(const Model& model, const Surroundings& surroundings, Account account, Memory memory,
           ManagementTree tree);
  ~Terminal();
  Terminal(Terminal&&) noexcept;
  Terminal& operator=(Terminal&&) noexcept;

  // Package 1. Reports of what has ended ride along until the server has acknowledged them; so do
  // these alerts, once. A session that was open is forgotten.
  Request StartSession(SessionReason reason, std::vector<ClientAlert> alerts = {});
  // A notification (package #0: digest and trigger): package 1 of the session that it asks for.
  // Errors say why the terminal drops it without a word: kInvalidArgument (not a notification),
  // kNotFound (another server's), kUnauthenticated (its digest), kAlreadyExists (that session is
  // open, or has been: a copy), kAborted (the user does not want it).
  Result<Request> OnNotification(std::string_view octets);
  // What the server answered to the last request. Only while a session is open.
  Next OnResponse(const Response& response);
  // The connection failed for good; the session is over.
  void AbandonSession();
  // The next message aborts the session (alert 1223), after what it has to answer.
  void AbortSession();
  bool in_session() const { return session_ != nullptr; }

  // When the terminal wants Tick, because a step of what is under way (a download, an update, a
  // wipe ..) ends; nothing: nothing is under way, or it waits for the server.
  std::optional<TimePoint> next_due() const;
  // Lives through everything up to this time. A terminal does not restart while it talks to the
  // server: such a step waits until the session has ended.
  void Tick(TimePoint now);
  // Power goes and comes back: the session is gone and all that was in memory; what is under way
  // goes on as the policy has it. What is written down stays: the tree, credentials that are to be
  // used next, the nonces of a server that had proved itself, reports nobody has acknowledged.
  void PowerLoss();
  // What the terminal measures of itself ("Battery", "Memory", "Radio") has this value now.
  void Sense(std::string_view quantity, int value);
  // The terminal drops its traps.
  void DeregisterTraps();
  // How the next operation of this name (empty: of any) ends, whatever the policy's chance.
  void GiveFate(Fate fate);
  // Something waits to be reported: the terminal wants a session of its own (alert 1201).
  bool has_reports() const { return !reports_.empty(); }

  // No session, nothing under way, nothing to report: account(), memory() and tree() are all of it
  // but its books (ledger, faults, counts).
  bool at_rest() const { return session_ == nullptr && objects_ == nullptr && reports_.empty(); }
  Memory memory() const {
    return {
        previous_server_nonce_, client_scheme_, server_scheme_, fell_back_, sessions_, notified_};
  }

  const std::string& device_id() const { return tree_.device_id(); }
  const Model& model() const { return *model_; }
  const Account& account() const { return account_; }  // device_id is empty here: see device_id().
  const ManagementTree& tree() const { return tree_; }
  const Ledger& ledger() const { return ledger_; }
  // The ledger's entries so far, for whoever keeps books elsewhere; they are forgotten here.
  std::vector<Execution> TakeExecutions() { return ledger_.Take(); }
  // What the server did against the specification, at most 8 lines.
  const std::vector<std::string>& faults() const { return faults_; }
  uint32_t fault_count() const { return fault_count_; }
  // The lines so far; they are forgotten here, the count goes on.
  std::vector<std::string> TakeFaults() { return std::exchange(faults_, {}); }
  uint32_t alerts_acknowledged() const { return alerts_acknowledged_; }
  // The count so far; it begins anew.
  uint32_t TakeAlertsAcknowledged() { return std::exchange(alerts_acknowledged_, 0); }

  // Memory of this terminal while it is idle, estimated: the object and its heap.
  size_t size_octets() const;

 private:
  struct Session;
  class Exchange;  // One server message on its way through.

  // Calls with the terminal as its objects see it; they exist only while there is something.
  template <class F>
  int WithObjects(F&& call);
  Request StartSession(SessionReason reason, std::vector<ClientAlert> alerts, std::string id,
                       std::string_view resync_nonce);
  std::string NewSessionId();
  std::string NotifiedSessionId(uint16_t session_id);
  bool NonceMoves() const;
  std::string NewNonce() const;
  std::string SourceUri() const;
  std::string UserName() const;
  void AdoptCredentials();
  void AdoptCredentials12();
  void AdoptClient12(const std::string& account, const std::string& auth);
  void AdoptServer(const std::string& secret, const std::string& nonce);
  void AdoptCredentials11();
  bool MayFallBack() const;
  Next FallBack();
  void Fault(std::string what);

  const Model* model_;
  const Surroundings* surroundings_;
  Account account_;
  std::string previous_server_nonce_;
  AuthScheme client_scheme_;  // As it was negotiated last, or as its account says.
  AuthScheme server_scheme_;
  bool fell_back_ = false;  // To DM 1.1.2.
  ManagementTree tree_;
  Ledger ledger_;
  std::unique_ptr<Objects> objects_;  // nullptr: nothing is under way.
  std::vector<ClientAlert> reports_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> faults_;
  uint32_t fault_count_ = 0;
  uint32_t alerts_acknowledged_ = 0;
  uint32_t sessions_ = 0;
  uint16_t notified_ = 0;
};

template <class F>
int Terminal::WithObjects(F&& call) {
  if (objects_ == nullptr) objects_ = std::make_unique<Objects>();
  Host host{.tree = tree_,
            .spec = model_->spec(),
            .policy = surroundings_->objects,
            .random = surroundings_->random,
            .server_id = surroundings_->server.id,
            .now = surroundings_->clock(),
            .in_session = in_session(),
            .reports = reports_,
            .objects = *objects_};
  const int status = call(host);
  if (objects_->empty()) objects_.reset();
  return status;
}

}  // namespace drover::terminal
