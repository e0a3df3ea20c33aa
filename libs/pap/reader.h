// Reads a PAP document: strictly in its XML, with patience for what initiators get wrong.
//
// Taken besides what the DTD says: no DOCTYPE (then it is version 2.0), white space before the
// declaration, attributes that PAP does not know, values of enumerations in any case of letters.
// The version is that of the DOCTYPE's public id: 1.x, none ("-//WAPFORUM//DTD PAP//EN")
// is 1.0; 2.x is 2.0. Spec: WAP-247-PAP, 9 "PAP Element Definitions", 10 "PAP Version Control".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/pap/message.h"

namespace drover::pap {

struct ReadLimits {
  size_t octets = 1 << 20;
  size_t attribute_octets = 2048;  // Of a value.
  size_t addresses = 10'000;       // Of an operation. A service may allow fewer (code 3005).
};

// Why a document is not taken, and how to say so.
struct Refusal {
  StatusCode code = StatusCode::kBadRequest;  // Or kVersionNotSupported.
  std::string desc;
  std::string fragment;  // Where it went wrong: some characters of the document.
  Version version = Version::k20;
  Message answer;  // The response of the operation if it can be told, else a badmessage-response.
};

struct Reading {
  std::optional<Document> document;
  Refusal refusal;  // If there is no document.
  explicit operator bool() const { return document.has_value(); }
};

Reading Read(std::string_view xml, const ReadLimits& limits = {});

}  // namespace drover::pap
