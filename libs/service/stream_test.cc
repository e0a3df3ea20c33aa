// Both ends of a stream, a real gRPC server between them, each with a loop of its own.
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/http/testing/loop_thread.h"
#include "libs/service/grpc_server.h"
#include "libs/service/stream_client.h"
#include "libs/service/stream_server.h"
#include "libs/service/unary.h"

namespace drover::service {
namespace {

using http::testing::LoopThread;
using session::v1::ExchangeReply;
using session::v1::ExchangeRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Server = StreamServer<session::v1::SessionStreamService::CallbackService,
                            session::v1::ExchangeRequestBatch, session::v1::ExchangeReplyBatch>;
using Client = StreamClient<session::v1::SessionStreamService, session::v1::ExchangeRequestBatch,
                            session::v1::ExchangeReplyBatch>;
using Respond = std::function<void(ExchangeReply)>;

// Unary and server-streaming methods beside the stream.
class Sessions final : public session::v1::SessionService::CallbackService {
 public:
  explicit Sessions(Calls& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* call,
                                       const session::v1::GetSessionRequest* request,
                                       session::v1::Session* reply) override {
    return Unary(calls_, call, request, reply, this, &Sessions::Get);
  }
  Task<session::v1::Session> Get(session::v1::GetSessionRequest request, Deadline deadline) {
    if (request.device_id().empty()) co_return InvalidArgument("no device");
    if (request.device_id() == "never") {
      Timer timer(calls_.loop().get_executor());
      timer.expires_at(deadline + seconds(60));
      co_await timer.async_wait(kAwait);
    }
    session::v1::Session session;
    session.set_device_id(request.device_id());
    co_return session;
  }

 private:
  Calls& calls_;
};

// A server with its own loop. Echoes bodies; "hold" is answered by Release, "slow" never.
class Peer {
 public:
  explicit Peer(std::string listen = "127.0.0.1:0", StreamServerConfig config = {}) {
    loop_.Do([&] {
      calls_.emplace(loop_.loop, "secret");
      stream_.emplace(
          *calls_,
          [this](ExchangeRequest request, Deadline, Respond respond) {
            Handle(request, std::move(respond));
          },
          config);
      sessions_.emplace(*calls_);
      server_.emplace(*calls_, GrpcServer::Config{.listen = std::move(listen)});
      server_->Add(*stream_);
      server_->Add(*sessions_);
      const Result<void> started = server_->Start();
      EXPECT_TRUE(started) << started.error();
      server_->SetServing(true);
    });
  }
  ~Peer() { Stop(milliseconds(0)); }

  // True if nothing had to be cut off.
  bool Stop(milliseconds grace) {
    if (!server_) return true;
    const Deadline deadline = In(grace);
    const Result<void> drained = loop_.Await([this, deadline] { return server_->Drain(deadline); });
    loop_.Do([this] {
      held_.clear();
      server_.reset();
    });
    return drained.has_value();
  }
  void Release() {
    loop_.Do([this] {
      for (auto& [respond, reply] : held_) respond(std::move(reply));
      held_.clear();
    });
  }
  void WaitUntilHeld(size_t count) {
    while (loop_.Do([this] { return held_.size(); }) < count) std::this_thread::yield();
  }
  std::string address() {
    return loop_.Do([this] { return server_->address(); });
  }

 private:
  void Handle(const ExchangeRequest& request, Respond respond) {
    ExchangeReply reply;
    reply.set_body(request.body());
    reply.set_retry_after_s(request.timeout_ms());
    if (request.body() == "hold" || request.body() == "slow") {
      held_.emplace_back(std::move(respond), std::move(reply));
      return;
    }
    respond(std::move(reply));
  }

  LoopThread loop_;
  std::optional<Calls> calls_;
  std::optional<Server> stream_;
  std::optional<Sessions> sessions_;
  std::optional<GrpcServer> server_;
  std::vector<std::pair<Respond, ExchangeReply>> held_;
};

// Welcomes who connects and reads nothing after that.
class DeafServer {
 public:
  DeafServer() : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}), socket_(io_) {
    thread_ = std::thread([this] {
      acceptor_.accept(socket_);
      const char welcome[] = {0, 0, 0, 0, static_cast<char>(FrameLink::Kind::kWelcome)};
      asio::write(socket_, asio::buffer(welcome));
    });
  }
  ~DeafServer() { thread_.join(); }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket socket_;
  std::thread thread_;
};

