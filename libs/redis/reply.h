// What Redis answers.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/result.h"

namespace drover::redis {

struct Reply {
  enum class Kind : uint8_t { kNil, kString, kInteger, kArray };
  Kind kind = Kind::kNil;
  std::string text;          // kString (status replies too)
  int64_t integer = 0;       // kInteger
  std::vector<Reply> items;  // kArray
  bool nil() const { return kind == Kind::kNil; }
};

}  // namespace drover::redis
