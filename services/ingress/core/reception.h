// What ingress decides about a request by itself, before session sees it: is this a SyncML message,
// in which encoding, and of which terminal?
//
// Spec: OMA-TS-SyncML_HTTPBinding-V1_2, sections 5 and 6 (POST, media types); RFC 9110.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "libs/base/ids.h"
#include "libs/syncml/media_type.h"

namespace drover::ingress {

// A request as HTTP delivered it. Views.
struct Post {
  std::string_view method;
  std::string_view path;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view body;
};

enum class Verdict : uint8_t {
  kAccepted,
  kUnknownPath,      // 404
  kNotPost,          // 405
  kContentEncoding,  // 415
  kMediaType,        // 415
  kDecode,           // 400
  kNoDevice,         // 400: Source/LocURI is missing or cannot be a terminal's name.
};
constexpr size_t kVerdicts = 7;
std::string_view Name(Verdict verdict);  // "accepted", "unknown_path", ..: a metric's label.
int HttpStatus(Verdict verdict);

struct Reception {
  Verdict verdict = Verdict::kAccepted;
  syncml::MediaType media{};  // Set when the type was understood: from kDecode on.
  DeviceId device;            // When accepted,
  bool opens = false;         // likewise: MsgID is 1, so it opens a session.
  std::string explanation;    // When refused: a line for whoever reads the answer.
};

using Paths = std::set<std::string, std::less<>>;

// paths: where terminals may post to. max_octets: of the body, for the decoder's own limit.
Reception Receive(const Post& post, const Paths& paths, size_t max_octets);

}  // namespace drover::ingress
