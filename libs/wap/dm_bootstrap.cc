#include "libs/wap/dm_bootstrap.h"

#include <algorithm>
#include <initializer_list>

#include "libs/base/bytes.h"
#include "libs/dmtree/tnds.h"
#include "libs/wbxml/vocabulary.h"
#include "libs/wbxml/writer.h"

namespace drover::wap {
namespace {

using dmtree::TndsForm;
using dmtree::TndsNode;

constexpr char kDmAcc[] = "urn:oma:mo:oma-dm-dmacc:1.0";

// Code pages 0 (SyncML) and 1 (MetInf).
enum Tag : uint8_t {
  kAdd = 0x05,
  kCmdId = 0x0B,
  kData = 0x0F,
  kFinal = 0x12,
  kItem = 0x14,
  kLocUri = 0x17,
  kMeta = 0x1A,
  kMsgId = 0x1B,
  kSessionId = 0x25,
  kSource = 0x27,
  kSyncBody = 0x2B,
  kSyncHdr = 0x2C,
  kSyncMl = 0x2D,
  kTarget = 0x2E,
  kVerDtd = 0x31,
  kVerProto = 0x32,
};
enum MetInfTag : uint8_t { kFormat = 0x07, kType = 0x13 };

void Location(wbxml::Writer& writer, Tag tag, std::string_view uri) {
  writer.Start(0, tag);
  writer.Leaf(0, kLocUri, uri);
  writer.End();
}

void Header(wbxml::Writer& writer, std::string_view target, std::string_view source) {
  writer.Start(0, kSyncHdr);
  writer.Leaf(0, kVerDtd, "1.2");
  writer.Leaf(0, kVerProto, "DM/1.2");
  writer.Leaf(0, kSessionId, "0");
  writer.Leaf(0, kMsgId, "0");
  Location(writer, kTarget, target);
  Location(writer, kSource, source);
  writer.End();
}

void Ends(int count, std::string& out) { out.append(static_cast<size_t>(count), wbxml::kEnd); }

// --- The account --------------------------------------------------------------------------------

class Account {
 public:
  explicit Account(std::string name) : root_(std::move(name)) {}

  void Root(std::string_view provider_id) {
    TndsNode node{.uri = root_};
    const std::string id(provider_id);
    node.properties.acl = "Get=" + id + "&Replace=" + id + "&Delete=" + id;
    node.properties.format = "node";
    node.properties.type = dmtree::NodeType{kDmAcc, true};
    tnds_.nodes.push_back(std::move(node));
  }
  void Node(const std::string& path) { Add(path, "node", std::nullopt); }
  void Text(const std::string& path, std::string_view value) {
    if (!value.empty()) Add(path, "chr", std::string(value));
  }
  void Octets(const std::string& path, std::string value) { Add(path, "bin", std::move(value)); }
  const dmtree::Tnds& tnds() const { return tnds_; }

 private:
  void Add(const std::string& path, const char* format, std::optional<std::string> value) {
    TndsNode node{.uri = root_ + "/" + path};
    node.properties.format = format;
    node.value = std::move(value);
    tnds_.nodes.push_back(std::move(node));
  }
  const std::string root_;
  dmtree::Tnds tnds_;
};

// A name that a node can have.
std::string NodeName(std::string_view provider_id) {
  std::string name(provider_id.substr(0, 32));
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == '?'; }, '_');
  return name == "." || name == ".." ? "server" : name;
}

bool IsText(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  return base::IsUtf8(text) && std::ranges::none_of(text, is_control);
}

Result<void> Check(const DmApplication& application) {
  if (application.provider_id.empty()) return InvalidArgument("a DM account without server id");
  if (application.address.empty()) return InvalidArgument("a DM account without address");
  std::vector<std::string_view> texts = {application.provider_id, application.name,
                                         application.address, application.to_napid};
  for (const AppAuth& auth : application.auths) {
    texts.insert(texts.end(), {auth.type, auth.name, auth.secret});
  }
  if (std::ranges::all_of(texts, IsText)) return {};
  return InvalidArgument("a DM account with control characters, or not UTF-8");
}

