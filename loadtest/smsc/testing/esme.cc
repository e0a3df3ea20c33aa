#include "loadtest/smsc/testing/esme.h"

#include <array>
#include <cstdlib>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drover::smsc::testing {
namespace {

constexpr std::chrono::seconds kPatience{10};

}  // namespace

Esme::Esme(const std::string& address, smpp::SessionSettings settings)
    : session_(std::move(settings), *this) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.substr(colon + 1).c_str())));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) HangUp();
}

Esme::~Esme() { HangUp(); }

void Esme::HangUp() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

bool Esme::Bind() {
  session_.Connected(Now());
  Flush();
  return Until([this] { return bound || end; }) && bound;
}

void Esme::Flush() {
  std::string output;
  session_.TakeOutput(output);
  SendRaw(output);
}

void Esme::SendRaw(std::string_view octets) {
  while (!octets.empty() && socket_ >= 0) {
    const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return HangUp();
    octets.remove_prefix(static_cast<size_t>(sent));
  }
}

bool Esme::Until(const std::function<bool()>& done) {
  const smpp::Time deadline = Now() + kPatience;
  std::array<char, 16384> piece;
  while (!done() && Now() < deadline && socket_ >= 0) {
    session_.Tick(Now());
    Flush();
    pollfd poll{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&poll, 1, 50) <= 0) continue;
    const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) {
      session_.Closed("the peer closed", 0, Now());
      HangUp();
      break;
    }
    session_.Octets({piece.data(), static_cast<size_t>(size)}, Now());
    Flush();
  }
  return done();
}

void Esme::Unbind() {
  session_.Unbind(Now());
  Flush();
  Until([this] { return end.has_value(); });
}

void Esme::OnAnswer(uint64_t token, const smpp::Answer& answer) {
  answers.push_back({token, answer.outcome, answer.status, std::string(answer.message_id),
                     std::string(answer.tlvs.octets())});
  if (answer.pdu == nullptr || answer.status != smpp::CommandStatus::kRok) return;
  if (const auto* query = std::get_if<smpp::QuerySmResp>(&answer.pdu->body)) {
    queried.push_back({query->message_state, std::string(query->final_date)});
  }
}

void Esme::OnRequest(const smpp::RequestId& id, const smpp::Pdu& pdu) {
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) {
    messages.push_back({std::string(deliver->source.digits),
                        std::string(deliver->destination.digits),
                        std::string(deliver->short_message), std::string(deliver->tlvs.octets()),
                        deliver->esm_class, deliver->data_coding});
  }
  session_.RespondBare(id, reply_, Now());
}

void Esme::OnNotice(const smpp::Pdu& pdu) {
  const auto* const alert = std::get_if<smpp::AlertNotification>(&pdu.body);
  if (alert != nullptr) alerts.emplace_back(alert->source.digits);
}

}  // namespace drover::smsc::testing
