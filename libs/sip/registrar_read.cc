// A REGISTER understood or refused before anybody is asked who sends it.
#include <algorithm>

#include "libs/sip/lexer.h"
#include "libs/sip/registrar.h"

namespace drover::sip {
namespace {

RegisterReply Refusal400() { return {.status = 400, .fields = {}}; }

// Those of Require that are not understood, joined by commas.
std::string UnknownOptions(const Message& message) {
  constexpr std::string_view kKnown[] = {"path", "outbound"};
  std::string unknown;
  Message::Elements options = message.Values(HeaderId::kRequire);
  std::string_view option;
  while (options.Next(option)) {
    const auto same = [&](std::string_view each) { return EqualsIgnoringCase(each, option); };
    if (std::ranges::any_of(kKnown, same)) continue;
    if (!unknown.empty()) unknown += ", ";
    unknown += option;
  }
  return unknown;
}

bool Supports(const Message& message, std::string_view option) {
  Message::Elements options = message.Values(HeaderId::kSupported);
  std::string_view each;
  while (options.Next(each)) {
    if (EqualsIgnoringCase(each, option)) return true;
  }
  return false;
}

bool ReadExpires(const Message& message, std::optional<uint32_t>& expires) {
  const std::optional<std::string_view> value = message.Find(HeaderId::kExpires);
  if (!value) return true;
  expires = ParseDeltaSeconds(*value);
  return expires.has_value();
}

// What is tolerated within a URI when it is read is not written again.
std::string WithoutLws(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return Is(c, char_class::kLws); });
  return plain;
}

// In one line, and without control characters.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return line;
}

bool ReadContacts(const Message& message, size_t most, RegisterRequest& request) {
  std::optional<uint32_t> expires;
  if (!ReadExpires(message, expires)) return false;
  Message::Elements contacts = message.Values(HeaderId::kContact);
  std::string_view element;
  while (contacts.Next(element)) {
    Contact contact;
    if (!ParseContact(element, contact) || request.removes_all || request.changes.size() == most) {
      return false;
    }
    if (contact.all) {
      if (expires != 0u || !request.changes.empty()) return false;
      request.removes_all = true;
      continue;
    }
    if (contact.uri.scheme == Scheme::kOther) return false;
    request.changes.push_back({.contact = WithoutLws(contact.address.uri),
                               .expires = contact.expires ? contact.expires : expires,
                               .q_thousandths = contact.q_thousandths,
                               .instance = contact.instance,
                               .reg_id = contact.instance.empty() ? 0 : contact.reg_id});
  }
  return true;
}

bool ReadPath(const Message& message, size_t most, RegisterRequest& request) {
  Message::Elements path = message.Values(HeaderId::kPath);
  std::string_view element;
  while (path.Next(element)) {
    NameAddr address;
    Uri uri;
    if (request.path.size() == most || !ParseNameAddr(element, address) || !address.in_brackets ||
        !ParseUri(address.uri, uri) || uri.host_port.host.empty()) {
      return false;
    }
    request.path.push_back(OneLine(element));
  }
  return true;
}

// RFC 5626, section 6: the gateway itself, or the proxy next to it, keeps the flow.
bool UsesOutbound(const Message& message, const RegisterRequest& request) {
  if (!Supports(message, "outbound")) return false;
  const auto has_reg_id = [](const RegisterRequest::Change& each) { return each.reg_id != 0; };
  if (!std::ranges::any_of(request.changes, has_reg_id)) return false;
  if (message.has_one_via()) return true;
  NameAddr address;
  Uri uri;
  return !request.path.empty() && ParseNameAddr(request.path.back(), address) &&
         ParseUri(address.uri, uri) && uri.parameters.Has("ob");
}

std::optional<Credentials> CredentialsFor(const Message& message, std::string_view realm) {
  Message::Elements values = message.Values(HeaderId::kAuthorization);
  std::string_view value;
  while (values.Next(value)) {
    std::optional<Credentials> credentials = ParseCredentials(value);
    if (credentials && credentials->realm == realm) return credentials;
  }
  return std::nullopt;
}

bool IsOurs(const Uri& uri, const std::vector<std::string>& domains) {
  if (domains.empty()) return true;
  const auto same = [&](const std::string& each) {
    return EqualsIgnoringCase(each, uri.host_port.host);
  };
  return std::ranges::any_of(domains, same);
}

}  // namespace

std::variant<RegisterRequest, RegisterReply> ReadRegister(const Message& message,
                                                          const RegistrarSettings& settings) {
  if (message.method() != Method::kRegister) {
    return RegisterReply{.status = 405, .fields = {{"Allow", "REGISTER"}}};
  }
  if (message.uri().scheme != Scheme::kSip && message.uri().scheme != Scheme::kSips) {
    return RegisterReply{.status = 416, .fields = {}};
  }
  if (std::string unknown = UnknownOptions(message); !unknown.empty()) {
    return RegisterReply{.status = 420, .fields = {{"Unsupported", std::move(unknown)}}};
  }
  Uri to;
  RegisterRequest request;
  if (!ParseUri(message.to().uri, to)) return Refusal400();
  request.aor = AddressOfRecord(to);
  if (request.aor.empty()) return Refusal400();
  if (to.scheme != Scheme::kTel && !IsOurs(to, settings.domains)) {
    return RegisterReply{.status = 404, .fields = {}};
  }
  if (!ReadContacts(message, settings.max_changes, request) ||
      !ReadPath(message, settings.max_path, request)) {
    return Refusal400();
  }
  request.request_uri = message.request_uri();
  request.call_id = message.call_id();
  request.cseq = message.cseq().number;
  request.supports_path = Supports(message, "path");
  request.uses_outbound = UsesOutbound(message, request);
  request.user_agent = OneLine(message.Find(HeaderId::kUserAgent).value_or(""));
  request.body = message.body();
  request.credentials = CredentialsFor(message, settings.realm);
  return request;
}

}  // namespace drover::sip
