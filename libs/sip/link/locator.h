// From a SIP URI to the hops to be tried, in order: RFC 3263 over a Resolver.
//
// Loop thread only.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libs/sip/link/resolver.h"

namespace drover::sip {

struct Candidate {
  Hop hop;
  std::string domain;  // Whom the certificate has to name.
};

class Locator {
 public:
  using Done = std::function<void(Result<std::vector<Candidate>>)>;

  // random(n): 0..n-1.
  Locator(asio::io_context& loop, DnsSettings settings, std::function<uint32_t(uint32_t)> random)
      : resolver_(loop, std::move(settings)), random_(std::move(random)) {}
  Result<void> Open() { return resolver_.Open(); }

  // kInvalidArgument: no URI of ours; kNotFound: it leads nowhere; kUnavailable: no server answers.
  // From inside the call if no name has to be asked for. At most kMostCandidates.
  void Locate(const std::string& uri, Done done);

  uint64_t lookups() const { return resolver_.lookups(); }

  static constexpr size_t kMostCandidates = 16;

 private:
  struct Search;
  void AskService(const std::shared_ptr<Search>& search);
  void AskTargets(const std::shared_ptr<Search>& search);
  void AskHost(const std::shared_ptr<Search>& search);

  Resolver resolver_;
  const std::function<uint32_t(uint32_t)> random_;
};

}  // namespace drover::sip
