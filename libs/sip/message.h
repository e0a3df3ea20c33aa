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
  bool is_request() const { return core_.is_request; }

  // Of a request.
  Method method() const { return core_.method; }
  std::string_view method_name() const { return core_.method_name; }
  std::string_view request_uri() const { return core_.request_uri; }
  const Uri& uri() const { return core_.uri; }  // The same, parsed.

  // Of a response.
  uint16_t status() const { return core_.status; }  // 100 to 699.
  std::string_view reason() const { return core_.reason; }

  // What every message has.
  const Via& top_via() const { return core_.via; }
  bool has_one_via() const { return core_.one_via; }
  std::string_view call_id() const { return core_.call_id; }
  const CSeq& cseq() const { return core_.cseq; }
  const NameAddr& from() const { return core_.from; }
  const NameAddr& to() const { return core_.to; }
  std::string_view from_tag() const { return core_.from_tag; }
  std::string_view to_tag() const { return core_.to_tag; }  // Empty: out of a dialog.

  std::optional<uint8_t> max_forwards() const { return core_.max_forwards; }
  std::string_view body() const { return core_.body; }
  std::string_view octets() const {
    return core_.octets;
  }  // Without what was dropped behind the body.

  size_t field_count() const { return core_.count; }
  Field field(size_t index) const;
  bool Has(HeaderId id) const { return (core_.present >> static_cast<unsigned>(id) & 1) != 0; }
  // The first field of that name.
  std::optional<std::string_view> Find(HeaderId id) const;
  std::optional<std::string_view> Find(std::string_view name) const;
  size_t Count(HeaderId id) const;

  // Walks the values of all fields of one name, in order. Lists (Via, Contact, Route ..) are taken
  // apart into their elements; a field that is no list (From, WWW-Authenticate ..) is one value.
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
  friend bool CanBeAnswered(const Message& message);
  struct Position {
    uint16_t name_at;
    uint16_t value_at;
    uint16_t value_octets;
    uint8_t name_octets;
    HeaderId id;
  };
  struct Core {
    std::string_view octets;
    std::string_view body;
    std::string_view method_name;
    std::string_view request_uri;
    std::string_view reason;
    std::string_view call_id;
    std::string_view from_tag;
    std::string_view to_tag;
    Uri uri;
    Via via;
    CSeq cseq;
    NameAddr from;
    NameAddr to;
    std::optional<uint8_t> max_forwards;
    uint64_t present = 0;  // Bit n: there is a field of HeaderId n.
    uint16_t status = 0;
    uint16_t count = 0;
    Method method = Method::kOther;
    bool is_request = false;
    bool one_via = false;
  };

  Core core_;
  std::array<uint8_t, kHeaderIds> first_;        // Set where core_.present says so.
  std::array<Position, kMaxHeaders> positions_;  // core_.count of them are set.
};

// Reads one message; message views octets afterwards. nullopt: it is well-formed. A request that is
// refused can be answered if CanBeAnswered says so; a response that is refused is dropped.
// blanks: kPassOver takes blanks within the Request-URI too, which otherwise break the line.
std::optional<Refusal> Parse(std::string_view octets, Arrival arrival, Message& message,
                             UriBlanks blanks = UriBlanks::kRefuse);

// Of a refused message: whether it is a request (no ACK) whose topmost Via could be read and that
// has From, To, Call-ID and CSeq, so that a response can be built.
bool CanBeAnswered(const Message& message);

// Whether a datagram only keeps a NAT's mapping open: nothing, or line ends, blanks and NULs only.
bool IsKeepAlive(std::string_view datagram);

}  // namespace drover::sip
