// What is pushed: PAP's content entity as a WSP push.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/pap/multipart.h"

namespace drover::push {

// The Push PDU. SI and SL in XML become binary; all other types pass as they are, with the
// parameters of their type (charset by number, SEC and MAC of bootstraps) and the entity's header
// fields but those that only MIME needs. Without a type it is application/octet-stream.
// octets: the content, its transfer encoding taken off. kInvalidArgument names what is wrong.
// Spec: WAP-247-PAP, 8 "Push Submission"; WAP-230-WSP, 8.4.
Result<std::string> PushPduOf(const pap::Part& entity, std::string_view octets, uint8_t tid);

}  // namespace drover::push
