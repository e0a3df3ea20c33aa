#include "services/sip/handlers/files.h"

#include <charconv>
#include <optional>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"

namespace drover::gateways {
namespace {

constexpr size_t kMostHeld = 64;
constexpr size_t kMostOctets = 1024UL * 1024 * 1024;  // Of all files that are held.
constexpr size_t kMostName = 255;
constexpr char kType[] = "application/octet-stream";

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMostName && name.front() != '.' &&
         name.find('/') == std::string_view::npos && name.find("..") == std::string_view::npos &&
         name.find('%') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

std::string Sha256(std::string_view octets) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  DROVER_CHECK(EVP_Digest(octets.data(), octets.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return base::Hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

bool ReadAll(int file, size_t size, std::string* out) {
  out->resize(size);
  size_t done = 0;
  while (done < size) {
    const ssize_t got = read(file, out->data() + done, size - done);
    if (got <= 0) return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || bad != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Range {
  bool satisfiable = true;
  uint64_t first = 0, last = 0;
};

// nullopt: not one range that can be read: the whole file.
std::optional<Range> RangeOf(std::string_view text, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos)
    return std::nullopt;
  const auto first = Number(text.substr(0, dash));
  const auto last = Number(text.substr(dash + 1));
  Range range;
  if (!first) {  // The last octets.
    if (dash != 0 || !last) return std::nullopt;
    range.satisfiable = *last > 0 && size > 0;
    range.first = *last >= size ? 0 : size - *last;
    range.last = size - 1;
    return range;
  }
  if (!last && dash + 1 != text.size()) return std::nullopt;
  if (last && *last < *first) return std::nullopt;
  range.satisfiable = *first < size;
  range.first = *first;
  range.last = last ? std::min(*last, size - 1) : size - 1;
  return range;
}

}  // namespace

struct Files::Held {
  std::string octets;
  std::string etag;
  int64_t changed_ns = 0;
};

// nullptr: there is no such file.
std::shared_ptr<const Files::Held> Files::Open(const std::string& name) {
  if (folder_.empty() || !IsName(name)) return nullptr;
  const int file = open((folder_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return nullptr;
  struct stat status {};
  const bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const int64_t changed = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  const auto size = static_cast<size_t>(status.st_size);
  const auto known = held_.find(name);
  if (regular && known != held_.end() && known->second->changed_ns == changed &&
      known->second->octets.size() == size) {
    close(file);
    return known->second;
  }
  auto held = std::make_shared<Held>();
  const bool whole = regular && size <= kMostOctets && ReadAll(file, size, &held->octets);
  close(file);
  if (!whole) return nullptr;
  held->changed_ns = changed;
  held->etag = "\"" + Sha256(held->octets) + "\"";
  octets_ += size;
  if (known != held_.end()) octets_ -= known->second->octets.size();
  if (octets_ > kMostOctets || held_.size() >= kMostHeld) {
    held_.clear();  // What is being sent is kept by who sends it.
    octets_ = size;
  }
  held_[name] = held;
  return held;
}

http::Response Files::Serve(const Wanted& wanted) {
  const std::shared_ptr<const Held> file = Open(wanted.name);
  if (!file) return http::Text(404, "no such file\n");
  http::Response out;
  out.content_type = kType;
  out.Add("ETag", file->etag);
  out.Add("Accept-Ranges", "bytes");
  if (!wanted.if_none_match.empty() && wanted.if_none_match.find(file->etag) != std::string::npos) {
    out.status = 304;
    return out;
  }
  out.shared_owner = file;
  out.shared_body = file->octets;
  const bool same = wanted.if_range.empty() || wanted.if_range == file->etag;
  const auto range = same ? RangeOf(wanted.range, file->octets.size()) : std::nullopt;
  if (!range) return out;
  const std::string size = std::to_string(file->octets.size());
  if (!range->satisfiable) {
    http::Response refusal = http::Text(416, "the file is shorter\n");
    refusal.Add("Content-Range", "bytes */" + size);
    return refusal;
  }
  out.status = 206;
  out.shared_body =
      std::string_view(file->octets).substr(range->first, range->last - range->first + 1);
  out.Add("Content-Range",
          "bytes " + std::to_string(range->first) + "-" + std::to_string(range->last) + "/" + size);
  return out;
}

}  // namespace drover::gateways
