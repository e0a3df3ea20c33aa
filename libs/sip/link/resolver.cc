#include "libs/sip/link/resolver.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <ares.h>
#include <ares_dns.h>
#include <arpa/nameser.h>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace drover::sip {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// What is known of names, and who waits to know it.
template <typename T>
class Cache {
 public:
  using Done = std::function<void(const Result<T>&)>;

  explicit Cache(size_t names) : names_(names) {}

  // Whether it has to be asked for. If not, done was called, or will be with the answer under way.
  bool Ask(const std::string& name, Done done) {
    Entry& entry = entries_[name];
    if (!entry.waiting.empty()) {
      entry.waiting.push_back(std::move(done));
      return false;
    }
    if (entry.value && Clock::now() < entry.until) {
      const Result<T> value = *entry.value;
      done(value);
      return false;
    }
    entry.waiting.push_back(std::move(done));
    return true;
  }
  void Answer(const std::string& name, const Result<T>& value, std::chrono::seconds keep) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    std::vector<Done> waiting;
    waiting.swap(found->second.waiting);
    found->second.value = value;
    found->second.until = Clock::now() + keep;
    if (entries_.size() > names_) MakeRoom();
    for (const Done& done : waiting) done(value);
  }

 private:
  struct Entry {
    std::optional<Result<T>> value;
    Clock::time_point until;
    std::vector<Done> waiting;
  };
  // Drops what is old; if that is nothing, whatever comes first.
  void MakeRoom() {
    const auto now = Clock::now();
    std::erase_if(entries_, [now](const auto& each) {
      return each.second.waiting.empty() && each.second.until <= now;
    });
    for (auto each = entries_.begin(); each != entries_.end() && entries_.size() > names_;) {
      each = each->second.waiting.empty() ? entries_.erase(each) : std::next(each);
    }
  }

  const size_t names_;
  std::unordered_map<std::string, Entry> entries_;
};

Error LookupError(const std::string& name, int status) {
  std::string text = "no address for " + name + ": " + ares_strerror(status);
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME) {
    return NotFound(std::move(text));
  }
  return Unavailable(std::move(text) + "; look at the DNS servers");
}

// Moves at past a name. False: it is broken.
bool SkipName(const unsigned char* octets, int size, const unsigned char*& at) {
  char* name = nullptr;
  long taken = 0;  // NOLINT(google-runtime-int): as c-ares has it.
  if (ares_expand_name(at, octets, size, &name, &taken) != ARES_SUCCESS) return false;
  ares_free_string(name);
  at += taken;
  return true;
}

// The least time to live of an answer's records.
std::chrono::seconds TimeToLive(const unsigned char* octets, int size) {
  const unsigned char* at = octets + HFIXEDSZ;
  const unsigned char* const end = octets + size;
  for (int left = DNS_HEADER_QDCOUNT(octets); left > 0; --left) {
    if (!SkipName(octets, size, at)) return {};
    at += QFIXEDSZ;
  }
  uint32_t least = UINT32_MAX;
  for (int left = DNS_HEADER_ANCOUNT(octets); left > 0; --left) {
    if (!SkipName(octets, size, at) || end - at < RRFIXEDSZ) return {};
    least = std::min<uint32_t>(least, DNS_RR_TTL(at));
    at += RRFIXEDSZ + DNS_RR_LEN(at);
    if (at > end) return {};
  }
  return std::chrono::seconds(least == UINT32_MAX ? 0 : least);
}

}  // namespace

class Resolver::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& loop, DnsSettings settings)
      : loop_(loop),
        settings_(std::move(settings)),
        addresses_(settings_.names),
        records_(settings_.names),
        timer_(loop.get_executor()) {}

  Result<void> Open();
  void Close();
  void Addresses(const std::string& host, OnAddresses done);
  void Records(const std::string& service, OnRecords done);
  uint64_t lookups() const { return lookups_; }

 private:
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  struct Watch {
    Watch(asio::io_context& loop, int fd) : descriptor(loop.get_executor(), fd) {}
    Descriptor descriptor;
    bool wants_read = false, wants_write = false;
    bool reading = false, writing = false;
  };
  struct Query {
    Core* core;
    std::string name;
  };

  static void OnSocketState(void* data, ares_socket_t fd, int readable, int writable) {
    static_cast<Core*>(data)->WatchSocket(fd, readable != 0, writable != 0);
  }
  static void OnAddrinfo(void* arg, int status, int timeouts, ares_addrinfo* found);
  static void OnAnswer(void* arg, int status, int timeouts, unsigned char* octets, int size);

  void WatchSocket(int fd, bool readable, bool writable);
  void Wait(const std::shared_ptr<Watch>& watch);
  void Process(int readable, int writable);
  void ArmTimer();
  std::chrono::seconds Keep(const Error* error, std::chrono::seconds time_to_live) const {
    if (error != nullptr) return settings_.failures_kept;
    return std::clamp(time_to_live, std::chrono::seconds(1), settings_.longest);
  }

  asio::io_context& loop_;
  const DnsSettings settings_;
  Cache<std::vector<Address>> addresses_;
  Cache<std::vector<SrvRecord>> records_;
  std::map<int, std::shared_ptr<Watch>> watches_;
  Timer timer_;
  ares_channel channel_ = nullptr;
  uint64_t lookups_ = 0;
};

Result<void> Resolver::Core::Open() {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return Internal(ares_strerror(library));
  ares_options options{};
  options.timeout = static_cast<int>(settings_.try_time.count());
  options.tries = settings_.tries;
  options.sock_state_cb = &OnSocketState;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  int status = ares_init_options(&channel_, &options, mask);
  if (status == ARES_SUCCESS && !settings_.servers.empty()) {
    status = ares_set_servers_ports_csv(channel_, settings_.servers.c_str());
  }
  if (status == ARES_SUCCESS) return {};
  return InvalidArgument("cannot use the DNS servers '" + settings_.servers +
                         "': " + ares_strerror(status));
}

