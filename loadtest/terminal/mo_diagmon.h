// The diagnostics and monitoring objects: functions that measure, and traps that watch.
//
// Spec: OMA-TS-DiagMonTrapMOFrame-V1_0, OMA-TS-DiagMonFunctions-V1_0, OMA-TS-DiagMonMO-V1_0, of
// which only the alert types are settled; the nodes follow common descriptions.
#pragma once
#include <string_view>

#include "loadtest/terminal/mo_objects.h"

namespace drover::terminal {

// A function's Status.
enum class DiagMonStatus : int { kIdle = 10, kRunning = 20 };

// The kinds: a function by OMA's id ("urn:oma:mo:oma-diagmon:") or an operator's
// ("urn:oma:mo:oma-diag:").
//
// Start: 202. With DiagMonConfig/ReportInterval 0 it measures once, fills DiagMonData and raises
// OperationComplete; otherwise it raises CollectedSimpleDataReport each time so many seconds have
// passed, until Stop, which ends it: 200, and OperationComplete for the Start.
const ObjectKind& DiagMon();
const ObjectKind& OperatorDiagMon();
// Has no operations. A server registers by a leaf ServerIDs/<X>/ServerID with its own id.
const ObjectKind& DiagMonTrap();

std::span<const int> DiagnosticFailures();

// What the terminal measures of itself has changed. Traps that watch this quantity (TrapID) for a
// registered server: TrapNotification once at or below TrapConfig/LowerThreshold, and
// TrapInactiveNotification once above it again.
void Sense(Host& host, std::string_view quantity, int value);

// The terminal drops its traps: TrapDeregistered for each that a server is registered with.
void DeregisterTraps(Host& host);

}  // namespace drover::terminal
