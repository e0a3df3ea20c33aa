// Octets to Message and back, in either encoding; the limits and errors that both share.
//
// Decoding is strict about what could harm (sizes, depth, counts, entities) and lenient about what
// terminals do (any order of elements, MetInf or not, white space, unknown elements): see
// docs/protocol.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/syncml/message.h"

namespace drover::syncml {

enum class Encoding : uint8_t { kXml, kWbxml };

struct Limits {
  size_t octets = 4 * 1024 * 1024;  // Of the message as received.
  uint32_t depth = 64;              // Of nested elements.
  uint32_t elements = 100'000;      // In the whole message.
  uint32_t commands = 4'096;        // Children of SyncBody, Atomic and Sequence together.
  uint32_t items = 32'768;          // Of all commands together.
};

// Why a decoder stopped, and at which octet of the input.
struct DecodeError {
  enum class Cause : uint8_t {
    kTruncated,  // The input ends inside an element, a token, a string.
    kMalformed,  // Not well formed; a token or reference that cannot be.
    kLimit,      // Past one of Limits, or an OPAQUE or string table longer than the input.
    kEntity,     // A DTD with declarations, or an entity that is neither predefined nor numeric.
    kCharset,    // A character set other than UTF-8 (US-ASCII and "unspecified" count as UTF-8).
    kNotSyncml,  // Well formed, but the root element is not SyncML or its header is missing.
  };
  Cause cause = Cause::kMalformed;
  size_t offset = 0;
  std::string message;  // For people: names the element and what was expected.
};
std::string_view Name(DecodeError::Cause cause);  // "truncated", "malformed", ..: a metric's label.

// A decoded message with the memory that it views. Movable; the input must outlive it.
class Document {
 public:
  Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  const Message& message() const { return *message_; }
  Message& message() { return *message_; }
  std::pmr::memory_resource* arena();
  // Copies text into the arena, for a message that is being built.
  std::string_view Keep(std::string_view text);

 private:
  struct Memory;  // The arena, whose first block is inline.
  std::unique_ptr<Memory> memory_;
  Message* message_;
};

struct Decoded {
  bool ok = false;
  Document document;  // If ok.
  DecodeError error;  // If not.
  explicit operator bool() const { return ok; }
};

// Both never throw, never read outside the input and take time linear in its size.
Decoded DecodeXml(std::string_view octets, const Limits& limits = {});
Decoded DecodeWbxml(std::string_view octets, const Limits& limits = {});
Decoded Decode(Encoding encoding, std::string_view octets, const Limits& limits = {});

// Elements in the DTD's order; namespace and public id by message.version. WBXML: version byte 02,
// public id by number, no string table, texts inline, kOpaque as OPAQUE, kMarkup as XML text. XML:
// no prolog, kMarkup as CDATA, kOpaque as base64.
void EncodeXml(const Message& message, std::string& out);    // Appends.
void EncodeWbxml(const Message& message, std::string& out);  // Appends.
void Encode(Encoding encoding, const Message& message, std::string& out);

}  // namespace drover::syncml
