// What comes before the strict XML reader: blanks and the byte order mark are taken off, a DOCTYPE
// is refused, and a header that was closed by the other of its two names is closed by its own.
// For the .cc files of this library.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::gateway {

struct Prepared {
  std::string rewritten;    // If there was a slip.
  std::string_view intact;  // If there was none: what was given, trimmed.
  bool slip = false;
  std::string_view xml() const { return slip ? std::string_view(rewritten) : intact; }
};

// One pass. kInvalidArgument: a document type declaration, or headers in headers without end.
Result<Prepared> PrepareXml(std::string_view document);

}  // namespace drover::gateway
