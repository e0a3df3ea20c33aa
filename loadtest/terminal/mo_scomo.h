// The software component management object: packages that are downloaded, delivered and deployed.
//
// Spec: OMA-TS-DM-SCOMO-V1_0: "Download", "Inventory", "Result codes", "Generic alert".
#pragma once
#include <span>

#include "loadtest/terminal/mo_objects.h"

namespace drover::terminal {

// The kind: "urn:oma:mo:oma-scomo:".
//
// A package that has been downloaded is Inventory/Delivered/<X>, with the name of its Download/<X>;
// one that has been installed is Inventory/Deployed/<X> too. Its version is what its URL says, as
// with firmware (mo_fumo.h), and result=NNNN in the URL's query decides how it ends; of a package
// whose Data the server has added, the first line.
const ObjectKind& Scomo();

// Every result code that the object knows as a failure of this branch's operations.
std::span<const int> SoftwareFailures(std::string_view operation);

}  // namespace drover::terminal
