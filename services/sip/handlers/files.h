// Files for gateways: those of one folder, by name, whole or in a range.
//
// A file is read once and held as long as it does not change; its ETag is its SHA-256. Ranges:
// one, RFC 9110, section 14; several, or one that cannot be read, get the whole file.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "libs/http/message.h"

namespace drover::gateways {

class Files {
 public:
  // folder: empty: there are none.
  explicit Files(std::string folder) : folder_(std::move(folder)) {}

  struct Wanted {
    std::string name, range, if_none_match, if_range;
    bool head = false;
  };
  http::Response Serve(const Wanted& wanted);

 private:
  struct Held;
  std::shared_ptr<const Held> Open(const std::string& name);

  const std::string folder_;
  std::map<std::string, std::shared_ptr<const Held>> held_;  // By name.
  size_t octets_ = 0;                                        // Of those.
};

}  // namespace drover::gateways
