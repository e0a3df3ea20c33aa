// The percentile distribution as text: the .hgrm form of HdrHistogram that plotters read (for
// example https://hdrhistogram.github.io/HdrHistogram/plotFiles.html).
#pragma once
#include <string>

#include "loadtest/report/histogram.h"

namespace drover::report {

// Values in milliseconds; ticks_per_half steps for each halving of the distance to 100 %.
std::string HdrText(const Histogram& histogram, int ticks_per_half = 5);

}  // namespace drover::report
