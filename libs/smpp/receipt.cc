#include "libs/smpp/receipt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace drover::smpp {
namespace {

struct StateName {
  std::string_view stat;
  std::string_view word;
};
// By MessageState.
constexpr std::array<StateName, 10> kStates = {{{"SCHEDLD", "SCHEDULED"},
                                                {"ENROUTE", "ENROUTE"},
                                                {"DELIVRD", "DELIVERED"},
                                                {"EXPIRED", "EXPIRED"},
                                                {"DELETED", "DELETED"},
                                                {"UNDELIV", "UNDELIVERABLE"},
                                                {"ACCEPTD", "ACCEPTED"},
                                                {"UNKNOWN", "UNKNOWN"},
                                                {"REJECTD", "REJECTED"},
                                                {"SKIPPED", "SKIPPED"}}};

enum class Key : uint8_t { kId, kSub, kDlvrd, kSubmitDate, kDoneDate, kStat, kErr, kText };
struct KeyName {
  std::string_view name;
  Key key;
};
constexpr std::array<KeyName, 12> kKeys = {{{"id", Key::kId},
                                            {"sub", Key::kSub},
                                            {"dlvrd", Key::kDlvrd},
                                            {"submit date", Key::kSubmitDate},
                                            {"submit_date", Key::kSubmitDate},
                                            {"submitdate", Key::kSubmitDate},
                                            {"done date", Key::kDoneDate},
                                            {"done_date", Key::kDoneDate},
                                            {"donedate", Key::kDoneDate},
                                            {"stat", Key::kStat},
                                            {"err", Key::kErr},
                                            {"text", Key::kText}}};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool StartsWithNoCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(),
                                                   [](char l, char c) { return l == Lower(c); });
}

// The key with its colon that text begins with.
std::optional<Key> KeyAt(std::string_view text, size_t& octets) {
  for (const KeyName& known : kKeys) {
    const size_t size = known.name.size();
    if (!StartsWithNoCase(text, known.name) || text.size() == size || text[size] != ':') continue;
    octets = size + 1;
    return known.key;
  }
  return std::nullopt;
}

// What was found for each key; the first of a kind counts.
class Values {
 public:
  explicit Values(std::string_view text) { Read(text); }
  std::string_view Of(Key key) const {
    return values_.at(static_cast<size_t>(key)).value_or(std::string_view());
  }

 private:
  void Read(std::string_view text);
  bool Has(Key key) const { return values_.at(static_cast<size_t>(key)).has_value(); }
  void Set(Key key, std::string_view value) {
    if (!Has(key)) values_.at(static_cast<size_t>(key)) = value;
  }
  static std::string_view Word(std::string_view rest);

  std::array<std::optional<std::string_view>, 8> values_;
};

// The value that rest begins with: up to a space; nothing, if another key comes next.
std::string_view Values::Word(std::string_view rest) {
  const size_t begin = rest.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  rest.remove_prefix(begin);
  size_t octets = 0;
  if (begin != 0 && KeyAt(rest, octets)) return {};
  const auto* const end = std::find_if(rest.begin(), rest.end(), IsSpace);
  std::string_view word(rest.begin(), static_cast<size_t>(end - rest.begin()));
  while (!word.empty() && (word.back() == ',' || word.back() == ';')) word.remove_suffix(1);
  return word;
}

void Values::Read(std::string_view text) {
  bool at_word = true;
  for (size_t i = 0; i < text.size(); ++i) {
    size_t octets = 0;
    const std::optional<Key> key = at_word ? KeyAt(text.substr(i), octets) : std::nullopt;
    at_word = IsSpace(text[i]) || text[i] == ',' || text[i] == ';';
    if (!key) continue;
    const std::string_view rest = text.substr(i + octets);
    // The message's own words may look like keys: it is taken whole, once all else was there.
    if (*key == Key::kText && Has(Key::kId) && Has(Key::kStat)) return Set(*key, rest);
    Set(*key, *key == Key::kText ? rest : Word(rest));
    i += octets - 1;
    at_word = true;
  }
}

std::optional<uint32_t> Number(std::string_view text) {
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

// "YYMMDDhhmm", with "ss", or with the century in front.
std::optional<std::chrono::local_seconds> Date(std::string_view text) {
  const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || (text.size() != 10 && text.size() != 12 && text.size() != 14)) {
    return std::nullopt;
  }
  const auto two = [&text] {
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return value;
  };
  const int century = text.size() == 14 ? two() : 20;
  const int year = 100 * century + two();
  const auto month = static_cast<unsigned>(two());
  const auto day = static_cast<unsigned>(two());
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  const int hour = two();
  const int minute = two();
  const int second = text.empty() ? 0 : two();
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::local_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

void ReadTlvs(const Tlvs& tlvs, Receipt& receipt) {
  if (const auto id = tlvs.Text(Tag::kReceiptedMessageId); id && !id->empty()) receipt.id = *id;
  if (const auto state = tlvs.Number(Tag::kMessageState); state && *state < kStates.size()) {
    receipt.state = static_cast<MessageState>(*state);
  }
  receipt.network_error = tlvs.network_error_code();
}

template <typename T>
std::string_view PayloadOr(const T& pdu, std::string_view otherwise) {
  if (!otherwise.empty()) return otherwise;
  return pdu.tlvs.Find(Tag::kMessagePayload).value_or(std::string_view());
}

std::string DateText(const std::optional<std::chrono::local_seconds>& date) {
  if (!date) return "";
  const auto midnight = std::chrono::floor<std::chrono::days>(*date);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(*date - midnight);
  std::array<char, 32> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%02d%02u%02u%02d%02d",
      (static_cast<int>(day.year()) % 100 + 100) % 100, static_cast<unsigned>(day.month()),
      static_cast<unsigned>(day.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()));
  return {text.data(), static_cast<size_t>(size)};
}

