// A stream of SMPP: cut into the same PDUs however it arrives; what is decoded is encoded and
// decoded again; and a bound session of either side stands it, giving every request back once.
#include <algorithm>
#include <string>
#include <vector>

#include "libs/base/check.h"
#include "libs/smpp/codec.h"
#include "libs/smpp/session.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::smpp;
using namespace std::chrono_literals;

constexpr size_t kMaxPdu = 4096;

std::vector<std::string> Cut(std::string_view octets, size_t piece) {
  Framer framer(kMaxPdu);
  std::vector<std::string> pdus;
  for (size_t at = 0; at < octets.size(); at += piece) {
    framer.Feed(octets.substr(at, piece));
    std::string_view pdu;
    while (framer.Next(pdu) == Framer::State::kPdu) pdus.emplace_back(pdu);
    DROVER_CHECK(framer.held() <= kMaxPdu);
  }
  return pdus;
}

void CheckPdu(std::string_view octets) {
  Pdu pdu;
  if (Decode(octets, pdu, kMaxPdu)) return;
  std::string once;
  DROVER_CHECK(!Encode(pdu.header.sequence, pdu.body, once, pdu.header.status));
  // An absent body is written out, with empty fields.
  DROVER_CHECK(once == octets || octets.size() == kHeaderOctets);
  Pdu again;
  DROVER_CHECK(!Decode(once, again, kMaxPdu + 16));
  DROVER_CHECK(again.body.index() == pdu.body.index());
}

class Handler final : public SessionHandler {
 public:
  void OnBound(const Bound&) override {}
  void OnBind(const Bind&) override { session->AcceptBind(now); }
  void OnAnswer(uint64_t token, const Answer& answer) override {
    if (answer.outcome != Outcome::kLate) DROVER_CHECK(++answers.at(token) == 1);
  }
  void OnRequest(const RequestId& id, const Pdu& pdu) override {
    if (pdu.header.sequence % 2 == 0) session->RespondBare(id, CommandStatus::kRok, now);
  }
  void OnEnd(const End&) override { DROVER_CHECK(++ends == 1); }

  Session* session = nullptr;
  Time now{1h};
  std::vector<int> answers = std::vector<int>(64, 0);
  int ends = 0;
};

void CheckSession(std::string_view octets, Role role, size_t piece) {
  Handler handler;
  SessionSettings settings{.role = role, .window = 8, .peer_window = 4, .max_pdu = kMaxPdu};
  settings.interface_version = kVersion50;
  Session session(settings, handler);
  handler.session = &session;
  session.Connected(handler.now);
  std::string begin;
  if (role == Role::kEsme) {
    EncodeBare(1, CommandId::kBindTransceiverResp, CommandStatus::kRok, begin);
  } else {
    DROVER_CHECK(!EncodeBody(1, Bind{}, begin));
  }
  session.Octets(begin, handler.now);
  DROVER_CHECK(session.bound());
  uint64_t token = 0;
  uint64_t sent = 0;
  std::string out;
  for (size_t at = 0; at < octets.size() && !session.ended(); at += piece) {
    for (; token < 64 && token < 4 * (at / piece + 1); ++token) {
      const Sent done = role == Role::kEsme ? session.Send(SubmitSm{}, token, handler.now)
                                            : session.Send(DeliverSm{}, token, handler.now);
      if (done != Sent::kSent) break;
      ++sent;
    }
    session.Octets(octets.substr(at, piece), handler.now);
    session.TakeOutput(out);
    handler.now += 700ms;
    session.Tick(handler.now);
    DROVER_CHECK(session.outstanding() <= 8 && session.unanswered() <= 4);
  }
  session.Closed("end", 0, handler.now);
  DROVER_CHECK(handler.ends == 1 && session.outstanding() == 0);
  uint64_t given_back = 0;
  for (const int answers : handler.answers) given_back += static_cast<uint64_t>(answers);
  DROVER_CHECK(given_back == sent);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view octets = View(data, std::min<size_t>(size, 8192));
  const std::vector<std::string> pdus = Cut(octets, 8192);
  DROVER_CHECK(pdus == Cut(octets, 1));
  DROVER_CHECK(pdus == Cut(octets, 7));
  for (const std::string& pdu : pdus) CheckPdu(pdu);
  CheckPdu(octets);
  for (const Role role : {Role::kEsme, Role::kSmsc}) {
    CheckSession(octets, role, 8192);
    CheckSession(octets, role, 23);
  }
  return 0;
}
