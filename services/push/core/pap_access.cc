#include "services/push/core/pap_access.h"

#include <algorithm>

#include "libs/base/bytes.h"

namespace drover::push {
namespace {

bool StartsWithBasic(std::string_view text) {
  constexpr std::string_view kScheme = "basic ";
  return text.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char want, char c) {
           return want == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
         });
}

}  // namespace

std::optional<Credentials> BasicCredentials(std::string_view authorization) {
  constexpr size_t kSchemeOctets = 6;
  if (!StartsWithBasic(authorization)) return std::nullopt;
  const Result<std::string> pair = base::FromBase64(authorization.substr(kSchemeOctets));
  if (!pair) return std::nullopt;
  const size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

bool SameSecret(std::string_view given, std::string_view secret) {
  static constexpr std::string_view kNone("\0", 1);
  volatile unsigned difference = given.size() == secret.size() ? 0U : 1U;
  const std::string_view against = secret.empty() ? kNone : secret;
  for (size_t i = 0; i < given.size(); ++i) {
    difference = difference | (static_cast<unsigned char>(given[i]) ^
                               static_cast<unsigned char>(against[i % against.size()]));
  }
  return difference == 0;
}

const Account* FindByPassword(const std::vector<Account>& accounts, const Credentials& given) {
  const Account* found = nullptr;
  for (const Account& account : accounts) {
    const bool name = SameSecret(given.name, account.name);
    const bool password = SameSecret(given.password, account.password);
    if (name && password && !account.password.empty()) found = &account;
  }
  return found;
}

const Account* FindByCertificate(const std::vector<Account>& accounts,
                                 std::string_view certificate_name) {
  if (certificate_name.empty()) return nullptr;
  const auto found =
      std::ranges::find(accounts, certificate_name,
                        [](const Account& a) -> std::string_view { return a.certificate_name; });
  return found == accounts.end() ? nullptr : &*found;
}

bool MayPushTo(const Account& account, std::string_view msisdn) {
  return account.prefixes.empty() ||
         std::ranges::any_of(account.prefixes,
                             [&](const std::string& prefix) { return msisdn.starts_with(prefix); });
}

bool Rate::Take(size_t count, TimePoint now) {
  if (per_second_ == 0) return true;
  if (at_ && now > *at_) {
    const std::chrono::duration<double> passed = now - *at_;
    tokens_ = std::min(Most(), tokens_ + passed.count() * per_second_);
  }
  at_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= static_cast<double>(count);
  return true;
}

}  // namespace drover::push
