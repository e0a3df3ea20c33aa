#include "libs/sip/registrar.h"

#include <algorithm>

namespace drover::sip {
namespace {

using std::chrono::seconds;

RegisterReply Plain(uint16_t status) { return {.status = status, .fields = {}}; }

bool SameContact(const std::string& a, const std::string& b) {
  if (a == b) return true;
  Uri x;
  Uri y;
  return ParseUri(a, x) && ParseUri(b, y) && Equivalent(x, y);
}

// RFC 5626, section 6: with both, instance and reg-id are the key, whatever the contact is now.
bool Matches(const Binding& binding, const RegisterRequest::Change& change) {
  if (change.reg_id != 0 && binding.reg_id != 0) {
    return binding.instance == change.instance && binding.reg_id == change.reg_id;
  }
  return SameContact(binding.contact, change.contact);
}

// RFC 3261, section 10.3, step 7.
bool GoesBack(const Binding& binding, const RegisterRequest& request) {
  return binding.call_id == request.call_id && request.cseq <= binding.cseq;
}

// -10..0 %, not below the least.
seconds Jittered(seconds granted, const RegistrarSettings& settings, uint64_t random) {
  const int64_t off = granted.count() * static_cast<int64_t>(random % 101) / 1000;
  return std::max(granted - seconds(off), std::min(granted, settings.min_expires));
}

// The digest-uri of a REGISTER: phones leave its port and parameters out, or add them.
bool NamesHostOf(std::string_view digest_uri, std::string_view request_uri) {
  Uri a;
  Uri b;
  return ParseUri(digest_uri, a) && ParseUri(request_uri, b) &&
         SameAddress(a.host_port.address(), b.host_port.address());
}

class Application {
 public:
  Application(const RegisterRequest& request, std::vector<Binding> bindings, const Flow& flow,
              const RegistrarSettings& settings, TimePoint now, uint64_t random)
      : request_(request),
        before_(std::move(bindings)),
        flow_(flow),
        settings_(settings),
        now_(now),
        random_(random) {
    std::erase_if(before_, [&](const Binding& each) { return each.expires <= now_; });
    after_ = before_;
  }

  RegisterResult Run() {
    if (request_.removes_all) {
      for (const Binding& each : before_) {
        if (GoesBack(each, request_)) return Refused(Plain(500));
      }
      after_.clear();
    }
    for (const RegisterRequest::Change& change : request_.changes) {
      if (std::optional<RegisterReply> refusal = Apply(change)) return Refused(std::move(*refusal));
    }
    if (after_.size() > settings_.max_contacts && after_.size() > before_.size()) {
      return Refused(Plain(403));
    }
    const bool changed = after_ != before_;
    return {.reply = Listing(), .bindings = std::move(after_), .changed = changed};
  }

 private:
  RegisterResult Refused(RegisterReply reply) {
    return {.reply = std::move(reply), .bindings = std::move(before_), .changed = false};
  }

  std::optional<RegisterReply> Apply(const RegisterRequest::Change& change) {
    const auto it =
        std::ranges::find_if(after_, [&](const Binding& each) { return Matches(each, change); });
    // Not against what this very request has just put there: a contact named twice.
    const auto was =
        std::ranges::find_if(before_, [&](const Binding& each) { return Matches(each, change); });
    if (was != before_.end() && GoesBack(*was, request_)) return Plain(500);
    const seconds asked = change.expires ? seconds(*change.expires) : settings_.default_expires;
    if (asked == seconds(0)) {
      if (it != after_.end()) after_.erase(it);
      return std::nullopt;
    }
    if (asked < settings_.min_expires) {
      return RegisterReply{
          .status = 423,
          .fields = {{"Min-Expires", std::to_string(settings_.min_expires.count())}}};
    }
    Binding binding = Bound(change, std::min(asked, settings_.max_expires));
    if (it != after_.end()) {
      *it = std::move(binding);
    } else {
      after_.push_back(std::move(binding));
    }
    return std::nullopt;
  }

  Binding Bound(const RegisterRequest::Change& change, seconds granted) const {
    return {.contact = change.contact,
            .call_id = request_.call_id,
            .cseq = request_.cseq,
            .registered = now_,
            .expires = now_ + Jittered(granted, settings_, random_),
            .q_thousandths = change.q_thousandths,
            .instance = change.instance,
            .reg_id = change.reg_id,
            .path = request_.path,
            .user_agent = request_.user_agent,
            .transport = flow_.transport,
            .source_address = std::string(flow_.source.address),
            .source_port = flow_.source.port,
            .flow_owner = std::string(flow_.flow_owner)};
  }

