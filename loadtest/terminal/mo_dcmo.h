// The device capability management object: a camera, Bluetooth .. that is enabled or disabled.
//
// Spec: OMA-TS-DCMO-V1_0: "Operations", "Attached", "Enabled", "Generic alert".
#pragma once
#include "loadtest/terminal/mo_objects.h"

namespace drover::terminal {

// The kind: "urn:oma:mo:oma-dcmo:", one object for each capability. What is not attached cannot be
// enabled: 1404.
const ObjectKind& Dcmo();

std::span<const int> CapabilityFailures();

}  // namespace drover::terminal
