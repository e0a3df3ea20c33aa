#include "loadtest/terminal/dialog.h"

#include <algorithm>
#include <charconv>

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kCancelled = 214;
constexpr int kNotExecuted = 215;
constexpr int kNotModified = 304;
constexpr int kBadRequest = 400;
constexpr int kNotSupported = 406;
constexpr int kTimeout = 408;
constexpr int kIncomplete = 412;
constexpr int kTooBig = 416;
constexpr int kCommandFailed = 500;

// What fits the screen.
constexpr size_t kMaxText = 2000;
constexpr size_t kMaxChoices = 20;
constexpr size_t kMaxTextOfFewAlerts = 1000;
constexpr std::string_view kInputKinds = "ANDTPI";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// "John+Doe%21" is "John Doe!".
std::string UrlDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
                        HexDigit(text[i + 2]) >= 0;
    if (escape) {
      decoded += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

uint32_t NumberIn(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

// Options that are not known, or make no sense, are skipped.
void ReadOption(std::string_view name, const std::string& value, Dialog& dialog) {
  if (name == "MINDT") {
    dialog.min_display = std::chrono::seconds(NumberIn(value));
  } else if (name == "MAXDT") {
    dialog.max_display = std::chrono::seconds(NumberIn(value));
  } else if (name == "DR") {
    if (dialog.kind != DialogKind::kDisplay) dialog.default_response = value;
  } else if (name == "MAXLEN") {
    dialog.max_length = NumberIn(value);
  } else if (name == "IT" && value.size() == 1 &&
             kInputKinds.find(value[0]) != std::string_view::npos) {
    dialog.input = static_cast<InputKind>(value[0]);
  } else if (name == "ET") {
    dialog.password = value == "P";
  }
}

void ReadOptions(std::string_view options, Dialog& dialog) {
  while (!options.empty()) {
    const size_t end = std::min(options.find('&'), options.size());
    const std::string_view option = options.substr(0, end);
    options.remove_prefix(std::min(end + 1, options.size()));
    const size_t equals = option.find('=');
    if (equals == std::string_view::npos) continue;
    ReadOption(option.substr(0, equals), UrlDecoded(option.substr(equals + 1)), dialog);
  }
}

bool All(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool IsNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && All(text, "0123456789.") && std::ranges::count(text, '.') <= 1;
}

bool IsIpAddress(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const size_t dot = std::min(text.find('.'), text.size());
    const std::string_view number = text.substr(0, dot);
    if (number.empty() || number.size() > 3 || !All(number, "0123456789")) return false;
    if (NumberIn(number) > 255) return false;
    if ((dot == text.size()) != (part == 3)) return false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return true;
}

bool IsPhoneNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && All(text, "0123456789pws");
}

// What the input field lets through.
bool Fits(const Dialog& dialog, std::string_view text) {
  if (dialog.max_length != 0 && text.size() > dialog.max_length) return false;
  switch (dialog.input) {
    case InputKind::kAlphanumeric:
      return true;
    case InputKind::kNumeric:
      return IsNumber(text);
    case InputKind::kDate:
      return text.size() == 8 && All(text, "0123456789");
    case InputKind::kTime:
      return text.size() == 6 && All(text, "0123456789");
    case InputKind::kPhone:
      return IsPhoneNumber(text);
    case InputKind::kIpAddress:
      break;
  }
  return IsIpAddress(text);
}

std::string_view SampleOf(InputKind kind) {
  switch (kind) {
    case InputKind::kAlphanumeric:
      return "ok";
    case InputKind::kNumeric:
      return "7";
    case InputKind::kDate:
      return "31122026";
    case InputKind::kTime:
      return "235959";
    case InputKind::kPhone:
      return "+4930123456";
    case InputKind::kIpAddress:
      break;
  }
  return "192.168.100.200";
}

// "2-3"
std::vector<uint32_t> ChoicesIn(std::string_view text) {
  std::vector<uint32_t> choices;
  while (!text.empty()) {
    const size_t end = std::min(text.find('-'), text.size());
    choices.push_back(NumberIn(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return choices;
}

DialogOutcome OfChoices(const Dialog& dialog, const std::vector<uint32_t>& choices) {
  DialogOutcome outcome;
  for (const uint32_t choice : choices) {
    if (choice == 0 || choice > dialog.choices.size()) return {kCommandFailed, {}};
    outcome.items.push_back(std::to_string(choice));
  }
  if (dialog.kind == DialogKind::kSingleChoice && choices.size() != 1) return {kCommandFailed, {}};
  return outcome;
}

DialogOutcome OfDefault(const Dialog& dialog) {
  if (!dialog.default_response) return {kTimeout, {}};
  const std::string& text = *dialog.default_response;
  switch (dialog.kind) {
    case DialogKind::kDisplay:
      break;
    case DialogKind::kConfirm:
      return {text == "1" ? kOk : kNotModified, {}};
    case DialogKind::kTextInput:
      if (Fits(dialog, text)) return {kOk, {text}};
      break;
    case DialogKind::kSingleChoice:
    case DialogKind::kMultipleChoice:
      return OfChoices(dialog, ChoicesIn(text));
  }
  return {kTimeout, {}};
}

int RefusedByModel(DialogKind kind, size_t items, const Quirks& quirks) {
  const bool choice = kind == DialogKind::kSingleChoice || kind == DialogKind::kMultipleChoice;
  if (quirks.Has(Quirk::kNoUi)) return kNotSupported;
  if (quirks.Has(Quirk::kUiFewAlerts) &&
      (kind == DialogKind::kTextInput || kind == DialogKind::kMultipleChoice)) {
    return kNotSupported;
  }
  return quirks.Has(Quirk::kUiTwoItems) && !choice && items != 2 ? kIncomplete : 0;
}

std::string TextOf(const syncml::Item& item) {
  return item.data ? std::string(item.data->octets) : std::string();
}

}  // namespace

Answer AgreeableUser(std::string_view /*device_id*/, const Dialog& dialog) {
  Answer answer;
  const bool has_default = dialog.default_response && !dialog.default_response->empty();
  if (dialog.kind == DialogKind::kTextInput) {
    answer.text = has_default ? *dialog.default_response : SampleOf(dialog.input);
    if (!Fits(dialog, answer.text)) answer.text = SampleOf(dialog.input);
    if (dialog.max_length != 0)
      answer.text.resize(std::min<size_t>(answer.text.size(), dialog.max_length));
  } else if (!dialog.choices.empty()) {
    answer.choices = has_default ? ChoicesIn(*dialog.default_response) : std::vector<uint32_t>{1};
  }
  return answer;
}

std::variant<Dialog, int> DialogOf(const syncml::Command& alert, const Quirks& quirks) {
  const uint32_t code = alert.data ? NumberIn(alert.data->octets) : 0;
  if (code < 1100 || code > 1104) return kNotSupported;
  Dialog dialog;
  dialog.kind = static_cast<DialogKind>(code);
  if (const int refused = RefusedByModel(dialog.kind, alert.items.size(), quirks)) return refused;
  const bool choice = code >= 1103;
  if (alert.items.size() < (choice ? 3U : 2U)) return kIncomplete;
  ReadOptions(TextOf(alert.items[0]), dialog);
  dialog.text = TextOf(alert.items[1]);
  if (dialog.text.empty()) return kIncomplete;
  if (quirks.Has(Quirk::kUiFewAlerts) && dialog.text.size() > kMaxTextOfFewAlerts) {
    return kBadRequest;
  }
  for (size_t i = 2; choice && i < alert.items.size(); ++i) {
    dialog.choices.push_back(TextOf(alert.items[i]));
  }
  if (dialog.text.size() > kMaxText || dialog.choices.size() > kMaxChoices) return kTooBig;
  return dialog;
}

DialogOutcome OutcomeOf(const Dialog& dialog, const Answer& answer, const Quirks& quirks) {
  const bool late = dialog.max_display.count() != 0 && answer.after > dialog.max_display;
  if (late || answer.kind == Answer::Kind::kNone) return OfDefault(dialog);
  if (answer.kind == Answer::Kind::kCancelled) {
    return {quirks.Has(Quirk::kCancelAs215) ? kNotExecuted : kCancelled, {}};
  }
  const bool rejected = answer.kind == Answer::Kind::kRejected;
  switch (dialog.kind) {
    case DialogKind::kDisplay:
      break;
    case DialogKind::kConfirm:
      return {rejected ? kNotModified : kOk, {}};
    case DialogKind::kTextInput:
      if (!Fits(dialog, answer.text)) return {kCommandFailed, {}};
      return {kOk, {answer.text}};
    case DialogKind::kSingleChoice:
    case DialogKind::kMultipleChoice:
      return OfChoices(dialog, answer.choices);
  }
  return {kOk, {}};
}

}  // namespace drover::terminal
