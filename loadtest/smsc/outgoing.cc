#include "loadtest/smsc/outgoing.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "libs/sms/segments.h"
#include "loadtest/fleet/draw.h"

namespace drover::smsc {
namespace {

using smpp::Tag;

constexpr size_t kGarbageOctets = 64;
constexpr uint8_t kMsAvailable = 0;
constexpr std::array<std::string_view, 5> kModes{"proper", "nothing", "half", "garbage",
                                                 "huge-length"};

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::chrono::local_seconds Local(TimePoint time) {
  return std::chrono::local_seconds(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch());
}

smpp::NetworkErrorCode NetworkError(Failure failure) {
  return {smpp::NetworkErrorCode::Network::kGsm, GsmCode(failure)};
}

// delivery_failure_reason: 0 destination unavailable, 3 temporary network error.
uint32_t Reason(Failure failure) { return failure == Failure::kAbsent ? 0 : 3; }

}  // namespace

uint16_t GsmCode(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return 0;
    case Failure::kAbsent:
      return 27;
    case Failure::kBusy:
      return 31;
    case Failure::kLost:
    case Failure::kExpired:
      break;
  }
  return 36;  // An error in the terminal: says nothing of when to try again.
}

Outgoing ReceiptOf(const SendReceipt& sent, ReceiptForm form) {
  char err[8];
  const int size = std::snprintf(err, sizeof err, "%03u", GsmCode(sent.failure));
  smpp::Receipt receipt;
  receipt.id = sent.message_id;
  receipt.state = sent.state;
  receipt.stat = smpp::Stat(sent.state);
  receipt.err = {err, static_cast<size_t>(size)};
  receipt.network_error = NetworkError(sent.failure);
  receipt.sub = 1;
  receipt.dlvrd = sent.state == smpp::MessageState::kDelivered ? 1 : 0;
  receipt.submit_date = Local(sent.submitted);
  receipt.done_date = Local(sent.done);
  if (IsPlain(sent.text)) receipt.text = sent.text;
  Outgoing out{.receipt_of = sent.id, .source = sent.terminal, .destination = sent.source};
  out.esm_class = smpp::esm::kReceipt;
  if (form != ReceiptForm::kTlv) out.user_data = smpp::ReceiptText(receipt);
  if (form != ReceiptForm::kText) {
    smpp::TlvWriter writer(out.tlvs);
    smpp::AppendReceiptTlvs(receipt, writer);
  }
  return out;
}

Outgoing AlertOf(const SendAlert& alert) {
  Outgoing out{.alert = true, .source = alert.terminal, .destination = alert.source};
  smpp::TlvWriter(out.tlvs).Number(Tag::kMsAvailabilityStatus, kMsAvailable);
  return out;
}

std::string AnswerTlvs(const Answer& answer) {
  std::string tlvs;
  if (answer.status != smpp::CommandStatus::kRdeliveryFailure) return tlvs;
  smpp::TlvWriter writer(tlvs);
  writer.Number(Tag::kDeliveryFailureReason, Reason(answer.failure));
  writer.Network(NetworkError(answer.failure));
  if (answer.dpf) writer.Number(Tag::kDpfResult, 1);
  return tlvs;
}

Result<std::vector<Outgoing>> SegmentsOf(const MobileMessage& message, uint16_t reference) {
  sms::Coding coding = sms::Coding::kOctets;
  if (message.data_coding == 0) coding = sms::Coding::kGsm7;
  if (message.data_coding == 8) coding = sms::Coding::kUcs2;
  const sms::Layout layout{.coding = coding, .ports = message.ports};
  DROVER_TRY(const sms::Plan plan, sms::Plan::Make(message.octets, layout, sms::kMaxSegments));
  std::vector<Outgoing> segments;
  for (size_t k = 1; k <= plan.count(); ++k) {
    Outgoing out{.source = message.terminal, .destination = message.destination};
    out.esm_class = plan.has_udh() ? smpp::esm::kUdhi : uint8_t{0};
    out.data_coding = message.data_coding;
    plan.AppendSegment(k, reference, out.user_data);
    segments.push_back(std::move(out));
  }
  if (message.reversed) std::ranges::reverse(segments);
  return segments;
}

std::optional<AnswerMode> ParseAnswerMode(std::string_view name) {
  const auto found = std::ranges::find(kModes, name);
  if (found == kModes.end()) return std::nullopt;
  return static_cast<AnswerMode>(found - kModes.begin());
}

std::string_view Name(AnswerMode mode) { return kModes[static_cast<size_t>(mode)]; }

std::string Spoilt(AnswerMode mode, std::string_view response) {
  switch (mode) {
    case AnswerMode::kProper:
      return std::string(response);
    case AnswerMode::kNothing:
      return {};
    case AnswerMode::kHalf:
      return std::string(response.substr(0, response.size() / 2));
    case AnswerMode::kGarbage:
      break;
    case AnswerMode::kHugeLength:
      return "\xFF\xFF\xFF\xFF" + std::string(response.substr(4));
  }
  std::string garbage;
  for (size_t i = 0; i < kGarbageOctets; ++i) {
    garbage += static_cast<char>(fleet::Mixed(i + response.size()));
  }
  return garbage;
}

}  // namespace drover::smsc
