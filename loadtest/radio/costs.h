// What the scheduler itself takes: octets a pending group, CPU time a segment.
#pragma once
#include <cstddef>

namespace drover::radio {

struct MemoryFigures {
  double counted = 0;   // Octets a group, as the scheduler counts them,
  double resident = 0;  // .. and as the process grew.
};
// Groups of 4 segments with 100 octets of payload each, every one to a number of its own, that wait
// for a bind.
MemoryFigures MeasureMemory(size_t groups);

struct CpuFigures {
  double admit_ns = 0;        // A group,
  double dispatch_ns = 0;     // a segment: its submission and its acceptance,
  double receipt_ns = 0;      // and its receipt. All with the journal's octets.
  double journal_octets = 0;  // A segment, the admission shared out.
};
// Groups of 4 segments over one bind, with so many others waiting for a bind that is not there.
CpuFigures MeasureCpu(size_t groups, size_t waiting);

}  // namespace drover::radio
