#include "libs/http/server.h"

#include <array>
#include <ctime>
#include <utility>

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "libs/http/address.h"
#include "libs/http/connection.h"
#include "libs/http/ticket_keys.h"

namespace drover::http {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;

constexpr size_t kTurnedAwayAtOnce = 256;  // Connections past the limit that still get a 503.
constexpr std::chrono::milliseconds kAcceptPause{50};  // After a lack of file descriptors.

std::string DateLine() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> line;
  const size_t size =
      std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
  return {line.data(), size};
}

size_t Size(const std::array<asio::const_buffer, 2>& buffers) {
  return buffers[0].size() + buffers[1].size();
}

// What is left of buffers after the first `done` octets.
std::array<asio::const_buffer, 2> After(std::array<asio::const_buffer, 2> buffers, size_t done) {
  const size_t first = std::min(done, buffers[0].size());
  buffers[0] += first;
  buffers[1] += done - first;
  return buffers;
}

class PlainConnection final : public Connection {
 public:
  PlainConnection(std::shared_ptr<Shared> shared, Socket socket)
      : Connection(std::move(shared)), socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  void Start() override {
    Begin(Phase::kIdle, shared_->limits.head_time);
    Advance();
  }
  void Close() override {
    phase_ = Phase::kClosed;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  std::shared_ptr<PlainConnection> Self() {
    return std::static_pointer_cast<PlainConnection>(shared_from_this());
  }
  void ReadSome(asio::mutable_buffer room) override {
    socket_.async_read_some(room, [self = Self()](boost::system::error_code error, size_t octets) {
      self->OnRead(error, octets);
    });
  }
  // A write that fits into the socket's buffer, as nearly all do, needs no turn of the loop.
  bool Write(std::array<asio::const_buffer, 2> buffers) override {
    boost::system::error_code error;
    const size_t done = socket_.write_some(buffers, error);
    if (!error && done == Size(buffers)) return true;
    asio::async_write(
        socket_, After(buffers, done),
        [self = Self()](boost::system::error_code failed, size_t) { self->OnWritten(failed); });
    return false;
  }
  void ShutDown() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  Socket socket_;
};

// Empty: no certificate, none that was verified, or none that names anybody.
std::string ClientName(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                X509_free);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return {};
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  const ASN1_STRING* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

class TlsConnection final : public Connection {
 public:
  TlsConnection(std::shared_ptr<Shared> shared, Socket socket, asio::ssl::context& context)
      : Connection(std::move(shared)), stream_(std::move(socket), context) {
    secure_ = true;
  }

  void Start() override {
    Begin(Phase::kHandshake, shared_->limits.head_time);
    stream_.async_handshake(TlsStream::server, [self = Self()](boost::system::error_code error) {
      self->OnHandshake(error);
    });
  }
  void Close() override {
    phase_ = Phase::kClosed;
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

 private:
  std::shared_ptr<TlsConnection> Self() {
    return std::static_pointer_cast<TlsConnection>(shared_from_this());
  }
  void OnHandshake(const boost::system::error_code& error) {
    if (phase_ == Phase::kClosed) return;
    if (error) {
      if (shared_->on_refusal) shared_->on_refusal(0, "TLS handshake failed");
      return Close();
    }
    client_name_ = ClientName(stream_.native_handle());
    Begin(Phase::kIdle, shared_->limits.head_time);
    Advance();
  }
  void ReadSome(asio::mutable_buffer room) override {
    stream_.async_read_some(room, [self = Self()](boost::system::error_code error, size_t octets) {
      self->OnRead(error, octets);
    });
  }
  bool Write(std::array<asio::const_buffer, 2> buffers) override {
    asio::async_write(stream_, buffers, [self = Self()](boost::system::error_code error, size_t) {
      self->OnWritten(error);
    });
    return false;
  }
  void ShutDown() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(Socket::shutdown_send, ignored);
  }
  void SayGoodbye() override {
    Begin(Phase::kLingering, std::chrono::milliseconds(2'000));
    stream_.async_shutdown([self = Self()](boost::system::error_code) { self->Close(); });
  }

  TlsStream stream_;
};

Result<std::unique_ptr<asio::ssl::context>> MakeTlsContext(const TlsConfig& config) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                           asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION |
                           SSL_OP_CIPHER_SERVER_PREFERENCE,
                       error);
  context->use_certificate_chain_file(config.certificate_file, error);
  if (error) {
    return InvalidArgument("cannot use the TLS certificate file " + config.certificate_file + ": " +
                           error.message());
  }
  context->use_private_key_file(config.key_file, asio::ssl::context::pem, error);
  if (error) {
    return InvalidArgument("cannot use the TLS key file " + config.key_file + ": " +
                           error.message());
  }
  if (!config.client_ca_file.empty()) {
    context->load_verify_file(config.client_ca_file, error);
    if (error) {
      return InvalidArgument("cannot use the TLS file of clients' authorities " +
                             config.client_ca_file + ": " + error.message());
    }
    context->set_verify_mode(asio::ssl::verify_peer);  // One that shows none is let in, nameless.
  }
  SSL_CTX* const native = context->native_handle();
  static constexpr unsigned char kSessionContext[] = "drover";
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);  // Tickets: the client keeps it.
  SSL_CTX_set_num_tickets(native, 1);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

class Server::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& loop, Config config, Handler handler)
      : config_(std::move(config)),
        shared_(std::make_shared<Shared>(loop)),
        acceptor_(loop.get_executor()),
        tick_(loop.get_executor()),
        pause_(loop.get_executor()) {
    shared_->limits = config_.limits;
    shared_->handler = std::move(handler);
    shared_->on_refusal = config_.on_refusal;
  }

  Result<void> Listen();
  std::string address() const { return address_; }
  Task<void> Drain(Deadline deadline);
  void Stop();
  size_t connections() const { return shared_->connections.size(); }
  uint64_t accepted() const { return accepted_; }

 private:
  void Accept();
  void Admit(Socket socket);
  void Tick();

  const Config config_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<TicketKeys> ticket_keys_;
  std::unique_ptr<asio::ssl::context> tls_;
  Acceptor acceptor_;
  Timer tick_;
  Timer pause_;
  std::string address_;
  uint64_t accepted_ = 0;
};

