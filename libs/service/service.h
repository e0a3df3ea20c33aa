// The frame of every Drover service: commands, flags, logs, metrics, health, drain.
//
//   drover-<name> serve|migrate|check-config|version [--flag value ..]
//
// A flag's value comes from the command line, else the environment (DROVER_<FLAG>), else the file
// given by
// --config (YAML: "flag-name: value"), else its default. Unknown keys anywhere are errors; all
// errors are reported at once. --print-config shows every value and where it came from, secrets
// masked.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/impl/service_type.h>
#include <prometheus/registry.h>

#include "libs/async/task.h"
#include "libs/base/clock.h"
#include "libs/service/calls.h"

namespace drover::service {

// One line of a service's config.cc.
struct Flag {
  enum class Kind : uint8_t {
    kString,
    kInt,  // Bounds in min, max.
    kBool,
    kDuration,  // "250ms", "10s", "5m", "7d"
    kChoice,    // One of choices, which are separated by '|'.
    kFile,  // A path whose content is the value (a secret: trailing white space is cut). Masked.
  };
  std::string name;  // "redis-url"
  Kind kind = Kind::kString;
  std::string default_value;
  std::string help;  // One line; says the unit.
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
  std::string choices;
};

// The values of a service's flags, checked.
class Flags {
 public:
  const std::string& String(std::string_view name) const;
  int64_t Int(std::string_view name) const;
  bool Bool(std::string_view name) const;
  std::chrono::milliseconds Duration(std::string_view name) const;
  // The content of the file named by a kFile flag; empty if the flag is.
  const std::string& Secret(std::string_view name) const;
  // A comma-separated string; empty items dropped.
  std::vector<std::string> List(std::string_view name) const;

 private:
  friend class FlagParser;
  struct Value {
    std::string text;
    std::string secret;
    int64_t number = 0;
    std::string origin;
  };
  std::map<std::string, Value, std::less<>> values_;
};

class Context {
 public:
  asio::io_context& loop();
  const Flags& flags() const;
  const Clock& clock() const;
  prometheus::Registry& metrics();

  // Makes an object that lives until the service ends; destruction is the reverse of creation.
  template <typename T, typename... Args>
  T& Make(Args&&... args) {
    auto owner = std::make_shared<T>(std::forward<Args>(args)...);
    T& object = *owner;
    Own(std::move(owner));
    return object;
  }

  // /readyz and grpc.health.v1 say so only while every check holds. Asked on the loop.
  void ReadyWhen(std::string name, std::function<bool()> check);
  // What bridges (unary.h) and StreamServer are made with: the loop, the token, the drain.
  Calls& calls();
  // Served on --grpc-listen, behind the bearer token of --grpc-token-file. Called from wire only.
  void ServeGrpc(grpc::Service& service);
  // Runs on the loop once BeforeServing is through; if it ends before the drain the process ends
  // with a failure.
  void Spawn(std::string name, Process process);
  // On SIGTERM, in order of registration, within --drain-timeout: stop accepting, then finish what
  // is in flight. gRPC servers are drained by the frame, after these.
  void OnDrain(std::string name, std::function<Task<void>()> drain);
  // Runs to its end before the service listens; an error ends the process.
  void BeforeServing(std::string name, std::function<Task<void>()> start);

  // Says where a listener of the service's own is bound: logged, and written to --port-file.
  // Called from wire or BeforeServing.
  void Listening(std::string name, std::string address);

  struct State;
  explicit Context(std::unique_ptr<State> state);
  ~Context();

 private:
  void Own(std::shared_ptr<void> object);
  friend class Runner;
  std::unique_ptr<State> state_;
};

struct Service {
  std::string name;         // "operations": also log field, metric prefix
  std::string description;  // One line for --help.
  std::vector<Flag> flags;  // Besides the frame's own (see docs/services/README.md)
  std::function<Result<void>(Context&)> wire;           // serve
  std::function<Task<void>(Context&, int to)> migrate;  // migrate [--to N]; empty: no schema
  // What no single flag can tell. Asked by serve and check-config; every line is an error.
  std::function<std::vector<std::string>(const Flags&)> check;
};

// Exit code: 0 clean end, 1 failure, 2 wrong usage or configuration.
int Run(const Service& service, int argc, char** argv);

}  // namespace drover::service
