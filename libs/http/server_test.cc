#include "libs/http/server.h"

#include <array>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"

namespace drover::http {
namespace {

using std::chrono::milliseconds;
using testing::LoopThread;
using testing::Post;
using testing::RawClient;
using testing::RawResponse;

// Answers with method, path and body; "/later" when told to; "/never" not at all.
class HttpServer : public ::testing::Test {
 protected:
  void Begin(Limits limits = {}) {
    limits.tick = milliseconds(5);
    Server::Config config{.listen = "127.0.0.1:0", .limits = limits};
    config.on_refusal = [this](int status, std::string_view) { refused_.push_back(status); };
    loop_.Do([&] {
      server_.emplace(loop_.loop, std::move(config),
                      [this](const Request& request, const Responder& responder) {
                        Answer(request, responder);
                      });
      const Result<void> listening = server_->Listen();
      EXPECT_TRUE(listening) << listening.error();
    });
    address_ = loop_.Do([this] { return server_->address(); });
  }
  void TearDown() override {
    loop_.Do([this] {
      held_.clear();
      server_.reset();
    });
  }
  void Answer(const Request& request, const Responder& responder) {
    ++handled_;
    if (request.path == "/never") return;
    if (request.path == "/hold") {
      held_.push_back(responder);
      return;
    }
    Response response{.content_type = "text/plain"};
    response.body = std::string(request.method) + " " + std::string(request.path) + " " +
                    std::string(request.body);
    if (request.path == "/big") response.body.assign(8 << 20, 'x');
    responder.Send(std::move(response));
  }
  void Release() {
    loop_.Do([this] {
      for (const Responder& responder : held_) responder.Send(Text(200, "released"));
      held_.clear();
    });
  }
  void WaitUntilHandled(int count) {
    while (loop_.Do([this] { return handled_; }) < count) std::this_thread::yield();
  }
  // What the server says to these octets; 0: it closed without a word.
  int Status(std::string_view octets) {
    RawClient client(address_);
    client.Send(octets);
    const std::optional<RawResponse> response = client.Receive();
    return response ? response->status : 0;
  }

  LoopThread loop_;
  std::optional<Server> server_;
  std::string address_;
  std::vector<int> refused_;
  std::vector<Responder> held_;
  int handled_ = 0;
};

TEST_F(HttpServer, AnswersOneRequestAfterTheOtherOnOneConnection) {
  Begin();
  RawClient client(address_);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Post("/dm", "body " + std::to_string(i))));
    const auto response = client.Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "POST /dm body " + std::to_string(i));
    EXPECT_EQ(response->headers.count("connection"), 0u);
    EXPECT_EQ(response->headers.count("date"), 1u);
  }
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  Begin();
  RawClient client(address_);
  std::string all;
  for (int i = 0; i < 50; ++i) all += Post("/dm", std::to_string(i));
  all += "\r\n" + Post("/dm", "chunks follow");  // An empty line between requests is allowed.
  all += "POST /dm HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n";
  all += Post("/dm", "after");
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.Receive()->body, "POST /dm " + std::to_string(i));
  EXPECT_EQ(client.Receive()->body, "POST /dm chunks follow");
  EXPECT_EQ(client.Receive()->body, "POST /dm end");
  EXPECT_EQ(client.Receive()->body, "POST /dm after");
}

TEST_F(HttpServer, TakesARequestInPiecesOfAnySize) {
  Begin();
  const std::string request = Post("/dm", std::string(100, 'a'), "X: y\r\n");
  for (const size_t piece : {1, 2, 7, 50}) {
    RawClient client(address_);
    for (size_t i = 0; i < request.size(); i += piece) client.Send(request.substr(i, piece));
    const auto response = client.Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "POST /dm " + std::string(100, 'a'));
  }
}

