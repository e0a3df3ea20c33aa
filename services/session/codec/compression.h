// What is kept in Redis, compressed against what most of it consists of: SyncML in both encodings.
//
// LZ4's block format with a preset dictionary. The dictionary belongs to the format: octets that
// were compressed with another one cannot be read.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace drover::session {

// Appends the compressed octets; false, and nothing appended, if they would be no fewer.
bool Compress(std::string_view octets, std::string& out);
// size: of the octets as they were. nullopt: not what Compress made of so many.
std::optional<std::string> Decompress(std::string_view compressed, size_t size);

}  // namespace drover::session
