#include "libs/mo/accounts.h"

#include <algorithm>
#include <set>

#include "libs/dmtree/tnds.h"

namespace drover::mo {
namespace {

void Put(std::vector<Leaf>& leaves, std::string path, const std::string& value) {
  if (!value.empty()) leaves.push_back({std::move(path), value});
}

void PutNew(std::vector<Leaf>& leaves, std::string path, const std::string& value) {
  if (!value.empty()) leaves.push_back({std::move(path), value, /*only_new=*/true});
}

std::string PortOf(const v1::AccountSet& set) {
  return set.port() == 0 ? "" : std::to_string(set.port());
}

bool IsIpv4(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string_view HostType(std::string_view address) {
  if (IsIpv4(address)) return "IPv4";
  return address.find(':') != std::string_view::npos && !address.starts_with("http") ? "IPv6"
                                                                                     : "FQDN";
}

void PutAuthInfo(const v1::AccountSet& set, std::vector<Leaf>& leaves) {
  Put(leaves, "AuthInfo/AuthType", set.auth());
  if (set.auth().empty() && !set.user().empty()) PutNew(leaves, "AuthInfo/AuthType", "PAP");
  Put(leaves, "AuthInfo/AuthName", set.user());
  Put(leaves, "AuthInfo/AuthSecret", set.password());
}

std::vector<Leaf> AccessPoint(const v1::AccountSet& set) {
  std::vector<Leaf> leaves;
  PutNew(leaves, "NAPID", set.name());
  PutNew(leaves, "NAME", set.name());
  PutNew(leaves, "ADDRTYPE", "APN");
  Put(leaves, "ADDR", set.address());
  Put(leaves, "Bearer/BearerType", set.bearer());
  if (set.bearer().empty()) PutNew(leaves, "Bearer/BearerType", "GPRS");
  PutAuthInfo(set, leaves);
  for (int i = 0; i < set.dns_size(); ++i) {
    Put(leaves, "DNSAddr/" + std::to_string(i + 1) + "/DNSAddr", set.dns(i));
  }
  return leaves;
}

std::vector<Leaf> Proxy(const v1::AccountSet& set, const std::string& nap_uri) {
  std::vector<Leaf> leaves;
  PutNew(leaves, "PROXYID", set.name());
  PutNew(leaves, "NAME", set.name());
  Put(leaves, "PROXYTYPE", set.proxy_type());
  if (set.proxy_type().empty()) PutNew(leaves, "PROXYTYPE", "HTTP");
  Put(leaves, "ADDR", set.address());
  if (!set.address().empty()) Put(leaves, "ADDRTYPE", std::string(HostType(set.address())));
  Put(leaves, "Port/1/PortNbr", PortOf(set));
  PutAuthInfo(set, leaves);
  Put(leaves, "ConRefs/1/ConRef", nap_uri);
  return leaves;
}

std::string AppIdOf(const v1::AccountSet& set) {
  switch (set.kind()) {
    case v1::MMS:
      return "w4";
    case v1::BROWSER:
      return "w2";
    case v1::PIM:
      return "w5";
    default:
      return set.app_id().empty() ? "143" : set.app_id();
  }
}

void PutAddress(const v1::AccountSet& set, std::vector<Leaf>& leaves) {
  if (set.kind() == v1::BROWSER) {
    Put(leaves, "Resource/1/URI", set.address());
    if (!set.address().empty()) PutNew(leaves, "Resource/1/StartPage", "true");
    return;
  }
  Put(leaves, "AppAddr/1/Addr", set.address());
  const bool host = set.kind() == v1::MAIL;
  if (host && !set.address().empty()) {
    Put(leaves, "AppAddr/1/AddrType", std::string(HostType(set.address())));
  }
  if (!host && !set.address().empty()) PutNew(leaves, "AppAddr/1/AddrType", "URI");
  Put(leaves, "AppAddr/1/Port/1/PortNbr", PortOf(set));
}

std::vector<Leaf> Application(const v1::AccountSet& set, const std::string& proxy_uri,
                              const std::string& nap_uri) {
  std::vector<Leaf> leaves;
  PutNew(leaves, "AppID", AppIdOf(set));
  PutNew(leaves, "ProviderID", set.name());
  PutNew(leaves, "Name", set.name());
  Put(leaves, "PrefConRef", proxy_uri.empty() ? nap_uri : proxy_uri);
  if (!proxy_uri.empty()) Put(leaves, "ToConRef/1/ConRef", nap_uri);
  PutAddress(set, leaves);
  const bool credentials = !set.user().empty() || !set.password().empty();
  if (credentials) PutNew(leaves, "AppAuth/1/AAuthLevel", "APPSRV");
  Put(leaves, "AppAuth/1/AAuthType", set.auth());
  Put(leaves, "AppAuth/1/AAuthName", set.user());
  Put(leaves, "AppAuth/1/AAuthSecret", set.password());
  Put(leaves, "From", set.from());
  return leaves;
}

Error Missing(std::string_view field, std::string_view why) {
  return InvalidArgument("action.account_set." + std::string(field) + ": " + std::string(why));
}

dmtree::TndsNode Interior(std::string uri) {
  dmtree::TndsNode node{.uri = std::move(uri)};
  node.properties.format = "node";
  node.properties.type = dmtree::NodeType{.text = "", .ddf_name = true};
  return node;
}

dmtree::TndsNode Text(std::string uri, const std::string& value) {
  dmtree::TndsNode node{.uri = std::move(uri)};
  node.properties.format = "chr";
  node.properties.type = dmtree::NodeType{.text = "text/plain"};
  node.value = value;
  return node;
}

}  // namespace

std::vector<Leaf> LeavesOf(const v1::AccountSet& set, const std::string& proxy_uri,
                           const std::string& nap_uri) {
  if (set.kind() == v1::APN) return AccessPoint(set);
  if (set.kind() == v1::PROXY) return Proxy(set, nap_uri);
  return Application(set, proxy_uri, nap_uri);
}

const std::vector<std::string_view>& NameLeaves(v1::AccountKind kind) {
  static const std::vector<std::string_view> kNap{"NAPID", "NAME"};
  static const std::vector<std::string_view> kProxy{"PROXYID", "NAME"};
  static const std::vector<std::string_view> kApplication{"Name", "ProviderID", "AppID"};
  if (kind == v1::APN) return kNap;
  return kind == v1::PROXY ? kProxy : kApplication;
}

Result<void> CheckAccount(const v1::AccountSet& set, bool is_new) {
  if (set.kind() == v1::ACCOUNT_KIND_UNSPECIFIED) return Missing("kind", "is missing");
  if (set.name().empty()) return Missing("name", "is missing");
  if (set.port() > 65535) return Missing("port", "is not 0..65535");
  if (is_new && set.address().empty()) {
    return Missing("address", "is missing; the terminal has no account " + set.name() + " yet");
  }
  const std::vector<Leaf> leaves = LeavesOf(set, "", "");
  const bool says_something =
      !set.proxy().empty() || !set.nap().empty() ||
      std::ranges::any_of(leaves, [](const Leaf& leaf) { return !leaf.only_new; });
  if (!says_something) return Missing("address", "is missing; nothing to set is given");
  return {};
}

std::string ToTnds(const std::string& node_name, const std::vector<Leaf>& leaves) {
  dmtree::Tnds tnds;
  std::set<std::string> interior{node_name};
  tnds.nodes.push_back(Interior(node_name));
  for (const Leaf& leaf : leaves) {
    const std::string uri = node_name + "/" + leaf.path;
    for (size_t slash = uri.find('/', node_name.size() + 1); slash != std::string::npos;
         slash = uri.find('/', slash + 1)) {
      std::string parent = uri.substr(0, slash);
      if (interior.insert(parent).second) tnds.nodes.push_back(Interior(std::move(parent)));
    }
    tnds.nodes.push_back(Text(uri, leaf.value));
  }
  return dmtree::EncodeTnds(tnds, dmtree::TndsForm::kXml);
}

}  // namespace drover::mo
