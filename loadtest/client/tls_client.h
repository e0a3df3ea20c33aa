// TLS as terminals speak it, over sockets that somebody else opens and waits for.
//
// Certificates are not checked: the server under test has one of a laboratory. Sessions that are
// resumed are those that any terminal got last: a server cannot tell, and a million tickets need
// not be kept.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/result.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace drover::terminal {

struct TlsOptions {
  bool resume = true;
  int max_version = 0;  // TLS1_2_VERSION ..; 0: the highest that both know.
};

struct TlsCounts {
  uint64_t full = 0;  // Handshakes
  uint64_t resumed = 0;
};

class TlsClient {
 public:
  explicit TlsClient(const TlsOptions& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };
  using Ssl = std::unique_ptr<ssl_st, FreeSsl>;
  // For a connection on this socket (non-blocking), before its handshake. host: for SNI; an address
  // is not sent.
  Ssl Begin(int socket, const std::string& host);
  // After the handshake.
  void Count(const ssl_st* ssl);
  const TlsCounts& counts() const { return counts_; }

  // What a call on ssl wants before it can go on.
  enum class Wants : uint8_t { kRead, kWrite, kNothing };  // kNothing: it has failed.
  static Wants WantsAfter(ssl_st* ssl, int result);

 private:
  static int KeepSession(ssl_st* ssl, ssl_session_st* session);
  void Offer(ssl_st* ssl);

  ssl_ctx_st* context_;
  bool resume_;
  std::vector<ssl_session_st*> sessions_;  // Once full the oldest place is taken.
  size_t next_ = 0;
  size_t given_ = 0;
  TlsCounts counts_;
};

}  // namespace drover::terminal
