// drover-probe: the smallest service there can be, for tests of the frame. What it does is said by
// its flags.
#include "drover/session/v1/session.grpc.pb.h"
#include "libs/service/service.h"
#include "libs/service/unary.h"

namespace drover::probe {
namespace {

class Sessions final : public session::v1::SessionService::CallbackService {
 public:
  explicit Sessions(service::Calls& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* call,
                                       const session::v1::GetSessionRequest* request,
                                       session::v1::Session* reply) override {
    return service::Unary(calls_, call, request, reply, this, &Sessions::Get);
  }

 private:
  Task<session::v1::Session> Get(session::v1::GetSessionRequest request, Deadline) {
    session::v1::Session session;
    session.set_device_id(request.device_id());
    co_return session;
  }
  service::Calls& calls_;
};

Task<void> Wait(asio::io_context& loop, std::chrono::milliseconds time) {
  Timer timer(loop.get_executor());
  timer.expires_after(time);
  co_await timer.async_wait(kAwait);
  co_return Result<void>();
}

Task<void> Start(asio::io_context& loop, std::chrono::milliseconds time, std::string error) {
  Task<void> wait = Wait(loop, time);
  DROVER_CO_TRY(co_await std::move(wait));
  if (!error.empty()) co_return FailedPrecondition(error);
  co_return Result<void>();
}

Process Work(asio::io_context& loop, std::chrono::milliseconds time) {
  Task<void> wait = Wait(loop, time);
  co_await std::move(wait);
}

Result<void> Wire(service::Context& context) {
  const service::Flags& flags = context.flags();
  asio::io_context& loop = context.loop();
  const auto drain = flags.Duration("drain-time");
  const auto time = flags.Duration("start-time");
  context.BeforeServing("start", [&loop, time, error = flags.String("start-error")] {
    return Start(loop, time, error);
  });
  context.OnDrain("work", [&loop, drain] { return Wait(loop, drain); });
  context.Spawn("work", Work(loop, flags.Duration("work-time")));
  context.ReadyWhen("flag", [ready = flags.Bool("ready")] { return ready; });
  context.ServeGrpc(context.Make<Sessions>(context.calls()));
  return {};
}

Task<void> Migrate(service::Context& context, int to) {
  Task<void> wait = Wait(context.loop(), std::chrono::milliseconds(1));
  DROVER_CO_TRY(co_await std::move(wait));
  if (to == 13) co_return FailedPrecondition("no such version");
  co_return Result<void>();
}

}  // namespace
}  // namespace drover::probe

int main(int argc, char** argv) {
  using Kind = drover::service::Flag::Kind;
  const drover::service::Service service = {
      .name = "probe",
      .description = "Does what its flags say.",
      .flags = {{"start-time", Kind::kDuration, "0ms", "how long the start takes"},
                {"start-error", Kind::kString, "", "what to fail with before serving"},
                {"work-time", Kind::kDuration, "1d", "how long the spawned process runs"},
                {"drain-time", Kind::kDuration, "0ms", "how long the drain takes"},
                {"ready", Kind::kBool, "true", "what the readiness check says"}},
      .wire = drover::probe::Wire,
      .migrate = drover::probe::Migrate,
      .check = [](const drover::service::Flags& flags) -> std::vector<std::string> {
        if (flags.String("start-error") != "nonsense") return {};
        return {"--start-error: that is nonsense"};
      }};
  return drover::service::Run(service, argc, argv);
}