class Stream : public ::testing::Test {
 protected:
  ~Stream() override {
    loop_.Do([this] { client_.reset(); });
  }
  void Connect(const std::string& target, StreamClientConfig config = {}) {
    config.target = target;
    if (config.token.empty()) config.token = "secret";
    loop_.Do([&] { client_.emplace(loop_.loop, config); });
  }
  void WaitUntilConnected(bool connected = true) {
    while (loop_.Do([this] { return client_->connected(); }) != connected) {
      std::this_thread::yield();
    }
  }
  Result<ExchangeReply> Call(const std::string& body, milliseconds timeout = seconds(10)) {
    return loop_.Await([this, body, timeout] {
      ExchangeRequest request;
      request.set_body(body);
      return client_->Call(std::move(request), In(timeout));
    });
  }
  // Starts a call whose outcome is put into outcomes_.
  void Start(const std::string& body, milliseconds timeout = seconds(10)) {
    loop_.Do([&] {
      ExchangeRequest request;
      request.set_body(body);
      client_->Start(std::move(request), In(timeout), [this](Result<ExchangeReply> reply) {
        outcomes_.push_back(reply ? Code::kOk : reply.error().code);
      });
    });
  }
  std::vector<Code> WaitForOutcomes(size_t count) {
    while (true) {
      const std::vector<Code> outcomes = loop_.Do([this] { return outcomes_; });
      if (outcomes.size() >= count) return outcomes;
      std::this_thread::yield();
    }
  }

  LoopThread loop_;
  std::optional<Client> client_;
  std::vector<Code> outcomes_;
};

TEST_F(Stream, CarriesACallAndWhatIsLeftOfItsDeadline) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  const Result<ExchangeReply> reply = Call("hello", milliseconds(5000));
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->body(), "hello");
  EXPECT_GT(reply->retry_after_s(), 4000u);
  EXPECT_LE(reply->retry_after_s(), 5000u);
}

TEST_F(Stream, GivesEachOfTenThousandCallsItsOwnReply) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  constexpr int kCalls = 10'000;
  int right = 0;
  int done = 0;
  loop_.Do([&] {
    for (int i = 0; i < kCalls; ++i) {
      ExchangeRequest request;
      request.set_body(std::to_string(i));
      client_->Start(std::move(request), In(seconds(60)), [&, i](Result<ExchangeReply> reply) {
        right += reply && reply->body() == std::to_string(i) ? 1 : 0;
        ++done;
      });
    }
  });
  while (loop_.Do([&] { return done; }) < kCalls) std::this_thread::yield();
  EXPECT_EQ(right, kCalls);
  EXPECT_EQ(loop_.Do([this] { return client_->in_flight(); }), 0u);
}

TEST_F(Stream, CarriesMessagesBiggerThanABatchShouldBe) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  const std::string big(3 << 20, 'x');
  for (int i = 0; i < 3; ++i) {
    const Result<ExchangeReply> reply = Call(big, seconds(60));
    ASSERT_TRUE(reply) << reply.error();
    EXPECT_TRUE(reply->body() == big);
  }
}

TEST_F(Stream, EndsACallAtItsDeadline) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  const auto begun = std::chrono::steady_clock::now();
  const Result<ExchangeReply> reply = Call("slow", milliseconds(50));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kDeadlineExceeded);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(49));
  EXPECT_EQ(Call("x", milliseconds(0)).error().code, Code::kDeadlineExceeded);
  peer.Release();  // Its late reply goes nowhere.
  EXPECT_TRUE(Call("next"));
}

TEST_F(Stream, RefusesCallsPastItsBoundAtTheClient) {
  Peer peer;
  Connect(peer.address(), {.max_in_flight = 3});
  WaitUntilConnected();
  for (int i = 0; i < 5; ++i) Start("hold");
  peer.WaitUntilHeld(3);
  peer.Release();
  EXPECT_THAT(WaitForOutcomes(5),
              ::testing::ElementsAre(Code::kResourceExhausted, Code::kResourceExhausted, Code::kOk,
                                     Code::kOk, Code::kOk));
}

TEST_F(Stream, RefusesCallsToAServerThatReadsNothingBeforeTheyFillItsMemory) {
  const DeafServer deaf;
  Connect(deaf.address(), {.max_unsent = 4 << 20});
  WaitUntilConnected();
  const std::string body(1 << 20, 'x');
  size_t calls = 0;
  // What the kernel takes in its buffers is sent.
  for (bool refused = false; !refused && calls < 200; ++calls) {
    Start(body, milliseconds(1));
    refused = WaitForOutcomes(calls + 1).back() == Code::kResourceExhausted;
  }
  EXPECT_LT(calls, 200U);
}

TEST_F(Stream, IsRefusedCallsPastItsBoundByTheServer) {
  Peer peer("127.0.0.1:0", {.max_in_flight = 3});
  Connect(peer.address());
  WaitUntilConnected();
  for (int i = 0; i < 3; ++i) Start("hold");
  peer.WaitUntilHeld(3);
  const Result<ExchangeReply> refused = Call("one more");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), static_cast<uint32_t>(Code::kResourceExhausted));
  peer.Release();
  EXPECT_EQ(WaitForOutcomes(3), std::vector<Code>(3, Code::kOk));
  EXPECT_EQ(Call("again")->code(), 0u);
}

TEST_F(Stream, FailsWhatIsInFlightWhenItBreaksAndConnectsAgainByItself) {
  std::optional<Peer> peer(std::in_place);
  const std::string address = peer->address();
  Connect(address);
  WaitUntilConnected();
  for (int i = 0; i < 100; ++i) Start("hold");
  peer->WaitUntilHeld(100);
  peer.reset();
  EXPECT_EQ(WaitForOutcomes(100), std::vector<Code>(100, Code::kUnavailable));
  EXPECT_EQ(Call("x").error().code, Code::kUnavailable);
  peer.emplace(address);
  WaitUntilConnected();
  EXPECT_TRUE(Call("back"));
}

