#include "services/ingress/core/reception.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "libs/dmtree/device_id.h"
#include "libs/syncml/document.h"

namespace drover::ingress {
namespace {

Reception Refuse(Verdict verdict, std::string explanation) {
  return {.verdict = verdict, .explanation = std::move(explanation)};
}

bool IsIdentity(std::string_view coding) {
  static constexpr std::string_view kIdentity = "identity";
  return coding.empty() ||
         std::equal(coding.begin(), coding.end(), kIdentity.begin(), kIdentity.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string Explain(const syncml::DecodeError& error) {
  return "the message does not decode: " + std::string(syncml::Name(error.cause)) + " at octet " +
         std::to_string(error.offset) + ": " + error.message;
}

}  // namespace

std::string_view Name(Verdict verdict) {
  static constexpr std::array<std::string_view, kVerdicts> kNames = {
      "accepted",   "unknown_path", "not_post", "content_encoding",
      "media_type", "decode",       "no_device"};
  return kNames[static_cast<size_t>(verdict)];
}

int HttpStatus(Verdict verdict) {
  static constexpr std::array<int, kVerdicts> kStatus = {200, 404, 405, 415, 415, 400, 400};
  return kStatus[static_cast<size_t>(verdict)];
}

Reception Receive(const Post& post, const Paths& paths, size_t max_octets) {
  if (!paths.contains(post.path)) return Refuse(Verdict::kUnknownPath, "no such path");
  if (post.method != "POST") return Refuse(Verdict::kNotPost, "SyncML messages are posted");
  if (!IsIdentity(post.content_encoding)) {
    return Refuse(Verdict::kContentEncoding, "the only Content-Encoding taken is identity");
  }
  const std::optional<syncml::MediaType> media =
      syncml::ResolveMediaType(post.content_type, post.body);
  if (!media) {
    return Refuse(Verdict::kMediaType,
                  "Content-Type is none of application/vnd.syncml.dm+xml and +wbxml in UTF-8");
  }
  const syncml::Limits limits{.octets = max_octets};
  const syncml::Decoded decoded = syncml::Decode(media->encoding, post.body, limits);
  Reception reception{.media = *media};
  if (!decoded) {
    reception.verdict = Verdict::kDecode;
    reception.explanation = Explain(decoded.error);
    return reception;
  }
  Result<DeviceId> device = dmtree::NormaliseDeviceId(decoded.document.message().header.source.uri);
  if (!device) {
    reception.verdict = Verdict::kNoDevice;
    reception.explanation = "SyncHdr/Source/LocURI: " + device.error().message;
    return reception;
  }
  reception.device = std::move(*device);
  reception.opens = decoded.document.message().header.msg_id == "1";
  return reception;
}

}  // namespace drover::ingress
