// The XML of the four messages.
//
//   <?xml version="1.0" encoding="UTF-8" standalone="no"?>
//   <response><header><version>2.0</version></header>
//     <body><status>success</status><reboot>yes</reboot></body></response>
//
// A single file stands flat in the body, several are wrapped in <file> each; parameters are
// <config><param name=".." value=".."/></config>.
//
// Strict: well-formed XML, no DOCTYPE, no entities but the five, nothing that the limits do not
// allow, no text between elements. Tolerated, since gateways do it: <header> closed by </head> and
// the other way round, <head> for <header>, names in any case of letters, elements that are not
// known here, a scalar that comes again (the first counts), a byte order mark and blanks before the
// declaration, blanks around a value.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/gateway/message.h"

namespace drover::gateway {

inline constexpr size_t kMostXmlOctets = 64 * 1024;
inline constexpr size_t kMostXmlDepth = 8;
inline constexpr size_t kMostXmlElements = 200;
inline constexpr std::string_view kXmlContentType = "application/xml";

// Whether a Content-Type may be read as these messages: application/xml, text/xml, or none.
bool IsXmlContentType(std::string_view content_type);

// What was tolerated: worth a warning, not a refusal.
struct Remarks {
  uint32_t repeated = 0;   // Scalars that came again.
  uint32_t ignored = 0;    // Elements that are not known, or have no place there.
  bool head_slip = false;  // The header was not closed by its own name.
};
template <typename T>
struct ReadingOf {
  T message;
  Remarks remarks;
};
using Reading = ReadingOf<Message>;

// kResourceExhausted: longer than kMostXmlOctets (HTTP 413). kInvalidArgument: everything else that
// is wrong (HTTP 400); the message names the element. Work and memory are linear in the octets.
Result<Reading> Read(std::string_view xml);

// As Read, but of one kind: Register, Request, Response or WorkResult; another kind is
// kInvalidArgument. Nothing but blanks is an empty Request.
template <typename T>
Result<ReadingOf<T>> ReadAs(std::string_view xml);

// Whether Read would take what Write makes of it: limits and forms of every field, count of
// elements. kInvalidArgument names the element.
Result<void> Check(const Message& message);

struct WriteOptions {
  // The header ends in </head>, as some firmware expects it: the document is then not well-formed.
  bool emit_head_slip = false;
};
// Appends the document. Does not Check.
void Write(const Message& message, std::string& out, const WriteOptions& options = {});

}  // namespace drover::gateway
