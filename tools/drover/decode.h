// What is in these octets? For `drover decode` and the raw messages of an operation.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "libs/base/result.h"

namespace drover::cli {

using Json = nlohmann::ordered_json;

enum class Kind : uint8_t { kXml, kWbxml, kPackage0 };
// "xml", "wbxml", "package0"
std::optional<Kind> KindOf(std::string_view name);
std::string_view Name(Kind kind);

// What a decoder says of octets that it refuses.
struct Refusal {
  Kind kind = Kind::kXml;
  size_t offset = 0;    // Of the first error.
  std::string message;  // "truncated: .."
  std::string partial;  // What could be read before it, as XML; may be empty.
};

struct Readable {
  Kind kind = Kind::kXml;
  std::string text;  // Indented XML; of a package #0 YAML.
  Json json;
};

struct Decoding {
  std::optional<Readable> readable;  // If it could be decoded,
  Refusal refusal;                   // else why not.
};

// input: as it came from a file; hex (white space allowed) is undone first, SMS user data with its
// WAP push headers is peeled from a package #0. kind: nullopt: found out.
Decoding Decode(std::string_view input, std::optional<Kind> kind);

}  // namespace drover::cli
