// What a run has to reach: 'p99<50ms,errors<0.1%,rate>2900/s,lost=0'.
//
// A threshold is MEASURE OP NUMBER UNIT; several stand with commas between them. OP is one of
// < <= > >= =. The measures, with the units that each takes:
//
//   p50 p99 p99.9 (any percentile) max mean     sessions: us ms s m h
//   exchange.p99 .. exchange2.p99 ..            exchanges, all or by position: the same
//   accepted.p99 .. deferred.p99 ..             of sessions from their first message on; of
//   terminals
//                                               that had been deferred, from when they were due
//   recovery                                    from the end of the overload: the same
//   overload.goodput overload.p99               % of the sustainable rate; of the first step's p99
//   wall generator.lag                          the whole run; p99 of its loop's lag: the same
//   rate                                        good sessions: /s /m /h
//   errors late not_started refused operations.WORD
//                                               a count, or % (of sessions ended, started, due,
//                                               due; of operations)
//   given_up turned_away                        a count
//   lost doubled different differences          a count; fails if ledgers were not compared
//   generator.cpu                               cores, or % of one
//   generator.memory                            B KiB MiB GiB KB MB GB
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "loadtest/report/run_record.h"

namespace drover::report {

enum class Unit : uint8_t { kNone, kPercent, kMilliseconds, kPerSecond, kBytes };
enum class Relation : uint8_t { kBelow, kAtMost, kAbove, kAtLeast, kEqual };

struct Threshold {
  std::string text;     // As it was written, without spaces around.
  std::string measure;  // "p99"
  Relation relation = Relation::kBelow;
  double bound = 0;  // In unit: "50ms" is 50, "2s" 2000, "1MiB" 1048576.
  Unit unit = Unit::kNone;
};

// kInvalidArgument names the threshold, the column in text and what is wrong there.
Result<std::vector<Threshold>> ParseThresholds(std::string_view text);

// Thresholds on the difference of two runs, in percent: 'p99<10%,rate>-5%'; any measure.
Result<std::vector<Threshold>> ParseDifferences(std::string_view text);

bool Holds(Relation relation, double value, double bound);

struct Judgement {
  Threshold threshold;
  bool held = false;
  std::string measured;  // "12.3 ms", or why it cannot be said.
};
Judgement Judge(const Threshold& threshold, const RunRecord& record);

}  // namespace drover::report
