// What the terminal's answers to an operation's commands amount to.
//
// Spec: OMA-TS-DM_RepPro, response status codes: classes 2xx success, the rest failure, with the
// exceptions that "already done" and "not executed" need; "Atomic"; OMA-TS-DM_Protocol, "User
// interaction commands" (status of Alert).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "drover/operations/v1/operations.pb.h"

namespace drover::operations {

enum class Meaning : uint8_t { kDone, kAccepted, kFailed };

// kDone: a 2xx but 213 (a chunk is buffered), 214, 215 (not executed) and 216 (undone); a DELETE of
// what is not there (404, 410); anything found done by reading back (verified). kAccepted: 202 to
// an EXEC, read back or not. 418 to an ADD is done only if verified. A GET needs values, or 200 (an
// empty value). A PROMPT is done by 200 alone.
Meaning MeaningOf(v1::Verb verb, const v1::CommandResult& result);

// Why an operation failed, as far as a retry asks (v1::RetryPolicy::Cause).
enum class Failure : uint8_t { kNone, kNotAnswered, kBusy, kUserNotNow, kAlertFailed, kOther };

struct Verdict {
  v1::State state = v1::FAILED;  // SUCCEEDED, WAITING or FAILED
  std::string cause;             // Of FAILED: names the command and the code.
  Failure failure = Failure::kNone;
};

// results: in any order; the last one counts if an index is there twice. A command without a result
// or with status 0 has failed. Of an operation that failed the cause names the command that is to
// blame, not those that were undone (216, 516) or not executed (215) for its sake. An Atomic whose
// own status is a failure has failed whatever its commands were answered; one that got no status is
// judged by them.
Verdict Judge(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
              const google::protobuf::RepeatedPtrField<v1::CommandResult>& results);

// "404 not found"; a code that is not assigned comes back alone.
std::string StatusInWords(uint32_t status);
// "command 2 of 3, REPLACE ./A/B"; of a prompt its text: "command 1 of 3, PROMPT \"Install?\"".
std::string CommandInWords(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
                           int index);
// A value for people: quoted and short; octets that are no text as hex.
std::string ValueInWords(std::string_view value);

}  // namespace drover::operations
