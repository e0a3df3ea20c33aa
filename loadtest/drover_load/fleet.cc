#include "loadtest/drover_load/fleet.h"

#include "libs/base/bytes.h"
#include "loadtest/fleet/identity.h"

namespace drover::load {
namespace {

constexpr size_t kPasswordOctets = 11;
constexpr size_t kPasswordCharacters = 15;  // No heap for these.
constexpr size_t kNonceOctets = 16;

// SplitMix64: one well-mixed number for each pair.
uint64_t Mixed(uint64_t seed, uint64_t index) {
  uint64_t z = seed * 0x9e3779b97f4a7c15 + index + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string Octets(std::mt19937_64& random, size_t n) {
  std::string octets;
  octets.reserve(n + 8);
  while (octets.size() < n) octets += base::BigEndian64(random());
  octets.resize(n);
  return octets;
}

std::string Password(std::mt19937_64& random) {
  return base::Base64(Octets(random, kPasswordOctets)).substr(0, kPasswordCharacters);
}

tree::v1::AuthScheme SchemeOf(terminal::AuthScheme scheme) {
  if (scheme == terminal::AuthScheme::kMac) return tree::v1::MAC;
  return scheme == terminal::AuthScheme::kBasic ? tree::v1::BASIC : tree::v1::MD5;
}

}  // namespace

Fleet::Fleet(const Endpoints& endpoints, std::vector<terminal::ModelSpec> specs, uint32_t count,
             uint64_t seed)
    : random_(Mixed(seed, 1)) {
  surroundings_.server = {endpoints.server_id, endpoints.ingress};
  surroundings_.clock = SystemNow;
  surroundings_.random = [this](size_t n) { return Octets(random_, n); };
  for (const terminal::ModelSpec& spec : specs) models_.emplace_back(spec, surroundings_.server);
  index_.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    std::mt19937_64 own(Mixed(seed, 2 + i));
    terminal::Account account;
    account.device_id = fleet::ImeiOf(seed, i);
    account.password = Password(own);
    account.server_password = Password(own);
    account.client_nonce = Octets(own, kNonceOctets);
    account.server_nonce = Octets(own, kNonceOctets);
    index_.emplace(account.device_id, i);
    terminals_.emplace_back(models_[i % models_.size()], surroundings_, std::move(account));
  }
}

int64_t Fleet::IndexOf(const std::string& device_id) const {
  const auto it = index_.find(device_id);
  return it == index_.end() ? -1 : static_cast<int64_t>(it->second);
}

std::vector<tree::v1::NewDevice> Fleet::Enrolments() const {
  std::vector<tree::v1::NewDevice> devices;
  devices.reserve(terminals_.size());
  for (const terminal::Terminal& terminal : terminals_) {
    const terminal::ModelSpec& spec = terminal.model().spec();
    tree::v1::NewDevice& device = devices.emplace_back();
    device.set_id(terminal.device_id());
    device.set_password(terminal.account().password);
    device.set_server_password(terminal.account().server_password);
    device.set_client_scheme(SchemeOf(spec.client_scheme));
    device.set_server_scheme(SchemeOf(spec.server_scheme));
    device.set_client_nonce(terminal.account().client_nonce);
    device.set_server_nonce(terminal.account().server_nonce);
    device.set_manufacturer(std::string(spec.manufacturer));
    device.set_model(std::string(spec.model));
  }
  return devices;
}

}  // namespace drover::load
