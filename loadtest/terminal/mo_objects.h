// The management objects of a terminal: what an Exec sets going, what time makes of it, what a
// power loss does to it, and the alerts that report its end.
//
// An object is found by the id that is the Type of its root, wherever a model has put it. What it
// shows is in the tree; what is under way is an Activity, which exists only until it has ended, so
// that a terminal at rest holds neither. Pure: tree, time and randomness are passed in.
// Spec: OMA-TS-DM-FUMO-V1_0 and its siblings; each mo_*.h names its own.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "loadtest/terminal/client_alert.h"
#include "loadtest/terminal/mo_policy.h"
#include "loadtest/terminal/model.h"
#include "loadtest/terminal/tree.h"

namespace drover::terminal {

class Objects;

// The terminal as its management objects see it, at one moment.
struct Host {
  ManagementTree& tree;
  const ModelSpec& spec;
  const ObjectPolicy& policy;
  const RandomOctets& random;
  std::string_view server_id;
  TimePoint now;
  bool in_session = false;
  std::vector<ClientAlert>& reports;  // Alerts that wait for a session.
  Objects& objects;

  uint32_t Draw(uint32_t bound) const;  // 0 .. bound - 1
  bool Chance(uint32_t permille) const { return permille != 0 && Draw(1000) < permille; }
  // Between update_min and update_max.
  std::chrono::milliseconds Duration() const;
  // The result of an operation: given to it, or drawn from the failures, or success.
  int ResultOf(std::string_view operation, std::span<const int> failures, int success);
};

// An Exec on a node of an object.
struct Call {
  std::string object;      // Path of the root: "FUMO/P1".
  std::string operation;   // Below it: "DownloadAndUpdate".
  std::string correlator;  // Empty: none was given.
};

// Something under way. It survives a power loss: a terminal writes down what it has accepted.
class Activity {
 public:
  static constexpr TimePoint kNever = TimePoint::max();

  explicit Activity(Call call) : call_(std::move(call)) {}
  virtual ~Activity() = default;

  const Call& call() const { return call_; }
  TimePoint due() const { return due_; }  // When it wants Step; kNever: it waits for the server.
  bool over() const { return over_; }
  int result() const { return result_; }
  // Ends with the terminal restarting, which does not happen while it talks to the server.
  virtual bool restarts() const { return false; }
  virtual void Step(Host& host) = 0;
  // Power has gone and come back at host.now.
  virtual void PowerLoss(Host& host);

  void set_silent() { silent_ = true; }  // Reports nothing: its Status says it all.

 protected:
  void Wait(std::chrono::milliseconds time) { due_ += time; }
  void WaitUntil(TimePoint due) { due_ = due; }
  // Not before the terminal has started again.
  void WaitForRestart(const Host& host);
  void End() { over_ = true; }
  void Report(Host& host, int result, ClientAlert alert);

 private:
  Call call_;
  TimePoint due_ = kNever;
  bool over_ = false;
  bool silent_ = false;
  int result_ = 0;
};

// One kind of management object.
struct ObjectKind {
  std::string_view id;  // What its Type begins with: "urn:oma:mo:oma-fumo:".
  // 200, 202, or the status code of a refusal.
  int (*exec)(Host& host, Call call);
  // Before a Replace or Add of a node below the root: 200, or a refusal. May be null.
  int (*may_change)(const Host& host, std::string_view root, std::string_view below,
                    std::string_view data);
  // After it. Touches nothing but the tree, which an Atomic may roll back. May be null.
  void (*changed)(Host& host, std::string_view root, std::string_view below);
};
std::span<const ObjectKind* const> ObjectKinds();

// Where a path belongs: the nearest node above it, or itself, that is the root of an object.
struct ObjectAt {
  const ObjectKind* kind;
  std::string_view root;   // Part of the path.
  std::string_view below;  // The rest; empty: the root itself.
};
std::optional<ObjectAt> ObjectOf(const ManagementTree& tree, std::string_view path);

class Objects {
 public:
  // The node may be executed (TreeCommands::CheckExec); 200 if it belongs to no object.
  static int Exec(Host& host, std::string_view path, std::string_view correlator);
  // uri: as the server wrote it.
  static int MayChange(const Host& host, std::string_view uri, std::string_view data);
  static void Changed(Host& host, std::string_view uri);

  // Takes it on: 202; or lives through it and answers what became of it.
  int Begin(Host& host, std::unique_ptr<Activity> activity, Answering answering);
  // Of the object with this root; nullptr: none.
  Activity* Find(std::string_view root);
  void Drop(const Activity* activity);

  // The next operations' results, in order.
  void Give(Fate fate) { fates_.push_back(std::move(fate)); }
  std::optional<int> TakeFate(std::string_view operation);

  std::optional<TimePoint> next_due() const;
  void Tick(Host& host);
  void PowerLoss(Host& host);
  bool empty() const { return activities_.empty() && fates_.empty(); }
  size_t size_octets() const;

 private:
  std::vector<std::unique_ptr<Activity>> activities_;
  std::vector<Fate> fates_;
};

// Meta/Type of a generic alert as the model writes it.
std::string AlertType(const ModelSpec& spec, std::string_view type);

}  // namespace drover::terminal
