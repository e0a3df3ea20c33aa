// The handler behind a real HTTP server and in front of real streams; session is played by the
// test.
#include "services/ingress/handlers/exchange.h"

#include <map>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"
#include "libs/service/grpc_server.h"
#include "libs/service/stream_server.h"
#include "services/ingress/adapters/stream_session_replicas.h"

namespace drover::ingress {
namespace {

using http::testing::LoopThread;
using http::testing::Post;
using http::testing::RawClient;
using http::testing::RawResponse;
using session::v1::ExchangeReply;
using session::v1::ExchangeRequest;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using Respond = std::function<void(ExchangeReply)>;

constexpr const char* kXml = "Content-Type: application/vnd.syncml.dm+xml; charset=UTF-8\r\n";

std::string Message(const std::string& device) {
  return "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
         "<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>http://dm/</LocURI></Target>"
         "<Source><LocURI>" +
         device +
         "</LocURI></Source></SyncHdr><SyncBody><Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
         "<Final/></SyncBody></SyncML>";
}

// A replica of session that does what `script` says.
class Session {
 public:
  using Script = std::function<void(const ExchangeRequest&, const Respond&)>;
  explicit Session(Script script) : script_(std::move(script)) {
    loop_.Do([this] {
      calls_.emplace(loop_.loop, "secret");
      stream_.emplace(*calls_, [this](ExchangeRequest request, Deadline, Respond respond) {
        ++asked_;
        script_(request, respond);
      });
      server_.emplace(*calls_, service::GrpcServer::Config{.listen = "127.0.0.1:0"});
      server_->Add(*stream_);
      EXPECT_TRUE(server_->Start());
      address_ = server_->address();
    });
  }
  ~Session() { Stop(); }
  void Stop() {
    if (!server_) return;
    const Result<void> drained =
        loop_.Await([this] { return server_->Drain(In(milliseconds(0))); });
    (void)drained;  // What was held was cut off.
    loop_.Do([this] { server_.reset(); });
  }
  const std::string& address() const { return address_; }
  int asked() {
    return loop_.Do([this] { return asked_; });
  }

 private:
  using Stream =
      service::StreamServer<session::v1::SessionStreamService::CallbackService,
                            session::v1::ExchangeRequestBatch, session::v1::ExchangeReplyBatch>;
  const Script script_;
  LoopThread loop_;
  std::optional<service::Calls> calls_;
  std::optional<Stream> stream_;
  std::optional<service::GrpcServer> server_;
  std::string address_;
  int asked_ = 0;
};

void Echo(const ExchangeRequest& request, const Respond& respond) {
  ExchangeReply reply;
  reply.set_body("answer to " + request.device_id());
  if (!request.mac_header().empty()) reply.set_mac_header("reply-mac");
  respond(std::move(reply));
}
Session::Script Failing(Code code, uint32_t retry_after_s = 0) {
  return [code, retry_after_s](const ExchangeRequest&, const Respond& respond) {
    ExchangeReply reply;
    reply.set_code(static_cast<uint32_t>(code));
    reply.set_error("because");
    reply.set_retry_after_s(retry_after_s);
    respond(std::move(reply));
  };
}

class Ingress : public ::testing::Test {
 protected:
  void Begin(const std::vector<std::string>& targets, size_t connected,
             milliseconds timeout = std::chrono::seconds(10), Admission::Config admission = {}) {
    loop_.Do([&] {
      metrics_.emplace(registry_);
      replicas_.emplace(loop_.loop, targets, "secret");
      handler_.emplace(*replicas_, targets,
                       ExchangeHandler::Config{.paths = {"/dm"},
                                               .max_octets = 100'000,
                                               .admission = admission,
                                               .session_timeout = timeout},
                       *metrics_);
      http::Server::Config config{.listen = "127.0.0.1:0"};
      config.limits.body_octets = 100'000;
      config.on_refusal = [this](int status, std::string_view cause) {
        handler_->Refused(status, cause);
      };
      server_.emplace(loop_.loop, std::move(config),
                      [this](const http::Request& request, const http::Responder& responder) {
                        handler_->Handle(request, responder);
                      });
      EXPECT_TRUE(server_->Listen());
      address_ = server_->address();
    });
    WaitUntilConnected(connected);
  }
  void WaitUntilConnected(size_t count) {
    const auto connected = [this] {
      size_t n = 0;
      for (size_t i = 0; i < replicas_->size(); ++i) n += replicas_->connected(i) ? 1 : 0;
      return n;
    };
    while (loop_.Do(connected) != count) std::this_thread::yield();
  }
  ~Ingress() override { End(); }
  void End() {
    loop_.Do([this] {
      server_.reset();
      handler_.reset();
      replicas_.reset();
    });
  }
  RawResponse Ask(const std::string& octets) {
    RawClient client(address_);
    client.Send(octets);
    std::optional<RawResponse> response = client.Receive();
    EXPECT_TRUE(response);
    return response.value_or(RawResponse());
  }
  RawResponse AskFor(const std::string& device) {
    return Ask(http::testing::Post("/dm", Message(device), kXml));
  }
  std::string Metrics() {
    return loop_.Do([this] { return prometheus::TextSerializer().Serialize(registry_.Collect()); });
  }

