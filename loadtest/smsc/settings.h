// How the simulated SMSC and its radio behave. All times are simulated ones.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/smpp/command.h"

namespace drover::smsc {

using Span = std::chrono::microseconds;

struct RadioSettings {
  double loss = 0;             // Of the attempts while the terminal is there.
  double ack_loss = 0;         // Of those that succeed: delivered, but taken for lost.
  Span present_mean{0};        // How long terminals stay and are away; exponential.
  Span absent_mean{0};         // 0: they are always there.
  double busy_refusal = 0.5;   // Of attempts while another to the same terminal is under way.
  Span paged{4'000'000};       // A delivery with fresh paging.
  Span followed{1'500'000};    // A following segment on a link that was kept.
  Span loss_found{8'000'000};  // Until a loss, an absence is noticed.
  Span absence_found{5'000'000};
  Span busy_found{500'000};
  Span link_kept{5'000'000};   // After a segment that said that more come.
  Span queue_mean{5'000'000};  // Waits in the SMSC before fresh paging; exponential.
};

// Everything at once and nothing lost: for the measurement of who sends.
RadioSettings InstantRadio();

enum class IdForm : uint8_t { kHex, kUpperHex, kDecimal, kPadded };  // kPadded: 10 digits.
enum class ReceiptForm : uint8_t { kText, kTlv, kBoth };

struct Settings {
  uint64_t seed = 1;
  RadioSettings radio;
  // Store and forward.
  std::vector<Span> retries;  // Between attempts; the last one again and again, +-10 %.
  uint32_t attempts = 0;      // After so many a message is UNDELIV; 0: until it expires.
  Span validity{std::chrono::hours(24)};  // If the message does not say.
  bool resume_on_return = false;          // A terminal that returns is tried again at once.
  // Transaction mode: of a segment that the SMSC has cut itself.
  uint32_t fast_retries = 2;
  Span fast_retry_after{2'000'000};
  // Answers and receipts.
  Span answer_after{0};
  Span receipt_after{0};
  IdForm id_form = IdForm::kHex;
  IdForm receipt_id_form = IdForm::kHex;
  ReceiptForm receipt_form = ReceiptForm::kBoth;
  bool alerts = true;  // Where set_dpf asked for it.
  uint64_t first_id = 1;
  // Refusals.
  uint32_t throttle_every = 0;  // Every n-th submission: ESME_RTHROTTLED.
  double throttle_above = 0;    // Submissions a simulated second; more are throttled.
  size_t queue_limit = 100;     // Waiting for one terminal; more: ESME_RMSGQFUL.
  std::vector<std::pair<std::string, smpp::CommandStatus>> refusals;  // By prefix of destination.
  // What is remembered.
  size_t keep_messages = 1'000'000;  // Whole ones, for whoever asks; the oldest go first.
  size_t keep_final = 1'000'000;     // States of messages that came to an end, for query_sm.
};

// 60, 120, 300, 600, 900, 1800, 3600 s.
std::vector<Span> DefaultRetries();

}  // namespace drover::smsc
