// What becomes of what the management objects of a fleet are told to do: how long it takes, and by
// what chance it fails.
//
// Chances are drawn from the randomness that is passed in, so that a seed makes the same run again.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace drover::terminal {

struct ObjectPolicy {
  // How long a download or an update takes: at least, and at most. Other operations (locks, wipes,
  // diagnostics) take a quarter of that.
  std::chrono::milliseconds update_min{500};
  std::chrono::milliseconds update_max{3000};
  // From a state that reports an end to the next clean-up (FUMO 70 to 80, 90 to 100, then 10); 0:
  // the terminal does not clean up.
  std::chrono::milliseconds clean_up{0};
  // From power on until the terminal goes on with what it did.
  std::chrono::milliseconds restart{200};

  // Of 1000 operations, how many fail; the result is drawn evenly from what its object knows.
  uint32_t failure_permille = 0;
  // Of 1000 downloads that a power loss interrupts, how many are resumed; the others fail for the
  // network (503 of FUMO, 1402 of SCOMO).
  uint32_t resume_permille = 1000;
  // Of 1000 installations that a power loss interrupts, how many the next start completes; the
  // others are rolled back (410, 1405).
  uint32_t complete_permille = 500;
};

// A result that is given, not drawn, to one operation of one terminal.
struct Fate {
  std::string operation;  // Name of the executed node: "Update". Empty: whichever comes first.
  int result = 0;         // Of the object's own table: 410, 1405 ..
};

}  // namespace drover::terminal
