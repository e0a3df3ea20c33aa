#include "services/session/core/verification.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace drover::session {
namespace {

bool IsSuccess(uint32_t status) { return status >= 200 && status < 300; }

// The FUMO State node beside an Exec target of FUMO, empty if it is none.
std::string FirmwareStateUri(std::string_view target) {
  const size_t slash = target.rfind('/');
  if (slash == std::string_view::npos) return {};
  static constexpr std::array<std::string_view, 3> kTargets = {"Download", "Update",
                                                               "DownloadAndUpdate"};
  const std::string_view last = target.substr(slash + 1);
  if (std::find(kTargets.begin(), kTargets.end(), last) == kTargets.end()) return {};
  return std::string(target.substr(0, slash + 1)) + "State";
}

const ReadBack* Find(const std::vector<ReadBack>& read, std::string_view uri) {
  for (const ReadBack& one : read) {
    if (one.uri == uri) return &one;
  }
  return nullptr;
}

Happened JudgeWrite(const CommandSpec& command, const ReadBack& read) {
  if (!IsSuccess(read.status) || !read.value) return Happened::kNo;
  if (!command.data) return Happened::kYes;  // An interior or null node: that it is there is all.
  return read.value->data == *command.data ? Happened::kYes : Happened::kNo;
}

// FUMO's State; nothing: it cannot be read.
std::optional<int> StateIn(const ReadBack& read) {
  if (!IsSuccess(read.status) || !read.value) return std::nullopt;
  int state = 0;
  const std::string& text = read.value->data;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), state);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return state;
}

Happened JudgeFirmware(const ReadBack& read) {
  constexpr int kIdle = 10;
  const std::optional<int> state = StateIn(read);
  if (!state) return Happened::kUnknown;
  return *state == kIdle ? Happened::kNo : Happened::kYes;
}

// The State may be what an earlier update left, not this one.
bool MayBeOld(const ReadBack& read) {
  static constexpr std::array<int, 6> kAtRest = {20, 50, 70, 80, 90, 100};
  const std::optional<int> state = StateIn(read);
  return state && std::find(kAtRest.begin(), kAtRest.end(), *state) != kAtRest.end();
}

Happened JudgeCopy(const CommandSpec& command, const std::vector<ReadBack>& read) {
  const ReadBack* target = Find(read, command.target);
  const ReadBack* source = Find(read, command.source);
  const bool both = target != nullptr && source != nullptr && target->value && source->value;
  return both && target->value->data == source->value->data ? Happened::kYes : Happened::kNo;
}

}  // namespace

std::vector<std::string> ReadBackUris(const CommandSpec& command) {
  if (command.secret != Secret::kNone) return {};  // Write-only; writing it twice does no harm.
  switch (command.verb) {
    case Verb::kGet:
    case Verb::kPrompt:
      return {};
    case Verb::kReplace:
    case Verb::kAdd:
    case Verb::kDelete:
      return {command.target};
    case Verb::kCopy:
      return {command.target, command.source};
    case Verb::kExec: {
      std::string uri = FirmwareStateUri(command.target);
      if (uri.empty()) return {};
      return {std::move(uri)};
    }
  }
  return {};
}

Happened Judge(const CommandSpec& command, const std::vector<ReadBack>& read) {
  // Reading or asking twice does no harm.
  if (command.verb == Verb::kGet || command.verb == Verb::kPrompt) return Happened::kNo;
  if (command.secret != Secret::kNone) return Happened::kNo;
  if (command.verb == Verb::kCopy) return JudgeCopy(command, read);
  const std::vector<std::string> uris = ReadBackUris(command);
  const ReadBack* found = uris.empty() ? nullptr : Find(read, uris.front());
  if (found == nullptr) return Happened::kUnknown;
  if (command.verb == Verb::kExec) return JudgeFirmware(*found);
  if (command.verb == Verb::kDelete) {
    return found->status == 404 || found->status == 410 ? Happened::kYes : Happened::kNo;
  }
  return JudgeWrite(command, *found);
}

namespace {

// All or nothing: what is there already may have been there before.
void JudgeAtomic(const std::vector<CommandSpec>& commands, size_t begin, size_t end,
                 std::vector<Happened>& happened) {
  bool all = true;
  for (size_t k = begin; k < end; ++k) {
    all = all && (commands[k].verb == Verb::kPrompt || happened[k] == Happened::kYes);
  }
  for (size_t k = begin; k < end; ++k) happened[k] = all ? Happened::kYes : Happened::kNo;
}

// What a later command of the operation wrote over does not show any more, but it was done: they
// are carried out in order.
void JudgeOverwritten(const std::vector<CommandSpec>& commands, std::vector<Happened>& happened) {
  for (size_t k = 0; k < commands.size(); ++k) {
    for (size_t later = k + 1; later < commands.size(); ++later) {
      if (commands[k].verb == Verb::kGet || commands[k].verb == Verb::kExec) continue;
      if (commands[later].target != commands[k].target) continue;
      if (commands[later].verb == Verb::kGet || happened[later] != Happened::kYes) continue;
      happened[k] = Happened::kYes;
    }
  }
}

// An Exec behind a command that was not done was not done either, whatever an earlier update has
// left in State. While something is under way State is believed: what is before it may have been
// refused.
void JudgeExecsInOrder(const std::vector<CommandSpec>& commands,
                       const std::vector<std::vector<ReadBack>>& read,
                       std::vector<Happened>& happened) {
  bool missing = false;
  for (size_t k = 0; k < commands.size(); ++k) {
    const Verb verb = commands[k].verb;
    if (verb == Verb::kExec) {
      const bool old = !read[k].empty() && MayBeOld(read[k].front());
      if (missing && old) happened[k] = Happened::kNo;
    } else if (verb != Verb::kGet && verb != Verb::kPrompt) {
      missing = missing || (!read[k].empty() && happened[k] == Happened::kNo);
    }
  }
}

}  // namespace

bool Writes(const CommandSpec& command) {
  const bool none = command.verb == Verb::kGet || command.verb == Verb::kExec ||
                    command.verb == Verb::kPrompt || command.secret != Secret::kNone;
  return !none;
}

std::vector<Happened> JudgeAll(const std::vector<CommandSpec>& commands,
                               const std::vector<std::vector<ReadBack>>& read,
                               const std::set<std::string_view>& written) {
  std::vector<Happened> happened;
  for (size_t k = 0; k < commands.size(); ++k) happened.push_back(Judge(commands[k], read[k]));
  JudgeOverwritten(commands, happened);
  for (size_t k = 0; k < commands.size(); ++k) {
    if (Writes(commands[k]) && written.count(commands[k].target) > 0) happened[k] = Happened::kYes;
  }
  JudgeExecsInOrder(commands, read, happened);
  for (size_t begin = 0; begin < commands.size();) {
    size_t end = begin + 1;
    const uint32_t group = commands[begin].atomic;
    while (group != 0 && end < commands.size() && commands[end].atomic == group) ++end;
    if (group != 0) JudgeAtomic(commands, begin, end, happened);
    begin = end;
  }
  bool later = false;
  for (size_t k = commands.size(); k-- > 0;) {
    const bool gate = commands[k].verb == Verb::kPrompt && commands[k].atomic == 0;
    if (gate && later) happened[k] = Happened::kYes;
    later = later || happened[k] == Happened::kYes;
  }
  return happened;
}

uint32_t StatusIfDone(const CommandSpec& command) {
  return command.verb == Verb::kExec ? 202 : 200;
}

}  // namespace drover::session
