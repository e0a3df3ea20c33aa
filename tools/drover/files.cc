#include "tools/drover/files.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace drover::cli {
namespace {

Error Failed(const std::string& what, const std::string& path) {
  return {Code::kUnknown,
          "cannot " + what + " " + path + ": " + std::generic_category().message(errno)};
}

std::string ReadAll(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::istream& in) {
  if (path == "-") return ReadAll(in);
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failed("open", path);
  std::string content = ReadAll(file);
  if (file.bad()) return Failed("read", path);
  return content;
}

Result<std::string> ReadSecret(const std::string& path, std::istream& in) {
  DROVER_TRY(std::string secret, ReadFile(path, in));
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return InvalidArgument("there is nothing in " + path);
  return secret;
}

Result<PrivateFile> PrivateFile::Create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return Failed("create", path);
  return PrivateFile(path, descriptor);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_) {}

PrivateFile::~PrivateFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!written_) unlink(path_.c_str());
}

Result<void> PrivateFile::Write(std::string_view content) {
  written_ = true;
  while (!content.empty()) {
    const ssize_t written = write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path_);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace drover::cli
