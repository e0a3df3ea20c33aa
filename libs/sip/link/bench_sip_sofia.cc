// bench_sip_sofia [--out FILE] [--messages N] [--window N]: what bench_sip_transactions measures of
// answered transactions, with Sofia-SIP's nta in place of our endpoint. T4 is short, as its own
// users set it, or it would hold 7 KB of each transaction for 5 s.
#include <cstdio>
#include <cstring>
#include <string>

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_wait.h>

#include "libs/sip/link/testing/figures.h"
#include "libs/sip/link/testing/responder.h"

namespace drover::sip {
namespace {

using testing::Responder;
using testing::Stopwatch;

class Sender {
 public:
  explicit Sender(int port) : root_(su_root_create(nullptr)) {
    target_ = "sip:69600@127.0.0.1:" + std::to_string(port);
    agent_ = nta_agent_create(root_, URL_STRING_MAKE("sip:127.0.0.1:*;transport=udp"), nullptr,
                              nullptr, NTATAG_SIP_T4(500), NTATAG_UA(0), TAG_END());
    DROVER_CHECK(agent_ != nullptr);
    leg_ = nta_leg_tcreate(agent_, nullptr, nullptr, SIPTAG_FROM_STR("<sip:dm@dm.example.com>"),
                           SIPTAG_TO_STR(("<" + target_ + ">").c_str()),
                           SIPTAG_CALL_ID_STR("720910328-2276810532@dm.example.com"), TAG_END());
    DROVER_CHECK(leg_ != nullptr);
    nta_leg_tag(leg_, "6a073cca507b5e6a");
  }
  ~Sender() {
    nta_leg_destroy(leg_);
    nta_agent_destroy(agent_);
    su_root_destroy(root_);
  }
  void Run(uint64_t requests, uint64_t window) {
    left_ = requests;
    const uint64_t until = ended_ + requests;
    for (uint64_t i = 0; i < window && left_ > 0; ++i) SendOne();
    while (ended_ < until) su_root_step(root_, 100);
  }

 private:
  static int OnResponse(nta_outgoing_magic_t* self, nta_outgoing_t* transaction, sip_t const*) {
    if (nta_outgoing_status(transaction) < 200) return 0;
    DROVER_CHECK(nta_outgoing_status(transaction) == 200);
    nta_outgoing_destroy(transaction);
    auto* const sender = reinterpret_cast<Sender*>(self);
    ++sender->ended_;
    if (sender->left_ > 0) sender->SendOne();
    return 0;
  }
  void SendOne() {
    --left_;
    nta_outgoing_t* const sent = nta_outgoing_tcreate(
        leg_, &OnResponse, reinterpret_cast<nta_outgoing_magic_t*>(this), nullptr,
        SIP_METHOD_NOTIFY, URL_STRING_MAKE(target_.c_str()), SIPTAG_EVENT_STR("resync"),
        SIPTAG_SUBSCRIPTION_STATE_STR("active;expires=1000"),
        SIPTAG_CONTACT_STR("<sip:dm@127.0.0.1:5060>"), TAG_END());
    DROVER_CHECK(sent != nullptr);
  }

  su_root_t* root_;
  nta_agent_t* agent_;
  nta_leg_t* leg_;
  std::string target_;
  uint64_t left_ = 0;
  uint64_t ended_ = 0;
};

int Run(const std::string& out, uint64_t messages, uint64_t window) {
  Responder responder;
  responder.Start();
  su_init();
  double cpu_us = 0;
  double rate = 0;
  {
    Sender sender(responder.port());
    sender.Run(messages / 10, window);
    const Stopwatch watch;
    sender.Run(messages, window);
    cpu_us = watch.cpu() * 1e6 / static_cast<double>(messages);
    rate = static_cast<double>(messages) / watch.wall();
  }
  su_deinit();
  std::printf("Sofia nta, answered: %.2f us CPU a transaction, %.0f/s\n", cpu_us, rate);
  return testing::Write(out, nlohmann::json::array({{{"name", "sofia_transaction"},
                                                     {"value", cpu_us},
                                                     {"unit", "us"},
                                                     {"better", "lower"},
                                                     {"rate", rate}}}));
}

}  // namespace
}  // namespace drover::sip

int main(int argc, char** argv) {
  std::string out;
  uint64_t messages = 100'000;
  uint64_t window = 200;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--messages") == 0) messages = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--window") == 0) window = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || messages < 10 || window < 1) {
    std::cerr << "usage: bench_sip_sofia [--out FILE] [--messages N] [--window N]\n";
    return 2;
  }
  return drover::sip::Run(out, messages, window);
}
