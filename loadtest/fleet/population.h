// What the terminals of a fleet are, as shares: which of them speak XML, who has which quirk, what
// waits for whom. Which terminal falls into which share is drawn from the seed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadtest/fleet/draw.h"
#include "loadtest/fleet/names.h"
#include "loadtest/terminal/model.h"

namespace drover::fleet {

// Alternatives with their shares, which add up to 1.
template <typename T>
class Shares {
 public:
  Shares(T only) : parts_{{only, 1.0}} {}
  explicit Shares(std::vector<std::pair<T, double>> parts) : parts_(std::move(parts)) {}

  T Pick(uint64_t draw) const {
    double rest = Fraction(draw);
    for (const auto& [value, share] : parts_) {
      if (rest < share) return value;
      rest -= share;
    }
    return parts_.back().first;
  }
  double Of(const T& wanted) const {
    for (const auto& [value, share] : parts_) {
      if (value == wanted) return share;
    }
    return 0;
  }
  const std::vector<std::pair<T, double>>& parts() const { return parts_; }

 private:
  std::vector<std::pair<T, double>> parts_;
};

// What waits for a terminal, and so what its session is.
enum class Work : uint8_t {
  kPoll,            // Nothing: it only asks.
  kGet,             // A Get of one node.
  kReplace,         // A Replace of one node.
  kGetReplace,      // Both, as two operations.
  kExec,            // An Exec that is answered at once.
  kLargeObject,     // A value larger than a message: written, and read back.
  kFirmwareUpdate,  // DownloadAndUpdate; a generic alert in a session of its own reports its end.
  kRegistration,    // Nobody has enrolled it: its first session does.
};
inline constexpr std::array<Named<Work>, 8> kWorkNames{{
    {"poll", Work::kPoll},
    {"get", Work::kGet},
    {"replace", Work::kReplace},
    {"get-replace", Work::kGetReplace},
    {"exec", Work::kExec},
    {"large-object", Work::kLargeObject},
    {"firmware-update", Work::kFirmwareUpdate},
    {"registration", Work::kRegistration},
}};
inline std::string_view Name(Work work) { return NameIn(kWorkNames, work); }

struct Population {
  Shares<syncml::Encoding> encodings = syncml::Encoding::kWbxml;
  Shares<terminal::DmVersion> versions = terminal::DmVersion::k12;
  // How terminals prove themselves. None: they have no credentials, and are to be refused.
  Shares<terminal::AuthScheme> client_schemes = terminal::AuthScheme::kMd5;
  // What they demand of the server.
  Shares<terminal::AuthScheme> server_schemes = terminal::AuthScheme::kMd5;
  std::vector<std::pair<terminal::Quirk, double>> quirks;  // Each by itself.
  Shares<Work> work = Work::kPoll;
  std::string read_uri = "./DevInfo/DevId";       // What Gets read.
  std::string write_uri = "./NAP/internet/ADDR";  // What Replaces write.
  std::string large_uri = "./NAP/internet/NAME";  // Where large objects go.
  uint32_t large_octets = 60'000;
  std::string enrolment_password;  // Of terminals that nobody has enrolled.
};

// One terminal of it.
struct Traits {
  syncml::Encoding encoding = syncml::Encoding::kWbxml;
  terminal::DmVersion version = terminal::DmVersion::k12;
  terminal::AuthScheme client_scheme = terminal::AuthScheme::kMd5;
  terminal::AuthScheme server_scheme = terminal::AuthScheme::kMd5;
  terminal::Quirks quirks;
  Work work = Work::kPoll;
  friend bool operator==(const Traits&, const Traits&) = default;
};
// What cannot be together gives way to the work: a firmware update needs DM 1.2 or later, a large
// object a terminal that takes one; who registers itself demands nothing of the server; who has no
// credentials has no work.
Traits TraitsOf(const Population& population, uint64_t seed, uint64_t index);

// The row of the catalogue that such a terminal would be.
terminal::ModelSpec SpecOf(const Traits& traits);

}  // namespace drover::fleet
