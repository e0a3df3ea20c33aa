#include "loadtest/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "loadtest/report/html_text.h"
#include "loadtest/report/numbers.h"

namespace drover::report {
namespace {

constexpr double kWidth = 720;
constexpr double kWideWidth = 1460;
constexpr double kHeight = 230;
constexpr double kLeft = 58;
constexpr double kRight = 14;
constexpr double kTop = 10;
constexpr double kBottom = 26;
constexpr size_t kMostColumns = 600;
constexpr int kColours = 8;
constexpr size_t kBridged = 3;  // So many empty columns are no gap: samples come a little late.

using Cells = std::vector<std::optional<double>>;
struct Drawn {
  const Line* line;
  int colour;
  Cells values;
  Cells base;  // Of a stacked one: where it stands on.
};

std::string Px(double value) { return Plain(Rounded(value, 1)); }

// --- Columns
// --------------------------------------------------------------------------------------

size_t ColumnsOf(const Chart& chart) {
  if (chart.nines) return 240;
  const double span = std::ceil(chart.end_s - chart.begin_s);
  return static_cast<size_t>(std::clamp(span, 1.0, static_cast<double>(kMostColumns)));
}

Cells Columns(const Chart& chart, const Line& line, size_t columns) {
  Cells cells(columns);
  std::vector<uint32_t> counts(columns);
  const double span = std::max(chart.end_s - chart.begin_s, 1e-9);
  for (const Point& point : line.points) {
    const double at = (point.at_s - chart.begin_s) / span * static_cast<double>(columns);
    if (!(at >= 0) || at > static_cast<double>(columns) || !std::isfinite(point.value)) continue;
    const size_t column = std::min(columns - 1, static_cast<size_t>(at));
    std::optional<double>& cell = cells[column];
    ++counts[column];
    if (!cell) {
      cell = point.value;
    } else if (chart.fold == Fold::kMax) {
      cell = std::max(*cell, point.value);
    } else {
      *cell += (point.value - *cell) / counts[column];
    }
  }
  return cells;
}

// Fills short gaps with the value before, so that what is stacked on it does not fall.
void Bridge(Cells& cells) {
  size_t empty = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i]) {
      ++empty;
      continue;
    }
    if (empty > 0 && empty < i && empty <= kBridged) {
      for (size_t j = i - empty; j < i; ++j) cells[j] = cells[i - empty - 1];
    }
    empty = 0;
  }
}

std::vector<Drawn> Draw(const Chart& chart, size_t columns) {
  std::vector<Drawn> drawn;
  int next = 0;
  for (const Line& line : chart.lines) {
    if (line.points.empty()) continue;
    const int colour = line.colour >= 0 ? line.colour : next++;
    drawn.push_back({&line, colour % kColours, Columns(chart, line, columns), {}});
  }
  for (Drawn& one : drawn) Bridge(one.values);
  if (!chart.stacked) return drawn;
  Cells sum(columns);
  for (Drawn& one : drawn) {
    one.base = sum;
    for (size_t i = 0; i < columns; ++i) {
      if (one.values[i]) sum[i] = sum[i].value_or(0) + *one.values[i];
    }
  }
  return drawn;
}

// --- Scales
// ---------------------------------------------------------------------------------------

