#include "services/push/core/pap_content.h"

#include <algorithm>
#include <array>
#include <optional>

#include "libs/pap/media_type.h"
#include "libs/wap/content_type.h"
#include "libs/wap/si_sl.h"
#include "libs/wap/wsp_push.h"

namespace drover::push {
namespace {

constexpr char kAnyType[] = "application/octet-stream";

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// Header fields that say how the entity travels over HTTP, or that are told otherwise.
bool IsTransport(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "content-type", "content-length",      "content-transfer-encoding", "content-id",
      "mime-version", "content-disposition", "x-wap-application-id",      "date"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

Result<std::string> PushPduOf(const pap::Part& entity, std::string_view octets, uint8_t tid) {
  const std::string* stated = entity.Find("Content-Type");
  DROVER_TRY(const pap::MediaType media,
             pap::ParseMediaType(stated == nullptr ? kAnyType : *stated));
  DROVER_TRY(const std::optional<wap::BinaryContent> binary, wap::ToBinary(media.type, octets));
  std::string parameters;  // As encoded.
  wap::Push push;
  push.tid = tid;
  DROVER_TRY(push.content_type, wap::ContentTypeOf(media, parameters));
  if (binary) push.content_type.media = binary->media;
  push.data = binary ? std::string_view(binary->octets) : octets;
  if (const std::string* id = entity.Find("X-Wap-Application-Id")) {
    push.application_id = wap::ApplicationIdName(*id);
  }
  for (const pap::Field& field : entity.fields) {
    if (IsTransport(Lower(field.name))) continue;
    DROVER_TRY(push.headers.emplace_back(), wap::TextHeader(field.name, field.value));
  }
  std::string pdu;
  DROVER_TRY(wap::AppendPush(push, pdu));
  return pdu;
}

}  // namespace drover::push
