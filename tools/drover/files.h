// Files that a command is given by name; "-" is standard input.
#pragma once
#include <istream>
#include <string>

#include "libs/base/result.h"

namespace drover::cli {

// kUnknown with the system's reason.
Result<std::string> ReadFile(const std::string& path, std::istream& in);

// As ReadFile, without the line end at its end. kInvalidArgument: nothing in it.
Result<std::string> ReadSecret(const std::string& path, std::istream& in);

// A new file that only its owner can read (mode 0600), made at once, filled later: who is to get
// secrets learns that there is no place for them before they exist. Refuses a file that is there;
// goes away again if nothing was written.
class PrivateFile {
 public:
  static Result<PrivateFile> Create(const std::string& path);
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();
  Result<void> Write(std::string_view content);

 private:
  PrivateFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_;
  bool written_ = false;
};

}  // namespace drover::cli
