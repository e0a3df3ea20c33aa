// The request server: what gateways ask over HTTP and HTTPS.
//
//   POST /gw/v1/register   it is there
//   POST /gw/v1/request    its work
//   POST /gw/v1/result     what became of it
//   GET  /gw/v1/file/NAME  a file of --files-dir, whole or in ranges
//
// Who asks is told by a client certificate, by Digest, or (where it is allowed) by Basic; the user
// name is the gateway's id. Loop thread only.
#pragma once
#include <string>

#include "libs/dmauth/seal.h"
#include "libs/http/server.h"
#include "services/sip/core/access.h"
#include "services/sip/handlers/cycles.h"
#include "services/sip/handlers/files.h"

namespace drover::gateways {

class RequestServer {
 public:
  struct Config {
    std::string realm = "drover";
    std::string nonce_key;  // The same in every replica.
    std::string
        enrolment_password;        // With it an unknown gateway may enrol itself; empty: none may.
    bool basic_over_http = false;  // Over HTTPS Basic is always taken.
    bool files_open = false;       // Files without authentication.
    size_t most_running = 2'000;   // Requests that are being answered; past it 503.
    std::chrono::milliseconds timeout{10'000};
  };
  struct Ports {
    Store& store;
    Cycles& cycles;
    Triggers& triggers;
    Files& files;
    TreePort& tree;
    const dmauth::SealKeys& keys;
  };
  RequestServer(asio::io_context& loop, Ports ports, Config config, Clock clock,
                RandomOctets random, Metrics& metrics);

  void Handle(const http::Request& request, const http::Responder& responder);

 private:
  // A request, out of the connection's buffer.
  struct Asked {
    std::string method, path, body, content_type, authorization, user_agent, client_name, range,
        if_none_match, if_range;
    bool secure = false;
  };
  enum class Call : uint8_t { kRegister, kRequest, kResult, kFile, kNone };
  static Call CallOf(const Asked& asked);
  static const char* NameOf(Call call);

  Process Serve(Asked asked, http::Responder responder);
  Task<http::Response> Answer(const Asked& asked, Call call, Deadline deadline);
  Task<http::Response> Post(const Asked& asked, Call call, Deadline deadline);
  Task<http::Response> Carry(const Asked& asked, Call call, Gateway known, Deadline deadline);
  // The gateway that asks, or how it is refused.
  struct Known {
    std::optional<Gateway> gateway;
    http::Response refusal;
  };
  Task<Known> Authenticate(const Asked& asked, Call call, Deadline deadline);
  Task<Known> EnrolItself(const Asked& asked, Call call, std::string id, const Presented& presented,
                          Deadline deadline);
  http::Response Challenge(const Asked& asked, bool stale);
  http::Response Failure(const Error& error);
  bool BasicAllowed(const Asked& asked) const { return asked.secure || config_.basic_over_http; }

  asio::io_context& loop_;
  Ports ports_;
  const Config config_;
  Clock clock_;
  RandomOctets random_;
  Metrics& metrics_;
  sip::NonceMint mint_;
  sip::ReplayGuard guard_;
  size_t running_ = 0;
};

}  // namespace drover::gateways