  std::string ContactValue(const Binding& binding) const {
    const auto left = std::chrono::ceil<seconds>(binding.expires - now_);
    std::string value = "<" + binding.contact + ">;expires=" + std::to_string(left.count());
    if (binding.q_thousandths != 1000) {
      const std::string digits = std::to_string(1000 + binding.q_thousandths).substr(1);
      value.append(";q=0.").append(digits);
    }
    if (!binding.instance.empty())
      AppendQuoted("<" + binding.instance + ">", value.append(";+sip.instance="));
    if (binding.reg_id != 0) value.append(";reg-id=").append(std::to_string(binding.reg_id));
    return value;
  }

  RegisterReply Listing() const {
    RegisterReply reply;
    for (const Binding& each : after_) reply.fields.emplace_back("Contact", ContactValue(each));
    if (request_.supports_path) {
      for (const std::string& each : request_.path) reply.fields.emplace_back("Path", each);
    }
    if (request_.uses_outbound && !after_.empty()) {
      reply.fields.emplace_back("Require", "outbound");
      reply.fields.emplace_back("Flow-Timer", "120");
    }
    return reply;
  }

  const RegisterRequest& request_;
  std::vector<Binding> before_;
  std::vector<Binding> after_;
  const Flow& flow_;
  const RegistrarSettings& settings_;
  TimePoint now_;
  uint64_t random_;
};

}  // namespace

bool AppendReply(const Message& request, const Source& source, const RegisterReply& reply,
                 std::string_view to_tag, std::string& out) {
  std::vector<FieldOut> fields;
  fields.reserve(reply.fields.size());
  for (const auto& [name, value] : reply.fields) fields.push_back({name, value});
  return AppendResponse(request, source,
                        {.status = reply.status, .to_tag = to_tag, .fields = fields}, out);
}

RegisterReply ChallengeRegister(const RegistrarSettings& settings, const NonceMint& mint,
                                TimePoint now, uint64_t random, bool stale) {
  const std::string nonce = mint.Mint(settings.realm, now, random);
  RegisterReply reply = Plain(401);
  for (const DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}) {
    std::string value;
    AppendChallenge(
        {.realm = settings.realm, .nonce = nonce, .algorithm = algorithm, .stale = stale}, value);
    reply.fields.emplace_back("WWW-Authenticate", std::move(value));
  }
  return reply;
}

std::optional<RegisterReply> Authorize(const RegisterRequest& request, const Account& account,
                                       const RegistrarSettings& settings, const NonceMint& mint,
                                       ReplayGuard& guard, TimePoint now, uint64_t random) {
  if (!request.credentials) return ChallengeRegister(settings, mint, now, random, false);
  if (!NamesHostOf(request.credentials->uri, request.request_uri)) return Plain(403);
  const DigestRequest digest{
      .method = "REGISTER", .uri = {}, .body = request.body, .realm = settings.realm};
  // A user who is not there costs as much as one whose password is wrong.
  const std::string nobody(64, '-');
  const std::string_view ha1 = account.ha1.empty() ? nobody : account.ha1;
  switch (JudgeCredentials(*request.credentials, digest, ha1, mint, guard, now)) {
    case DigestVerdict::kStale:
      return ChallengeRegister(settings, mint, now, random, true);
    case DigestVerdict::kWrong:
      return Plain(403);
    case DigestVerdict::kGood:
      break;
  }
  if (account.ha1.empty() || !account.may_register) return Plain(403);
  return std::nullopt;
}

RegisterResult ApplyRegister(const RegisterRequest& request, std::vector<Binding> bindings,
                             const Flow& flow, const RegistrarSettings& settings, TimePoint now,
                             uint64_t random) {
  return Application(request, std::move(bindings), flow, settings, now, random).Run();
}

RegisterReply OverloadedReply(uint64_t random) {
  return {.status = 503, .fields = {{"Retry-After", std::to_string(30 + random % 271)}}};
}

std::optional<BindingTarget> TargetOf(const Binding& binding) {
  if (!binding.path.empty()) return BindingTarget{.by_route = true};
  Uri uri;
  if (!ParseUri(binding.contact, uri) || uri.host_port.host.empty()) return std::nullopt;
  const bool names_its_source = SameAddress(uri.host_port.address(), binding.source_address);
  if (!names_its_source) {
    return BindingTarget{.host = binding.source_address,
                         .port = binding.source_port,
                         .transport = binding.transport};
  }
  return BindingTarget{.host = std::string(uri.host_port.address()),
                       .port = uri.host_port.port,
                       .transport = binding.transport};
}

}  // namespace drover::sip
