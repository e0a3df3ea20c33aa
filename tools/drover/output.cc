#include "tools/drover/output.h"

#include <algorithm>
#include <vector>

#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

constexpr std::pair<std::string_view, OutputFormat> kFormats[] = {
    {"table", OutputFormat::kTable},   {"wide", OutputFormat::kWide},
    {"json", OutputFormat::kJson},     {"yaml", OutputFormat::kYaml},
    {"ndjson", OutputFormat::kNdjson}, {"name", OutputFormat::kName},
};

const Json& At(const Json& item, const std::string& pointer) {
  static const Json kNothing;
  const Json::json_pointer path(pointer);
  return item.contains(path) ? item.at(path) : kNothing;
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string_view ColourOf(std::string_view cell) {
  if (cell == "SUCCEEDED" || cell == "ENABLED") return "\x1b[32m";
  if (cell == "FAILED" || cell == "EXPIRED" || cell == "DISABLED") return "\x1b[31m";
  if (cell == "RUNNING" || cell == "WAITING") return "\x1b[33m";
  return {};
}

using Row = std::vector<std::string>;

void PrintCells(Console& console, const Row& row, const std::vector<size_t>& widths) {
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string_view colour = console.colour ? ColourOf(row[i]) : std::string_view();
    console.out << colour << row[i] << (colour.empty() ? "" : "\x1b[0m");
    if (i + 1 < row.size()) console.out << std::string(widths[i] - Width(row[i]) + 2, ' ');
  }
  console.out << '\n';
}

void PrintTable(Console& console, const Json& items, const View& view, bool wide) {
  std::vector<Row> rows(1);
  std::vector<const Column*> columns;
  for (const Column& column : view.columns) {
    if (column.wide && !wide) continue;
    columns.push_back(&column);
    rows[0].emplace_back(column.title);
  }
  for (const Json& item : items) {
    Row& row = rows.emplace_back();
    for (const Column* column : columns) row.push_back(Cell(At(item, column->pointer)));
  }
  std::vector<size_t> widths(columns.size(), 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (const Row& row : rows) PrintCells(console, row, widths);
}

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::optional<OutputFormat> OutputFormatOf(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string Cell(const Json& value) {
  if (value.is_null()) return "-";
  std::string cell;
  if (value.is_string()) {
    cell = value.get<std::string>();
  } else if (value.is_array()) {
    for (const Json& item : value) cell += (cell.empty() ? "" : ",") + Cell(item);
  } else {
    cell = Dump(value, -1);
  }
  for (char& c : cell) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return cell.empty() ? "-" : cell;
}

void PrintList(Console& console, OutputFormat format, const Json& items, const View& view) {
  switch (format) {
    case OutputFormat::kTable:
    case OutputFormat::kWide:
      return PrintTable(console, items, view, format == OutputFormat::kWide);
    case OutputFormat::kJson:
      console.out << Dump(items, 2) << '\n';
      return;
    case OutputFormat::kYaml:
      console.out << ToYaml(items);
      return;
    case OutputFormat::kNdjson:
      for (const Json& item : items) console.out << Dump(item, -1) << '\n';
      return;
    case OutputFormat::kName:
      for (const Json& item : items) {
        console.out << Cell(At(item, std::string(view.name_pointer))) << '\n';
      }
      return;
  }
}

void PrintObject(Console& console, OutputFormat format, const Json& object, const View& view) {
  switch (format) {
    case OutputFormat::kTable:
    case OutputFormat::kWide:
    case OutputFormat::kYaml:
      console.out << ToYaml(object);
      return;
    case OutputFormat::kJson:
      console.out << Dump(object, 2) << '\n';
      return;
    case OutputFormat::kNdjson:
    case OutputFormat::kName:
      return PrintList(console, format, Json::array({object}), view);
  }
}

void PrintRow(Console& console, OutputFormat format, const Json& object, const View& view) {
  if (!IsTable(format)) return PrintObject(console, format, object, view);
  PrintList(console, format, Json::array({object}), view);
}

}  // namespace drover::cli
