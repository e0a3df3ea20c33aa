// Bodies of every kind with random fields within their limits.
#pragma once
#include <deque>
#include <random>
#include <string>
#include <string_view>

#include "libs/smpp/pdu.h"

namespace drover::smpp::testing {

class RandomBody {
 public:
  explicit RandomBody(uint32_t seed) : random_(seed) {}

  // kind: an index of Body's alternatives. What it views lives as long as this.
  Body Make(size_t kind);
  // Printable, 0 to most octets.
  std::string_view Text(size_t most);
  std::string_view Octets(size_t most);
  Address Addr(size_t most);
  Tlvs MakeTlvs();
  uint32_t Below(uint32_t limit) {
    return std::uniform_int_distribution<uint32_t>(0, limit - 1)(random_);
  }

 private:
  template <typename T>
  void Fill(T& body);
  uint8_t Octet() { return static_cast<uint8_t>(Below(256)); }
  std::string_view Keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  std::mt19937 random_;
  std::deque<std::string> kept_;
};

}  // namespace drover::smpp::testing