Result<void> AddAuth(const AppAuth& auth, const std::string& path, Account& account) {
  account.Node(path);
  account.Text(path + "/AAuthLevel", auth.level == AppAuth::Level::kAppSrv ? "CLCRED" : "SRVCRED");
  account.Text(path + "/AAuthType", auth.type);
  account.Text(path + "/AAuthName", auth.name);
  account.Text(path + "/AAuthSecret", auth.secret);
  if (auth.data.empty()) return {};
  Result<std::string> nonce = base::FromBase64(auth.data);
  if (!nonce) return InvalidArgument("a nonce that is not base64");
  account.Octets(path + "/AAuthData", *std::move(nonce));
  return {};
}

Result<dmtree::Tnds> AccountOf(const DmApplication& application) {
  Account account(NodeName(application.provider_id));
  account.Root(application.provider_id);
  account.Text("AppID", "w7");
  account.Text("ServerID", application.provider_id);
  account.Text("Name", application.name);
  account.Text("PrefConRef", application.to_napid);
  account.Node("AppAddr");
  account.Node("AppAddr/1");
  account.Text("AppAddr/1/Addr", application.address);
  account.Text("AppAddr/1/AddrType", "URI");
  if (application.port) {
    account.Node("AppAddr/1/Port");
    account.Node("AppAddr/1/Port/1");
    account.Text("AppAddr/1/Port/1/PortNbr", std::to_string(*application.port));
  }
  if (!application.auths.empty()) account.Node("AppAuth");
  for (size_t i = 0; i < application.auths.size(); ++i) {
    DROVER_TRY(AddAuth(application.auths[i], "AppAuth/" + std::to_string(i + 1), account));
  }
  return account.tnds();
}

TndsForm FormOf(TndsStyle style) {
  switch (style) {
    case TndsStyle::kEmbedded:
      return TndsForm::kWbxml;
    case TndsStyle::kXml:
      return TndsForm::kXml;
    case TndsStyle::kInline:
      break;
  }
  return TndsForm::kInline;
}

}  // namespace

std::string EncodeInboxMessage(std::string_view target, std::string_view source,
                               std::string_view tnds, TndsStyle style) {
  const bool xml = style == TndsStyle::kXml;
  std::string out;
  wbxml::Writer writer(out);
  writer.Header(wbxml::kSyncml12);
  writer.Start(0, kSyncMl);
  Header(writer, target, source);
  writer.Start(0, kSyncBody);
  writer.Start(0, kAdd);
  writer.Leaf(0, kCmdId, "1");
  writer.Start(0, kItem);
  Location(writer, kTarget, "./Inbox");
  writer.Start(0, kMeta);
  writer.Leaf(1, kFormat, xml ? "xml" : "bin");
  writer.Leaf(1, kType,
              xml ? "application/vnd.syncml.dmtnds+xml" : "application/vnd.syncml.dmtnds+wbxml");
  writer.End();
  writer.Start(0, kData);
  if (style == TndsStyle::kEmbedded) writer.Opaque(tnds);
  if (xml) writer.Text(tnds);
  writer.Flush();
  if (style == TndsStyle::kInline) out += tnds;
  Ends(3, out);  // Data, Item, Add
  if (style == TndsStyle::kInline) out.append({wbxml::kSwitchPage, 0});
  out += static_cast<char>(kFinal);
  Ends(2, out);
  return out;
}

Result<std::string> EncodeDmBootstrap(std::string_view device_id, const DmApplication& application,
                                      TndsStyle style) {
  DROVER_TRY(Check(application));
  DROVER_TRY(const dmtree::Tnds account, AccountOf(application));
  return EncodeInboxMessage(device_id.empty() ? "./" : device_id, application.address,
                            dmtree::EncodeTnds(account, FormOf(style)), style);
}

}  // namespace drover::wap
