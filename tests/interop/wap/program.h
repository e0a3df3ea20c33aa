// Programs of others, run on files of ours.
#pragma once
#include <string>
#include <string_view>

namespace drover::interop {

// A file with that content, there as long as the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content = {});
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }
  std::string Read() const;

 private:
  std::string path_ = "/tmp/drover-interop-XXXXXX";
};

// What the shell command wrote to its standard output.
std::string OutputOf(const std::string& command);

}  // namespace drover::interop
