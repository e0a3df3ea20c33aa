#include "loadtest/gateway/registrations.h"

#include <algorithm>
#include <charconv>

#include "libs/sip/builder.h"

namespace drover::gwsim {
namespace {

constexpr std::chrono::milliseconds kT2{4000};
constexpr std::chrono::seconds kTimerF{32};
constexpr std::string_view kBranch = "z9hG4bKgw";

// The number in "z9hG4bKgw42-7".
std::optional<uint32_t> NumberOfBranch(std::string_view branch) {
  if (!branch.starts_with(kBranch)) return std::nullopt;
  branch.remove_prefix(kBranch.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(branch.data(), branch.data() + branch.size(), number);
  if (error != std::errc() || end == branch.data() + branch.size() || *end != '-') {
    return std::nullopt;
  }
  return number;
}

uint32_t ExpiresOf(const sip::Message& response, uint32_t otherwise) {
  auto contacts = response.Values(sip::HeaderId::kContact);
  std::string_view element;
  uint32_t expires = 0;
  while (contacts.Next(element)) {
    sip::Contact contact;
    if (sip::ParseContact(element, contact))
      expires = std::max(expires, contact.expires.value_or(0));
  }
  return expires > 0 ? expires : otherwise;
}

}  // namespace

void Registrations::Begin(uint32_t number, Line line, Time now) {
  const sip::Login login = line.login;
  open_.erase(number);
  Open& open = open_.emplace(number, Open{std::move(line), sip::DigestClient(login)}).first->second;
  // Rises from one registration to the next, whatever was forgotten between.
  open.cseq = static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() %
      0x7000'0000);
  Send(number, open, now);
}

void Registrations::Send(uint32_t number, Open& open, Time now) {
  ++counts.sent;
  open.branch = std::string(kBranch) + std::to_string(number) + "-" + std::to_string(++branches_);
  const std::string expires = std::to_string(open.line.expires_s);
  const std::string from = "<" + open.line.aor + ">", contact = "<" + open.line.contact + ">";
  const auto credentials = open.digest.Fields("REGISTER", open.line.registrar, "", open.branch);
  std::vector<sip::FieldOut> more{{"Expires", expires}, {"Supported", "path"}};
  for (const auto& field : credentials) more.push_back({field.name, field.value});
  const std::string call_id = "reg-" + open.line.login.username;
  open.octets.clear();
  sip::AppendRequest({.method = "REGISTER",
                      .uri = open.line.registrar,
                      .via = {.sent_by = open.line.sent_by, .branch = open.branch},
                      .from = from,
                      .from_tag = "gw" + std::to_string(number),
                      .to = from,
                      .call_id = call_id,
                      .cseq = ++open.cseq,
                      .contact = contact,
                      .user_agent = open.line.user_agent,
                      .more = more},
                     open.octets);
  open.timer_e = std::chrono::milliseconds(500);
  open.again = now + open.timer_e;
  open.until = now + kTimerF;
  next_ = std::min(next_, open.again);
  send_(number, open.octets);
}

std::optional<Registrations::Bound> Registrations::Take(const sip::Message& response, Time now) {
  const auto number = NumberOfBranch(response.top_via().branch);
  if (!number || response.status() < 200) return std::nullopt;
  const auto found = open_.find(*number);
  if (found == open_.end() || found->second.branch != response.top_via().branch) {
    return std::nullopt;
  }
  Open& open = found->second;
  if (response.status() == 401 || response.status() == 407) {
    if (open.digest.Challenged(response) == sip::DigestClient::Next::kAnswer) {
      Send(*number, open, now);
      return std::nullopt;
    }
  }
  const bool accepted = response.status() < 300;
  const Bound bound{*number, ExpiresOf(response, open.line.expires_s)};
  ++(accepted ? counts.accepted : counts.refused);
  open_.erase(found);
  return accepted ? std::optional(bound) : std::nullopt;
}

Registrations::Time Registrations::Tick(Time now) {
  next_ = Time::max();
  for (auto it = open_.begin(); it != open_.end();) {
    Open& open = it->second;
    if (now >= open.until) {
      ++counts.unanswered;
      it = open_.erase(it);
      continue;
    }
    if (now >= open.again) {
      open.timer_e = std::min(open.timer_e * 2, kT2);
      open.again = now + open.timer_e;
      send_(it->first, open.octets);
    }
    next_ = std::min({next_, open.again, open.until});
    ++it;
  }
  return next_;
}

}  // namespace drover::gwsim
