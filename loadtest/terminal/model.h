// A model of terminal: what all its copies share. And the makers and models that load is made of.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/syncml/document.h"
#include "loadtest/terminal/mo_habits.h"
#include "loadtest/terminal/quirks.h"
#include "loadtest/terminal/tree.h"

namespace drover::terminal {

enum class DmVersion : uint8_t { k11, k12, k13 };
enum class AuthScheme : uint8_t { kNone, kBasic, kMd5, kMac };

// One row of the catalogue.
struct ModelSpec {
  std::string_view manufacturer;
  std::string_view model;
  std::string_view kind;  // "phone", "modem", "tablet", "tracker": ./DevDetail/DevTyp
  DmVersion version = DmVersion::k12;
  syncml::Encoding encoding = syncml::Encoding::kWbxml;
  AuthScheme client_scheme = AuthScheme::kMd5;  // How it proves itself.
  AuthScheme server_scheme = AuthScheme::kMd5;  // What it demands of the server.
  Quirks quirks;
  std::string_view firmware;  // ./DevDetail/FwV as made
  std::string_view language = "en";
  uint32_t max_msg_size = 16384;
  uint32_t max_obj_size = 262'080;  // 0: not announced, and no limit.
  ObjectHabits objects;
};
// Each with FUMO at ./FUMO/P1 and access points in ./NAP, where most terminals have them.
std::span<const ModelSpec> Catalogue();
// And those that have them elsewhere, or not at all.
std::span<const ModelSpec> WholeCatalogue();

// Where the objects of a model are: "fumo" and "FUMO/P1", and so on; only those that it has.
std::vector<std::pair<std::string_view, std::string_view>> PlacesOf(const ObjectHabits& habits);

// The DM server that a terminal has been provisioned with.
struct ServerAddress {
  std::string id;   // ServerID, which ACLs and credentials name.
  std::string url;  // Where package 1 goes.
};

// A row with its tree made. Shared by every terminal of the model; outlives them.
class Model {
 public:
  Model(const ModelSpec& spec, const ServerAddress& server);
  const ModelSpec& spec() const { return spec_; }
  const Blueprint& blueprint() const { return blueprint_; }

 private:
  ModelSpec spec_;
  Blueprint blueprint_;
};

}  // namespace drover::terminal