Result<void> Server::Core::Listen() {
  if (config_.tls) {
    DROVER_TRY(tls_, MakeTlsContext(*config_.tls));
    DROVER_TRY(ticket_keys_, TicketKeys::Make(config_.tls->ticket_key_file));
    ticket_keys_->Use(tls_->native_handle());
  }
  DROVER_TRY(const asio::ip::tcp::endpoint endpoint, ParseEndpoint(config_.listen));
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.set_option(asio::ip::tcp::no_delay(true), error);  // Inherited by accept.
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  if (error) return Unavailable("cannot listen on " + config_.listen + ": " + error.message());
  address_ = Text(acceptor_.local_endpoint());
  Tick();
  Accept();
  return {};
}

void Server::Core::Accept() {
  acceptor_.async_accept([weak = weak_from_this()](boost::system::error_code error, Socket socket) {
    const std::shared_ptr<Core> core = weak.lock();
    if (!core || error == asio::error::operation_aborted || !core->acceptor_.is_open()) return;
    if (!error) core->Admit(std::move(socket));
    if (error != asio::error::no_descriptors && error != asio::error::no_buffer_space) {
      return core->Accept();
    }
    core->pause_.expires_after(kAcceptPause);
    core->pause_.async_wait([weak](boost::system::error_code stopped) {
      const std::shared_ptr<Core> again = weak.lock();
      if (!stopped && again) again->Accept();
    });
  });
}

void Server::Core::Admit(Socket socket) {
  ++accepted_;
  const size_t limit = config_.limits.connections;
  const bool full = connections() >= limit;
  if (full && (tls_ || connections() >= limit + kTurnedAwayAtOnce)) {
    if (config_.on_refusal) config_.on_refusal(0, "too many connections");
    return;  // Closed here.
  }
  std::shared_ptr<Connection> connection;
  if (tls_) {
    connection = std::make_shared<TlsConnection>(shared_, std::move(socket), *tls_);
  } else {
    connection = std::make_shared<PlainConnection>(shared_, std::move(socket));
  }
  if (full) return connection->TurnAway();
  connection->Start();
}

void Server::Core::Tick() {
  shared_->now = std::chrono::steady_clock::now();
  shared_->date_line = DateLine();
  if (ticket_keys_ && !ticket_keys_->Renew(shared_->now) && config_.on_refusal) {
    config_.on_refusal(0, "the TLS ticket key file cannot be used any more: its last keys stay");
  }
  auto& all = shared_->connections;
  for (size_t i = all.size(); i-- > 0;) {
    if (i < all.size()) all[i]->Tick();
  }
  tick_.expires_after(config_.limits.tick);
  tick_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const std::shared_ptr<Core> core = weak.lock();
    if (!error && core) core->Tick();
  });
}

Task<void> Server::Core::Drain(Deadline deadline) {
  const std::shared_ptr<Core> self = shared_from_this();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  shared_->draining = true;
  const std::vector<Connection*> all = shared_->connections;
  for (Connection* connection : all) connection->DrainNow();
  Timer poll(shared_->loop.get_executor());
  while (connections() != 0 && std::chrono::steady_clock::now() < deadline) {
    poll.expires_at(std::min(deadline, In(std::chrono::milliseconds(10))));
    co_await poll.async_wait(kAwait);
  }
  for (Connection* connection : shared_->connections) connection->Close();
  co_return Result<void>();
}

void Server::Core::Stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  tick_.cancel();
  pause_.cancel();
  for (Connection* connection : shared_->connections) connection->Close();
  shared_->handler = nullptr;
}

Server::Server(asio::io_context& loop, Config config, Handler handler)
    : core_(std::make_shared<Core>(loop, std::move(config), std::move(handler))) {}
Server::~Server() { core_->Stop(); }
Result<void> Server::Listen() { return core_->Listen(); }
std::string Server::address() const { return core_->address(); }
Task<void> Server::Drain(Deadline deadline) { return core_->Drain(deadline); }
size_t Server::connections() const { return core_->connections(); }
uint64_t Server::accepted() const { return core_->accepted(); }

Responder::Responder(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)), request_(connection_->request()) {}
Responder::Responder(const Responder&) = default;
Responder::Responder(Responder&&) noexcept = default;
Responder& Responder::operator=(const Responder&) = default;
Responder& Responder::operator=(Responder&&) noexcept = default;
Responder::~Responder() = default;
void Responder::Send(Response response) const {
  connection_->Answer(request_, std::move(response));
}

}  // namespace drover::http
