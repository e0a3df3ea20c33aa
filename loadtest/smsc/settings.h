// How the simulated SMSC and its radio behave. All times are simulated ones.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/smpp/command.h"
#include "loadtest/radio/radio.h"

namespace drover::smsc {

using Span = std::chrono::microseconds;

struct RadioSettings {
  radio::Profile profile{.loss = 0, .busy = 0.5};
  radio::Timing timing;
  double ack_loss = 0;  // Of what is delivered: the SMSC takes it for lost.
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
