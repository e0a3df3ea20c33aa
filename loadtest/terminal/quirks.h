// What real terminals do that a server has to live with: switches of the simulated terminal, by
// name.
//
// A quirk is data: one row of kQuirks with its name and one line of what it does. docs/simulator.md
// lists them.
#pragma once
#include <array>
#include <compare>
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
  kExactMediaType,
  // The octets of a message.
  kWbxmlVersion03,
  kWbxmlTextualPublicId,
  kWbxmlLiteralXmlns,
  kXmlDoctype,
  kOpaqueData,
  kOpaqueNonce,
  // Authentication.
  kNoCredFirst,
  kNonceOutOfStep,
  kServerNonceOutOfStep,
  kNoLocName,
  kNoMac,
  kDigitNonces,
  kEndsOn407,
  kResendsOnlyRefused,
  // The header.
  kStrictHeaderStatus,
  kVersionFallBack,
  kLowercaseImei,
  kImeiWithoutCheckDigit,
  // The shape of messages.
  kFinalInEveryMessage,
  kNeverFinal,
  kRejectsNextMessage,
  kResultsBeforeStatus,
  kNoStatusTargetRef,
  kStatusPerItem,
  kStatusPerCommand,
  kNoResultsMsgRef,
  kFirstCmdId2,
  kDevInfoReversed,
  kDevInfoExt,
  kPropTrailingNul,
  kBareAlertType,
  kAlertFromOperationNode,
  kAlertTextPlain,
  kAlertWithTarget,
  kLoginStatusAlert,
  // Commands.
  kNoAtomic,
  kNoAtomicStatus,
  kNoRollback,
  kRollbackFails,
  kNoAddReplaceInAtomic,
  kNoCopy,
  kNoList,
  kNoTnds,
  kTndsRefused406,
  kTndsEmbedded,
  kTndsInline,
  kImplicitParents,
  kReplaceCreates,
  kOldMoIds,
  // Sizes.
  kNoLargeObjects,
  kIgnoresMaxMsgSize,
  kTinyMaxMsgSize,
  // The user.
  kNoUi,
  kUiTwoItems,
  kUiFewAlerts,
  kCancelAs215,
  kCancelEndsSession,
  // SessionID and notification.
  kSessionIdZero,
  kLongSessionId,
  kSessionIdDecimal,
  kSessionIdSwapped,
  kOwnSessionId,
  kAlways1201,
  kShortServerId,
  kNoResync,
  kResyncNonceText,
  // The course of a session.
  kAbortsSession,
  kNeverEnds,
  kSilentInLargeObject,
  kSecondSession,
  // The connection.
  kDropBeforeSend,
  kDropAfterSend,
  kConnectionClose,
  kChunkedRequest,
  kExpectContinue,
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
    for (const Quirk quirk : quirks) words_[WordOf(quirk)] |= BitOf(quirk);
  }
  // names: separated by commas. kInvalidArgument names the one that is not known.
  static Result<Quirks> Parse(std::string_view names);

  constexpr bool Has(Quirk quirk) const { return (words_[WordOf(quirk)] & BitOf(quirk)) != 0; }
  constexpr void Add(Quirks other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  constexpr void Remove(Quirks other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  constexpr bool empty() const { return words_[0] == 0 && words_[1] == 0; }
  friend bool operator==(const Quirks&, const Quirks&) = default;
  friend auto operator<=>(const Quirks&, const Quirks&) = default;

 private:
  static constexpr size_t WordOf(Quirk quirk) { return static_cast<size_t>(quirk) / 64; }
  static constexpr uint64_t BitOf(Quirk quirk) {
    return uint64_t{1} << (static_cast<unsigned>(quirk) % 64);
  }
  std::array<uint64_t, 2> words_{};
};

}  // namespace drover::terminal
