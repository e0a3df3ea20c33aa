// The entry point that each file here defines: called with octets by libFuzzer (preset fuzz) and by
// replay_main.cc with those of the corpus. It must return; a broken property is a DROVER_CHECK.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

inline std::string_view View(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
