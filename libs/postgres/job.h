// One caller's work on one connection: a pipeline of statements in one transaction, or a script.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/async/suspend.h"
#include "libs/postgres/pool.h"

namespace drover::postgres {

struct Job {
  std::vector<Statement> statements;  // Empty: it is a script.
  std::string script;
  Deadline deadline;
  Resumer<std::vector<Rows>> resume;
};

// Numbers the statements of a process, so that each connection prepares each once under a short
// name. Those past the bound (SQL built at run time) are prepared anew each time, as the unnamed
// statement.
class StatementNumbers {
 public:
  static constexpr int kUnnamed = 0;
  static constexpr int kMost = 1000;

  // The same for the same SQL with the same parameter types; kUnnamed or 1..kMost.
  int Of(const Statement& statement) {
    key_.assign(statement.sql).push_back('\0');
    for (const Param& param : statement.params) {
      const uint32_t type = param.type();
      key_.append(reinterpret_cast<const char*>(&type), sizeof(type));
    }
    if (const auto found = numbers_.find(key_); found != numbers_.end()) return found->second;
    if (numbers_.size() >= kMost) return kUnnamed;
    return numbers_.emplace(key_, static_cast<int>(numbers_.size()) + 1).first->second;
  }

 private:
  std::unordered_map<std::string, int> numbers_;
  std::string key_;
};

}  // namespace drover::postgres
