// Sessions against a server of a few lines on a real socket.
#include "loadtest/client/session_run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace drover::terminal {
namespace {

using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;

constexpr ModelSpec kSpec{.manufacturer = "Acme",
                          .model = "Phone",
                          .kind = "phone",
                          .encoding = syncml::Encoding::kXml,
                          .client_scheme = AuthScheme::kNone,
                          .server_scheme = AuthScheme::kNone,
                          .firmware = "1"};

// The body of a request that has come whole; undoes the chunked coding.
std::string BodyOf(std::string_view request) {
  const size_t blank = request.find("\r\n\r\n");
  std::string_view rest = request.substr(blank + 4);
  if (request.substr(0, blank).find("chunked") == std::string_view::npos) return std::string(rest);
  std::string body;
  while (!rest.empty()) {
    const size_t line = rest.find("\r\n");
    const size_t size = std::stoul(std::string(rest.substr(0, line)), nullptr, 16);
    body += rest.substr(line + 2, size);
    rest.remove_prefix(std::min(line + 2 + size + 2, rest.size()));
  }
  return body;
}

// Answers package 1 with one Get and what follows with the end.
std::string AnswerTo(std::string_view request) {
  const std::string body = BodyOf(request);
  const syncml::Decoded decoded = syncml::DecodeXml(body);
  if (!decoded) return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  const syncml::Header& header = decoded.document.message().header;
  const std::string msg_id(header.msg_id);
  std::string xml =
      "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
      "<SessionID>" +
      std::string(header.session_id) + "</SessionID><MsgID>" + msg_id + "</MsgID><Target><LocURI>" +
      std::string(header.source.uri) +
      "</LocURI></Target><Source><LocURI>s</LocURI></Source></SyncHdr><SyncBody><Status><CmdID>1"
      "</CmdID><MsgRef>" +
      msg_id + "</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Data>200</Data></Status>";
  if (msg_id == "1") {
    xml +=
        "<Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Alert</Cmd><Data>200"
        "</Data></Status><Status><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Cmd>Replace"
        "</Cmd><Data>200</Data></Status><Get><CmdID>4</CmdID><Item><Target><LocURI>./DevInfo/Man"
        "</LocURI></Target></Item></Get>";
  }
  xml += "<Final/></SyncBody></SyncML>";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.syncml.dm+xml\r\nContent-Length: " +
         std::to_string(xml.size()) + "\r\n\r\n" + xml;
}

class SmallServer {
 public:
  explicit SmallServer(asio::io_context& loop)
      : acceptor_(loop.get_executor(), Tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    asio::co_spawn(loop, Accept(), asio::detached);
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/dm";
  }
  void Close() { acceptor_.close(); }

  int connections = 0;
  int continues = 0;
  int busy_answers = 0;  // How many requests to answer with 503 first.
  std::vector<std::string> requests;

 private:
  Process Accept() {
    while (acceptor_.is_open()) {
      Socket socket(acceptor_.get_executor());
      boost::system::error_code error;
      co_await acceptor_.async_accept(socket, asio::redirect_error(kAwait, error));
      if (error) co_return;
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), Serve(std::move(socket)), asio::detached);
    }
  }
  Process Serve(Socket socket) {
    std::string buffer;
    while (true) {
      boost::system::error_code error;
      auto into = asio::dynamic_buffer(buffer);
      co_await asio::async_read_until(socket, into, "\r\n\r\n",
                                      asio::redirect_error(kAwait, error));
      if (error) co_return;
      if (buffer.find("Expect: 100-continue") != std::string::npos) {
        ++continues;
        const std::string go = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto go_octets = asio::buffer(go);
        co_await asio::async_write(socket, go_octets, asio::redirect_error(kAwait, error));
      }
      const bool chunked = buffer.find("chunked") != std::string::npos;
      const std::string end = chunked ? "0\r\n\r\n" : "</SyncML>";
      co_await asio::async_read_until(socket, into, end, asio::redirect_error(kAwait, error));
      if (error) co_return;
      requests.push_back(std::exchange(buffer, ""));
      std::string answer = AnswerTo(requests.back());
      if (busy_answers > 0) {
        --busy_answers;
        answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
      }
      const auto octets = asio::buffer(answer);
      co_await asio::async_write(socket, octets, asio::redirect_error(kAwait, error));
      if (error) co_return;
    }
  }
  asio::basic_socket_acceptor<Tcp, Executor> acceptor_;
};

