#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "libs/http/server.h"
#include "services/push/adapters/http_post.h"
#include "tests/component/clients/loop.h"

namespace drover::push {
namespace {

// A key and a certificate that signs itself and names one host, in files.
http::TlsConfig MakeCertificate(const std::filesystem::path& folder, const std::string& name) {
  const http::TlsConfig config{.certificate_file = folder / "cert.pem",
                               .key_file = folder / "key.pem"};
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_EXTENSION* const alternative =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
  X509_add_ext(certificate, alternative, -1);
  X509_EXTENSION_free(alternative);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(config.certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(config.key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return config;
}

// A server with a certificate of `name`; trusted: the system knows its authority.
class HttpPostTest : public ::testing::Test {
 protected:
  HttpPostTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-post-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~HttpPostTest() override {
    unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }

  Result<HttpReply> PostToServerOf(const std::string& name, bool trusted) {
    asio::io_context loop;
    const http::TlsConfig tls = MakeCertificate(folder_, name);
    if (trusted) setenv("SSL_CERT_FILE", tls.certificate_file.c_str(), 1);
    http::Server server(loop, {.listen = "127.0.0.1:0", .tls = tls},
                        [](const http::Request& request, const http::Responder& responder) {
                          responder.Send(http::Text(202, std::string(request.body)));
                        });
    EXPECT_TRUE(server.Listen());
    HttpPost http(loop);
    Url url = ParseUrl("https://" + server.address() + "/results").value();
    Result<HttpReply> reply = Internal("never ran");
    asio::co_spawn(loop, Ask(http, std::move(url), loop, reply), asio::detached);
    loop.run();
    return reply;
  }

 private:
  static Process Ask(HttpPost& http, Url url, asio::io_context& loop, Result<HttpReply>& reply) {
    const Deadline deadline = In(std::chrono::seconds(10));
    reply = co_await http.Post(std::move(url), "text/plain", "told", deadline);
    loop.stop();
  }

  std::filesystem::path folder_;
};

TEST_F(HttpPostTest, PostsOverTlsToAHostThatTheSystemTrusts) {
  const Result<HttpReply> reply = PostToServerOf("IP:127.0.0.1", true);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 202);
  EXPECT_EQ(reply->body, "told\n");
}

TEST_F(HttpPostTest, TellsNothingToAHostWhoseCertificateNamesAnother) {
  const Result<HttpReply> reply = PostToServerOf("DNS:shop.example", true);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kUnavailable);
}

TEST_F(HttpPostTest, TellsNothingToAHostThatNobodyVouchesFor) {
  const Result<HttpReply> reply = PostToServerOf("IP:127.0.0.1", false);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace drover::push