  LoopThread loop_;
  prometheus::Registry registry_;
  std::optional<ingress::Metrics> metrics_;
  std::optional<StreamSessionReplicas> replicas_;
  std::optional<ExchangeHandler> handler_;
  std::optional<http::Server> server_;
  std::string address_;
};

TEST_F(Ingress, TakesAMessageToSessionAndItsAnswerBack) {
  ExchangeRequest seen;
  Session session([&seen](const ExchangeRequest& request, const Respond& respond) {
    seen = request;
    Echo(request, respond);
  });
  Begin({session.address()}, 1);
  const std::string body = Message("imei:49-300510-059280-0");
  const RawResponse response =
      Ask(Post("/dm", body, std::string(kXml) + "X-SyncML-HMAC: algorithm=MD5\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "answer to IMEI:493005100592800");
  EXPECT_EQ(response.headers.at("content-type"), "application/vnd.syncml.dm+xml");
  EXPECT_EQ(response.headers.at("content-length"), std::to_string(response.body.size()));
  EXPECT_EQ(response.headers.at("cache-control"), "no-store");
  EXPECT_EQ(response.headers.at("x-syncml-hmac"), "reply-mac");
  EXPECT_EQ(seen.body(), body);
  EXPECT_EQ(seen.encoding(), session::v1::XML);
  EXPECT_EQ(seen.mac_header(), "algorithm=MD5");
  EXPECT_EQ(seen.media_type(), "application/vnd.syncml.dm+xml");
  EXPECT_THAT(Metrics(), HasSubstr("requests_total{code=\"200\",encoding=\"xml\"} 1"));
}

TEST_F(Ingress, RefusesWhatItNeedNotAskSessionAbout) {
  Session session(Echo);
  Begin({session.address()}, 1);
  const std::string message = Message("IMEI:493005100592800");
  const RawResponse get = Ask("GET /dm HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  EXPECT_EQ(Ask(Post("/", message, kXml)).status, 404);
  EXPECT_EQ(Ask(Post("/dm", message, "Content-Type: image/gif\r\n")).status, 415);
  EXPECT_EQ(Ask(Post("/dm", message, std::string(kXml) + "Content-Encoding: gzip\r\n")).status,
            415);
  EXPECT_EQ(Ask(Post("/dm", std::string(100'001, 'x'), kXml)).status, 413);
  const RawResponse truncated = Ask(Post("/dm", message.substr(0, 200), kXml));
  EXPECT_EQ(truncated.status, 400);
  EXPECT_THAT(truncated.body, HasSubstr("truncated at octet "));
  EXPECT_EQ(AskFor("").status, 400);
  EXPECT_EQ(session.asked(), 0);
  const std::string metrics = Metrics();
  for (const char* cause : {"not_post", "unknown_path", "media_type", "content_encoding",
                            "body_too_large", "decode", "no_device"}) {
    EXPECT_THAT(metrics, HasSubstr("rejected_total{cause=\"" + std::string(cause) + "\"} 1"));
  }
}

TEST_F(Ingress, TranslatesSessionsErrors) {
  const std::map<Code, int> expected = {{Code::kInvalidArgument, 400},
                                        {Code::kPermissionDenied, 403},
                                        {Code::kResourceExhausted, 503},
                                        {Code::kDeadlineExceeded, 503},
                                        {Code::kInternal, 500}};
  for (const auto& [code, status] : expected) {
    Session session(Failing(code, 7));
    End();
    Begin({session.address()}, 1);
    const RawResponse response = AskFor("IMEI:493005100592800");
    EXPECT_EQ(response.status, status);
    if (status == 503) {
      EXPECT_EQ(response.headers.at("retry-after"), "7");
    }
    if (status == 500) {
      EXPECT_EQ(response.body, "internal error\n");
    }
  }
}

TEST_F(Ingress, KeepsATerminalWithOneReplicaAndMovesItWhenThatOneIsGone) {
  Session one(Echo);
  Session two(Echo);
  Begin({one.address(), two.address()}, 2);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(AskFor("IMEI:493005100592800").status, 200);
  EXPECT_EQ(one.asked() + two.asked(), 10);
  EXPECT_TRUE(one.asked() == 0 || two.asked() == 0);
  Session& owner = one.asked() != 0 ? one : two;
  Session& other = one.asked() != 0 ? two : one;
  owner.Stop();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(AskFor("IMEI:493005100592800").status, 200);
  EXPECT_EQ(other.asked(), 10);
}

TEST_F(Ingress, AsksAnotherReplicaWhenOneSaysThatItIsUnavailable) {
  Session draining(Failing(Code::kUnavailable));
  Session healthy(Echo);
  Begin({draining.address(), healthy.address()}, 2);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(AskFor("IMEI:" + std::to_string(490000000000000 + i)).status, 200);
  }
  EXPECT_GT(draining.asked(), 0);
  EXPECT_EQ(healthy.asked(), 20);
}

TEST_F(Ingress, Answers503WithoutASession) {
  Begin({"127.0.0.1:1"}, 0);
  const RawResponse response = AskFor("IMEI:493005100592800");
  EXPECT_EQ(response.status, 503);
  const int retry_after = std::stoi(response.headers.at("retry-after"));
  EXPECT_GE(retry_after, 1);
  EXPECT_LE(retry_after, 10);
  EXPECT_THAT(Metrics(), HasSubstr("rejected_total{cause=\"session_unavailable\"} 1"));
}

TEST_F(Ingress, Answers503WhenSessionTakesTooLong) {
  Session silent([](const ExchangeRequest&, const Respond&) {});
  Begin({silent.address()}, 1, milliseconds(50));
  EXPECT_EQ(AskFor("IMEI:493005100592800").status, 503);
  EXPECT_THAT(Metrics(), HasSubstr("rejected_total{cause=\"session_timeout\"} 1"));
  EXPECT_EQ(loop_.Do([this] { return handler_->in_flight(); }), 0u);
}

TEST_F(Ingress, Answers503PastItsBound) {
  std::vector<Respond> held;
  Session session([&held](const ExchangeRequest&, const Respond& respond) {
    held.push_back(respond);
    if (held.size() < 2) return;
    for (const Respond& answer : held) answer(ExchangeReply());
  });
  Begin({session.address()}, 1, std::chrono::seconds(10), {.max_in_flight = 1});
  RawClient first(address_);
  first.Send(Post("/dm", Message("IMEI:493005100592800"), kXml));
  while (session.asked() == 0) std::this_thread::yield();
  EXPECT_EQ(AskFor("IMEI:493005100592801").status, 503);
  EXPECT_THAT(Metrics(), HasSubstr("rejected_total{cause=\"in_flight\"} 1"));
}

// One session is under way, and that is the limit for new ones: another terminal is told when to
// come, while the next message of a session goes through.
TEST_F(Ingress, FinishesSessionsBeforeItBeginsOthers) {
  std::vector<Respond> held;
  Session session([&held](const ExchangeRequest&, const Respond& respond) {
    held.push_back(respond);
    if (held.size() < 65) return;
    for (const Respond& answer : held) answer(ExchangeReply());
  });
  Begin({session.address()}, 1, std::chrono::seconds(10), {.min_in_flight = 1});
  std::vector<std::unique_ptr<RawClient>> open;
  for (int i = 0; i < 64; ++i) {
    open.push_back(std::make_unique<RawClient>(address_));
    open.back()->Send(Post("/dm", Message("IMEI:493005100592800"), kXml));
  }
  while (session.asked() < 64) std::this_thread::yield();
  const RawResponse refused = AskFor("IMEI:493005100592801");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_THAT(Metrics(), HasSubstr("rejected_total{cause=\"overload\"} 1"));
  EXPECT_THAT(Metrics(), HasSubstr("drover_ingress_admission_limit 64"));
  std::string next = Message("IMEI:493005100592802");
  next.replace(next.find("<MsgID>1"), 8, "<MsgID>2");
  RawClient later(address_);
  later.Send(Post("/dm", next, kXml));
  const std::optional<RawResponse> answered = later.Receive();
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->status, 200);
}

}  // namespace
}  // namespace drover::ingress