void Resolver::Core::Close() {
  timer_.cancel();
  if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
}

// --- Questions and answers.

void Resolver::Core::Addresses(const std::string& host, OnAddresses done) {
  if (!addresses_.Ask(host, std::move(done))) return;
  ++lookups_;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &OnAddrinfo, new Query{this, host});
  ArmTimer();
}

void Resolver::Core::OnAddrinfo(void* arg, int status, int, ares_addrinfo* found) {
  const std::unique_ptr<Query> query(static_cast<Query*>(arg));
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> freed(found,
                                                                           &ares_freeaddrinfo);
  if (status == ARES_EDESTRUCTION || query->core->channel_ == nullptr) return;
  std::vector<Address> addresses;
  int time_to_live = INT32_MAX;
  for (auto* node = found == nullptr ? nullptr : found->nodes; node != nullptr;
       node = node->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, node->ai_addr, std::min<size_t>(node->ai_addrlen, sizeof storage));
    addresses.push_back(UdpHopOf(storage).address);
    time_to_live = std::min(time_to_live, node->ai_ttl);
  }
  Core& core = *query->core;
  if (addresses.empty()) {
    const Error error = LookupError(query->name, status == ARES_SUCCESS ? ARES_ENODATA : status);
    return core.addresses_.Answer(query->name, error, core.Keep(&error, {}));
  }
  core.addresses_.Answer(query->name, addresses,
                         core.Keep(nullptr, std::chrono::seconds(time_to_live)));
}

void Resolver::Core::Records(const std::string& service, OnRecords done) {
  if (!records_.Ask(service, std::move(done))) return;
  ++lookups_;
  ares_query(channel_, service.c_str(), ns_c_in, ns_t_srv, &OnAnswer, new Query{this, service});
  ArmTimer();
}

void Resolver::Core::OnAnswer(void* arg, int status, int, unsigned char* octets, int size) {
  const std::unique_ptr<Query> query(static_cast<Query*>(arg));
  if (status == ARES_EDESTRUCTION || query->core->channel_ == nullptr) return;
  ares_srv_reply* found = nullptr;
  if (status == ARES_SUCCESS) status = ares_parse_srv_reply(octets, size, &found);
  std::vector<SrvRecord> records;
  for (const auto* each = found; each != nullptr; each = each->next) {
    records.push_back({each->priority, each->weight, each->port, each->host});
  }
  ares_free_data(found);
  Core& core = *query->core;
  if (records.empty()) {
    const Error error = LookupError(query->name, status == ARES_SUCCESS ? ARES_ENODATA : status);
    return core.records_.Answer(query->name, error, core.Keep(&error, {}));
  }
  core.records_.Answer(query->name, records, core.Keep(nullptr, TimeToLive(octets, size)));
}

// --- c-ares on the loop.

void Resolver::Core::WatchSocket(int fd, bool readable, bool writable) {
  const auto found = watches_.find(fd);
  if (!readable && !writable) {  // About to be closed.
    if (found == watches_.end()) return;
    found->second->wants_read = found->second->wants_write = false;
    found->second->descriptor.release();
    watches_.erase(found);
    return;
  }
  std::shared_ptr<Watch>& watch = watches_[fd];
  if (!watch) watch = std::make_shared<Watch>(loop_, fd);
  watch->wants_read = readable;
  watch->wants_write = writable;
  Wait(watch);
}

void Resolver::Core::Wait(const std::shared_ptr<Watch>& watch) {
  const auto wait = [this, &watch](Descriptor::wait_type what, bool Watch::*wants,
                                   bool Watch::*under_way) {
    if (!((*watch).*wants) || std::exchange((*watch).*under_way, true)) return;
    const auto done = [weak = weak_from_this(), watch, what, wants, under_way](error_code error) {
      (*watch).*under_way = false;
      const std::shared_ptr<Core> self = weak.lock();
      if (error || !self || !((*watch).*wants)) return;
      const int fd = watch->descriptor.native_handle();
      const bool read = what == Descriptor::wait_read;
      self->Process(read ? fd : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : fd);
      self->Wait(watch);
    };
    watch->descriptor.async_wait(what, done);
  };
  wait(Descriptor::wait_read, &Watch::wants_read, &Watch::reading);
  wait(Descriptor::wait_write, &Watch::wants_write, &Watch::writing);
}

void Resolver::Core::Process(int readable, int writable) {
  if (channel_ == nullptr) return;
  ares_process_fd(channel_, readable, writable);
  ArmTimer();
}

void Resolver::Core::ArmTimer() {
  timeval time{};
  if (channel_ == nullptr || ares_timeout(channel_, nullptr, &time) == nullptr) return;
  timer_.expires_after(std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec));
  timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const std::shared_ptr<Core> self = weak.lock();
    if (!cancelled && self) self->Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

Resolver::Resolver(asio::io_context& loop, DnsSettings settings)
    : core_(std::make_shared<Core>(loop, std::move(settings))) {}
Resolver::~Resolver() { core_->Close(); }
Result<void> Resolver::Open() { return core_->Open(); }
void Resolver::Addresses(const std::string& host, OnAddresses done) {
  core_->Addresses(host, std::move(done));
}
void Resolver::Records(const std::string& service, OnRecords done) {
  core_->Records(service, std::move(done));
}
uint64_t Resolver::lookups() const { return core_->lookups(); }

}  // namespace drover::sip