// A round number that is at least value / steps: 1, 2 or 5 times a power of ten (of two for bytes).
double NiceStep(double value, double steps, Axis axis) {
  const double raw = std::max(value / steps, axis == Axis::kCount ? 1.0 : 1e-9);
  if (axis == Axis::kBytes) return std::pow(2, std::ceil(std::log2(raw)));
  const double power = std::pow(10, std::floor(std::log10(raw) + 1e-9));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

struct ValueScale {
  bool log_scale = false;
  double low = 0;
  double high = 1;
  std::vector<double> ticks;

  double Y(double value) const {
    const double share = log_scale ? (std::log10(std::max(value, low)) - std::log10(low)) /
                                         (std::log10(high) - std::log10(low))
                                   : (value - low) / (high - low);
    return kHeight - kBottom - std::clamp(share, 0.0, 1.0) * (kHeight - kTop - kBottom);
  }
};

ValueScale LogScale(double smallest, double largest) {
  ValueScale scale{.log_scale = true};
  scale.low = std::pow(10, std::floor(std::log10(smallest) + 1e-9));
  scale.high = std::pow(10, std::ceil(std::log10(largest) - 1e-9));
  if (scale.high <= scale.low) scale.high = scale.low * 10;
  for (double tick = scale.low; tick <= scale.high * 1.001; tick *= 10) scale.ticks.push_back(tick);
  return scale;
}

ValueScale ScaleOf(const Chart& chart, const std::vector<Drawn>& drawn) {
  double smallest = 1e18;
  double largest = 0;
  for (const Drawn& one : drawn) {
    for (size_t i = 0; i < one.values.size(); ++i) {
      if (!one.values[i]) continue;
      const double base = one.base.empty() ? 0 : one.base[i].value_or(0);
      largest = std::max(largest, *one.values[i] + base);
      if (*one.values[i] > 0) smallest = std::min(smallest, *one.values[i]);
    }
  }
  if (chart.log_scale && largest > 0) return LogScale(smallest, largest);
  ValueScale scale;
  const double step = NiceStep(std::max(largest, 1e-9), 4, chart.axis);
  scale.high = std::max(step, std::ceil(largest / step - 1e-9) * step);
  for (double tick = 0; tick <= scale.high * 1.001; tick += step) scale.ticks.push_back(tick);
  return scale;
}

// --- SVG
// ------------------------------------------------------------------------------------------

class Picture {
 public:
  Picture(const Chart& chart, const std::vector<Drawn>& drawn, const ValueScale& scale,
          size_t columns)
      : chart_(chart),
        drawn_(drawn),
        scale_(scale),
        columns_(columns),
        width_(chart.wide ? kWideWidth : kWidth) {}

  std::string Svg() const {
    std::string svg = "<svg viewBox=\"0 0 " + Px(width_) + " " + Px(kHeight) +
                      "\" role=\"img\" aria-label=\"" + Escaped(chart_.title) + "\">";
    svg += Grid() + (chart_.nines ? NinesAxis() : TimeAxis()) + Marks();
    for (const Drawn& one : drawn_) svg += Areas(one);
    for (const Drawn& one : drawn_) svg += Stroke(one);
    return svg + "<line class=\"hair\" y1=\"" + Px(kTop) + "\" y2=\"" + Px(kHeight - kBottom) +
           "\" x1=\"-9\" x2=\"-9\"/></svg>";
  }

  double width() const { return width_; }

 private:
  double X(double column) const {
    return kLeft +
           column / static_cast<double>(std::max<size_t>(columns_, 1)) * (width_ - kLeft - kRight);
  }
  double XOfTime(double at_s) const {
    return X((at_s - chart_.begin_s) / std::max(chart_.end_s - chart_.begin_s, 1e-9) *
             static_cast<double>(columns_));
  }

  std::string Text(double x, double y, const char* anchor, const std::string& text) const {
    return "<text x=\"" + Px(x) + "\" y=\"" + Px(y) + "\" text-anchor=\"" + anchor + "\">" +
           Escaped(text) + "</text>";
  }

  std::string Grid() const {
    std::string svg;
    for (const double tick : scale_.ticks) {
      const double y = scale_.Y(tick);
      svg += "<line class=\"grid\" x1=\"" + Px(kLeft) + "\" x2=\"" + Px(width_ - kRight) +
             "\" y1=\"" + Px(y) + "\" y2=\"" + Px(y) + "\"/>" +
             Text(kLeft - 8, y + 4, "end", AxisText(chart_.axis, tick));
    }
    return svg;
  }

  std::string TimeAxis() const {
    const double span = chart_.end_s - chart_.begin_s;
    static constexpr std::array<double, 14> kSteps{1,   2,   5,   10,   15,   30,   60,
                                                   120, 300, 600, 1800, 3600, 7200, 21600};
    double step = kSteps.back();
    for (const double candidate : kSteps) {
      if (span / candidate <= (chart_.wide ? 16 : 8)) {
        step = candidate;
        break;
      }
    }
    std::string svg;
    for (double at = std::ceil(chart_.begin_s / step) * step; at <= chart_.end_s; at += step) {
      svg += Text(XOfTime(at), kHeight - 8, "middle", Clock(at));
    }
    return svg;
  }

  // "2:30", "1:02:30"
  static std::string Clock(double at_s) {
    const auto whole = static_cast<int64_t>(std::llround(at_s));
    const auto two = [](int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    if (whole < 3600) return std::to_string(whole / 60) + ":" + two(whole % 60);
    return std::to_string(whole / 3600) + ":" + two(whole % 3600 / 60) + ":" + two(whole % 60);
  }

  std::string NinesAxis() const {
    std::string svg;
    for (double nines = 0; nines <= chart_.end_s + 0.01; nines += 1) {
      const int digits = std::max(0, static_cast<int>(nines) - 2);
      svg += Text(XOfTime(nines), kHeight - 8, nines == 0 ? "start" : "middle",
                  Fixed(100 * (1 - std::pow(10, -nines)), digits) + " %");
      svg += "<line class=\"grid\" x1=\"" + Px(XOfTime(nines)) + "\" x2=\"" + Px(XOfTime(nines)) +
             "\" y1=\"" + Px(kTop) + "\" y2=\"" + Px(kHeight - kBottom) + "\"/>";
    }
    return svg;
  }

  std::string Marks() const {
    std::string svg;
    for (const Mark& mark : chart_.marks) {
      if (mark.at_s < chart_.begin_s || mark.at_s > chart_.end_s) continue;
      const std::string x = Px(XOfTime(mark.at_s));
      svg += "<line class=\"mark\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + Px(kTop) +
             "\" y2=\"" + Px(kHeight - kBottom) + "\"><title>" + Escaped(mark.text) +
             "</title></line>";
    }
    return svg;
  }

  double Top(const Drawn& one, size_t i) const {
    return *one.values[i] + (one.base.empty() ? 0 : one.base[i].value_or(0));
  }

  // The pieces without gaps, as [begin, end).
  std::vector<std::pair<size_t, size_t>> Pieces(const Drawn& one) const {
    std::vector<std::pair<size_t, size_t>> pieces;
    for (size_t i = 0; i < one.values.size(); ++i) {
      if (!one.values[i]) continue;
      if (pieces.empty() || pieces.back().second != i) pieces.emplace_back(i, i);
      pieces.back().second = i + 1;
    }
    return pieces;
  }

  std::string Areas(const Drawn& one) const {
    if (!chart_.stacked && one.line->shape != Shape::kArea) return {};
    std::string path;
    for (const auto& [begin, end] : Pieces(one)) {
      for (size_t i = begin; i < end; ++i) {
        path +=
            (i == begin ? "M" : "L") + Px(Middle(i, begin, end)) + " " + Px(scale_.Y(Top(one, i)));
      }
      for (size_t i = end; i-- > begin;) {
        const double base = one.base.empty() ? scale_.low : one.base[i].value_or(0);
        path += "L" + Px(Middle(i, begin, end)) + " " + Px(scale_.Y(base));
      }
      path += "Z";
    }
    return Path(path, one, chart_.stacked ? "stack" : "area");
  }

  std::string Stroke(const Drawn& one) const {
    std::string path;
    for (const auto& [begin, end] : Pieces(one)) {
      for (size_t i = begin; i < end; ++i) {
        path +=
            (i == begin ? "M" : "L") + Px(Middle(i, begin, end)) + " " + Px(scale_.Y(Top(one, i)));
      }
      if (end == begin + 1) path += "h1.5";
    }
    return Path(path, one, one.line->shape == Shape::kDashed ? "line dashed" : "line");
  }

  // A column's middle; a piece that touches the edges reaches them.
  double Middle(size_t i, size_t begin, size_t end) const {
    if (i == 0 && end - begin > 1) return X(0);
    if (i + 1 == columns_ && end - begin > 1) return X(static_cast<double>(columns_));
    return X(static_cast<double>(i) + 0.5);
  }

  static std::string Path(const std::string& path, const Drawn& one, const char* kind) {
    if (path.empty()) return {};
    return "<path class=\"" + std::string(kind) + " c" + std::to_string(one.colour) + "\" d=\"" +
           path + "\"/>";
  }

  const Chart& chart_;
  const std::vector<Drawn>& drawn_;
  const ValueScale& scale_;
  size_t columns_;
  double width_;
};

// --- Around it
// ------------------------------------------------------------------------------------

std::string Legend(const Chart& chart, const std::vector<Drawn>& drawn) {
  std::string html = "<figcaption>";
  for (const Drawn& one : drawn) {
    double largest = 0;
    for (const Point& point : one.line->points) largest = std::max(largest, point.value);
    const double last = one.line->points.back().value;
    html += "<span class=\"key\"><i class=\"c" + std::to_string(one.colour) +
            (one.line->shape == Shape::kDashed ? " dashed" : "") + "\"></i>" +
            Escaped(one.line->label);
    if (!chart.nines) {
      const bool end = chart.axis == Axis::kBytes;
      html += std::string(end ? " <b>end " : " <b>max ") +
              AxisText(chart.axis, end ? last : largest) + "</b>";
    }
    html += "</span>";
  }
  return html + "</figcaption>";
}

// The drawn values, for the cross-hair: "," between columns, empty: a gap; "|" between lines.
std::string Data(const std::vector<Drawn>& drawn) {
  std::string data;
  for (const Drawn& one : drawn) {
    if (!data.empty()) data += "|";
    for (size_t i = 0; i < one.values.size(); ++i) {
      if (i > 0) data += ",";
      if (one.values[i]) data += Plain(Rounded(*one.values[i], 3));
    }
  }
  return data;
}

}  // namespace

std::string AxisText(Axis axis, double value) {
  switch (axis) {
    case Axis::kMilliseconds:
      return Milliseconds(value);
    case Axis::kPerSecond:
      return Significant(value) + "/s";
    case Axis::kBytes:
      return Bytes(value);
    case Axis::kCores:
    case Axis::kCount:
      break;
  }
  return Significant(value);
}

std::string ChartHtml(const Chart& chart) {
  const size_t columns = ColumnsOf(chart);
  const std::vector<Drawn> drawn = Draw(chart, columns);
  if (drawn.empty()) return {};
  const ValueScale scale = ScaleOf(chart, drawn);
  static constexpr std::array<const char*, 5> kAxes{"ms", "/s", "count", "cores", "bytes"};
  const Picture picture(chart, drawn, scale, columns);
  std::string html =
      "<figure" + std::string(chart.wide ? " class=\"wide\"" : "") + " data-begin=\"" +
      Plain(chart.begin_s) + "\" data-end=\"" + Plain(chart.end_s) + "\" data-axis=\"" +
      kAxes[static_cast<size_t>(chart.axis)] + "\" data-x=\"" + (chart.nines ? "nines" : "time") +
      "\" data-left=\"" + Px(kLeft) + "\" data-right=\"" + Px(picture.width() - kRight) +
      "\" data-width=\"" + Px(picture.width()) + "\"><h3>" + Escaped(chart.title) + "</h3>";
  if (!chart.note.empty()) html += "<p class=\"note\">" + Escaped(chart.note) + "</p>";
  html += picture.Svg() + Legend(chart, drawn);
  return html + "<script type=\"text/plain\">" + Data(drawn) + "</script></figure>\n";
}

std::vector<Line> Largest(std::vector<Line> lines, size_t most) {
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    const auto last = [](const Line& line) {
      return line.points.empty() ? 0 : line.points.back().value;
    };
    return last(a) > last(b);
  });
  if (lines.size() <= most) return lines;
  Line others{.label = std::to_string(lines.size() - most + 1) + " others"};
  std::vector<Point>& sum = others.points;
  for (size_t i = most - 1; i < lines.size(); ++i) {
    for (size_t j = 0; j < lines[i].points.size(); ++j) {
      if (j == sum.size()) sum.push_back({lines[i].points[j].at_s, 0});
      sum[j].value += lines[i].points[j].value;
    }
  }
  lines.resize(most - 1);
  lines.push_back(std::move(others));
  return lines;
}

}  // namespace drover::report
