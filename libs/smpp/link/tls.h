// SMPP over TLS: the handshake comes first, on a port of its own (IANA: 3550, ssmpp).
#pragma once
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "libs/base/result.h"

namespace drover::smpp {

struct TlsClient {               // TLS 1.2 and up.
  std::string ca_file;           // PEM; empty: the system's.
  std::string certificate_file;  // PEM, leaf first: who we are, if the SMSC wants to know.
  std::string key_file;          // PEM
  std::string server_name;  // Asked for (SNI) and looked for in its certificate; empty: the host.
  bool check_name = true;   // Whether the certificate has to name it.
};
struct TlsServer {
  std::string certificate_file;  // PEM, leaf first.
  std::string key_file;          // PEM
  std::string client_ca_file;  // PEM; who does not show a certificate of it is refused. Empty: all.
};

// kInvalidArgument names the file that cannot be used.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsClient& config);
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsServer& config);

}  // namespace drover::smpp
