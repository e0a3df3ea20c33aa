// Bootstrap by the DM profile: a DM message that gives a terminal its DM account, which it carries
// out without answering. Its account is a DMAcc object as TNDS, added to ./Inbox.
//
// The same account as client provisioning has (provisioning.h), for terminals that want it so.
// Spec: OMA-TS-DM_Bootstrap-V1_2, "DM Profile"; OMA-TS-DM_StdObj-V1_2, "DMAcc";
// OMA-TS-DM_TNDS-V1_2.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/wap/provisioning.h"

namespace drover::wap {

// How the object stands in the message.
enum class TndsStyle : uint8_t {
  kInline,    // As elements of code page 2.
  kEmbedded,  // As a WBXML document of its own, opaque.
  kXml,       // As XML text.
};

// device_id: Target of the message; empty: "./". application: to_napid becomes PrefConRef, others
// and init have no place here. kInvalidArgument: no provider_id or address, texts that are not
// UTF-8 or with control characters, an AppAuth's data that is not base64.
Result<std::string> EncodeDmBootstrap(std::string_view device_id, const DmApplication& application,
                                      TndsStyle style = TndsStyle::kInline);

// The message around an object that is encoded in that style. source: the server's URL.
std::string EncodeInboxMessage(std::string_view target, std::string_view source,
                               std::string_view tnds, TndsStyle style);

}  // namespace drover::wap