TEST_F(Stream, AnswersWhatIsInFlightInTheDrain) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  for (int i = 0; i < 10; ++i) Start("hold");
  peer.WaitUntilHeld(10);
  std::thread stopping([&] { EXPECT_TRUE(peer.Stop(seconds(20))); });
  // A request that comes in the drain is answered UNAVAILABLE, or finds the stream gone.
  while (true) {
    const Result<ExchangeReply> reply = Call("late");
    const auto code = reply ? static_cast<Code>(reply->code()) : reply.error().code;
    if (code == Code::kUnavailable) break;
    ASSERT_EQ(code, Code::kOk);
  }
  peer.Release();
  EXPECT_EQ(WaitForOutcomes(10), std::vector<Code>(10, Code::kOk));
  stopping.join();
}

TEST_F(Stream, IsCutOffAtTheEndOfTheDrain) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  Start("slow");
  peer.WaitUntilHeld(1);
  EXPECT_FALSE(peer.Stop(milliseconds(20)));
  EXPECT_EQ(WaitForOutcomes(1), std::vector<Code>{Code::kUnavailable});
}

TEST_F(Stream, IsNotTakenWithoutTheToken) {
  Peer peer;
  Connect(peer.address(), {.token = "wrong"});
  while (true) {
    const Result<ExchangeReply> reply = Call("x");
    ASSERT_FALSE(reply);
    if (reply.error().message.find("wrong token") != std::string::npos) break;
    std::this_thread::yield();
  }
}

TEST_F(Stream, CanBeDestroyedWithCallsInFlight) {
  Peer peer;
  Connect(peer.address());
  WaitUntilConnected();
  for (int i = 0; i < 10; ++i) {
    loop_.Do([this] {
      const auto abandoned = [](Client* client) -> Process {
        ExchangeRequest request;
        request.set_body("hold");
        Task<ExchangeReply> call = client->Call(std::move(request), In(seconds(10)));
        co_await std::move(call);
        ADD_FAILURE() << "a call that was dropped came back";
      };
      asio::co_spawn(loop_.loop, abandoned(&*client_), asio::detached);
    });
  }
  peer.WaitUntilHeld(10);
  loop_.Do([this] { client_.reset(); });
  peer.Release();
}

class UnaryCall : public ::testing::Test {
 protected:
  grpc::Status Get(const std::string& device, const std::string& token,
                   seconds timeout = seconds(10)) {
    auto stub = session::v1::SessionService::NewStub(
        grpc::CreateChannel(peer_.address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    if (!token.empty()) context.AddMetadata("authorization", token);
    session::v1::GetSessionRequest request;
    request.set_device_id(device);
    return stub->GetSession(&context, request, &session_);
  }

  Peer peer_;
  session::v1::Session session_;
};

TEST_F(UnaryCall, ReturnsTheReplyOrTheErrorOfTheMethod) {
  EXPECT_TRUE(Get("x", "Bearer secret").ok());
  EXPECT_EQ(session_.device_id(), "x");
  const grpc::Status status = Get("", "Bearer secret");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "no device");
}

TEST_F(UnaryCall, IsRefusedWithoutTheRightToken) {
  for (const char* token : {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets"}) {
    const grpc::Status status = Get("x", token);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << token;
    EXPECT_NE(status.error_message().find("--grpc-token-file"), std::string::npos);
  }
}

TEST_F(UnaryCall, IsCutOffAtTheEndOfTheDrain) {
  std::thread caller([this] {
    EXPECT_EQ(Get("never", "Bearer secret").error_code(), grpc::StatusCode::UNAVAILABLE);
  });
  // Once another call has been answered on the same loop, chances are that this one has begun; if
  // not it is refused, which is as good.
  Get("x", "Bearer secret");
  peer_.Stop(milliseconds(50));
  caller.join();
}

TEST(Health, NeedsNoTokenAndKnowsEachService) {
  Peer peer;
  const auto channel = grpc::CreateChannel(peer.address(), grpc::InsecureChannelCredentials());
  grpc::GenericStub stub(channel);
  // HealthCheckRequest{service = 1}, HealthCheckResponse{status = 1: SERVING}: by hand.
  for (const std::string name :
       {"", "drover.session.v1.SessionService", "drover.session.v1.SessionStreamService"}) {
    std::string wire;
    if (!name.empty()) wire = "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
    const grpc::Slice slice(wire);
    grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer reply;
    grpc::ClientContext context;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &reply,
                   [&done](grpc::Status ended) { done.set_value(std::move(ended)); });
    const grpc::Status status = done.get_future().get();
    ASSERT_TRUE(status.ok()) << name << ": " << status.error_message();
    std::vector<grpc::Slice> slices;
    reply.Dump(&slices);
    std::string octets;
    for (const grpc::Slice& part : slices) octets.append(part.begin(), part.end());
    EXPECT_EQ(octets, "\x08\x01") << name;
  }
}

}  // namespace
}  // namespace drover::service
