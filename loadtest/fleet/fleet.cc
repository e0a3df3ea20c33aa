#include "loadtest/fleet/fleet.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "libs/base/check.h"

namespace drover::fleet {
namespace {

using terminal::AuthScheme;
using terminal::Terminal;

constexpr size_t kMaxLines = 20;
constexpr uint8_t kMaxCount = 255;

// Which nonce's length in Record::nonce_octets.
enum Place : uint32_t { kClient = 0, kServer = 5, kPrevious = 10 };
constexpr uint32_t kLengthMask = 31;

template <size_t kSize>
bool StoreNonce(std::string_view nonce, Place place, std::array<char, kSize>& octets,
                uint16_t& lengths) {
  static_assert(kSize <= kLengthMask);
  if (nonce.size() > kSize) return false;
  std::memcpy(octets.data(), nonce.data(), nonce.size());
  lengths = static_cast<uint16_t>((lengths & ~(kLengthMask << place)) | nonce.size() << place);
  return true;
}

template <size_t kSize>
std::string StoredNonce(const std::array<char, kSize>& octets, Place place, uint16_t lengths) {
  return {octets.data(), lengths >> place & kLengthMask};
}

uint8_t AddUpTo255(uint8_t count, size_t more) {
  return static_cast<uint8_t>(std::min<size_t>(count + more, kMaxCount));
}

void AddLines(std::vector<std::string>& lines, const std::string& device_id,
              const std::vector<std::string>& more) {
  for (const std::string& line : more) {
    if (lines.size() >= kMaxLines) return;
    lines.push_back(device_id + " " + line);
  }
}

// Of the first terminal with each kind of work: whether what it needs is in its tree.
Result<void> CheckPlans(const FleetConfig& config) {
  for (const auto& [work, share] : config.population.work.parts()) {
    Traits traits = TraitsOf(config.population, config.seed, 0);
    traits.work = work;
    const terminal::Model model(SpecOf(traits), config.server);
    DROVER_TRY(PlanOf({config.population, work, 0, "", model.blueprint()}));
  }
  return {};
}

}  // namespace

void Fleet::Free::operator()(Record* records) const { std::free(records); }

Result<std::unique_ptr<Fleet>> Fleet::Make(FleetConfig config) {
  if (config.terminals == 0 || config.terminals > kMaxTerminals) {
    return InvalidArgument("there can be 1 to " + std::to_string(kMaxTerminals) +
                           " terminals, not " + std::to_string(config.terminals));
  }
  DROVER_TRY(CheckPlans(config));
  return std::unique_ptr<Fleet>(new Fleet(std::move(config)));
}

Fleet::Fleet(FleetConfig config)
    : config_(std::move(config)),
      random_state_(Draw(config_.seed, config_.entropy, Purpose::kRandom)) {
  surroundings_.server = config_.server;
  surroundings_.clock = config_.clock;
  surroundings_.random = [this](size_t n) { return NextOctets(n); };
  surroundings_.objects = config_.objects;
  // calloc: pages of zeros that take no memory until they are written to.
  records_.reset(static_cast<Record*>(std::calloc(config_.terminals, sizeof(Record))));
  DROVER_CHECK(records_ != nullptr);
}

std::string Fleet::NextOctets(size_t n) {
  std::string octets(n, '\0');
  for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
    const uint64_t number = Mixed(random_state_++);
    std::memcpy(octets.data() + i, &number, std::min(n - i, sizeof number));
  }
  return octets;
}

std::optional<uint64_t> Fleet::IndexOf(std::string_view device_id) const {
  const std::optional<uint64_t> index = IndexOfImei(config_.seed, device_id);
  return index && *index < size() ? index : std::nullopt;
}

Traits Fleet::TraitsAt(uint64_t index) const {
  return TraitsOf(config_.population, config_.seed, index);
}

const terminal::Model& Fleet::ModelFor(const Traits& traits) const {
  const auto packed = static_cast<uint32_t>(static_cast<uint32_t>(traits.encoding) |
                                            static_cast<uint32_t>(traits.version) << 4 |
                                            static_cast<uint32_t>(traits.client_scheme) << 8 |
                                            static_cast<uint32_t>(traits.server_scheme) << 12);
  const std::lock_guard lock(models_mutex_);
  std::unique_ptr<terminal::Model>& model = models_[{packed, traits.quirks}];
  if (model == nullptr) model = std::make_unique<terminal::Model>(SpecOf(traits), config_.server);
  return *model;
}

terminal::Account Fleet::AccountAt(uint64_t index, const Traits& traits) const {
  terminal::Account account = FactoryAccount(config_.seed, index);
  if (traits.work == Work::kRegistration) account.password = config_.population.enrolment_password;
  return account;
}

std::optional<terminal::Account> Fleet::Enrolment(uint64_t index) const {
  const Traits traits = TraitsAt(index);
  if (traits.work == Work::kRegistration) return std::nullopt;
  return AccountAt(index, traits);
}

Result<Plan> Fleet::PlanFor(uint64_t index, const Traits& traits,
                            const terminal::Model& model) const {
  const std::string device_id = DeviceId(index);
  return PlanOf({config_.population, traits.work, index, device_id, model.blueprint()});
}

