// Which replica of session takes which terminal: rendezvous hashing (highest random weight), so
// that a terminal keeps its replica while others come and go, and replicas share evenly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drover::ingress {

class Rendezvous {
 public:
  // targets: names of the replicas ("10.0.0.7:9090"); the same names give the same choice in every
  // process, in whatever order they are listed.
  explicit Rendezvous(const std::vector<std::string>& targets);

  // The index of the best of the replicas that are usable; nullopt if none is.
  std::optional<size_t> Pick(std::string_view device,
                             const std::function<bool(size_t)>& usable) const;

 private:
  std::vector<uint64_t> seeds_;
};

}  // namespace drover::ingress
