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

// Which of the operations the alert ends: -1 if none. Only those with an EXEC that are WAITING, or
// RUNNING (the alert overtook the status), are asked. First by correlator; an alert with none, or
// with one that nobody knows, by its source (the management object: a prefix of the EXEC's target,
// or the target itself) and its type (FUMO: by the node that was executed). WAITING before RUNNING,
// then the first of the span.
int MatchAlert(const v1::AlertResult& alert, std::span<const Stored* const> operations);

// SUCCEEDED for result codes 200..299 and 1200..1299; else FAILED with the code in words.
Verdict JudgeAlert(const v1::AlertResult& alert);

// The type without its prefix ("Reversed-Domain-Name: ") and in lower case.
std::string NormalAlertType(std::string_view type);

}  // namespace drover::operations
