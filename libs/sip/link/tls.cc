#include "libs/sip/link/tls.h"

#include <boost/asio/ssl/error.hpp>
#include <openssl/x509v3.h>
#include <strings.h>

#include "libs/sip/link/address.h"

namespace drover::sip {
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

std::string_view TextOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string))};
}

// The domain of "sip:example.com"; empty: another URI, or one that names a user, who is nobody's
// server.
std::string_view SipDomain(std::string_view uri) {
  constexpr std::string_view kScheme = "sip:";
  const bool is_sip =
      uri.size() > kScheme.size() && strncasecmp(uri.data(), kScheme.data(), kScheme.size()) == 0;
  if (!is_sip || uri.find('@') != std::string_view::npos) return {};
  return uri.substr(kScheme.size());
}

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
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

bool CertificateNames(X509* certificate, const std::string& domain) {
  if (const auto address = ParseAddress(domain)) {
    return X509_check_ip_asc(certificate, AddressText(*address).c_str(), 0) == 1;
  }
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool has_sip_uri = false;
  bool named = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const std::string_view uri_domain = SipDomain(TextOf(name->d.uniformResourceIdentifier));
    has_sip_uri = has_sip_uri || !uri_domain.empty();
    named = named || SameName(uri_domain, domain);
  }
  GENERAL_NAMES_free(names);
  if (has_sip_uri) return named;
  return X509_check_host(certificate, domain.data(), domain.size(), X509_CHECK_FLAG_NO_WILDCARDS,
                         nullptr) == 1;
}

}  // namespace drover::sip
