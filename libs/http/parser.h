// HTTP/1.x requests from octets: the head, and bodies in chunks. Pure.
//
// Strict where leniency has let requests be smuggled past proxies: no bare LF, no folded lines, no
// white space before a colon, no Content-Length beside Transfer-Encoding.
// Spec: RFC 9112, sections 2 to 7.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/http/message.h"

namespace drover::http {

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// Whether a request can begin with this octet: anything else (TLS on the plain port) is refused at
// once.
bool MayBeginRequest(char octet);

// How the body travels and what becomes of the connection.
struct Framing {
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;  // Expect: 100-continue
};

// A refusal: the status to answer, and why in a few words.
struct Refusal {
  int status = 400;
  const char* cause = "";
};

// head: a request line and headers, up to and with the empty line. Fills request (all but the body)
// and framing; nullopt if that went well. max_headers: past it 431.
std::optional<Refusal> ParseHead(std::string_view head, size_t max_headers, Request& request,
                                 Framing& framing);

// A chunked body, piece by piece. Extensions and trailers are skipped.
class ChunkDecoder {
 public:
  enum class State : uint8_t { kMore, kDone, kBad, kTooLarge };

  // Decodes from input and appends to body, which may not grow past max_octets. used: how many
  // octets of input belong to this body; the rest is the next request.
  State Feed(std::string_view input, size_t max_octets, std::string& body, size_t& used);
  void Reset() { *this = ChunkDecoder(); }

 private:
  enum class Step : uint8_t {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kEndLf,
  };
  State Take(char octet);
  Step step_ = Step::kSize;
  uint64_t left_ = 0;     // Of the chunk.
  int digits_ = 0;        // Of the size.
  uint32_t skipped_ = 0;  // Octets of extensions and trailers: they are bounded too.
};

}  // namespace drover::http
