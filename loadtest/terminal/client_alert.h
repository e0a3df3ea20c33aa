// An alert that a terminal raises of its own accord. Spec: OMA-TS-DM_Protocol-V1_2, "Generic
// alert".
#pragma once
#include <string>

namespace drover::terminal {

// 1224 (client event) or 1226 (generic alert), with one Item.
struct ClientAlert {
  int code = 1226;
  std::string type;        // Meta/Type
  std::string format;      // Meta/Format
  std::string data;        // Item/Data
  std::string source;      // Item/Source/LocURI; empty: none.
  std::string target;      // Item/Target/LocURI; empty: none.
  std::string correlator;  // Empty: none.
  std::string mark;        // Empty: none.
};

}  // namespace drover::terminal
