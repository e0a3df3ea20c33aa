// What tree keeps of a terminal: who it is, what it said of itself, its DM account, its nodes.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/dmtree/facts.h"

namespace drover::tree {

// The numbers of these two stand in the database and in drover/tree/v1: never renumber.
enum class DeviceStatus : uint8_t { kEnabled = 1, kDisabled = 2 };
enum class AuthScheme : uint8_t { kNone = 0, kBasic = 1, kMd5 = 2, kMac = 3 };

// What is worth asking a fleet for. Each has a column and is copied there from one node.
using dmtree::Fact;
constexpr size_t kFactCount = dmtree::kFacts.size();
using Facts = std::array<std::string, kFactCount>;  // In the order of Fact.
inline std::string& At(Facts& facts, Fact fact) { return facts[static_cast<size_t>(fact)]; }
inline const std::string& At(const Facts& facts, Fact fact) {
  return facts[static_cast<size_t>(fact)];
}

// The part of an account that is sealed wherever it is stored.
struct Secrets {
  std::string client_a1;
  std::string server_a1;        // Empty: the server does not authenticate itself.
  std::string server_password;  // Only where the server's scheme is basic.
  std::string client_nonce;
  std::string server_nonce;
  // Of a rotation that is pending; empty: none. In the clear, for they have yet to reach the
  // terminal.
  std::string next_password;
  std::string next_server_password;
  bool operator==(const Secrets&) const = default;
};

struct Device {
  DeviceId id;
  DeviceStatus status = DeviceStatus::kEnabled;
  Facts facts;
  TimePoint enrolled_at{};
  std::optional<TimePoint> seen_at;
  AuthScheme client_scheme = AuthScheme::kMd5;
  AuthScheme server_scheme = AuthScheme::kNone;
  std::string user;
  uint64_t account_version = 1;
  std::string bearer;  // "sip"; empty: the usual.
};

struct Node {
  std::string uri;  // "./DevInfo/Man"
  std::string format;
  std::string type;
  std::string value;
  TimePoint reported_at{};
  std::optional<std::string> acl;  // Its own, "" if it inherits; nullopt: not known.
  bool without_value = false;      // Only that it is there is known.
  bool only_acl = false;           // Of a report: nothing but the ACL.
};

}  // namespace drover::tree
