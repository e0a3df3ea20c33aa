#include "tests/faults/proxy/injection.h"

#include <array>
#include <utility>

namespace drover::faults {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 17> kNames = {{
    {Kind::kCut, "cut"},
    {Kind::kDelay, "delay"},
    {Kind::kHold, "hold"},
    {Kind::kHalfOpen, "half-open"},
    {Kind::kCutRequestHead, "cut-request-head"},
    {Kind::kCutRequestBody, "cut-request-body"},
    {Kind::kCutBetween, "cut-between"},
    {Kind::kCutAnswerHead, "cut-answer-head"},
    {Kind::kCutAnswerBody, "cut-answer-body"},
    {Kind::kLoseAnswer, "lose-answer"},
    {Kind::kSwallowRequest, "swallow-request"},
    {Kind::kSwallowAnswer, "swallow-answer"},
    {Kind::kDelayRequest, "delay-request"},
    {Kind::kDelayAnswer, "delay-answer"},
    {Kind::kRepeat, "repeat"},
    {Kind::kTwins, "twins"},
    {Kind::kStale, "stale"},
}};

}  // namespace

std::string_view Name(Kind kind) {
  for (const auto& [each, name] : kNames) {
    if (each == kind) return name;
  }
  return "";
}

std::optional<Kind> KindNamed(std::string_view wanted) {
  for (const auto& [kind, name] : kNames) {
    if (name == wanted) return kind;
  }
  return std::nullopt;
}

bool IsHttp(Kind kind) { return kind >= Kind::kCutRequestHead; }

}  // namespace drover::faults