TEST_F(HttpServer, TakesBodiesUpToTheLimitByLengthAndInChunks) {
  Begin({.body_octets = 100'000});
  for (const size_t size : {0, 1, 5'000, 9'000, 20'000, 100'000}) {
    RawClient client(address_);
    const std::string body(size, 'b');
    client.Send(Post("/dm", body));
    EXPECT_EQ(client.Receive()->body, "POST /dm " + body);
    std::string chunked = "POST /dm HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < size; at += 999) {
      const size_t piece = std::min<size_t>(999, size - at);
      std::array<char, 16> hex;
      std::snprintf(hex.data(), hex.size(), "%zx\r\n", piece);
      chunked += hex.data() + body.substr(at, piece) + "\r\n";
    }
    client.Send(chunked + "0\r\n\r\n");
    EXPECT_EQ(client.Receive()->body, "POST /dm " + body);
  }
}

TEST_F(HttpServer, RefusesBodiesPastTheLimitAndLetsTheClientReadTheAnswer) {
  Begin({.body_octets = 1000});
  RawClient client(address_);
  client.Send(Post("/dm", std::string(10 << 20, 'x')));  // All of it, before reading.
  const auto response = client.Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_EQ(Status("POST /dm HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                   std::string(1001, 'x')),
            413);
}

TEST_F(HttpServer, RefusesHeadsPastTheLimits) {
  Begin({.head_octets = 1000, .headers = 4});
  EXPECT_EQ(Status("GET /" + std::string(2000, 'x')), 414);
  EXPECT_EQ(Status("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x')), 431);
  EXPECT_EQ(Status("GET / HTTP/1.1\r\nA: a\r\nB: b\r\nC: c\r\nD: d\r\nHost: a\r\n\r\n"), 431);
}

TEST_F(HttpServer, RefusesGarbageAtOnce) {
  Begin();
  EXPECT_EQ(Status("\x16\x03\x01\x02"), 400);  // TLS on the plain port.
  EXPECT_EQ(Status("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(Status("GET / HTTP/3.1\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(Status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(loop_.Do([this] { return handled_; }), 0);
  EXPECT_EQ(loop_.Do([this] { return refused_; }), (std::vector<int>{400, 400, 505, 400}));
}

TEST_F(HttpServer, SurvivesRandomOctets) {
  Begin({.head_octets = 512, .body_octets = 512});
  std::minstd_rand random(7);
  for (int i = 0; i < 300; ++i) {
    std::string octets = Post("/dm", "some body");
    for (int n = 0; n < 3; ++n) octets[random() % octets.size()] = static_cast<char>(random());
    RawClient client(address_);
    client.Send(octets);
    client.ShutDownSending();
    client.Receive();
  }
  EXPECT_EQ(Status(Post("/dm", "x")), 200);
}

TEST_F(HttpServer, SaysContinueBeforeTheBodyAndRefusesWithoutIt) {
  Begin({.body_octets = 1000});
  RawClient client(address_);
  const std::string expect = "Expect: 100-continue\r\n";
  std::string request = Post("/dm", std::string(500, 'x'), expect);
  client.Send(request.substr(0, request.size() - 500));
  EXPECT_EQ(client.Receive()->status, 100);
  client.Send(request.substr(request.size() - 500));
  EXPECT_EQ(client.Receive()->status, 200);
  request = Post("/dm", std::string(1001, 'x'), expect);
  EXPECT_EQ(Status(request.substr(0, request.size() - 1001)), 413);
}

TEST_F(HttpServer, SpeaksHttp10) {
  Begin();
  RawClient once(address_);
  once.Send("POST /dm HTTP/1.0\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(once.Receive()->headers.at("connection"), "close");
  EXPECT_TRUE(once.AtEnd());
  RawClient kept(address_);
  for (int i = 0; i < 2; ++i) {
    kept.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.Receive()->headers.at("connection"), "keep-alive");
  }
}

TEST_F(HttpServer, ClosesWhenAskedToAndAnswersHeadWithoutABody) {
  Begin();
  RawClient client(address_);
  client.Send("HEAD /dm HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.Receive(true);
  EXPECT_EQ(head->headers.at("content-length"), std::to_string(std::string("HEAD /dm ").size()));
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.Receive()->status, 200);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServer, Answers408ToSlowHeadsAndSlowBodies) {
  Begin({.head_time = milliseconds(50), .body_time = milliseconds(50)});
  EXPECT_EQ(Status("GET / HT"), 408);
  EXPECT_EQ(Status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"), 408);
  EXPECT_EQ(Status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nabc"), 408);
  EXPECT_EQ(Status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n"), 408);
}

TEST_F(HttpServer, ClosesIdleConnectionsWithoutAWord) {
  Begin({.idle_time = milliseconds(50), .head_time = milliseconds(50)});
  RawClient fresh(address_);
  EXPECT_TRUE(fresh.AtEnd());
  RawClient used(address_);
  used.Send(Post("/dm", ""));
  EXPECT_EQ(used.Receive()->status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST_F(HttpServer, Answers503WhenTheHandlerTakesTooLong) {
  Begin({.handle_time = milliseconds(50)});
  RawClient client(address_);
  client.Send(Post("/hold", ""));
  EXPECT_EQ(client.Receive()->status, 503);
  EXPECT_TRUE(client.AtEnd());
  Release();  // Too late, and harmless.
}

TEST_F(HttpServer, ClosesWhenAResponderIsDropped) {
  Begin();
  RawClient client(address_);
  client.Send(Post("/never", ""));
  EXPECT_FALSE(client.Receive());
}

TEST_F(HttpServer, TurnsAwayConnectionsPastTheLimit) {
  Begin({.connections = 2});
  RawClient one(address_);
  RawClient two(address_);
  one.Send(Post("/dm", ""));
  two.Send(Post("/dm", ""));
  EXPECT_EQ(one.Receive()->status, 200);
  EXPECT_EQ(two.Receive()->status, 200);
  RawClient three(address_);
  three.Send(Post("/dm", ""));
  const auto refused = three.Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.count("retry-after"), 1u);
  one.Send(Post("/dm", ""));
  EXPECT_EQ(one.Receive()->status, 200);
}

TEST_F(HttpServer, SendsResponsesThatDoNotFitIntoTheSocket) {
  Begin();
  RawClient client(address_);
  for (int i = 0; i < 2; ++i) {
    client.Send(Post("/big", ""));
    EXPECT_EQ(client.Receive()->body.size(), 8u << 20);
  }
}

TEST_F(HttpServer, ForgetsTheConnectionOfAClientThatLeft) {
  Begin();
  {
    RawClient client(address_);
    client.Send(Post("/hold", ""));
    WaitUntilHandled(1);
  }
  Release();
  while (loop_.Do([this] { return server_->connections(); }) != 0) std::this_thread::yield();
}

TEST_F(HttpServer, FinishesWhatIsInFlightInTheDrain) {
  Begin();
  RawClient idle(address_);
  idle.Send(Post("/dm", ""));
  EXPECT_EQ(idle.Receive()->status, 200);
  RawClient busy(address_);
  busy.Send(Post("/hold", ""));
  WaitUntilHandled(2);
  std::thread draining([this] {
    const auto deadline = In(std::chrono::seconds(10));
    EXPECT_TRUE(loop_.Await([this, deadline] { return server_->Drain(deadline); }));
  });
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_FALSE(RawClient(address_).connected());
  Release();
  const auto response = busy.Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.at("connection"), "close");
  draining.join();
}

TEST_F(HttpServer, CutsOffWhatIsLeftAtTheDeadlineOfTheDrain) {
  Begin();
  RawClient busy(address_);
  busy.Send(Post("/hold", ""));
  WaitUntilHandled(1);
  const auto deadline = In(milliseconds(20));
  EXPECT_TRUE(loop_.Await([this, deadline] { return server_->Drain(deadline); }));
  EXPECT_FALSE(busy.Receive());
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
  Begin();
  for (const std::string& listen : {address_, std::string("nonsense"), std::string("1.2.3.4:x")}) {
    loop_.Do([&] {
      Server other(loop_.loop, {.listen = listen}, nullptr);
      const Result<void> listening = other.Listen();
      ASSERT_FALSE(listening);
      EXPECT_FALSE(listening.error().message.empty());
    });
  }
}

}  // namespace
}  // namespace drover::http
