// Receipts that overtook the response that names their message: kept for a while, a bounded number.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/dispatch/effects.h"

namespace drover::dispatch {

class ParkedReceipts {
 public:
  explicit ParkedReceipts(size_t most) : most_(most) {}

  // How many had to go for it (0 or 1). One of the same key replaces the last.
  size_t Park(SmscId smsc, std::string_view key, const Report& report, int64_t until);
  std::optional<Report> Take(SmscId smsc, std::string_view key);
  // How many were waited for in vain.
  size_t Expire(int64_t now);
  int64_t NextExpiry() const { return order_.empty() ? INT64_MAX : order_.front().until; }
  size_t size() const { return parked_.size(); }

  template <typename F>  // f(smsc, key, report, until)
  void ForEach(F f) const {
    for (const auto& [name, parked] : parked_) {
      f(SmscOf(name), std::string_view(name).substr(2), parked.report, parked.until);
    }
  }

 private:
  struct Parked {
    Report report;
    int64_t until;
  };
  struct Turn {
    int64_t until;
    std::string name;
  };
  static std::string NameOf(SmscId smsc, std::string_view key);
  static SmscId SmscOf(std::string_view name);
  size_t DropFirst();

  size_t most_;
  std::unordered_map<std::string, Parked> parked_;  // By two octets of SMSC, then the key.
  std::deque<Turn> order_;                          // Some may be gone, or parked again since.
};

}  // namespace drover::dispatch
