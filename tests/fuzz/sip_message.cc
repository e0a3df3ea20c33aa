// A datagram and a stream of SIP: every view is within the octets; what is taken can be answered,
// and the answer is taken; a stream is cut into the same messages however it arrives; a REGISTER is
// served.
#include <string>
#include <vector>

#include "libs/base/check.h"
#include "libs/sip/builder.h"
#include "libs/sip/digest_client.h"
#include "libs/sip/event.h"
#include "libs/sip/framer.h"
#include "libs/sip/registrar.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::sip;

constexpr size_t kMaxFramed = 8192;
constexpr Source kSource{"2001:db8::7", 40000};

void CheckWithin(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  DROVER_CHECK(part.data() >= whole.data() &&
               part.data() + part.size() <= whole.data() + whole.size());
}

size_t ReadAll(const Message& message, std::string_view octets) {
  size_t read = 0;
  for (size_t i = 0; i < message.field_count(); ++i) {
    const Field field = message.field(i);
    CheckWithin(field.name, octets);
    CheckWithin(field.value, octets);
    DROVER_CHECK(message.Find(field.name).has_value());
    Message::Elements values = message.Values(field.id);
    std::string_view element;
    for (int n = 0; n < 4 && values.Next(element); ++n) {
      CheckWithin(element, octets);
      NameAddr address;
      Contact contact;
      Event event;
      SubscriptionState state;
      RetryAfter retry_after;
      MediaType type;
      read += ParseNameAddr(element, address) + ParseContact(element, contact) +
              ParseEvent(element, event) + ParseSubscriptionState(element, state) +
              ParseRetryAfter(element, retry_after) + ParseMediaType(element, type);
    }
  }
  CheckWithin(message.body(), octets);
  CheckWithin(message.top_via().branch, octets);
  return read + IsTrigger(message, "resync") + TopmostChallenge(message).has_value();
}

void CheckAnswer(const Message& request, bool was_taken) {
  std::string answer;
  DROVER_CHECK(AppendResponse(request, kSource, {.status = 489, .to_tag = "gw"}, answer));
  Message parsed;
  const auto refusal = Parse(answer, Arrival::kStream, parsed);
  if (!was_taken || request.octets().size() > kMaxHeaderValue / 2) return;
  DROVER_CHECK(!refusal);
  DROVER_CHECK(parsed.status() == 489);
  DROVER_CHECK(parsed.call_id() == request.call_id());
  DROVER_CHECK(parsed.cseq().number == request.cseq().number);
  DROVER_CHECK(parsed.from_tag() == request.from_tag());
  DROVER_CHECK(parsed.to_tag() == (request.to_tag().empty() ? "gw" : request.to_tag()));
  DROVER_CHECK(parsed.top_via().branch == request.top_via().branch);
  DROVER_CHECK(parsed.Count(HeaderId::kVia) == request.Count(HeaderId::kVia));
  DROVER_CHECK(parsed.has_one_via() == request.has_one_via());
}

void CheckRegister(const Message& request) {
  const RegistrarSettings settings{.realm = "r"};
  const auto read = ReadRegister(request, settings);
  std::string answer;
  if (const RegisterReply* refusal = std::get_if<RegisterReply>(&read)) {
    DROVER_CHECK(AppendReply(request, kSource, *refusal, "gw", answer));
    return;
  }
  const auto& registration = std::get<RegisterRequest>(read);
  const drover::TimePoint now{std::chrono::hours(1)};
  const Flow flow{.source = kSource, .flow_owner = "n"};
  const RegisterResult result = ApplyRegister(registration, {}, flow, settings, now, 7);
  DROVER_CHECK(result.bindings.size() <= settings.max_contacts);
  DROVER_CHECK(AppendReply(request, kSource, result.reply, "gw", answer));
  for (const Binding& each : result.bindings) {
    DROVER_CHECK(each.expires > now);
    Uri uri;
    DROVER_CHECK(ParseUri(each.contact, uri));
    (void)TargetOf(each);
  }
}

void CheckDatagram(std::string_view octets) {
  Message message;
  const auto refusal = Parse(octets, Arrival::kDatagram, message);
  if (refusal) DROVER_CHECK(refusal->status >= 400 && refusal->status < 600);
  ReadAll(message, octets);
  if (CanBeAnswered(message)) CheckAnswer(message, !refusal);
  if (!refusal && message.is_request() && message.method() == Method::kRegister) {
    CheckRegister(message);
  }
  (void)Parse(octets, Arrival::kStream, message, UriBlanks::kPassOver);
  (void)IsKeepAlive(octets);
}

std::vector<std::string> Cut(std::string_view octets, size_t piece, OpenedBy opened_by) {
  Framer framer(opened_by, kMaxFramed);
  std::vector<std::string> found;
  for (size_t at = 0; at < octets.size(); at += piece) {
    const std::string arrived(octets.substr(at, piece));
    framer.Feed(arrived);
    std::string_view message;
    while (true) {
      const Framer::State state = framer.Next(message);
      if (state == Framer::State::kNeedMore) break;
      found.push_back(std::to_string(static_cast<int>(state)));
      if (state == Framer::State::kBroken) return found;
      if (state == Framer::State::kMessage) found.back().append(message);
    }
    DROVER_CHECK(framer.held() <= kMaxFramed);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = View(data, size);
  CheckDatagram(input);
  for (const OpenedBy opened_by : {OpenedBy::kPeer, OpenedBy::kUs}) {
    const auto whole = Cut(input, input.size() + 1, opened_by);
    DROVER_CHECK(Cut(input, 7, opened_by) == whole || input.size() > kMaxFramed);
    for (const std::string& each : whole) {
      Message message;
      (void)Parse(std::string_view(each).substr(1), Arrival::kStream, message);
    }
  }
  return 0;
}
