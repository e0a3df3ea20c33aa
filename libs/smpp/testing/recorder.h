// A SessionHandler that writes down what it is told, and does what a test wants it to do then.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libs/smpp/session.h"

namespace drover::smpp::testing {

class Recorder final : public SessionHandler {
 public:
  struct Answered {
    uint64_t token = 0;
    Outcome outcome = Outcome::kAnswered;
    CommandStatus status = CommandStatus::kRok;
    std::string message_id;
    bool readable = false;
  };
  struct Request {
    RequestId id;
    std::string short_message;
  };

  void OnBound(const Bound& bound) override {
    ++bounds;
    version = bound.version;
    system_id = bound.system_id;
    if (on_bound) on_bound();
  }
  void OnBind(const Bind& bind) override {
    bound_as = std::string(bind.system_id) + ":" + std::string(bind.password);
    if (on_bind) on_bind();
  }
  void OnAnswer(uint64_t token, const Answer& answer) override {
    answers.push_back({token, answer.outcome, answer.status, std::string(answer.message_id),
                       answer.pdu != nullptr});
    if (on_answer) on_answer(answers.back());
  }
  void OnRequest(const RequestId& id, const Pdu& pdu) override {
    std::string message;
    std::visit(
        [&message](const auto& body) {
          if constexpr (requires { body.short_message; }) message = body.short_message;
        },
        pdu.body);
    requests.push_back({id, message});
    if (on_request) on_request(requests.back());
  }
  void OnNotice(const Pdu& pdu) override { notices.push_back(pdu.header.id); }
  void OnReady() override {
    ++readies;
    if (on_ready) on_ready();
  }
  void OnEnd(const End& end) override { ends.push_back(end); }

  int bounds = 0;
  int readies = 0;
  uint8_t version = 0;
  std::string system_id;
  std::string bound_as;
  std::vector<Answered> answers;
  std::vector<Request> requests;
  std::vector<CommandId> notices;
  std::vector<End> ends;
  std::function<void()> on_bound, on_bind, on_ready;
  std::function<void(const Answered&)> on_answer;
  std::function<void(const Request&)> on_request;
};

}  // namespace drover::smpp::testing
