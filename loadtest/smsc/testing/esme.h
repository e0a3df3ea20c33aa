// An ESME for tests: libs/smpp's session over a blocking socket. Waits at most 10 s for anything.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/smpp/session.h"

namespace drover::smsc::testing {

class Esme : private smpp::SessionHandler {
 public:
  struct Answered {
    uint64_t token = 0;
    smpp::Outcome outcome = smpp::Outcome::kAnswered;
    smpp::CommandStatus status = smpp::CommandStatus::kRok;
    std::string message_id;
    std::string tlvs;
  };
  struct Message {  // deliver_sm
    std::string source, destination, user_data, tlvs;
    uint8_t esm_class = 0;
    uint8_t data_coding = 0;
  };
  struct Queried {
    uint8_t state = 0;
    std::string final_date;
  };

  // address: "127.0.0.1:1234".
  Esme(const std::string& address, smpp::SessionSettings settings);
  ~Esme() override;
  Esme(const Esme&) = delete;
  Esme& operator=(const Esme&) = delete;

  // False: refused; end says why.
  bool Bind();
  template <typename T>
  smpp::Sent Send(const T& body, uint64_t token) {
    const smpp::Sent sent = session_.Send(body, token, Now());
    Flush();
    return sent;
  }
  // Sends a PDU as it is, with the sequence number of an answer nobody waits for.
  void SendRaw(std::string_view octets);
  // Reads until done() or 10 s have passed; returns done().
  bool Until(const std::function<bool()>& done);
  void Unbind();
  void HangUp();
  // What deliver_sm are answered with from now on.
  void set_reply(smpp::CommandStatus status) { reply_ = status; }

  std::vector<Answered> answers;
  std::vector<Message> messages;
  std::vector<std::string> alerts;  // Whose terminals are back.
  std::vector<Queried> queried;
  std::optional<smpp::End> end;
  bool bound = false;

 private:
  static smpp::Time Now() { return std::chrono::steady_clock::now(); }
  void Flush();
  void OnBound(const smpp::Bound&) override { bound = true; }
  void OnAnswer(uint64_t token, const smpp::Answer& answer) override;
  void OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) override;
  void OnNotice(const smpp::Pdu& pdu) override;
  void OnEnd(const smpp::End& ended) override { end = ended; }

  smpp::Session session_;
  int socket_ = -1;
  smpp::CommandStatus reply_ = smpp::CommandStatus::kRok;
};

}  // namespace drover::smsc::testing
