#include "services/operations/core/alerts.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

constexpr std::string_view kFumo = "org.openmobilealliance.dm.firmwareupdate.";
constexpr std::string_view kComplete = ":operationcomplete";

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool EndsWith(std::string_view text, std::string_view end) { return text.ends_with(end); }

// "./A/B" and "A/B" are the same node.
std::string_view FromRoot(std::string_view uri) {
  if (uri.starts_with("./")) uri.remove_prefix(2);
  while (uri.ends_with('/')) uri.remove_suffix(1);
  return uri;
}

// Whether `below` is `node` or a node below it.
bool Within(std::string_view below, std::string_view node) {
  below = FromRoot(below);
  node = FromRoot(node);
  if (!below.starts_with(node)) return false;
  return below.size() == node.size() || below[node.size()] == '/';
}

std::string LastSegment(std::string_view uri) {
  uri = FromRoot(uri);
  const size_t slash = uri.rfind('/');
  return Lower(slash == std::string_view::npos ? uri : uri.substr(slash + 1));
}

bool TypeFits(std::string_view type, std::string_view target) {
  if (type.starts_with(kFumo)) return type.substr(kFumo.size()) == LastSegment(target);
  return EndsWith(type, kComplete);
}

bool SourceFits(std::string_view source, std::string_view target) {
  return source.empty() || Within(target, source) || Within(source, target);
}

bool Fits(const v1::AlertResult& alert, std::string_view type, const Stored& operation) {
  return std::any_of(operation.spec.commands().begin(), operation.spec.commands().end(),
                     [&](const v1::Command& command) {
                       return command.verb() == v1::EXEC && TypeFits(type, command.target()) &&
                              SourceFits(alert.source(), command.target());
                     });
}

bool CanBeEnded(const Stored& operation) {
  if (operation.spec.correlator().empty()) return false;
  if (IsQueued(operation.state)) return operation.uncertain || operation.standing.reading_state;
  return operation.state == v1::WAITING || operation.state == v1::RUNNING;
}

// SCOMO reports <ResultCode>1200</ResultCode> beside other elements, or the bare number.
std::string_view ResultCodeIn(std::string_view data) {
  constexpr std::string_view kOpen = "<ResultCode>";
  const size_t begin = data.find(kOpen);
  if (begin == std::string_view::npos) return data;
  data.remove_prefix(begin + kOpen.size());
  return data.substr(0, data.find('<'));
}

std::string_view FumoWords(int code) {
  static const std::map<int, std::string_view> kWords = {
      {400, "management client error"},
      {401, "user cancelled"},
      {402, "corrupted firmware update package"},
      {403, "firmware update package and device mismatch"},
      {404, "package signature validation failed"},
      {405, "package not acceptable"},
      {406, "alternate download authentication failure"},
      {407, "alternate download request time-out"},
      {408, "not implemented"},
      {409, "undefined error"},
      {410, "firmware update failed"},
      {411, "malformed or bad URL"},
      {412, "alternate download server unavailable"},
      {500, "alternate download server error"},
      {501, "download failed, out of memory"},
      {502, "update failed, out of memory"},
      {503, "download failed, network"},
  };
  const auto found = kWords.find(code);
  if (found != kWords.end()) return found->second;
  if (code >= 450 && code <= 499) return "client error, vendor specific";
  if (code >= 550 && code <= 599) return "alternate download server error, vendor specific";
  return "";
}

}  // namespace

std::string NormalAlertType(std::string_view type) {
  std::string out = Lower(type);
  for (const std::string_view prefix : {"reversed-domain-name", "content-type"}) {
    if (!out.starts_with(prefix)) continue;
    size_t begin = prefix.size();
    while (begin < out.size() && (out[begin] == ':' || out[begin] == ' ')) ++begin;
    out.erase(0, begin);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  const size_t begin = out.find_first_not_of(' ');
  return begin == std::string::npos ? "" : out.substr(begin);
}

std::string CorrelatorOf(const Stored& operation) {
  const std::string& base = operation.spec.correlator();
  if (base.empty() || operation.standing.attempt <= 1) return base;
  return base + "." + std::to_string(operation.standing.attempt);
}

std::string_view OperationOf(std::string_view correlator) {
  constexpr size_t kUuid = 36;
  const bool later = correlator.size() > kUuid && correlator[kUuid] == '.';
  return later ? correlator.substr(0, kUuid) : correlator;
}

int MatchAlert(const v1::AlertResult& alert, std::span<const Stored* const> operations) {
  for (size_t i = 0; !alert.correlator().empty() && i < operations.size(); ++i) {
    if (!CanBeEnded(*operations[i])) continue;
    if (CorrelatorOf(*operations[i]) == alert.correlator()) return static_cast<int>(i);
  }
  const std::string type = NormalAlertType(alert.type());
  for (const v1::State state : {v1::WAITING, v1::RUNNING, v1::NOTIFIED, v1::PENDING}) {
    for (size_t i = 0; i < operations.size(); ++i) {
      if (operations[i]->state != state || !CanBeEnded(*operations[i])) continue;
      if (Fits(alert, type, *operations[i])) return static_cast<int>(i);
    }
  }
  return -1;
}

Verdict JudgeAlert(const v1::AlertResult& alert) {
  std::string_view text = ResultCodeIn(alert.data());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) {
    return {v1::FAILED, "the alert that ended it carries no result code", Failure::kAlertFailed};
  }
  if ((code >= 200 && code <= 299) || (code >= 1200 && code <= 1299)) {
    return {v1::SUCCEEDED, "", Failure::kNone};
  }
  std::string cause = "the terminal reported result code " + std::to_string(code);
  const bool fumo = NormalAlertType(alert.type()).starts_with(kFumo);
  const std::string_view words = fumo ? FumoWords(code) : "";
  if (!words.empty()) cause.append(": ").append(words);
  return {v1::FAILED, std::move(cause), Failure::kAlertFailed};
}

}  // namespace drover::operations
