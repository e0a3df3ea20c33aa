// Who asks, and how much: accounts of push initiators, HTTP Basic credentials, rates.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "services/push/core/settings.h"

namespace drover::push {

struct Credentials {
  std::string name, password;
};
// Of an Authorization header field; nullopt: not Basic, or malformed. Spec: RFC 7617.
std::optional<Credentials> BasicCredentials(std::string_view authorization);

// Takes as long for a wrong secret as for the right one: its time tells the length of `given` only.
bool SameSecret(std::string_view given, std::string_view secret);

// The account of that name and password; nullptr: there is none. Looks at all of them whatever is
// given, so that its time does not tell which names there are.
const Account* FindByPassword(const std::vector<Account>& accounts, const Credentials& given);
// certificate_name: of a certificate that was verified; may be empty.
const Account* FindByCertificate(const std::vector<Account>& accounts,
                                 std::string_view certificate_name);

// Whether the account may push to that number (E.164 without +).
bool MayPushTo(const Account& account, std::string_view msisdn);

// A token bucket that holds a second's worth. What is larger passes while there is a token, and
// those after it wait the longer.
class Rate {
 public:
  explicit Rate(double per_second) : per_second_(per_second), tokens_(Most()) {}  // 0: no limit.
  bool Take(size_t count, TimePoint now);

 private:
  double Most() const { return per_second_ < 1 ? 1 : per_second_; }
  double per_second_;
  double tokens_;
  std::optional<TimePoint> at_;
};

}  // namespace drover::push
