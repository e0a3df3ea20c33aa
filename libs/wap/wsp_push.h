// The Push PDU of connectionless WSP: what a terminal finds on port 2948.
//
// PDU = TID | 06 | length of the headers | content type | headers | data.
// Spec: WAP-230-WSP, 8.2.4.1 "Push and Confirmed Push", 8.4 "Header Encoding", appendix A
// "Assigned Numbers"; OMA Name Authority for application ids.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::wap {

// A media type or an application id: its assigned number, or its text.
struct Name {
  std::optional<uint32_t> code;
  std::string_view text;  // Without NUL; not looked at if there is a code.
  bool operator==(const Name& other) const {
    return code == other.code && (code.has_value() || text == other.text);
  }
};

// "application/vnd.wap.sic" by number, in any case of letters; by text if it has none assigned or
// as text is asked for. The view stays that of the caller.
Name MediaTypeName(std::string_view media_type);
// The text; empty for a number that is not assigned.
std::string_view MediaTypeText(const Name& name);

// The value of an X-Wap-Application-Id header: "x-wap-application:push.syncml.dm",
// "push.syncml.dm", or the number itself, "7".
Name ApplicationIdName(std::string_view value);
std::string_view ApplicationIdText(const Name& name);  // "x-wap-application:push.syncml.dm"

inline constexpr uint32_t kMediaSic = 0x2E;
inline constexpr uint32_t kMediaSlc = 0x30;
inline constexpr uint32_t kMediaConnectivityWbxml = 0x36;
inline constexpr uint32_t kMediaSyncmlDmWbxml = 0x42;
inline constexpr uint32_t kMediaSyncmlNotification = 0x44;

inline constexpr uint32_t kApplicationAny = 0x00;
inline constexpr uint32_t kApplicationWml =
    0x02;  // push.wml.ua, which is meant where none is told.
inline constexpr uint32_t kApplicationSyncmlDm = 0x07;

inline constexpr uint32_t kCharsetUtf8 = 106;  // IANA MIBenum.

// How a bootstrap document is authenticated: parameter SEC.
// Spec: OMA-WAP-TS-ProvCont-V1_1, "Security Mechanism".
enum class Sec : uint8_t { kNetwPin = 0, kUserPin = 1, kUserNetwPin = 2, kUserPinMac = 3 };

struct ContentType {
  Name media;
  std::optional<uint32_t> charset;  // MIBenum; 0 is "any".
  std::optional<Sec> sec;
  std::optional<std::string_view> mac;  // Upper-case hex.
  std::string_view others;              // Other parameters, as encoded.
  bool operator==(const ContentType&) const = default;
};

// A header by number on its code page, or by its name; the value is as encoded.
struct Header {
  uint8_t page = 1;  // 1 is the default page. Names have none.
  uint8_t code = 0;  // 0..7F; only if there is no name.
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

// From text, as PAP's content entity has it: those of appendix A that concern a push by number
// (Content-Location, Content-Encoding, Content-Language and Cache-Control stay text), others by
// name. kInvalidArgument: a name that is no token, a value with control characters, a Push-Flag
// that is no number.
Result<Header> TextHeader(std::string_view name, std::string_view value);

struct Push {
  uint8_t tid = 0;
  ContentType content_type;
  std::optional<Name> application_id;
  std::vector<Header> headers;  // Others, in their order.
  std::string_view data;
};

// Appends the PDU. kInvalidArgument, and nothing appended: a text with NUL, an empty media type, a
// header over its range.
Result<void> AppendPush(const Push& push, std::string& out);

// Views the octets. kInvalidArgument: not a Push PDU (06), or headers that cannot be told apart.
Result<Push> DecodePush(std::string_view octets);

}  // namespace drover::wap
