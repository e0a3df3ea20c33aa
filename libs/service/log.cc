#include "libs/service/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <utility>

#include <unistd.h>

#include "libs/base/bytes.h"
#include "libs/base/clock.h"

namespace drover::service {
namespace {

struct Settings {
  std::string service = "drover";
  std::atomic<Level> least = Level::kInfo;
  LogFormat format = LogFormat::kJson;
};
Settings& TheSettings() {
  static Settings settings;
  return settings;
}

std::string_view Name(Level level) {
  static constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
  return kNames[static_cast<size_t>(level)];
}

void AppendEscaped(std::string& out, unsigned char c) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out.append("\\u00");
  out.push_back(kDigits[c >> 4]);
  out.push_back(kDigits[c & 15]);
}

// Octets that are not UTF-8 are shown as the characters of the same number.
void AppendString(std::string& out, std::string_view text) {
  const bool utf8 = base::IsUtf8(text);
  out.push_back('"');
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (octet < 0x20 || octet == 0x7f || (octet >= 0x80 && !utf8)) {
      AppendEscaped(out, octet);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

template <typename Number>
void AppendNumber(std::string& out, Number value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void AppendValue(std::string& out, const Field& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return AppendString(out, *text);
  if (const auto* number = std::get_if<int64_t>(&field.value)) return AppendNumber(out, *number);
  if (const auto* real = std::get_if<double>(&field.value)) {
    if (*real - *real != 0) return AppendString(out, "not a number");  // JSON has no inf, no nan.
    return AppendNumber(out, *real);
  }
  out.append(std::get<bool>(field.value) ? "true" : "false");
}

std::string Json(Level level, std::string_view event, std::string_view message,
                 std::initializer_list<Field> fields) {
  std::string line = "{\"ts\":\"" + Rfc3339(SystemNow()) + "\",\"level\":\"";
  line.append(Name(level)).append("\",\"service\":");
  AppendString(line, TheSettings().service);
  line.append(",\"event\":");
  AppendString(line, event);
  line.append(",\"msg\":");
  AppendString(line, message);
  for (const Field& field : fields) {
    line.push_back(',');
    AppendString(line, field.key);
    line.push_back(':');
    AppendValue(line, field);
  }
  line.append("}\n");
  return line;
}

std::string Text(Level level, std::string_view event, std::string_view message,
                 std::initializer_list<Field> fields) {
  std::string line = Rfc3339(SystemNow()) + " ";
  line.append(Name(level)).append(level == Level::kDebug || level == Level::kError ? " " : "  ");
  line.append(TheSettings().service).append(" ").append(event).append(": ");
  for (const char c : message) line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  for (const Field& field : fields) {
    line.push_back(' ');
    line.append(field.key).push_back('=');
    AppendValue(line, field);
  }
  line.push_back('\n');
  return line;
}

}  // namespace

void ConfigureLog(std::string service, Level least, LogFormat format) {
  Settings& settings = TheSettings();
  settings.service = std::move(service);
  settings.least = least;
  settings.format = format;
}

void Log(Level level, std::string_view event, std::string_view message,
         std::initializer_list<Field> fields) {
  const Settings& settings = TheSettings();
  if (level < settings.least.load(std::memory_order_relaxed)) return;
  const std::string line = settings.format == LogFormat::kJson
                               ? Json(level, event, message, fields)
                               : Text(level, event, message, fields);
  // One write a line, so that lines of several threads do not mix. What cannot be written is lost.
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string Redacted(std::string_view id) {
  // FNV-1a, stirred; 16 bits of it: enough to follow one device through a log, not to name it.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
  const std::string digest = base::Hex(base::BigEndian64(hash));
  return std::string(id.substr(0, std::min<size_t>(8, id.size() / 2))) + "..#" +
         digest.substr(0, 4);
}

Sampler::Sampler(int burst, std::chrono::seconds interval) : burst_(burst), interval_(interval) {}

int64_t Sampler::Admit(std::chrono::steady_clock::time_point now) {
  if (now - window_ >= interval_) {
    window_ = now;
    used_ = 0;
  }
  if (used_ == burst_) {
    ++dropped_;
    return -1;
  }
  ++used_;
  return std::exchange(dropped_, 0);
}

}  // namespace drover::service
