// What real terminals do that a server has to live with: switches of the simulated terminal, by
// name.
//
// A quirk is data: one row of kQuirks with its name and one line of what it does. docs/simulator.md
// lists them.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "libs/base/result.h"

namespace drover::terminal {

enum class Quirk : uint8_t {
  // Content-Type.
  kLowercaseMediaType,
  kUppercaseMediaType,
  kDsMediaType,
  kCharsetParameter,
  kNoMediaType,
  // The octets of a message.
  kWbxmlVersion03,
  kWbxmlTextualPublicId,
  kXmlDoctype,
  kOpaqueData,
  // Authentication.
  kNoCredFirst,
  kNonceOutOfStep,
  kServerNonceOutOfStep,
  kNoLocName,
  // The shape of messages.
  kFinalInEveryMessage,
  kResultsBeforeStatus,
  kNoStatusTargetRef,
  kStatusPerItem,
  kNoResultsMsgRef,
  kFirstCmdId2,
  kDevInfoReversed,
  kBareAlertType,
  kAlertFromOperationNode,
  kNoAtomicStatus,
  kNoList,
  // SessionID.
  kSessionIdZero,
  kLongSessionId,
  // The connection.
  kDropBeforeSend,
  kDropAfterSend,
  kSlow,
};

struct QuirkInfo {
  Quirk quirk;
  std::string_view name;
  std::string_view meaning;  // One line.
};
std::span<const QuirkInfo> AllQuirks();
std::string_view Name(Quirk quirk);

// A set of quirks.
class Quirks {
 public:
  constexpr Quirks() = default;
  constexpr Quirks(std::initializer_list<Quirk> quirks) {
    for (const Quirk quirk : quirks) bits_ |= Bit(quirk);
  }
  // names: separated by commas. kInvalidArgument names the one that is not known.
  static Result<Quirks> Parse(std::string_view names);

  constexpr bool Has(Quirk quirk) const { return (bits_ & Bit(quirk)) != 0; }
  constexpr void Add(Quirks other) { bits_ |= other.bits_; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr uint32_t Bit(Quirk quirk) { return uint32_t{1} << static_cast<uint32_t>(quirk); }
  uint32_t bits_ = 0;
};

}  // namespace drover::terminal
