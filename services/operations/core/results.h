// What the terminal's answers to an operation's commands amount to.
//
// Spec: OMA-TS-DM_RepPro, response status codes: classes 2xx success, the rest failure, with the
// exceptions that "already done" and "not executed" need.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "drover/operations/v1/operations.pb.h"

namespace drover::operations {

enum class Meaning : uint8_t { kDone, kAccepted, kFailed };

// kDone: a 2xx but 213 (a chunk is buffered), 214, 215 (not executed) and 216 (undone); a DELETE of
// what is not there (404, 410); anything found done by reading back (verified). kAccepted: 202 to
// an EXEC. 418 to an ADD is done only if verified. A GET needs values, or 200 (an empty value).
Meaning MeaningOf(v1::Verb verb, const v1::CommandResult& result);

struct Verdict {
  v1::State state = v1::FAILED;  // SUCCEEDED, WAITING or FAILED
  std::string cause;             // Of FAILED: names the command and the code.
};

// results: in any order; the last one counts if an index is there twice. A command without a result
// or with status 0 has failed.
Verdict Judge(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
              const google::protobuf::RepeatedPtrField<v1::CommandResult>& results);

// "404 not found"; a code that is not assigned comes back alone.
std::string StatusInWords(uint32_t status);
// "command 2 of 3, REPLACE ./A/B"
std::string CommandInWords(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
                           int index);

}  // namespace drover::operations
