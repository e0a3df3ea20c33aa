// A request server for tests: takes registrations, requests and results, gives what it is told to
// give, and files in ranges. Loop thread only.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/gateway/message_xml.h"
#include "libs/http/server.h"
#include "libs/sip/digest_server.h"
#include "loadtest/gateway/identity.h"

namespace drover::gwsim::testing {

class RequestServer {
 public:
  enum class Login : uint8_t { kNone, kBasic, kMd5, kSha256 };

  RequestServer(asio::io_context& loop, Population population, Login login = Login::kNone);
  Result<void> Listen() { return server_.Listen(); }
  std::string url() const { return "http://" + server_.address(); }

  std::deque<gateway::Response> work;  // Given one after the other, to whoever asks.
  std::map<std::string, std::string> files;
  std::deque<int> refusals;  // Statuses that requests are refused with first.
  std::vector<gateway::Register> registers;
  std::vector<gateway::Request> requests;
  std::vector<gateway::WorkResult> results;
  size_t ranges = 0;
  size_t slips = 0;
  size_t unauthorized = 0;

 private:
  void Handle(const http::Request& request, http::Responder responder);
  http::Response Answer(const http::Request& request);
  http::Response File(const http::Request& request);
  bool Knows(const http::Request& request);
  http::Response Challenge();

  Population population_;
  Login login_;
  sip::NonceMint mint_{"sixteen octets or more"};
  sip::ReplayGuard guard_;
  uint64_t nonces_ = 0;
  http::Server server_;
};

}  // namespace drover::gwsim::testing
