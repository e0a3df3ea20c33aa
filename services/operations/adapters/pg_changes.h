// What one transaction does for changes of operations, as statements over arrays.
//
// A change that leaves an operation open moves its row of `open`; one that ends it deletes that row
// and writes the operation's own (history, results, end) for the first time since its submission.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/operations/core/advance.h"

namespace drover::operations {

struct Travelled;

struct WriteStatements {
  std::vector<postgres::Statement> statements;
  // Which of them tells, in its second column, who has ended and is waited for (ids, spaces
  // between; NULL: nobody).
  std::optional<size_t> ends;
};

// A statement that changes operations divides by zero (22012), which undoes the transaction, unless
// it finds every one of them in the version that its change was decided on. But for changes that
// say nothing new (another time to look at it, another wake-up counted): those are left out where
// somebody was quicker.
WriteStatements StatementsOf(const std::vector<Change>& changes,
                             const std::vector<Travelled>& travelled);

// How many operations come into a state (or go from it, negative), a row a label and state.
class Counts {
 public:
  void Add(const std::string& label, v1::State state, int64_t count);
  // Nothing to say: nullopt.
  std::optional<postgres::Statement> ToStatement() const;

 private:
  std::map<std::pair<std::string, v1::State>, int64_t> counts_;
};

}  // namespace drover::operations
