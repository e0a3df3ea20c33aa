#include "libs/syncml/document.h"

#include <cstddef>
#include <cstring>

namespace drover::syncml {

// Most messages fit into the first block, so that decoding one allocates once.
struct Document::Memory {
  static constexpr size_t kFirstBlock = 16 * 1024;
  alignas(std::max_align_t) std::byte first[kFirstBlock];
  std::pmr::monotonic_buffer_resource arena{first, kFirstBlock};
  Message message{&arena};
};

// Not make_unique: it would zero the first block.
Document::Document() : memory_(new Memory), message_(&memory_->message) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::pmr::memory_resource* Document::arena() { return &memory_->arena; }

std::string_view Document::Keep(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(memory_->arena.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

std::string_view Name(DecodeError::Cause cause) {
  switch (cause) {
    case DecodeError::Cause::kTruncated:
      return "truncated";
    case DecodeError::Cause::kMalformed:
      return "malformed";
    case DecodeError::Cause::kLimit:
      return "limit";
    case DecodeError::Cause::kEntity:
      return "entity";
    case DecodeError::Cause::kCharset:
      return "charset";
    case DecodeError::Cause::kNotSyncml:
      return "not_syncml";
  }
  return "unknown";
}

Decoded Decode(Encoding encoding, std::string_view octets, const Limits& limits) {
  return encoding == Encoding::kXml ? DecodeXml(octets, limits) : DecodeWbxml(octets, limits);
}

void Encode(Encoding encoding, const Message& message, std::string& out) {
  encoding == Encoding::kXml ? EncodeXml(message, out) : EncodeWbxml(message, out);
}

}  // namespace drover::syncml
