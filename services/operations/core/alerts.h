// Generic alerts (1226) that report how an EXEC ended after the terminal had answered 202.
//
// Spec: OMA-TS-DM_Protocol, "Generic Alert"; OMA-TS-DM_FUMO, "Result Codes" and alert types. Other
// management objects (SCOMO, LAWMO, DCMO, DiagMon) report in the same form, with codes 1200..1299
// for success.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "services/operations/core/results.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

// What an EXEC of the operation carries: its id; from the second attempt on "<id>.<attempt>", so
// that an alert that is repeated does not end the attempt after it.
std::string CorrelatorOf(const Stored& operation);
// The operation that a correlator of ours names, whichever attempt.
std::string_view OperationOf(std::string_view correlator);

// Which of the operations the alert ends: -1 if none. Only those with an EXEC that are WAITING,
// RUNNING (the alert overtook the status), or queued after a session that broke (the status was
// lost) are asked. First by correlator; an alert with none, or
// with one that nobody knows, by its source (the management object: a prefix of the EXEC's target,
// or the target itself) and its type (FUMO: by the node that was executed). WAITING before RUNNING
// before queued ones, then the first of the span.
int MatchAlert(const v1::AlertResult& alert, std::span<const Stored* const> operations);

// By the result code: a decimal number, or that in <ResultCode> (SCOMO). SUCCEEDED for result codes
// 200..299 and 1200..1299; else FAILED with the code in words.
Verdict JudgeAlert(const v1::AlertResult& alert);

// The type without its prefix ("Reversed-Domain-Name: ") and in lower case.
std::string NormalAlertType(std::string_view type);

}  // namespace drover::operations
