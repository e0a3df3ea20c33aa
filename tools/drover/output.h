// Everything that commands print goes through here: one place that knows tables, YAML and JSON.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tools/drover/console.h"

namespace drover::cli {

using Json = nlohmann::ordered_json;

enum class OutputFormat : uint8_t { kTable, kWide, kJson, kYaml, kNdjson, kName };
std::optional<OutputFormat> OutputFormatOf(std::string_view name);
inline bool IsTable(OutputFormat format) {
  return format == OutputFormat::kTable || format == OutputFormat::kWide;
}
inline constexpr std::string_view kOutputFormats = "table, wide, json, yaml, ndjson or name";

// A column of a table. pointer: RFC 6901, into an item; wide: only with -o wide.
struct Column {
  std::string_view title;
  const char* pointer;
  bool wide = false;
};

struct View {
  std::string_view name_pointer = "/id";  // What -o name prints.
  std::span<const Column> columns;
};

// items: an array. kJson: the array; kNdjson: an item a line.
void PrintList(Console& console, OutputFormat format, const Json& items, const View& view);

// One object. kTable and kWide: YAML, which reads well; else as it says.
void PrintObject(Console& console, OutputFormat format, const Json& object, const View& view);

// One object: a table of one row, else as PrintObject does.
void PrintRow(Console& console, OutputFormat format, const Json& object, const View& view);

// A cell: text as it is, a list joined by ",", without control characters; "-" for nothing.
std::string Cell(const Json& value);

}  // namespace drover::cli
