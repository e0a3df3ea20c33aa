// Log lines: one JSON object (or text) a line on stderr.
//
//   Log(Level::kWarn, "codec.rejected", "a message did not decode",
//       {{"device", Redacted(id)}, {"cause", "truncated"}, {"offset", 17}});
//
// event: a stable, dotted name to search by. Never a secret, never an IMSI, IMEI or MSISDN but
// Redacted.
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace drover::service {

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : uint8_t { kJson, kText };

struct Field {
  std::string_view key;
  std::variant<std::string, int64_t, double, bool> value;
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  Field(std::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}
};

void Log(Level level, std::string_view event, std::string_view message,
         std::initializer_list<Field> fields = {});
// Called once by the frame.
void ConfigureLog(std::string service, Level least, LogFormat format);

// A device id as logs may show it: the first 8 characters and a keyed hash ("IMEI:493..#5f2a").
std::string Redacted(std::string_view id);

// At most `burst` lines an interval for one event; the next line that passes says how many were
// left out.
class Sampler {
 public:
  explicit Sampler(int burst = 5, std::chrono::seconds interval = std::chrono::seconds(10));
  // nullopt-like: -1 when the line is to be left out, else the count left out since the last.
  int64_t Admit(std::chrono::steady_clock::time_point now);

 private:
  int burst_;
  std::chrono::seconds interval_;
  std::chrono::steady_clock::time_point window_{};
  int used_ = 0;
  int64_t dropped_ = 0;
};

}  // namespace drover::service
