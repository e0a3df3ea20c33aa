// The Content-Type of what a push initiator sends, as it goes over WSP.
//
// Charset, SEC and MAC become the parameters that have numbers: a bootstrap document that was
// authenticated where it was made keeps its proof. Others go by their names.
// Spec: WAP-230-WSP, 8.4.2.24 "Content type field"; OMA-WAP-TS-ProvCont-V1_1 (SEC, MAC).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/pap/media_type.h"
#include "libs/wap/wsp_push.h"

namespace drover::wap {

// MIBenum of a character set's name in any case of letters; nullopt: not one that pushes use.
std::optional<uint32_t> CharsetOf(std::string_view name);

// "1" or "USERPIN", and the names of the DM profile: "NETWORKID", "USERPIN_NETWORKID".
std::optional<Sec> SecOf(std::string_view text);

// Views media, and others, where other parameters are put as encoded. kInvalidArgument: a SEC that
// is none, a MAC that is not hex, a parameter with control characters.
Result<ContentType> ContentTypeOf(const pap::MediaType& media, std::string& others);

}  // namespace drover::wap
