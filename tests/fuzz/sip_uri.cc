// One value: as a URI, which equals itself and what is written of it, and as every header field
// that has one.
#include <string>

#include "libs/base/check.h"
#include "libs/sip/headers.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::sip;

void CheckUri(std::string_view text) {
  Uri uri;
  (void)ParseUri(text, uri, UriBlanks::kPassOver);
  if (!ParseUri(text, uri)) return;
  DROVER_CHECK(Equivalent(uri, uri));
  std::string written;
  AppendUri(uri, written);
  DROVER_CHECK(written == text);
  DROVER_CHECK(Unescape(uri.user).has_value());
  const std::string aor = AddressOfRecord(uri);
  if (aor.empty()) return;
  Uri again;
  DROVER_CHECK(ParseUri(aor, again));
  DROVER_CHECK(AddressOfRecord(again) == aor);
}

void CheckValues(std::string_view value) {
  std::string_view rest;
  Via via;
  if (ParseVia(value, via, rest)) {
    DROVER_CHECK(!via.sent_by.host.empty());
    DROVER_CHECK(value.size() >= via.text.size() + rest.size());
  }
  NameAddr address;
  if (ParseNameAddr(value, address)) DROVER_CHECK(!address.uri.empty());
  CSeq cseq;
  if (ParseCSeq(value, cseq)) DROVER_CHECK(cseq.number < 0x8000'0000);
  Contact contact;
  Event event;
  SubscriptionState state;
  RetryAfter retry_after;
  MediaType type;
  HostPort host_port;
  (void)ParseContact(value, contact);
  (void)ParseEvent(value, event);
  (void)ParseSubscriptionState(value, state);
  (void)ParseRetryAfter(value, retry_after);
  (void)ParseMediaType(value, type);
  (void)ParseHostPort(value, host_port);
  (void)ParseCallId(value);
  rest = value;
  std::string_view element;
  size_t octets = 0;
  while (NextElement(rest, element)) octets += element.size();
  DROVER_CHECK(octets <= value.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = View(data, size);
  CheckUri(input);
  CheckValues(input);
  return 0;
}
