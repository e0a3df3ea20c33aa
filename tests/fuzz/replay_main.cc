// Runs an entry point over every file of the corpus folders given. Fails on an empty folder: then
// it would test nothing.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz.h"

namespace {

void Replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::cerr << path.filename().string() << " (" << octets.size() << " octets)" << std::endl;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(octets.data()), octets.size());
}

int ReplayFolder(const char* folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    Replay(entry.path());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (ReplayFolder(argv[i]) > 0) continue;
    std::cerr << argv[i] << " is empty: there is nothing to replay\n";
    return 1;
  }
  return argc > 1 ? 0 : 2;
}
