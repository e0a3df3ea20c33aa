// Service indication and service loading: from XML to the binary form that terminals read.
//
// Limits: 16 KiB of XML; no DTD is fetched, none with declarations is taken, no entities but the
// five of XML.
// Spec: WAP-167-ServiceInd and WAP-168-ServiceLoad, sections "Binary Encoding" (tokens) and the
// DTDs.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/wap/wsp_push.h"

namespace drover::wap {

inline constexpr size_t kMaxPushXmlOctets = 16 * 1024;

// How addresses become tokens: only their scheme ("http://", "https://"), as every terminal reads
// it, or also "www." behind it and ".com/", ".edu/", ".net/", ".org/" within: some octets fewer.
enum class UrlTokens : uint8_t { kScheme, kAll };

// kInvalidArgument: not XML, another root element, an attribute or element that the DTD does not
// have, an action or a date that is none, a delete without si-id. Texts lose white space around
// them.
Result<std::string> EncodeSi(std::string_view xml, UrlTokens tokens = UrlTokens::kScheme);
// kInvalidArgument: as above; no href.
Result<std::string> EncodeSl(std::string_view xml, UrlTokens tokens = UrlTokens::kScheme);

// "1999-06-25T15:23:15Z" as it stands in a document: BCD, octets of zeros at the end cut.
// kInvalidArgument: another form, or no such time.
Result<std::string> EncodeDate(std::string_view date);

// What a push initiator sends as a terminal is to get it: SI and SL in XML become binary, with the
// type of that; binary content and all other types pass as they are. nullopt: passes as it is.
struct BinaryContent {
  Name media;
  std::string octets;
};
Result<std::optional<BinaryContent>> ToBinary(std::string_view media_type, std::string_view content,
                                              UrlTokens tokens = UrlTokens::kScheme);

}  // namespace drover::wap
