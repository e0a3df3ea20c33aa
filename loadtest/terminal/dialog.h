// User interaction: alerts 1100 to 1104 as a dialog, the user who answers it, and the Status that
// says what came of it.
//
// Spec: OMA-TS-DM_Protocol-V1_2, "User interaction commands" and "Options". The user is a value
// that is handed in; nobody waits.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/syncml/message.h"
#include "loadtest/terminal/quirks.h"

namespace drover::terminal {

enum class DialogKind : int {
  kDisplay = 1100,
  kConfirm = 1101,
  kTextInput = 1102,
  kSingleChoice = 1103,
  kMultipleChoice = 1104,
};

// Option IT.
enum class InputKind : char {
  kAlphanumeric = 'A',
  kNumeric = 'N',    // Sign and decimal point included.
  kDate = 'D',       // DDMMYYYY
  kTime = 'T',       // hhmmss
  kPhone = 'P',      // "+" first, digits, p, w, s
  kIpAddress = 'I',  // xxx.yyy.zzz.www
};

struct Dialog {
  DialogKind kind = DialogKind::kDisplay;
  std::string text;
  std::vector<std::string> choices;             // Numbered from 1.
  std::chrono::seconds min_display{0};          // MINDT; 0: not given.
  std::chrono::seconds max_display{0};          // MAXDT; 0: not given.
  std::optional<std::string> default_response;  // DR, as it was written.
  uint32_t max_length = 0;                      // MAXLEN; 0: no limit.
  InputKind input = InputKind::kAlphanumeric;
  bool password = false;  // ET=P
};

// What the user did.
struct Answer {
  enum class Kind : uint8_t {
    kAccepted,  // Read it, said yes, entered or chose.
    kRejected,  // Said no (1101).
    kCancelled,
    kNone,  // Is not there.
  };
  Kind kind = Kind::kAccepted;
  std::string text;               // 1102
  std::vector<uint32_t> choices;  // 1103, 1104
  std::chrono::seconds after{0};  // How long it took; more than MAXDT is too late.
};

// device_id: whose screen it is.
using User = std::function<Answer(std::string_view device_id, const Dialog& dialog)>;
// One who agrees: yes, the default response, or else the first choice and a text of the wanted
// kind.
Answer AgreeableUser(std::string_view device_id, const Dialog& dialog);

// The dialog of an alert; or the status that refuses it: 400, 406, 412 (Items missing), 416 (too
// long or too many choices).
std::variant<Dialog, int> DialogOf(const syncml::Command& alert, const Quirks& quirks);

struct DialogOutcome {
  int status = 200;  // 200, 214 (or 215), 304, 408, 500
  std::vector<std::string> items;
};
// What the terminal reports of the user's answer: too late an answer is the default response, or
// 408 without one.
DialogOutcome OutcomeOf(const Dialog& dialog, const Answer& answer, const Quirks& quirks);

}  // namespace drover::terminal
