#include "libs/dmtree/acl.h"

#include <algorithm>
#include <optional>

#include "libs/base/check.h"

namespace drover::dmtree {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"Add", "Delete", "Exec", "Get", "Replace"};
constexpr std::string_view kAnyone = "*";

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsControl(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

std::optional<size_t> IndexOf(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<size_t>(found - kNames.begin());
}

// Takes what stands before the separator off the front of rest, the separator too.
std::string_view Take(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool IsId(std::string_view text) {
  if (text == kAnyone) return true;
  return !text.empty() && text.find_first_of("=&*+") == std::string_view::npos &&
         std::ranges::none_of(text, IsControl);
}

}  // namespace

std::string_view Name(AclCommand command) { return kNames[static_cast<size_t>(command)]; }

Result<Acl> Acl::Parse(std::string_view text) {
  std::string dense(text);
  std::erase_if(dense, IsSpace);
  std::string_view rest = dense;
  if (rest.ends_with('&')) return InvalidArgument("ACL: \"&\" at the end");
  Acl acl;
  while (!rest.empty()) {
    std::string_view entry = Take(rest, '&');
    const std::optional<size_t> command = IndexOf(Take(entry, '='));
    if (!command) return InvalidArgument("ACL: expected Add=, Delete=, Exec=, Get= or Replace=");
    if (entry.empty() || entry.ends_with('+')) {
      return InvalidArgument("ACL: a server identifier is missing after " +
                             std::string(kNames[*command]));
    }
    while (!entry.empty()) {
      const std::string_view id = Take(entry, '+');
      if (!IsId(id)) return InvalidArgument("ACL: a server identifier that cannot be one");
      acl.ids_[*command].emplace(id);
    }
  }
  return acl;
}

Acl Acl::RootDefault() {
  Acl acl;
  acl.Allow(AclCommand::kAdd, kAnyone);
  acl.Allow(AclCommand::kGet, kAnyone);
  return acl;
}

bool Acl::empty() const {
  return std::ranges::all_of(ids_, [](const Ids& ids) { return ids.empty(); });
}

bool Acl::Allows(AclCommand command, std::string_view server_id) const {
  const Ids& ids = ids_[static_cast<size_t>(command)];
  return ids.contains(kAnyone) || ids.contains(server_id);
}

std::string Acl::Holders(AclCommand command) const {
  const Ids& ids = ids_[static_cast<size_t>(command)];
  if (ids.contains(kAnyone)) return std::string(kAnyone);
  std::string holders;
  for (const std::string& id : ids) holders += (holders.empty() ? "" : ", ") + id;
  return holders;
}

void Acl::Allow(AclCommand command, std::string_view server_id) {
  ids_[static_cast<size_t>(command)].emplace(server_id);
}

void Acl::Remove(std::string_view server_id, bool keep_open) {
  for (Ids& ids : ids_) {
    const auto found = ids.find(server_id);
    if (found == ids.end()) continue;
    ids.erase(found);
    if (ids.empty() && keep_open) ids.emplace(kAnyone);
  }
}

std::string Acl::ToString() const {
  std::string text;
  for (size_t i = 0; i < ids_.size(); ++i) {
    const Ids& ids = ids_[i];
    if (ids.empty()) continue;
    if (!text.empty()) text.push_back('&');
    text.append(kNames[i]);
    char separator = '=';
    for (const std::string& id : ids) {
      if (id != kAnyone && ids.contains(kAnyone)) continue;
      text.push_back(separator);
      text.append(id);
      separator = '+';
    }
  }
  return text;
}

const Acl& Effective(AclPath path) {
  DROVER_CHECK(!path.empty());
  for (const Acl* acl : path) {
    if (!acl->empty()) return *acl;
  }
  return *path.back();
}

bool MayReplaceAcl(AclPath path, bool interior, std::string_view server_id) {
  const bool on_node = Effective(path).Allows(AclCommand::kReplace, server_id);
  if (path.size() == 1) return on_node;
  const bool on_parent = Effective(path.subspan(1)).Allows(AclCommand::kReplace, server_id);
  return on_parent || (interior && on_node);
}

}  // namespace drover::dmtree
