#include "libs/smpp/link/tls.h"

#include <boost/asio/ssl/error.hpp>

namespace drover::smpp {
namespace {

using boost::asio::ssl::context;
using boost::system::error_code;

Error CannotUse(const char* what, const std::string& file, const error_code& error) {
  return InvalidArgument("cannot use the TLS " + std::string(what) + " file " + file + ": " +
                         error.message());
}

std::shared_ptr<context> Make(context::method method) {
  auto made = std::make_shared<context>(method);
  error_code ignored;
  made->set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 |
                        context::no_tlsv1 | context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION,
                    ignored);
  SSL_CTX_set_mode(made->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return made;
}

Result<void> UseCertificate(context& tls, const std::string& certificate, const std::string& key) {
  error_code error;
  tls.use_certificate_chain_file(certificate, error);
  if (error) return CannotUse("certificate", certificate, error);
  tls.use_private_key_file(key, context::pem, error);
  if (error) return CannotUse("key", key, error);
  return {};
}

}  // namespace

Result<std::shared_ptr<context>> MakeTlsContext(const TlsClient& config) {
  const std::shared_ptr<context> tls = Make(context::tls_client);
  error_code error;
  if (config.ca_file.empty()) {
    tls->set_default_verify_paths(error);
  } else {
    tls->load_verify_file(config.ca_file, error);
  }
  if (error) return CannotUse("CA", config.ca_file, error);
  tls->set_verify_mode(boost::asio::ssl::verify_peer, error);
  if (!config.certificate_file.empty()) {
    DROVER_TRY(UseCertificate(*tls, config.certificate_file, config.key_file));
  }
  return tls;
}

Result<std::shared_ptr<context>> MakeTlsContext(const TlsServer& config) {
  const std::shared_ptr<context> tls = Make(context::tls_server);
  DROVER_TRY(UseCertificate(*tls, config.certificate_file, config.key_file));
  if (config.client_ca_file.empty()) return tls;
  error_code error;
  tls->load_verify_file(config.client_ca_file, error);
  if (error) return CannotUse("client CA", config.client_ca_file, error);
  tls->set_verify_mode(
      boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert, error);
  return tls;
}

}  // namespace drover::smpp
