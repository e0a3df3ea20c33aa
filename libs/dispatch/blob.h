// Octets on the heap behind one pointer: nothing where there are none.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace drover::dispatch {

class Blob {
 public:
  Blob() = default;
  explicit Blob(std::string_view octets) { Set(octets); }

  std::string_view view() const {
    if (block_ == nullptr) return {};
    uint32_t size;
    std::memcpy(&size, block_.get(), sizeof size);
    return {block_.get() + sizeof size, size};
  }
  bool empty() const { return block_ == nullptr; }
  // octets must not lie in this blob.
  void Set(std::string_view octets) {
    if (octets.empty()) {
      block_.reset();
      return;
    }
    const auto size = static_cast<uint32_t>(octets.size());
    block_ = std::make_unique_for_overwrite<char[]>(sizeof size + size);
    std::memcpy(block_.get(), &size, sizeof size);
    std::memcpy(block_.get() + sizeof size, octets.data(), size);
  }
  // What an allocator takes for it, about.
  size_t octets() const { return empty() ? 0 : view().size() + sizeof(uint32_t) + 8; }

 private:
  std::unique_ptr<char[]> block_;
};

}  // namespace drover::dispatch
