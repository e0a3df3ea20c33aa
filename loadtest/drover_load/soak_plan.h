// What the operator of a soak wants next: operations whose every effect can be told from all
// others.
//
// Each terminal has a few slots, each with one operation under way at most and a subtree of its own
// (./S1, ./S2 ..), so that what a command did is never hidden by another operation. Values and new
// nodes are unique in the run. Slot 0 updates the firmware.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "loadtest/terminal/terminal.h"

namespace drover::load {

// What is played besides plain commands, Sequences and firmware updates.
struct SoakFeatures {
  bool atomics = false;        // Commands in an Atomic, with a prompt in front.
  bool large_objects = false;  // Values of 20 to 100 KiB, both ways.
};

struct SoakOperation {
  operations::v1::NewOperation wanted;
  std::vector<std::string> expected;  // Beside the commands: what a GET has to report; empty: any.
  uint64_t serial = 0;                // 1 for the first of the run.
  uint32_t terminal = 0;
  uint32_t slot = 0;
};

class SoakPlan {
 public:
  // run: part of every value, so that two runs on one cluster stay apart.
  SoakPlan(std::string run, uint64_t seed, SoakFeatures features);

  // The next operation of a slot whose last one has ended; nothing else changes its subtree.
  SoakOperation Draw(const terminal::Terminal& device, uint32_t terminal, uint32_t slot);

 private:
  void FillSlot(const terminal::Terminal& device, uint32_t slot);
  void Tidy(const std::string& uri, const std::vector<std::string>& leaves);
  void Mixed(const std::string& uri, const std::vector<std::string>& leaves);
  void Atomic(const std::string& uri);
  void UpdateFirmware();
  operations::v1::Command& Add(operations::v1::Verb verb, std::string uri,
                               std::string expected = "");
  void Write(operations::v1::Verb verb, std::string uri, std::string value);
  std::string Value();
  std::string LargeValue();
  std::string Leaf(const char* prefix) const;
  uint64_t Pick(uint64_t n) { return random_() % n; }

  const std::string run_;
  const SoakFeatures features_;
  std::mt19937_64 random_;
  uint64_t serial_ = 0;
  uint64_t values_ = 0;
  SoakOperation drawn_;
};

}  // namespace drover::load