Plan Fleet::PlanAt(uint64_t index) const {
  const Traits traits = TraitsAt(index);
  return PlanFor(index, traits, ModelFor(traits)).value();  // Make has tried.
}

void Fleet::Restore(const Record& record, terminal::Account& account, terminal::Memory& memory) {
  account.client_nonce = StoredNonce(record.client_nonce, kClient, record.nonce_octets);
  account.server_nonce = StoredNonce(record.server_nonce, kServer, record.nonce_octets);
  memory.previous_server_nonce =
      StoredNonce(record.previous_server_nonce, kPrevious, record.nonce_octets);
  memory.client_scheme = static_cast<AuthScheme>(record.schemes & 3);
  memory.server_scheme = static_cast<AuthScheme>(record.schemes >> 2 & 3);
  memory.fell_back = (record.state & kFellBack) != 0;
  memory.sessions = record.sessions;
  memory.notified = record.notified;
}

std::unique_ptr<Terminal> Fleet::Unfold(uint64_t index, bool nonce_lost) {
  Record& record = records_[index];
  DROVER_CHECK((record.state & kOut) == 0);
  record.state |= kOut;
  if ((record.state & kAside) != 0) {
    auto node = aside_.extract(index);
    return std::move(node.mapped());
  }
  const Traits traits = TraitsAt(index);
  const terminal::Model& model = ModelFor(traits);
  terminal::Account account = AccountAt(index, traits);
  if (nonce_lost && (record.state & kTouched) == 0) account.client_nonce = NextOctets(kNonceOctets);
  if ((record.state & kTouched) == 0) {
    return std::make_unique<Terminal>(model, surroundings_, std::move(account));
  }
  terminal::Memory memory;
  Restore(record, account, memory);
  if (nonce_lost) account.client_nonce = NextOctets(kNonceOctets);
  terminal::ManagementTree tree(model.blueprint(), account.device_id);
  if (record.done != 0) {
    ApplyDone(PlanFor(index, traits, model).value(), DoneCounts(record.done), tree);
  }
  return std::make_unique<Terminal>(model, surroundings_, std::move(account), std::move(memory),
                                    std::move(tree));
}

bool Fleet::Store(Record& record, const Terminal& device, const terminal::Account& factory,
                  const Plan& plan) {
  const terminal::Account& account = device.account();
  const terminal::Memory memory = device.memory();
  if (!device.at_rest() || account.user != factory.user || account.password != factory.password ||
      account.server_password != factory.server_password) {
    return false;
  }
  terminal::ManagementTree tree(device.model().blueprint(), device.device_id());
  ApplyDone(plan, DoneCounts(record.done), tree);
  if (!device.tree().DiffersLike(tree)) return false;
  uint16_t& lengths = record.nonce_octets;
  if (!StoreNonce(account.client_nonce, kClient, record.client_nonce, lengths) ||
      !StoreNonce(account.server_nonce, kServer, record.server_nonce, lengths) ||
      !StoreNonce(memory.previous_server_nonce, kPrevious, record.previous_server_nonce, lengths)) {
    return false;
  }
  record.schemes = static_cast<uint8_t>(static_cast<unsigned>(memory.client_scheme) |
                                        static_cast<unsigned>(memory.server_scheme) << 2);
  record.state =
      static_cast<uint8_t>(memory.fell_back ? record.state | kFellBack : record.state & ~kFellBack);
  record.sessions = memory.sessions;
  record.notified = memory.notified;
  return true;
}

void Fleet::Book(Record& record, Terminal& device, const Plan& plan) {
  DoneCounts done(record.done);
  const std::vector<std::string> foreign = Enter(plan, device.TakeExecutions(), done);
  record.done = done.bits();
  record.foreign = AddUpTo255(record.foreign, foreign.size());
  record.alerts = AddUpTo255(record.alerts, device.TakeAlertsAcknowledged());
  AddLines(foreign_, device.device_id(), foreign);
  const std::vector<std::string> faults = device.TakeFaults();
  fault_count_ += faults.size();
  AddLines(faults_, device.device_id(), faults);
}

Fleet::Outlook Fleet::Fold(uint64_t index, std::unique_ptr<Terminal> device) {
  Record& record = records_[index];
  DROVER_CHECK((record.state & kOut) != 0);
  const Traits traits = TraitsAt(index);
  const Plan plan = PlanFor(index, traits, device->model()).value();
  Book(record, *device, plan);
  if ((record.state & kTouched) == 0) ++touched_;
  record.state = static_cast<uint8_t>((record.state | kTouched) & ~(kOut | kAside));
  if (Store(record, *device, AccountAt(index, traits), plan)) return {};
  record.state |= kAside;
  const Outlook outlook{device->next_due(), device->has_reports()};
  aside_.insert_or_assign(index, std::move(device));
  return outlook;
}

Fleet::Outlook Fleet::Tick(uint64_t index, TimePoint now) {
  const auto it = aside_.find(index);
  if (it == aside_.end()) return {};
  it->second->Tick(now);
  return {it->second->next_due(), it->second->has_reports()};
}

uint64_t Fleet::size_octets() const {
  uint64_t octets = size() * sizeof(Record);
  for (const auto& [index, device] : aside_) {
    octets += device->size_octets() + sizeof(index) + 4 * sizeof(void*);
  }
  return octets;
}

}  // namespace drover::fleet