class Sessions : public testing::Test {
 protected:
  Result<SessionEnd> Run(Quirks quirks = {}) {
    surroundings_.server = {"srv", server_.url()};
    ModelSpec spec = kSpec;
    spec.quirks = quirks;
    model_.emplace(spec, surroundings_.server);
    Account account;
    account.device_id = "IMEI:493005100592800";
    terminal_.emplace(*model_, surroundings_, std::move(account));
    config_.retry_pause = std::chrono::milliseconds(1);
    std::optional<Result<SessionEnd>> result;
    asio::co_spawn(loop_, Drive(result), asio::detached);
    loop_.run();
    return std::move(*result);
  }
  Process Drive(std::optional<Result<SessionEnd>>& result) {
    SessionRun run(loop_, watch_, config_, traffic_, 7);
    result.emplace(co_await run.Run(*terminal_, SessionReason::kClientInitiated));
    server_.Close();
  }

  asio::io_context loop_;
  SmallServer server_{loop_};
  DeadlineWatch watch_{loop_};
  Surroundings surroundings_{
      .server = {}, .clock = SystemNow, .random = [](size_t n) { return std::string(n, 'r'); }};
  std::optional<Model> model_;
  std::optional<Terminal> terminal_;
  SessionRunConfig config_;
  Traffic traffic_;
};

TEST_F(Sessions, UseOneConnectionForAllMessages) {
  const Result<SessionEnd> end = Run();
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
  EXPECT_EQ(server_.connections, 1);
  EXPECT_EQ(traffic_.messages, 2U);
  EXPECT_EQ(traffic_.sessions_good, 1U);
  EXPECT_EQ(traffic_.sizes[0].count, 1U);
  EXPECT_EQ(terminal_->ledger().executed(), 1U);
}

TEST_F(Sessions, ADropAfterSendingRepeatsTheSameOctetsOnANewConnection) {
  const Result<SessionEnd> end = Run({Quirk::kDropAfterSend});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
  EXPECT_EQ(server_.connections, 2);
  ASSERT_GE(server_.requests.size(), 2U);
  EXPECT_EQ(traffic_.retries, 1U);
}

TEST_F(Sessions, ADropBeforeSendingIsNotSeenByTheServersHandler) {
  const Result<SessionEnd> end = Run({Quirk::kDropBeforeSend});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(server_.requests.size(), 2U);
  EXPECT_EQ(traffic_.messages, 2U);
}

TEST_F(Sessions, ASlowTerminalGetsThrough) {
  const Result<SessionEnd> end = Run({Quirk::kSlow});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
}

TEST_F(Sessions, EachMessageHasAConnectionOfItsOwnForThoseWhoClose) {
  const Result<SessionEnd> end = Run({Quirk::kConnectionClose});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
  EXPECT_EQ(server_.connections, 2);
  EXPECT_NE(server_.requests[0].find("Connection: close"), std::string::npos);
}

TEST_F(Sessions, ABodyGoesChunkedAndAfterTheServerHasSaidContinue) {
  const Result<SessionEnd> end = Run({Quirk::kChunkedRequest, Quirk::kExpectContinue});
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
  EXPECT_EQ(server_.continues, 2);
  EXPECT_EQ(server_.requests[0].find("Content-Length"), std::string::npos);
}

TEST_F(Sessions, ComeAgainWhenTheServerIsBusy) {
  server_.busy_answers = 2;
  const Result<SessionEnd> end = Run();
  ASSERT_TRUE(end) << end.error();
  EXPECT_EQ(end->outcome, SessionEnd::Outcome::kCompleted) << end->cause;
  EXPECT_EQ(traffic_.retries, 2U);
}

TEST_F(Sessions, EndWithAnErrorWhenNobodyListens) {
  server_.Close();
  surroundings_.server.url = "http://127.0.0.1:1/dm";
  model_.emplace(kSpec, surroundings_.server);
  Account account;
  account.device_id = "IMEI:493005100592800";
  terminal_.emplace(*model_, surroundings_, std::move(account));
  config_.attempts = 1;
  std::optional<Result<SessionEnd>> result;
  asio::co_spawn(loop_, Drive(result), asio::detached);
  loop_.run();
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().code, Code::kUnavailable);
  EXPECT_FALSE(terminal_->in_session());
}

}  // namespace
}  // namespace drover::terminal
