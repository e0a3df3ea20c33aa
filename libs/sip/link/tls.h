// SIP over TLS: who we are, whom we trust.
// Spec: RFC 3261, section 26.3.1; RFC 5922 (certificates of SIP domains); RFC 8446, RFC 5246.
#pragma once
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "libs/base/result.h"

namespace drover::sip {

struct TlsClient {               // TLS 1.2 and up; the peer's certificate is always verified.
  std::string ca_file;           // PEM; empty: the system's.
  std::string certificate_file;  // PEM, leaf first: who we are, if the peer wants to know.
  std::string key_file;          // PEM
  bool check_name = true;        // Whether the certificate has to name the domain asked for.
};
struct TlsServer {
  std::string certificate_file;  // PEM, leaf first.
  std::string key_file;          // PEM
  std::string client_ca_file;  // PEM; who does not show a certificate of it is refused. Empty: all.
};

// kInvalidArgument names the file that cannot be used.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsClient& config);
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsServer& config);

// Whether the verified certificate is the domain's or the address's: a URI of its alternative names
// is "sip:domain"; or, if it has no such URI, a DNS name or an IP address of them is it (RFC 5922,
// section 7.1).
bool CertificateNames(X509* certificate, const std::string& domain);

}  // namespace drover::sip
