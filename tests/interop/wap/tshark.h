// PDUs on a TCP connection to an SMSC, as tshark reads them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drover::interop {

// What tshark says of each PDU (tshark -V), in their order, with long messages put together and
// port numbers taken as WAP's. nullopt: tshark is not installed.
std::optional<std::vector<std::string>> ReadWithTshark(const std::vector<std::string>& pdus);

}  // namespace drover::interop