void AppendCount(std::string_view key, uint32_t count, std::string& out) {
  std::array<char, 16> text;
  const int size = std::snprintf(text.data(), text.size(), "%03u", count);
  out.append(key).append(text.data(), static_cast<size_t>(size));
}

}  // namespace

std::string_view Stat(MessageState state) {
  const auto index = static_cast<size_t>(state);
  return index < kStates.size() ? kStates.at(index).stat : "UNKNOWN";
}

std::optional<MessageState> ParseStat(std::string_view stat) {
  const auto same = [&](std::string_view name) {
    return name.size() == stat.size() &&
           std::equal(name.begin(), name.end(), stat.begin(),
                      [](char a, char b) { return Lower(a) == Lower(b); });
  };
  for (size_t i = 0; i < kStates.size(); ++i) {
    if (same(kStates.at(i).stat) || same(kStates.at(i).word)) return static_cast<MessageState>(i);
  }
  return std::nullopt;
}

bool IsFinal(MessageState state, bool accepted_is_final) {
  switch (state) {
    case MessageState::kDelivered:
    case MessageState::kExpired:
    case MessageState::kDeleted:
    case MessageState::kUndeliverable:
    case MessageState::kRejected:
    case MessageState::kSkipped:
      return true;
    case MessageState::kAccepted:
      return accepted_is_final;
    default:
      return false;
  }
}

bool IsReceipt(uint8_t esm_class) {
  const uint8_t type = esm_class & esm::kTypeMask;
  return type == esm::kReceipt || type == esm::kIntermediate;
}

Receipt ParseReceipt(std::string_view text, const Tlvs& tlvs) {
  const Values values(text);
  Receipt receipt;
  receipt.id = values.Of(Key::kId);
  receipt.stat = values.Of(Key::kStat);
  receipt.state = ParseStat(receipt.stat);
  receipt.err = values.Of(Key::kErr);
  receipt.sub = Number(values.Of(Key::kSub));
  receipt.dlvrd = Number(values.Of(Key::kDlvrd));
  receipt.submit_date = Date(values.Of(Key::kSubmitDate));
  receipt.done_date = Date(values.Of(Key::kDoneDate));
  receipt.text = values.Of(Key::kText);
  ReadTlvs(tlvs, receipt);
  return receipt;
}

Receipt ReadReceipt(const DeliverSm& pdu) {
  Receipt receipt = ParseReceipt(PayloadOr(pdu, pdu.short_message), pdu.tlvs);
  receipt.intermediate = (pdu.esm_class & esm::kTypeMask) == esm::kIntermediate;
  return receipt;
}

Receipt ReadReceipt(const DataSm& pdu) {
  Receipt receipt = ParseReceipt(PayloadOr(pdu, {}), pdu.tlvs);
  receipt.intermediate = (pdu.esm_class & esm::kTypeMask) == esm::kIntermediate;
  return receipt;
}

std::string ReceiptText(const Receipt& receipt) {
  std::string out("id:");
  out.append(receipt.id);
  AppendCount(" sub:", receipt.sub.value_or(1), out);
  const bool delivered = receipt.state == MessageState::kDelivered;
  AppendCount(" dlvrd:", receipt.dlvrd.value_or(delivered ? 1 : 0), out);
  out.append(" submit date:").append(DateText(receipt.submit_date));
  out.append(" done date:").append(DateText(receipt.done_date));
  out.append(" stat:").append(receipt.state ? Stat(*receipt.state) : receipt.stat);
  out.append(" err:").append(receipt.err.empty() ? std::string_view("000") : receipt.err);
  out.append(" text:").append(receipt.text);
  return out;
}

void AppendReceiptTlvs(const Receipt& receipt, TlvWriter& tlvs) {
  if (!receipt.id.empty()) tlvs.Text(Tag::kReceiptedMessageId, receipt.id);
  if (receipt.state) tlvs.Number(Tag::kMessageState, static_cast<uint32_t>(*receipt.state));
  if (receipt.network_error) tlvs.Network(*receipt.network_error);
}

}  // namespace drover::smpp
