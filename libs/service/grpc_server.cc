#include "libs/service/grpc_server.h"

#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <dlfcn.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>
#include <grpcpp/support/server_interceptor.h>

#include "libs/async/promise.h"

namespace drover::service {
namespace {

constexpr int kMaxMessageOctets = 32 * 1024 * 1024;
constexpr std::string_view kReflection = "/grpc.reflection.";

// Learns the names of the services that a server is built with, for health.
class NameCollector final : public grpc::ServerBuilderPlugin {
 public:
  static thread_local std::vector<std::string>* names;

  std::string name() override { return "drover_service_names"; }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer* server) override {
    if (names != nullptr) *names = *server->GetServiceList();
  }
  void ChangeArguments(const std::string&, void*) override {}
};
thread_local std::vector<std::string>* NameCollector::names = nullptr;

// Reflection is gRPC's own service and does not come through our bridges: asked for the token here.
// It can only be cut off, not answered with a status of its own.
class ReflectionGuard final : public grpc::experimental::Interceptor {
 public:
  ReflectionGuard(const Calls& calls, grpc::experimental::ServerRpcInfo* call)
      : calls_(calls), call_(call) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using Point = grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(Point::POST_RECV_INITIAL_METADATA)) {
      const auto* metadata = methods->GetRecvInitialMetadata();
      const auto found = metadata->find("authorization");
      const std::string_view value =
          found == metadata->end() ? std::string_view()
                                   : std::string_view(found->second.data(), found->second.size());
      if (!calls_.Authentic(value)) call_->server_context()->TryCancel();
    }
    methods->Proceed();
  }

 private:
  const Calls& calls_;
  grpc::experimental::ServerRpcInfo* call_;
};

class ReflectionGuards final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit ReflectionGuards(const Calls& calls) : calls_(calls) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override {
    if (!std::string_view(call->method()).starts_with(kReflection)) return nullptr;
    return new ReflectionGuard(calls_, call);  // gRPC owns it.
  }

 private:
  const Calls& calls_;
};

// The library adds itself to every server built after it is loaded; linking it would leave no
// choice.
Result<void> LoadReflection() {
  static constexpr const char* kLibrary = "libgrpc++_reflection.so.1.51";
  if (dlopen(kLibrary, RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
  return FailedPrecondition(std::string("--grpc-reflection needs ") + kLibrary +
                            " (Debian: libgrpc++1.51): install it, or leave the flag out");
}

void Tune(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageOctets);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
}

}  // namespace

GrpcServer::GrpcServer(Calls& calls, Config config)
    : calls_(calls), config_(std::move(config)), door_(calls, [this](int fd) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.listener_fd = -1;
        connection.fd = fd;
        acceptor_->HandleNewConnection(&connection);
      }) {}

void GrpcServer::Add(grpc::Service& service) {
  services_.push_back(&service);
  if (auto* const stream = dynamic_cast<StreamService*>(&service)) door_.Add(*stream);
}

GrpcServer::~GrpcServer() {
  door_.Close();
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

Result<void> GrpcServer::Start() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::ServerBuilder::InternalAddPluginFactory(
        []() -> std::unique_ptr<grpc::ServerBuilderPlugin> {
          return std::make_unique<NameCollector>();
        });
    grpc::EnableDefaultHealthCheckService(true);
  });
  if (config_.reflection) {
    DROVER_TRY(LoadReflection());
  }
  using External = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  grpc::ServerBuilder builder;
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      External::FROM_FD, grpc::InsecureServerCredentials());
  Tune(builder);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> guards;
  guards.push_back(std::make_unique<ReflectionGuards>(calls_));
  builder.experimental().SetInterceptorCreators(std::move(guards));
  for (grpc::Service* service : services_) builder.RegisterService(service);
  NameCollector::names = &names_;
  server_ = builder.BuildAndStart();
  NameCollector::names = nullptr;
  if (!server_) return Internal("gRPC does not start");
  DROVER_TRY(door_.Listen(config_.listen));
  serving_ = true;
  SetServing(false);
  return {};
}

void GrpcServer::SetServing(bool serving) {
  if (!server_ || serving == serving_) return;
  serving_ = serving;
  auto* const health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const std::string& name : names_) health->SetServingStatus(name, serving);
}

Task<void> GrpcServer::Drain(Deadline deadline) {
  if (!server_) co_return Result<void>();
  SetServing(false);
  calls_.BeginDrain();
  Timer poll(calls_.loop().get_executor());
  while (calls_.live() != 0 && std::chrono::steady_clock::now() < deadline) {
    poll.expires_at(std::min(deadline, In(std::chrono::milliseconds(5))));
    co_await poll.async_wait(kAwait);
  }
  const size_t cut_off = calls_.live();
  calls_.AbortAll();
  // Shutdown blocks until every call is over, and calls end on the loop: so it must not be here.
  asio::io_context& loop = calls_.loop();
  bool done = false;
  std::thread shutdown([this, &loop, &done, &poll] {
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    asio::post(loop, [&done, &poll] {
      done = true;
      poll.cancel();
    });
  });
  while (!done) {
    poll.expires_after(std::chrono::milliseconds(50));
    boost::system::error_code ignored;
    co_await poll.async_wait(asio::redirect_error(kAwait, ignored));
  }
  shutdown.join();
  if (cut_off != 0) {
    co_return DeadlineExceeded(std::to_string(cut_off) + " gRPC calls were cut off");
  }
  co_return Result<void>();
}

}  // namespace drover::service
