#include "libs/wap/provisioning.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/wbxml/provisioning_tokens.h"
#include "libs/wbxml/tokens.h"

namespace drover::wap {
namespace {

enum Tag : uint8_t { kProvisioningDoc = 0x05, kCharacteristic = 0x06, kParm = 0x07 };
constexpr uint8_t kVersion13 = 0x03;
constexpr uint8_t kPages = 2;

using wbxml::AttributeToken;

// Writes the document; the first value that cannot stand in one sticks.
class Writer {
 public:
  explicit Writer(const ProvisioningStyle& style) : style_(style) {
    for (const uint32_t octet :
         {uint32_t{kVersion13}, wbxml::kProvisioning, wbxml::kCharsetUtf8, uint32_t{0}}) {
      Put(octet);
    }
    Put(kProvisioningDoc | wbxml::kHasAttributes | wbxml::kHasContent);
    NameAndText(wbxml::kProvisioningAttributeStarts, "version", style.version, true);
    Put(wbxml::kEnd);
  }

  void Begin(std::string_view type) {
    Put(kCharacteristic | wbxml::kHasAttributes | wbxml::kHasContent);
    NameAndText(wbxml::kProvisioningAttributeStarts, "type", type, true);
    Put(wbxml::kEnd);
  }
  void End() { Put(wbxml::kEnd); }

  // Left out if the value is empty.
  void Text(std::string_view name, std::string_view value) {
    if (!value.empty()) Leaf(name, value, false);
  }
  // A value that may have a token: one of an enumeration.
  void Choice(std::string_view name, std::string_view value) {
    if (!value.empty()) Leaf(name, value, true);
  }
  void Flag(std::string_view name) {
    Put(kParm | wbxml::kHasAttributes);
    NameAndText(wbxml::kProvisioningAttributeStarts, "name", name, true);
    Put(wbxml::kEnd);
  }
  void Needed(std::string_view name, std::string_view value) {
    if (value.empty()) Fail(std::string(name) + " is empty");
    Text(name, value);
  }

  Result<std::string> Finish() {
    Put(wbxml::kEnd);
    if (error_) return *error_;
    return std::move(out_);
  }

 private:
  void Put(uint32_t octet) { out_.push_back(static_cast<char>(octet)); }
  void Fail(std::string message) {
    if (!error_) error_ = InvalidArgument(std::move(message));
  }

  void Leaf(std::string_view name, std::string_view value, bool may_be_token) {
    Put(kParm | wbxml::kHasAttributes);
    NameAndText(wbxml::kProvisioningAttributeStarts, "name", name, true);
    const bool found = PutToken(wbxml::kProvisioningAttributeStarts, "value", "");
    DROVER_CHECK(found);
    if (!may_be_token || !PutToken(wbxml::kProvisioningAttributeValues, "", value)) {
      PutInline(value);
    }
    Put(wbxml::kEnd);
  }

  // The attribute with its value as one token, or its name and the value as text.
  template <size_t n>
  void NameAndText(const AttributeToken (&table)[n], std::string_view name, std::string_view value,
                   bool whole) {
    if (whole && !value.empty() && PutToken(table, name, value)) return;
    const bool found = PutToken(table, name, "");
    DROVER_CHECK(found);
    PutInline(value);
  }

  // False: there is none.
  template <size_t n>
  bool PutToken(const AttributeToken (&table)[n], std::string_view name, std::string_view value) {
    const uint8_t first = style_.stay_on_page ? page_ : 0;
    for (uint8_t i = 0; i < kPages; ++i) {
      const uint8_t page = (first + i) % kPages;
      const auto* found = std::ranges::find_if(table, [&](const AttributeToken& token) {
        return token.page == page && token.name == name && token.value == value;
      });
      if (found == std::end(table)) continue;
      Switch(page);
      Put(found->token);
      return true;
    }
    return false;
  }

  void Switch(uint8_t page) {
    if (page == page_) return;
    Put(wbxml::kSwitchPage);
    Put(page);
    page_ = page;
  }

  void PutInline(std::string_view text) {
    const bool printable =
        std::ranges::all_of(text, [](char c) { return static_cast<uint8_t>(c) >= ' '; });
    if (!printable || !base::IsUtf8(text)) {
      Fail("a value with control characters, or that is not UTF-8");
    }
    Put(wbxml::kStrI);
    out_.append(text);
    Put(0);
  }

  const ProvisioningStyle& style_;
  std::string out_;
  uint8_t page_ = 0;  // Of attributes.
  std::optional<Error> error_;
};

void Write(const NapDef& nap, Writer& out) {
  out.Begin("NAPDEF");
  out.Needed("NAPID", nap.napid);
  out.Choice("BEARER", nap.bearer);
  out.Text("NAME", nap.name);
  out.Text("NAP-ADDRESS", nap.address);
  out.Choice("NAP-ADDRTYPE", nap.address_type);
  if (!nap.auth_type.empty()) {
    out.Begin("NAPAUTHINFO");
    out.Choice("AUTHTYPE", nap.auth_type);
    out.Text("AUTHNAME", nap.auth_name);
    out.Text("AUTHSECRET", nap.auth_secret);
    out.End();
  }
  out.End();
}

void Write(const BootstrapContext& bootstrap, Writer& out) {
  out.Begin("BOOTSTRAP");
  out.Text("NAME", bootstrap.name);
  out.Text("PROXY-ID", bootstrap.proxy_id);
  out.Text("PROVURL", bootstrap.prov_url);
  out.Text("CONTEXT-ALLOW", bootstrap.context_allow ? "1" : "0");
  out.End();
}

void Write(const AppAuth& auth, const ProvisioningStyle& style, Writer& out) {
  out.Begin("APPAUTH");
  out.Choice("AAUTHLEVEL", auth.level == AppAuth::Level::kAppSrv ? "APPSRV" : "CLIENT");
  style.auth_type_as_text ? out.Text("AAUTHTYPE", auth.type) : out.Choice("AAUTHTYPE", auth.type);
  out.Text("AAUTHNAME", auth.name);
  out.Text("AAUTHSECRET", auth.secret);
  out.Text("AAUTHDATA", auth.data);
  out.End();
}

void Write(const DmApplication& application, const ProvisioningStyle& style, Writer& out) {
  out.Begin("APPLICATION");
  out.Text("APPID", "w7");
  out.Needed("PROVIDER-ID", application.provider_id);
  out.Text("NAME", application.name);
  out.Text("TO-NAPID", application.to_napid);
  if (application.init) out.Flag("INIT");
  for (const Parm& parm : application.others) out.Text(parm.name, parm.value);
  out.Begin("APPADDR");
  out.Needed("ADDR", application.address);
  if (application.port) {
    out.Begin("PORT");
    out.Text("PORTNBR", std::to_string(*application.port));
    out.End();
  }
  out.End();
  for (const AppAuth& auth : application.auths) Write(auth, style, out);
  out.End();
}

}  // namespace

Result<std::string> EncodeProvisioning(const ProvisioningDocument& document,
                                       const ProvisioningStyle& style) {
  Writer out(style);
  for (const NapDef& nap : document.access_points) Write(nap, out);
  if (document.bootstrap) Write(*document.bootstrap, out);
  for (const DmApplication& application : document.applications) Write(application, style, out);
  return out.Finish();
}

}  // namespace drover::wap
