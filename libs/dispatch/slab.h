// A table whose rows keep their place and their address: slots are given out and taken back.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace drover::dispatch {

template <typename T>
class Slab {
 public:
  T& operator[](uint32_t slot) { return chunks_[slot / kChunk][slot % kChunk]; }
  const T& operator[](uint32_t slot) const { return chunks_[slot / kChunk][slot % kChunk]; }

  // A slot with a T as it is made.
  uint32_t Take() {
    if (!free_.empty()) {
      const uint32_t slot = free_.back();
      free_.pop_back();
      return slot;
    }
    if (end_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<T[]>(kChunk));
    return end_++;
  }
  void Give(uint32_t slot) {
    (*this)[slot] = T();
    free_.push_back(slot);
  }

  // Slots 0..end() - 1 were given out at some time.
  uint32_t end() const { return end_; }
  size_t size() const { return end_ - free_.size(); }
  size_t octets() const {
    return chunks_.size() * kChunk * sizeof(T) + free_.capacity() * sizeof(uint32_t);
  }

 private:
  static constexpr size_t kChunk = 1024;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<uint32_t> free_;
  uint32_t end_ = 0;
};

}  // namespace drover::dispatch
