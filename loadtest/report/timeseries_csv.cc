#include "loadtest/report/timeseries_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "loadtest/report/numbers.h"

namespace drover::report {
namespace {

// One column of the fixed part: its name, and where its value stands in a Second.
struct Column {
  std::string_view name;
  double (*get)(const Second&);
  void (*set)(Second&, double);
};
#define DROVER_COLUMN(name, member)                                                               \
  Column {                                                                                        \
    name, [](const Second& s) -> double { return static_cast<double>(s.member); },                \
        [](Second& s, double v) { s.member = static_cast<decltype(s.member)>(std::max(0.0, v)); } \
  }
constexpr std::array<Column, 23> kColumns{{
    DROVER_COLUMN("time_s", at_s),
    DROVER_COLUMN("active_terminals", active_terminals),
    DROVER_COLUMN("due", due),
    DROVER_COLUMN("started", started),
    DROVER_COLUMN("late_starts", late_starts),
    DROVER_COLUMN("good", good),
    DROVER_COLUMN("refused", refused),
    DROVER_COLUMN("exchanges", exchanges),
    DROVER_COLUMN("in_flight", in_flight),
    DROVER_COLUMN("session_count", session.count),
    DROVER_COLUMN("session_p50_ms", session.p50),
    DROVER_COLUMN("session_p95_ms", session.p95),
    DROVER_COLUMN("session_p99_ms", session.p99),
    DROVER_COLUMN("session_max_ms", session.max),
    DROVER_COLUMN("accepted_p50_ms", accepted.p50),
    DROVER_COLUMN("accepted_p99_ms", accepted.p99),
    DROVER_COLUMN("exchange_count", exchange.count),
    DROVER_COLUMN("exchange_p50_ms", exchange.p50),
    DROVER_COLUMN("exchange_p95_ms", exchange.p95),
    DROVER_COLUMN("exchange_p99_ms", exchange.p99),
    DROVER_COLUMN("exchange_max_ms", exchange.max),
    DROVER_COLUMN("generator_lag_ms", lag_ms),
    DROVER_COLUMN("generator_cpu_cores", cpu_cores),
}};
#undef DROVER_COLUMN

constexpr std::string_view kUnixColumn = "unix_s";
constexpr std::string_view kError = "error_";
constexpr std::string_view kProcess = "process:";
constexpr std::string_view kStore = "store:";

std::string Quoted(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string NameOf(const Series& series) {
  const std::string_view kind = series.watched == Watched::kProcess ? kProcess : kStore;
  return std::string(kind) + series.name + ":" + series.metric;
}

// Walks a series along the seconds: the point between at_s and the next second's at_s.
class Cursor {
 public:
  explicit Cursor(const Series& series) : points_(series.points) {}
  std::string Take(double end_s) {
    std::string value;
    for (; next_ < points_.size() && points_[next_].at_s < end_s; ++next_) {
      value = Plain(Rounded(points_[next_].value, 6));
    }
    return value;
  }

 private:
  const std::vector<Point>& points_;
  size_t next_ = 0;
};

std::string Header(const RunRecord& record) {
  std::string line(kUnixColumn);
  for (const Column& column : kColumns) line += "," + std::string(column.name);
  for (const std::string& kind : record.error_kinds)
    line += "," + Quoted(std::string(kError) + kind);
  for (const Series& series : record.series) line += "," + Quoted(NameOf(series));
  return line + "\n";
}

// --- Reading
// --------------------------------------------------------------------------------------

// The fields of one record; at moves behind its end of line.
std::vector<std::string> Fields(std::string_view csv, size_t& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (; at < csv.size(); ++at) {
    const char c = csv[at];
    if (quoted && c == '"' && csv.substr(at + 1).starts_with('"')) {
      fields.back() += c;
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      fields.emplace_back();
    } else if (!quoted && c == '\n') {
      ++at;
      break;
    } else if (quoted || c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

std::optional<double> Number(const std::string& field) {
  double value = 0;
  const auto read = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == field.data() + field.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// What each column means, by its place.
struct Meaning {
  const Column* column = nullptr;
  std::optional<size_t> error;
  std::optional<size_t> series;
};

size_t SeriesNamed(RunRecord& record, std::string_view name) {
  const bool process = name.starts_with(kProcess);
  const std::string_view rest = name.substr(process ? kProcess.size() : kStore.size());
  const size_t colon = std::min(rest.rfind(':'), rest.size());
  Series wanted;
  wanted.watched = process ? Watched::kProcess : Watched::kStore;
  wanted.name = std::string(rest.substr(0, colon));
  wanted.metric = std::string(colon < rest.size() ? rest.substr(colon + 1) : "");
  const auto found =
      std::find_if(record.series.begin(), record.series.end(), [&wanted](const Series& series) {
        return series.watched == wanted.watched && series.name == wanted.name &&
               series.metric == wanted.metric;
      });
  if (found != record.series.end()) return static_cast<size_t>(found - record.series.begin());
  record.series.push_back(std::move(wanted));
  return record.series.size() - 1;
}

size_t ErrorNamed(RunRecord& record, const std::string& kind) {
  auto& kinds = record.error_kinds;
  const auto found = std::find(kinds.begin(), kinds.end(), kind);
  if (found != kinds.end()) return static_cast<size_t>(found - kinds.begin());
  kinds.push_back(kind);
  return kinds.size() - 1;
}

std::vector<Meaning> Meanings(const std::vector<std::string>& names, RunRecord& record) {
  std::vector<Meaning> meanings;
  for (const std::string& name : names) {
    Meaning meaning;
    for (const Column& column : kColumns) {
      if (column.name == name) meaning.column = &column;
    }
    if (name.starts_with(kError)) meaning.error = ErrorNamed(record, name.substr(kError.size()));
    if (name.starts_with(kProcess) || name.starts_with(kStore)) {
      meaning.series = SeriesNamed(record, name);
    }
    meanings.push_back(meaning);
  }
  return meanings;
}

Second SecondOf(const std::vector<Meaning>& meanings, const std::vector<std::string>& fields,
                RunRecord& record) {
  Second second;
  second.errors.resize(record.error_kinds.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::optional<double> value = Number(fields[i]);
    if (value && meanings[i].column) meanings[i].column->set(second, *value);
    if (value && meanings[i].error) {
      second.errors[*meanings[i].error] = static_cast<uint64_t>(std::max(0.0, *value));
    }
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::optional<double> value = Number(fields[i]);
    if (!value || !meanings[i].series) continue;
    record.series[*meanings[i].series].points.push_back({second.at_s, *value});
  }
  return second;
}

}  // namespace

std::string TimeseriesCsv(const RunRecord& record) {
  std::string csv = Header(record);
  std::vector<Cursor> cursors(record.series.begin(), record.series.end());
  for (size_t i = 0; i < record.seconds.size(); ++i) {
    const Second& second = record.seconds[i];
    const double end_s =
        i + 1 < record.seconds.size() ? record.seconds[i + 1].at_s : second.at_s + 1;
    csv += Plain(Rounded(static_cast<double>(record.start_unix_ms) / 1000 + second.at_s, 3));
    for (const Column& column : kColumns) csv += "," + Plain(Rounded(column.get(second), 4));
    for (size_t kind = 0; kind < record.error_kinds.size(); ++kind) {
      csv += "," + std::to_string(kind < second.errors.size() ? second.errors[kind] : 0);
    }
    for (Cursor& cursor : cursors) csv += "," + cursor.Take(end_s);
    csv += "\n";
  }
  return csv;
}

Result<void> ReadTimeseries(std::string_view csv, RunRecord& record) {
  size_t at = 0;
  const std::vector<std::string> names = Fields(csv, at);
  if (names.front() != kUnixColumn) {
    return InvalidArgument("line 1 is not the header of a time series of drover-load");
  }
  for (Series& series : record.series) series.points.clear();
  record.seconds.clear();
  const std::vector<Meaning> meanings = Meanings(names, record);
  for (int line = 2; at < csv.size(); ++line) {
    const std::vector<std::string> fields = Fields(csv, at);
    if (fields.size() != names.size()) {
      return InvalidArgument("line " + std::to_string(line) + " has " +
                             std::to_string(fields.size()) + " fields, the header " +
                             std::to_string(names.size()));
    }
    record.seconds.push_back(SecondOf(meanings, fields, record));
  }
  return {};
}

}  // namespace drover::report
