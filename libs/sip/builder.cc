#include "libs/sip/builder.h"

#include "libs/sip/text_out.h"

namespace drover::sip {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";

void PutBody(TextOut& out, std::string_view content_type, std::string_view body) {
  out.Field("Content-Type", content_type);
  out.Put("Content-Length: ").Number(body.size()).Put("\r\n\r\n");
}

void PutFields(TextOut& out, std::span<const FieldOut> fields) {
  for (const FieldOut& each : fields) {
    out.Token(each.name).Put(": ").Value(each.value).Put("\r\n");
  }
}

// "From: <sip:dm@example.com>;tag=1"
void PutAddress(TextOut& out, std::string_view start, std::string_view address,
                std::string_view tag) {
  out.Put(start).Value(address);
  if (!tag.empty()) out.Put(";tag=").Token(tag);
  out.Put("\r\n");
}

void PutVia(TextOut& out, const ViaOut& via) {
  out.Put("Via: SIP/2.0/").Put(Name(via.transport)).Put(" ").Value(via.sent_by);
  out.Put(";branch=").Token(via.branch).Put(";rport");
  if (via.alias) out.Put(";alias");
  out.Put("\r\n");
}

size_t SizeOf(const RequestOut& request) {
  size_t size = 400 + request.method.size() * 2 + request.uri.size() + request.via.sent_by.size() +
                request.via.branch.size() + request.from.size() + request.from_tag.size() +
                request.to.size() + request.to_tag.size() + request.call_id.size() +
                request.contact.size() + request.event.size() + request.subscription_state.size() +
                request.user_agent.size() + request.content_type.size() + request.body.size();
  for (const std::string_view route : request.routes) size += route.size() + 16;
  for (const FieldOut& each : request.more) size += each.name.size() + each.value.size() + 8;
  return size;
}

// RFC 3581, section 4; RFC 3261, section 18.2.1. A received that came along is not believed.
void PutTopVia(TextOut& out, const Via& via, const Source& source) {
  const std::string_view parameters = via.parameters.octets();
  const size_t start = parameters.empty()
                           ? via.text.size()
                           : static_cast<size_t>(parameters.data() - via.text.data());
  out.Put(via.text.substr(0, start));
  std::string_view rest = parameters;
  Parameter each;
  while (Parameters::Next(rest, each)) {
    const bool is_rport = EqualsIgnoringCase(each.name, "rport");
    if (is_rport || EqualsIgnoringCase(each.name, "received")) continue;
    out.Put(";").Put(each.name);
    if (each.has_value) out.Put("=").Put(each.value);
  }
  if (via.has_rport || !SameAddress(via.sent_by.address(), source.address)) {
    out.Put(";received=").Value(source.address);
  }
  if (via.has_rport) out.Put(";rport=").Number(source.port);
}

void PutVias(TextOut& out, const Message& request, const Source& source) {
  bool top = true;
  for (size_t i = 0; i < request.field_count(); ++i) {
    const Field field = request.field(i);
    if (field.id != HeaderId::kVia) continue;
    out.Put("Via: ");
    std::string_view rest = field.value;
    if (top) {
      const Via& via = request.top_via();
      PutTopVia(out, via, source);
      rest.remove_prefix(static_cast<size_t>(via.text.data() - rest.data()) + via.text.size());
      top = false;
    }
    out.Put(rest).Put("\r\n");
  }
}

void PutCopies(TextOut& out, const Message& request, HeaderId id) {
  if (!request.Has(id)) return;
  for (size_t i = 0; i < request.field_count(); ++i) {
    const Field field = request.field(i);
    if (field.id == id) out.Put(Name(id)).Put(": ").Put(field.value).Put("\r\n");
  }
}

void PutTo(TextOut& out, const Message& request, const ResponseOut& response) {
  out.Put("To: ").Put(request.Find(HeaderId::kTo).value_or(""));
  const bool could_be_read = !request.to().uri.empty();
  if (could_be_read && request.to_tag().empty() && response.status > 100 &&
      !response.to_tag.empty()) {
    out.Put(";tag=").Token(response.to_tag);
  }
  out.Put("\r\n");
}

}  // namespace

bool AppendRequest(const RequestOut& request, std::string& out) {
  TextOut text(out, SizeOf(request));
  text.Token(request.method).Put(" ").Word(request.uri).Put(" SIP/2.0\r\n");
  PutVia(text, request.via);
  text.Put("Max-Forwards: ").Number(request.max_forwards).Put("\r\n");
  for (const std::string_view route : request.routes) text.Field("Route", route);
  PutAddress(text, "To: ", request.to, request.to_tag);
  PutAddress(text, "From: ", request.from, request.from_tag);
  text.Field("Call-ID", request.call_id);
  text.Put("CSeq: ").Number(request.cseq).Put(" ").Put(request.method).Put("\r\n");
  text.Field("Contact", request.contact);
  text.Field("Event", request.event);
  text.Field("Subscription-State", request.subscription_state);
  text.Field("User-Agent", request.user_agent);
  PutFields(text, request.more);
  PutBody(text, request.content_type, request.body);
  text.Put(request.body);
  return text.Finish();
}

bool AppendResponse(const Message& request, const Source& source, const ResponseOut& response,
                    std::string& out) {
  constexpr size_t kLongerName = 8;  // "i" becomes "Call-ID"
  size_t size = request.octets().size() + request.field_count() * kLongerName + 600 +
                source.address.size() + response.reason.size() + response.to_tag.size() +
                response.content_type.size() + response.body.size();
  for (const FieldOut& each : response.fields) size += each.name.size() + each.value.size() + 8;
  TextOut text(out, size);
  text.Put(kVersion).Put(" ").Number(response.status).Put(" ");
  text.Value(response.reason.empty() ? ReasonPhrase(response.status) : response.reason);
  text.Put("\r\n");
  PutVias(text, request, source);
  PutTo(text, request, response);
  for (const HeaderId id : {HeaderId::kFrom, HeaderId::kCallId, HeaderId::kCSeq}) {
    text.Put(Name(id)).Put(": ").Put(request.Find(id).value_or("")).Put("\r\n");
  }
  if (response.status < 300) PutCopies(text, request, HeaderId::kRecordRoute);
  PutFields(text, response.fields);
  PutBody(text, response.content_type, response.body);
  text.Put(response.body);
  return text.Finish();
}

HostPort ResponseTarget(const Via& via, const Source& source) {
  if (!via.maddr.empty()) {
    return {.host = via.maddr,
            .port = via.sent_by.port != 0 ? via.sent_by.port : DefaultPort(via.transport)};
  }
  if (via.has_rport) return {.host = source.address, .port = source.port};
  return {.host = source.address,
          .port = via.sent_by.port != 0 ? via.sent_by.port : DefaultPort(via.transport)};
}

void AppendBranch(std::string_view random, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.append(kBranchCookie);
  for (const char c : random) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 0xF]);
  }
}

}  // namespace drover::sip
