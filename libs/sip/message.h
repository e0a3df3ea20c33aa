// A SIP message as a view of its octets. Parsing allocates nothing.
//
// Strict: what RFC 3261 forbids is refused, with the status that answers it. Tolerated beyond the
// grammar: see README.md. The start line and the fields every message must have are parsed at once;
// the others where they are asked for (libs/sip/headers.h).
// Spec: RFC 3261, sections 7, 8.1.1, 18.3, 20 and 25.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/sip/headers.h"
#include "libs/sip/uri.h"

namespace drover::sip {

constexpr size_t kMaxMessage = 65'535;    // Octets, head and body.
constexpr size_t kMaxHeaders = 128;       // Fields; a list in one field counts once.
constexpr size_t kMaxHeaderName = 64;     // Octets.
constexpr size_t kMaxHeaderValue = 8192;  // Octets of one field, folded lines and all.
constexpr size_t kMaxStartLine = 8192;    // Octets.

struct Field {
  HeaderId id = HeaderId::kOther;
  std::string_view name;   // As written.
  std::string_view value;  // Trimmed; a folded line is still folded.
};

// Why a message is refused.
struct Refusal {
  uint16_t status = 400;   // What answers it, if it is a request: 400, 413, 505.
  const char* cause = "";  // A few words, fit for a reason phrase.
};

enum class Arrival : uint8_t {
  kDatagram,  // Octets behind Content-Length are dropped; none: to the end (section 18.3).
  kStream,    // Exactly one message, as Framer cuts it.
};

class Message {
 public:
  bool is_request() const { return is_request_; }

  // Of a request.
  Method method() const { return method_; }
  std::string_view method_name() const { return method_name_; }
  std::string_view request_uri() const { return request_uri_; }
  const Uri& uri() const { return uri_; }  // The same, parsed.

  // Of a response.
  uint16_t status() const { return status_; }  // 100 to 699.
  std::string_view reason() const { return reason_; }

  // What every message has.
  const Via& top_via() const { return via_; }
  bool has_one_via() const { return one_via_; }
  std::string_view call_id() const { return call_id_; }
  const CSeq& cseq() const { return cseq_; }
  const NameAddr& from() const { return from_; }
  const NameAddr& to() const { return to_; }
  std::string_view from_tag() const { return from_tag_; }
  std::string_view to_tag() const { return to_tag_; }  // Empty: out of a dialog.

  std::optional<uint8_t> max_forwards() const { return max_forwards_; }
  std::string_view body() const { return body_; }
  std::string_view octets() const { return octets_; }  // Without what was dropped behind the body.

  size_t field_count() const { return count_; }
  Field field(size_t index) const;
  bool Has(HeaderId id) const { return (present_ >> static_cast<unsigned>(id) & 1) != 0; }
  // The first field of that name.
  std::optional<std::string_view> Find(HeaderId id) const;
  std::optional<std::string_view> Find(std::string_view name) const;
  size_t Count(HeaderId id) const;

  // Walks the elements of all fields of one name, lists in them taken apart, in order.
  class Elements {
   public:
    Elements(const Message& message, HeaderId id) : message_(message), id_(id) {}
    bool Next(std::string_view& element);

   private:
    const Message& message_;
    HeaderId id_;
    size_t index_ = 0;
    std::string_view rest_;
    bool in_field_ = false;
  };
  Elements Values(HeaderId id) const { return {*this, id}; }

 private:
  friend class Parser;
  struct Position {
    uint16_t name_at;
    uint16_t value_at;
    uint16_t value_octets;
    uint8_t name_octets;
    HeaderId id;
  };

  std::string_view octets_;
  std::string_view body_;
  std::string_view method_name_;
  std::string_view request_uri_;
  std::string_view reason_;
  std::string_view call_id_;
  std::string_view from_tag_;
  std::string_view to_tag_;
  Uri uri_;
  Via via_;
  CSeq cseq_;
  NameAddr from_;
  NameAddr to_;
  std::optional<uint8_t> max_forwards_;
  uint64_t present_ = 0;  // Bit n: there is a field of HeaderId n.
  uint16_t status_ = 0;
  uint16_t count_ = 0;
  Method method_ = Method::kOther;
  bool is_request_ = false;
  bool one_via_ = false;
  std::array<uint8_t, kHeaderIds> first_;        // Where present_ says so.
  std::array<Position, kMaxHeaders> positions_;  // count_ of them; the rest is not set.
};

// Reads one message; message views octets afterwards. nullopt: it is well-formed. A request that is
// refused can be answered if CanBeAnswered says so; a response that is refused is dropped.
std::optional<Refusal> Parse(std::string_view octets, Arrival arrival, Message& message);

// Of a refused message: whether it is a request (no ACK) whose Via, From, To, Call-ID and CSeq
// could be read, so that a response can be built.
bool CanBeAnswered(const Message& message);

}  // namespace drover::sip
