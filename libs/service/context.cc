#include "libs/service/context.h"

#include "libs/service/log.h"

namespace drover::service {

Context::State::State(Flags parsed, std::string service_name)
    : name(std::move(service_name)),
      flags(std::move(parsed)),
      metrics(std::make_shared<prometheus::Registry>()),
      calls(loop, flags.Secret("grpc-token-file")),
      grpc(calls,
           {.listen = flags.String("grpc-listen"), .reflection = flags.Bool("grpc-reflection")}) {}

// Objects go in reverse order of creation; a vector would do it in order.
Context::State::~State() {
  while (!objects.empty()) objects.pop_back();
}

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}
Context::~Context() = default;

asio::io_context& Context::loop() { return state_->loop; }
const Flags& Context::flags() const { return state_->flags; }
const Clock& Context::clock() const { return state_->clock; }
prometheus::Registry& Context::metrics() { return *state_->metrics; }
Calls& Context::calls() { return state_->calls; }

void Context::Own(std::shared_ptr<void> object) { state_->objects.push_back(std::move(object)); }

void Context::ReadyWhen(std::string name, std::function<bool()> check) {
  state_->readiness.Add(std::move(name), std::move(check));
}

void Context::ServeGrpc(grpc::Service& service) { state_->grpc.Add(service); }

void Context::Spawn(std::string name, Process process) {
  state_->processes.emplace_back(std::move(name), std::move(process));
}

void Context::OnDrain(std::string name, std::function<Task<void>()> drain) {
  state_->on_drain.emplace_back(std::move(name), std::move(drain));
}

void Context::BeforeServing(std::string name, std::function<Task<void>()> start) {
  state_->before_serving.emplace_back(std::move(name), std::move(start));
}

void Context::Listening(std::string name, std::string address) {
  Log(Level::kInfo, "listening", "accepts connections", {{"name", name}, {"address", address}});
  state_->addresses[std::move(name)] = std::move(address);
}

}  // namespace drover::service
