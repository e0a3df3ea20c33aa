#include "loadtest/gateway/voice.h"

#include <algorithm>
#include <functional>

namespace drover::gwsim {
namespace {

uint64_t Hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

// As Allow-Events of a 489.
std::string_view AllowEventsOf(const Habits& habits) {
  return habits.events.empty() ? std::string_view() : std::string_view(habits.events.front());
}

}  // namespace

bool VoiceModule::IsRetransmission(const sip::Message& message, VoiceState& state) {
  uint64_t hash = Hash(message.top_via().branch) ^ Hash(message.method_name()) * 31;
  hash ^= Hash(message.top_via().sent_by.host) * 7 + message.top_via().sent_by.port;
  hash |= 1;
  if (hash == state.last_branch) {
    ++counts_.retransmissions;
    return true;
  }
  state.last_branch = hash;
  ++counts_.requests;
  return false;
}

VoiceAnswer VoiceModule::Judge(const sip::Message& message, VoiceState& state) {
  switch (message.method()) {
    case sip::Method::kNotify:
      return JudgeNotify(message, state);
    case sip::Method::kOptions:
      return {.status = 200};
    case sip::Method::kInvite:
      return {.status = 486};
    case sip::Method::kOther:
      return {.status = 501};
    default:
      return {.status = 405};
  }
}

VoiceAnswer VoiceModule::JudgeNotify(const sip::Message& message, VoiceState& state) {
  if (!message.to_tag().empty()) return {.status = 481};
  const auto call = static_cast<uint32_t>(Hash(message.call_id()));
  if (call == state.call && message.cseq().number <= state.cseq) {
    ++counts_.cseq_faults;
    return {.status = message.cseq().number == state.cseq ? uint16_t{482} : uint16_t{500}};
  }
  state.call = call;
  state.cseq = message.cseq().number;
  const auto event = message.Find(sip::HeaderId::kEvent);
  if (!event || message.Count(sip::HeaderId::kEvent) != 1) return {.status = 489};
  sip::SubscriptionState subscription;
  const auto told = message.Find(sip::HeaderId::kSubscriptionState);
  if (!told || !sip::ParseSubscriptionState(*told, subscription)) return {.status = 400};
  sip::Event parsed;
  if (!sip::ParseEvent(*event, parsed)) return {.status = 489};
  const std::string_view type = parsed.type;
  if (std::ranges::count(habits_.events, type) > 0) return {.status = 200, .asks = true};
  if (IsVoiceEvent(type)) {
    ++state.voice;
    ++counts_.voice;
    return {.status = 200};
  }
  ++counts_.bad_events;
  if (habits_.events.empty()) return {.status = 481};
  return {.status = 489, .allow_events = AllowEventsOf(habits_)};
}

void VoiceModule::Authenticate(const sip::Message& message, std::string_view authorization,
                               const VoiceLogin& login, TimePoint now, VoiceState& state,
                               VoiceAnswer& answer) {
  const auto credentials = sip::ParseCredentials(authorization);
  if (!credentials || credentials->username != login.user) return Challenge(now, false, answer);
  const std::string ha1 =
      sip::DigestHa1(credentials->algorithm, login.user, kRealm, login.password);
  const auto verdict = sip::JudgeCredentials(*credentials,
                                             {.method = message.method_name(),
                                              .uri = message.request_uri(),
                                              .body = message.body(),
                                              .realm = kRealm},
                                             ha1, guard_.mint, guard_.guard, now);
  if (verdict == sip::DigestVerdict::kWrong) {
    ++counts_.wrong_credentials;
    answer = {.status = 403};
  } else if (verdict == sip::DigestVerdict::kStale || (habits_.stale_once && !state.stale_told)) {
    state.stale_told = state.last_stale = true;
    Challenge(now, true, answer);
  }
}

VoiceAnswer VoiceModule::Again(TimePoint now, const VoiceState& state) {
  VoiceAnswer answer{.status = state.last_status};
  if (state.last_status == 401 && habits_.challenge) Challenge(now, state.last_stale, answer);
  if (state.last_status == 489) answer.allow_events = AllowEventsOf(habits_);
  return answer;
}

void VoiceModule::Challenge(TimePoint now, bool stale, VoiceAnswer& answer) {
  ++counts_.challenges;
  answer = {.status = 401};
  const std::string nonce = guard_.mint.Mint(kRealm, now, ++guard_.nonces);
  sip::AppendChallenge(
      {.realm = kRealm, .nonce = nonce, .algorithm = *habits_.challenge, .stale = stale},
      answer.challenge);
}

void VoiceModule::Count(const VoiceAnswer& answer, VoiceState& state) {
  if (answer.status != 401) state.last_stale = false;
  state.last_status = answer.status;
  if (!answer.asks) return;
  ++state.told;
  ++counts_.told;
}

std::string CleanedOfPrint(std::string_view datagram) {
  std::string clean;
  clean.reserve(datagram.size());
  const size_t head = std::min(datagram.find("\r\n\r\n"), datagram.size());
  for (size_t i = 0; i < head; ++i) {
    const char c = datagram[i];
    if (c != ' ') {
      clean.push_back(c);
      continue;
    }
    const char before = clean.empty() ? '\n' : clean.back();
    const char after = i + 1 < head ? datagram[i + 1] : '\r';
    const bool behind_scheme = clean.ends_with("sip:") || clean.ends_with("sips:");
    const bool at_separator = before == ';' || before == '=' || after == ';' || after == '=';
    if (datagram.substr(i).starts_with(" //")) {
      while (i + 1 < head && datagram[i + 1] != '\r') ++i;
    } else if (!behind_scheme && !at_separator) {
      clean.push_back(c);
    }
  }
  return clean.append(datagram.substr(head));
}

}  // namespace drover::gwsim
