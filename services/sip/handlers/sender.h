// NOTIFYs on their way: a trigger's, with the answers to challenges that follow it, and ordinary
// ones.
//
// Loop thread only.
#pragma once
#include <functional>
#include <string>
#include <unordered_map>

#include "libs/dmauth/seal.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/link/endpoint.h"
#include "services/sip/core/gateway.h"
#include "services/sip/metrics.h"

namespace drover::gateways {

// What a NOTIFY came to.
struct Notified {
  gateway::NotifyAnswered answer;
  uint32_t cseq = 0;
  int status = 0;                  // 0: there was no final response.
  std::string reason;              // Its phrase, or why there was none.
  std::string redirect;            // kMoved: the Contact to use.
  std::string class_name() const;  // "2xx", "timeout": for metrics.
};

class Sender {
 public:
  struct Config {
    std::string from;        // "sip:dm@example.com"
    std::string contact;     // "192.0.2.1:5060"; empty: the address listened on.
    std::string user_agent;  // Of ours.
    std::string host;        // Of Call-IDs.
    std::vector<std::string>
        redirect_hosts;  // To which a 3xx may lead; else only to the same host.
  };
  Sender(sip::Endpoint& endpoint, const dmauth::SealKeys& keys, Config config, RandomOctets random,
         Metrics& metrics);

  using Done = std::function<void(Notified)>;
  // The NOTIFY that the trigger machine wants; done is called once. gateway: as it is written.
  void Send(const Gateway& gateway, const gateway::Send& send, const gateway::Profile& profile,
            Done done);

  struct Ordinary {
    std::string event, content_type, body, subscription_state;
  };
  // Answers one challenge of each kind by itself.
  void SendOrdinary(const Gateway& gateway, const gateway::Profile& profile, Ordinary ordinary,
                    Deadline deadline, Done done);

  // Of triggers: sent, and not told yet.
  size_t in_flight() const { return flights_.size(); }
  bool InFlight(const std::string& id) const { return flights_.contains(id); }

 private:
  struct Flight {
    sip::DigestClient digest;
    uint32_t cseq = 0;
  };
  struct Message;
  sip::Login LoginOf(const Gateway& gateway) const;
  void Transmit(const Message& message, const sip::Endpoint::SendOptions& options,
                sip::DigestClient& digest, sip::OnReply on_reply);
  Notified Read(const sip::Reply& reply, sip::DigestClient& digest, const std::string& uri,
                const gateway::Profile& profile) const;
  bool MayMove(const std::string& from, const std::string& to) const;

  sip::Endpoint& endpoint_;
  const dmauth::SealKeys& keys_;
  const Config config_;
  RandomOctets random_;
  Metrics& metrics_;
  std::unordered_map<std::string, Flight> flights_;  // By gateway.
};

}  // namespace drover::gateways
