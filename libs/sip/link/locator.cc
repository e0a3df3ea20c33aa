#include "libs/sip/link/locator.h"

#include <utility>

namespace drover::sip {

struct Locator::Search {
  LookupPlan plan;
  Done done;
  size_t service = 0;              // Of the plan, being asked for.
  std::vector<SrvRecord> targets;  // Of the service that has some, in order.
  size_t target = 0;
  std::vector<Candidate> found;
  std::optional<Error> error;  // The last one.

  Transport transport() const {
    return targets.empty() ? plan.transport : plan.services[service].transport;
  }
  void Add(const std::vector<Address>& addresses, uint16_t port) {
    for (const Address& address : addresses) {
      if (found.size() >= kMostCandidates) return;
      found.push_back({{.address = address, .port = port, .transport = transport()}, plan.host});
    }
  }
  void End() {
    if (!found.empty()) return done(std::move(found));
    done(error ? *error : NotFound("no address for " + plan.host));
  }
};

void Locator::Locate(const std::string& text, Done done) {
  Uri uri;
  if (!ParseUri(text, uri)) return done(InvalidArgument("no URI: " + text));
  Result<LookupPlan> plan = PlanLookup(uri);
  if (!plan) return done(plan.error());
  const auto search = std::make_shared<Search>();
  search->plan = std::move(*plan);
  search->done = std::move(done);
  if (const auto address = ParseAddress(search->plan.host)) {
    search->Add({*address}, search->plan.port);
    return search->End();
  }
  AskService(search);
}

// Service after service, until one has records.
void Locator::AskService(const std::shared_ptr<Search>& search) {
  if (search->service >= search->plan.services.size()) return AskHost(search);
  const auto answered = [this, search](const Result<std::vector<SrvRecord>>& records) {
    if (!records) {
      search->error = records.error();
      ++search->service;
      return AskService(search);
    }
    search->targets = *records;
    const bool not_here = records->size() == 1 && records->front().target.empty();  // "."
    if (not_here) {
      search->error = NotFound(search->plan.host + " says that it has no such service");
      return search->End();
    }
    OrderRecords(search->targets, random_);
    AskTargets(search);
  };
  resolver_.Records(search->plan.services[search->service].name, answered);
}

// Target after target: what was found first comes first.
void Locator::AskTargets(const std::shared_ptr<Search>& search) {
  if (search->target >= search->targets.size() || search->found.size() >= kMostCandidates) {
    return search->End();
  }
  const SrvRecord& record = search->targets[search->target++];
  const auto answered = [this, search,
                         port = record.port](const Result<std::vector<Address>>& addresses) {
    if (addresses) {
      search->Add(*addresses, port);
    } else {
      search->error = addresses.error();
    }
    AskTargets(search);
  };
  resolver_.Addresses(record.target, answered);
}

void Locator::AskHost(const std::shared_ptr<Search>& search) {
  const auto answered = [search](const Result<std::vector<Address>>& addresses) {
    if (addresses) {
      search->Add(*addresses, search->plan.port);
    } else {
      search->error = addresses.error();
    }
    search->End();
  };
  resolver_.Addresses(search->plan.host, answered);
}

}  // namespace drover::sip
