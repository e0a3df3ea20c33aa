// What benchmarks measure and how they write it down.
#pragma once
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

namespace drover::sip::testing {

inline double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// CPU of this process and time on the wall, since it was made.
class Stopwatch {
 public:
  double cpu() const { return Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_; }
  double wall() const { return Seconds(CLOCK_MONOTONIC) - wall_; }

 private:
  double cpu_ = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  double wall_ = Seconds(CLOCK_MONOTONIC);
};

// Empty out: nothing is written. The program's exit code.
inline int Write(const std::string& out, const nlohmann::json& figures) {
  if (out.empty()) return 0;
  std::filesystem::create_directories(std::filesystem::absolute(out).parent_path());
  std::ofstream file(out);
  file << figures.dump(2) << "\n";
  if (file) return 0;
  std::cerr << "cannot write " << out << "\n";
  return 1;
}

}  // namespace drover::sip::testing
