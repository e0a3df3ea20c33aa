#include "loadtest/client/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "libs/base/check.h"

namespace drover::terminal {
namespace {

constexpr size_t kSessions = 256;

bool IsAddress(const std::string& host) {
  return host.find_first_not_of("0123456789.:") == std::string::npos;
}

}  // namespace

// As if close_notify had gone out: OpenSSL never resumes the session of a connection that ended
// without it.
void TlsClient::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);
  SSL_free(ssl);
}

TlsClient::TlsClient(const TlsOptions& options)
    : context_(SSL_CTX_new(TLS_client_method())), resume_(options.resume) {
  DROVER_CHECK(context_ != nullptr);
  SSL_CTX_set_app_data(context_, this);
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  if (options.max_version != 0) SSL_CTX_set_max_proto_version(context_, options.max_version);
  const int cache =
      resume_ ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF;
  SSL_CTX_set_session_cache_mode(context_, cache);
  if (resume_) SSL_CTX_sess_set_new_cb(context_, KeepSession);
}

TlsClient::~TlsClient() {
  for (ssl_session_st* const session : sessions_) SSL_SESSION_free(session);
  SSL_CTX_free(context_);
}

int TlsClient::KeepSession(ssl_st* ssl, ssl_session_st* session) {
  auto* const self = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (self->sessions_.size() < kSessions) {
    self->sessions_.push_back(session);
  } else {
    SSL_SESSION_free(self->sessions_[self->next_]);
    self->sessions_[self->next_] = session;
    self->next_ = (self->next_ + 1) % kSessions;
  }
  return 1;  // Ours now.
}

TlsClient::Ssl TlsClient::Begin(int socket, const std::string& host) {
  Ssl ssl(SSL_new(context_));
  DROVER_CHECK(ssl != nullptr);
  SSL_set_fd(ssl.get(), socket);
  SSL_set_connect_state(ssl.get());
  if (!IsAddress(host)) SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  Offer(ssl.get());
  return ssl;
}

// OpenSSL takes a ticket of TLS 1.3 once only (RFC 8446, appendix C.4), those before it any time.
void TlsClient::Offer(SSL* ssl) {
  if (sessions_.empty()) return;
  const size_t which = given_++ % sessions_.size();
  SSL_SESSION* const session = sessions_[which];
  SSL_set_session(ssl, session);
  if (SSL_SESSION_get_protocol_version(session) != TLS1_3_VERSION) return;
  SSL_SESSION_free(session);
  sessions_[which] = sessions_.back();
  sessions_.pop_back();
}

void TlsClient::Count(const ssl_st* ssl) {
  ++(SSL_session_reused(ssl) != 0 ? counts_.resumed : counts_.full);
}

TlsClient::Wants TlsClient::WantsAfter(ssl_st* ssl, int result) {
  const int error = SSL_get_error(ssl, result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return Wants::kRead;
  return error == SSL_ERROR_WANT_WRITE ? Wants::kWrite : Wants::kNothing;
}

}  // namespace drover::terminal
