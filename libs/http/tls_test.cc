#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "libs/http/server.h"
#include "libs/http/testing/loop_thread.h"
#include "libs/http/testing/raw_client.h"

namespace drover::http {
namespace {

using testing::LoopThread;

// A key and a certificate that signs itself, in files.
TlsConfig MakeCertificate(const std::filesystem::path& folder) {
  const TlsConfig config{.certificate_file = folder / "cert.pem", .key_file = folder / "key.pem"};
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("dm"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, name);
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

void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  std::fputs(text.c_str(), file);
  std::fclose(file);
}

class Https : public ::testing::Test {
 protected:
  Https() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-tls-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    tls_ = MakeCertificate(folder_);
    Serve();
    context_ = SSL_CTX_new(TLS_client_method());
  }
  // In the place of the server before: like another replica to who comes back.
  void Serve() {
    Server::Config config{.listen = "127.0.0.1:0", .tls = tls_};
    config.limits.tick = std::chrono::milliseconds(5);
    config.limits.head_time = std::chrono::milliseconds(200);
    address_ = loop_.Do([&] {
      server_.emplace(loop_.loop, std::move(config),
                      [](const Request& request, const Responder& responder) {
                        std::string how(request.secure ? "secure" : "plain");
                        if (!request.client_name.empty()) {
                          how.append(" ").append(request.client_name);
                        }
                        responder.Send(Text(200, std::move(how)));
                      });
      EXPECT_TRUE(server_->Listen());
      return server_->address();
    });
  }
  ~Https() override {
    loop_.Do([this] { server_.reset(); });
    SSL_CTX_free(context_);
    std::filesystem::remove_all(folder_);
  }

  // One connection with one request; session: resumed if given, replaced by the new one.
  std::string Ask(SSL_SESSION** session, bool* resumed) {
    BIO* const socket = BIO_new_connect(address_.c_str());
    if (BIO_do_connect(socket) != 1) return "no connection";
    SSL* const ssl = SSL_new(context_);
    SSL_set_bio(ssl, socket, socket);
    if (*session != nullptr) SSL_set_session(ssl, *session);
    std::string answer = "no handshake";
    if (SSL_connect(ssl) == 1) {
      const std::string request = testing::Post("/dm", "x", "Connection: close\r\n");
      SSL_write(ssl, request.data(), static_cast<int>(request.size()));
      answer.clear();
      char piece[1024];
      for (int size; (size = SSL_read(ssl, piece, sizeof piece)) > 0;) answer.append(piece, size);
      // The server said goodbye, as RFC 8446, section 6.1 wants.
      EXPECT_EQ(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
      *resumed = SSL_session_reused(ssl) == 1;
      SSL_SESSION_free(*session);
      *session = SSL_get1_session(ssl);
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    return answer;
  }

  LoopThread loop_;
  std::filesystem::path folder_;
  TlsConfig tls_;
  std::optional<Server> server_;
  std::string address_;
  SSL_CTX* context_ = nullptr;
};

TEST_F(Https, AnswersAndResumesByTicketInBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_SESSION* session = nullptr;
    bool resumed = false;
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    EXPECT_FALSE(resumed);
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    EXPECT_TRUE(resumed) << version;
    SSL_SESSION_free(session);
  }
}

TEST_F(Https, ResumesWhatAnotherReplicaWithTheSameTicketKeysBegan) {
  const std::string older(64, '1');
  const std::string newer(64, '2');
  tls_.ticket_key_file = folder_ / "tickets";
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_SESSION* session = nullptr;
    bool resumed = false;
    WriteFile(tls_.ticket_key_file, older + "\n");
    Serve();
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    WriteFile(tls_.ticket_key_file, newer + "\n" + older + "\n");  // Rotated.
    Serve();
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    EXPECT_TRUE(resumed) << version;
    WriteFile(tls_.ticket_key_file, newer + "\n");  // What was renewed holds without the old key.
    Serve();
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    EXPECT_TRUE(resumed) << version;
    WriteFile(tls_.ticket_key_file, std::string(64, '3') + "\n");
    Serve();
    EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n"));
    EXPECT_FALSE(resumed) << version;
    SSL_SESSION_free(session);
  }
}

TEST_F(Https, SaysWhatATicketKeyFileHasToHold) {
  tls_.ticket_key_file = folder_ / "tickets";
  for (const char* text : {"", "abc\n", "zz\n"}) {
    WriteFile(tls_.ticket_key_file, text);
    asio::io_context loop(1);
    Server server(loop, {.listen = "127.0.0.1:0", .tls = tls_}, nullptr);
    const Result<void> listening = server.Listen();
    ASSERT_FALSE(listening);
    EXPECT_NE(listening.error().message.find("ticket key file"), std::string::npos);
  }
}

// The server's certificate is its clients' too.
TEST_F(Https, TellsWhoAClientIsByACertificateOfItsAuthorities) {
  tls_.client_ca_file = tls_.certificate_file;
  Serve();
  SSL_SESSION* session = nullptr;
  bool resumed = false;
  EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure\n")) << "nobody must show one";
  SSL_SESSION_free(std::exchange(session, nullptr));
  SSL_CTX_use_certificate_file(context_, tls_.certificate_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context_, tls_.key_file.c_str(), SSL_FILETYPE_PEM);
  EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure dm\n"));
  EXPECT_TRUE(Ask(&session, &resumed).ends_with("secure dm\n"));
  EXPECT_TRUE(resumed);
  SSL_SESSION_free(std::exchange(session, nullptr));
  const std::filesystem::path strange = folder_ / "strange";
  std::filesystem::create_directory(strange);
  const TlsConfig other = MakeCertificate(strange);
  SSL_CTX_use_certificate_file(context_, other.certificate_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context_, other.key_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);  // 1.3 would tell the client later.
  EXPECT_EQ(Ask(&session, &resumed), "no handshake");
}

TEST_F(Https, SpeaksNothingOlderThanTls12) {
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION);
  SSL_SESSION* session = nullptr;
  bool resumed = false;
  EXPECT_EQ(Ask(&session, &resumed), "no handshake");
}

TEST_F(Https, ClosesOnGarbageAndOnSilence) {
  testing::RawClient garbage(address_);
  garbage.Send(testing::Post("/dm", "plain"));
  EXPECT_FALSE(garbage.Receive());
  testing::RawClient silent(address_);
  EXPECT_TRUE(silent.AtEnd());
}

TEST(HttpsListen, NamesTheFileThatCannotBeUsed) {
  asio::io_context loop(1);
  Server server(loop,
                {.listen = "127.0.0.1:0", .tls = TlsConfig{"/nowhere/c.pem", "/nowhere/k", ""}},
                nullptr);
  const Result<void> listening = server.Listen();
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().message.find("/nowhere/c.pem"), std::string::npos);
}

}  // namespace
}  // namespace drover::http
