// DNS by c-ares on the loop: addresses and SRV records, kept for their time to live.
//
// Who asks for a name that is being asked for waits for that answer. Names that lead nowhere are
// remembered for a while too. Loop thread only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/async/task.h"
#include "libs/sip/link/address.h"
#include "libs/sip/link/endpoint.h"
#include "libs/sip/link/targets.h"

namespace drover::sip {

class Resolver {
 public:
  using OnAddresses = std::function<void(const Result<std::vector<Address>>&)>;
  using OnRecords = std::function<void(const Result<std::vector<SrvRecord>>&)>;

  Resolver(asio::io_context& loop, DnsSettings settings);
  // Nothing is called back.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // kInvalidArgument: a server that is no address. Once.
  Result<void> Open();

  // kNotFound: there is no such name, or it has no such record; kUnavailable: no server answered.
  // Perhaps from inside the call.
  void Addresses(const std::string& host, OnAddresses done);
  void Records(const std::string& service, OnRecords done);

  uint64_t lookups() const;  // Asked of DNS.

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace drover::sip
