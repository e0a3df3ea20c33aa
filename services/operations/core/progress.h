// How far a terminal is with an Exec that it has accepted (202), when no alert tells: the nodes
// that say so, and what their values mean.
//
// Spec: OMA-TS-DM_FUMO, "State"; OMA-TS-SCOMO, "Status" and "State" of Download, Delivered and
// Deployed; OMA-TS-LAWMO, "State".
#pragma once
#include <optional>
#include <string>

#include "services/operations/core/results.h"

namespace drover::operations {

// The node beside the target of an EXEC that tells: "./FUMO/P1/State" of "./FUMO/P1/Update".
// nullopt: it is no EXEC of those objects.
std::optional<std::string> StateNode(const v1::Command& exec);

// Of all EXECs of an operation: what is sent instead of it, to ask.
google::protobuf::RepeatedPtrField<v1::Command> StateReads(
    const google::protobuf::RepeatedPtrField<v1::Command>& commands);

// What the answers to StateReads(commands) say: WAITING (it goes on; the cause says how far it is),
// SUCCEEDED, or FAILED.
Verdict JudgeState(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
                   const google::protobuf::RepeatedPtrField<v1::CommandResult>& results);

}  // namespace drover::operations
