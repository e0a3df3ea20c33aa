#include "services/operations/handlers/checker.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/async/promise.h"

namespace drover::operations {
namespace {

constexpr size_t kAtOnce = 16;  // Questions with tree.

}  // namespace

// Some questions, asked at once; the last answer resumes the caller.
struct Checker::Round {
  Round(asio::io_context& loop, size_t n) : left(n), ended(loop) {}
  std::vector<operations::Check> checks;
  size_t left;
  Result<void> result;
  std::vector<Violation> violations;
  std::vector<int> alone;  // Operations that are to be asked about alone.
  Promise<bool> ended;
};

Process Checker::AskInto(std::shared_ptr<Round> round, size_t index, Deadline deadline) {
  const operations::Check& check = round->checks[index];
  tree::v1::CheckCommandsRequest question = check.question;
  Result<tree::v1::CheckCommandsResponse> answer =
      co_await devices_.Check(std::move(question), deadline);
  if (answer) {
    for (Violation& violation : ViolationsIn(check, *answer)) {
      if (check.largest) {
        round->alone.push_back(violation.operation);
      } else {
        round->violations.push_back(std::move(violation));
      }
    }
  } else if (round->result) {
    round->result = std::move(answer).error();
  }
  if (--round->left == 0) round->ended.Set(true);
}

Task<std::vector<Violation>> Checker::Check(const v1::SubmitOperationsRequest& request,
                                            Deadline deadline) {
  std::vector<operations::Check> checks = PlanChecks(request);
  std::vector<Violation> out;
  while (!checks.empty()) {
    const size_t count = std::min(kAtOnce, checks.size());
    auto round = std::make_shared<Round>(loop_, count);
    const auto first = checks.end() - static_cast<std::ptrdiff_t>(count);
    round->checks.assign(std::make_move_iterator(first), std::make_move_iterator(checks.end()));
    checks.erase(first, checks.end());
    for (size_t i = 0; i < count; ++i) {
      asio::co_spawn(loop_.get_executor(), AskInto(round, i, deadline), asio::detached);
    }
    const Deadline last = deadline + std::chrono::seconds(1);
    DROVER_CO_TRY(co_await round->ended.Wait(last, "tree"));
    if (!round->result) co_return round->result.error();
    for (Violation& violation : round->violations) out.push_back(std::move(violation));
    for (const int operation : round->alone) {
      auto check = PlanCheck(request, operation);
      if (check) checks.push_back(std::move(*check));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Violation& a, const Violation& b) { return a.operation < b.operation; });
  co_return out;
}

}  // namespace drover::operations
