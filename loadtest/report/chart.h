// One plot of the report: an inline SVG with its legend, and the values it was drawn from for the
// cross-hair of report_assets.cc. Without scripts the picture is the same.
#pragma once
#include <string>
#include <vector>

#include "loadtest/report/run_record.h"

namespace drover::report {

enum class Axis : uint8_t { kMilliseconds, kPerSecond, kCount, kCores, kBytes };
enum class Shape : uint8_t { kLine, kDashed, kArea };
// How several points that share a column of pixels become one: nothing that stands out is lost.
enum class Fold : uint8_t { kMean, kMax };

struct Line {
  std::string label;
  std::vector<Point> points;  // In order. For kNines, at_s is -log10(1 - share).
  Shape shape = Shape::kLine;
  int colour = -1;  // 0..7 of the palette; -1: the next one.
};

struct Chart {
  std::string title;
  std::string note;  // What to look for; may be empty.
  Axis axis = Axis::kCount;
  Fold fold = Fold::kMean;
  bool log_scale = false;
  bool stacked = false;  // Lines are areas on top of each other.
  bool nines = false;    // x is a share, in nines, instead of the time.
  bool wide = false;     // Over both columns.
  double begin_s = 0;
  double end_s = 0;
  std::vector<Line> lines;
  std::vector<Mark> marks;
};

// <figure>..</figure>. Empty if no line has a point.
std::string ChartHtml(const Chart& chart);

// The value as the axis shows it.
std::string AxisText(Axis axis, double value);

// The largest lines by their last value, the others added up as one ("12 others").
std::vector<Line> Largest(std::vector<Line> lines, size_t most);

}  // namespace drover::report
