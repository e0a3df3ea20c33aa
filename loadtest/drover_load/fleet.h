// Simulated terminals by the number: made from a seed, so that a later process makes the same ones.
#pragma once
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "loadtest/drover_load/options.h"
#include "loadtest/terminal/terminal.h"

namespace drover::load {

class Fleet {
 public:
  // specs: dealt out in turn; the views in them outlive the fleet.
  Fleet(const Endpoints& endpoints, std::vector<terminal::ModelSpec> specs, uint32_t count,
        uint64_t seed);
  Fleet(const Fleet&) = delete;

  size_t size() const { return terminals_.size(); }
  terminal::Terminal& operator[](size_t index) { return terminals_[index]; }
  const terminal::Terminal& operator[](size_t index) const { return terminals_[index]; }
  // Index by device id; -1: not of this fleet.
  int64_t IndexOf(const std::string& device_id) const;
  // The accounts as tree is to enrol them. Only before the first session.
  std::vector<tree::v1::NewDevice> Enrolments() const;
  terminal::Surroundings& surroundings() { return surroundings_; }

 private:
  std::mt19937_64 random_;
  terminal::Surroundings surroundings_;
  std::deque<terminal::Model> models_;
  std::deque<terminal::Terminal> terminals_;
  std::unordered_map<std::string, uint32_t> index_;
};

}  // namespace drover::load
