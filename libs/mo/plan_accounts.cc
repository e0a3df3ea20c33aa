// Accounts: found by their name, replaced where they are there, added where not.
#include <algorithm>
#include <set>

#include "libs/dmtree/loc_uri.h"
#include "libs/mo/accounts.h"
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

// Where accounts of a kind are in one terminal.
struct Accounts {
  std::vector<std::string> known;       // URIs of accounts.
  std::vector<std::string> containers;  // URIs of the nodes that accounts are below.
};

bool IsAccount(const KnownTree& tree, const std::string& uri, v1::AccountKind kind) {
  return std::ranges::any_of(NameLeaves(kind),
                             [&](std::string_view leaf) { return tree.Has(Join(uri, leaf)); });
}

void AddContainer(const std::string& uri, const KnownTree& tree, Accounts& out) {
  if (std::ranges::find(out.containers, uri) == out.containers.end()) out.containers.push_back(uri);
  for (std::string& child : tree.Children(uri)) out.known.push_back(std::move(child));
}

// The Type of the object may be on each account or on the node that they are below: terminals
// differ.
Result<Accounts> AccountsOf(const v1::Action& action, const Place& place, v1::AccountKind kind) {
  const Object object = ObjectOf(kind);
  Accounts out;
  if (!action.root().empty()) {
    DROVER_TRY(const std::string root, PathOf("root", action.root()));
    AddContainer(root, place.tree, out);
    return out;
  }
  DROVER_TRY(const std::vector<std::string> roots, RootsOf(action, place, object));
  for (const std::string& root : roots) {
    if (!IsAccount(place.tree, root, kind)) {
      AddContainer(root, place.tree, out);
      continue;
    }
    out.known.push_back(root);
    std::string container = root.substr(0, root.rfind('/'));
    if (std::ranges::find(out.containers, container) == out.containers.end()) {
      out.containers.push_back(std::move(container));
    }
  }
  return out;
}

bool IsCalled(const KnownTree& tree, const std::string& account, const std::string& name,
              v1::AccountKind kind) {
  const std::string_view last = std::string_view(account).substr(account.rfind('/') + 1);
  if (dmtree::DecodeSegment(last) == name) return true;
  return std::ranges::any_of(NameLeaves(kind), [&](std::string_view leaf) {
    return leaf != "AppID" && tree.Value(Join(account, leaf)) == name;
  });
}

// The account of that name; empty: there is none.
Result<std::string> Find(const KnownTree& tree, const Accounts& accounts, const std::string& name,
                         v1::AccountKind kind, std::string_view app_id = "") {
  std::string found;
  for (const std::string& account : accounts.known) {
    if (!IsCalled(tree, account, name, kind)) continue;
    const std::string_view has = tree.Value(Join(account, "AppID"));
    if (!app_id.empty() && !has.empty() && has != app_id) continue;
    if (!found.empty()) {
      return FailedPrecondition("the terminal has several accounts " + name + ": " + found + ", " +
                                account + "; set the one that is meant by its nodes");
    }
    found = account;
  }
  return found;
}

// What an account refers to: a URI as it is, else the account of that name.
Result<std::string> Reference(const v1::Action& action, const Place& place,
                              const std::string& named, v1::AccountKind kind) {
  if (named.empty() || named.starts_with("./")) return named;
  v1::Action lookup;
  lookup.set_usual_root(action.usual_root());
  DROVER_TRY(const Accounts accounts, AccountsOf(lookup, place, kind));
  DROVER_TRY(std::string uri, Find(place.tree, accounts, named, kind));
  if (!uri.empty()) return uri;
  return NotFound("the terminal has no " +
                  std::string(kind == v1::PROXY ? "proxy " : "access point ") + named +
                  ", as far as its tree is known; set it first, or give its URI");
}

std::string_view AppIdOf(const v1::AccountSet& set) {
  if (set.kind() != v1::MAIL) return "";
  return set.app_id().empty() ? std::string_view("143") : std::string_view(set.app_id());
}

// Accounts of one name for different applications (mail in and out) have a node each.
Result<std::string> NodeForNew(const Accounts& accounts, const v1::AccountSet& set,
                               const KnownTree& tree) {
  if (accounts.containers.size() != 1) {
    std::string all;
    for (const std::string& uri : accounts.containers) all.append(" ").append(uri);
    return FailedPrecondition("a new account could go below any of" + all +
                              "; say which by its root");
  }
  const std::string node = Join(accounts.containers.front(), dmtree::EncodeSegment(set.name()));
  return tree.Has(node) ? node + "-" + std::string(AppIdOf(set)) : node;
}

// Adds of the interior nodes on the way to a leaf that are neither there nor added yet.
void AddParents(const std::string& account, const std::string& path, const KnownTree& tree,
                std::set<std::string>& added, std::vector<v1::Command>& commands) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string uri = Join(account, path.substr(0, slash));
    if (tree.Has(uri) || !added.insert(uri).second) continue;
    commands.push_back(AddNode(std::move(uri)));
  }
}

// Beside leaves that are known one that cannot be read (AuthSecret) is there too.
bool IsThere(const KnownTree& tree, const std::string& uri) {
  if (tree.Has(uri)) return true;
  const bool secret = uri.ends_with("Secret");
  return secret && tree.Has(uri.substr(0, uri.rfind('/')));
}

std::vector<v1::Command> Change(const std::string& account, const std::vector<Leaf>& leaves,
                                const KnownTree& tree) {
  std::vector<v1::Command> commands;
  std::set<std::string> added;
  for (const Leaf& leaf : leaves) {
    const std::string uri = Join(account, leaf.path);
    if (IsThere(tree, uri)) {
      if (!leaf.only_new) commands.push_back(Replace(uri, leaf.value));
      continue;
    }
    if (leaf.only_new && leaf.path.find('/') == std::string::npos) continue;
    AddParents(account, leaf.path, tree, added, commands);
    commands.push_back(Add(uri, leaf.value));
  }
  return commands;
}

std::vector<v1::Command> Create(const std::string& account, const std::vector<Leaf>& leaves,
                                const KnownTree& tree) {
  std::vector<v1::Command> commands{AddNode(account)};
  std::set<std::string> added;
  for (const Leaf& leaf : leaves) {
    AddParents(account, leaf.path, tree, added, commands);
    commands.push_back(Add(Join(account, leaf.path), leaf.value));
  }
  return commands;
}

v1::Command AddSubtree(const std::string& account, const std::vector<Leaf>& leaves) {
  const std::string name = account.substr(account.rfind('/') + 1);
  v1::Command command = Add(account, ToTnds(name, leaves), "xml");
  command.set_type(std::string(kTndsXml));
  return command;
}

Result<Plan> PlanSet(const v1::Action& action, const Place& place) {
  const v1::AccountSet& set = action.account_set();
  DROVER_TRY(const Accounts accounts, AccountsOf(action, place, set.kind()));
  DROVER_TRY(std::string account, Find(place.tree, accounts, set.name(), set.kind(), AppIdOf(set)));
  const bool is_new = account.empty();
  DROVER_TRY(CheckAccount(set, is_new));
  DROVER_TRY(const std::string proxy, Reference(action, place, set.proxy(), v1::PROXY));
  DROVER_TRY(const std::string nap, Reference(action, place, set.nap(), v1::APN));
  const std::vector<Leaf> leaves = LeavesOf(set, proxy, nap);
  if (!is_new && set.tnds()) {
    return InvalidArgument("action.account_set.tnds: the terminal has the account, " + account +
                           "; a serialised subtree can only be added");
  }
  if (is_new) {
    DROVER_TRY(account, NodeForNew(accounts, set, place.tree));
  }
  if (set.tnds()) return Plan{{.name = "add", .commands = {AddSubtree(account, leaves)}}};
  std::vector<v1::Command> commands =
      is_new ? Create(account, leaves, place.tree) : Change(account, leaves, place.tree);
  MakeAtomic(action, commands);
  return Plan{{.name = is_new ? "add" : "change", .commands = std::move(commands)}};
}

Plan ReadAll(const std::vector<std::string>& uris) {
  std::vector<std::string> lists;
  for (const std::string& uri : uris) lists.push_back(WithList(uri));
  Plan plan;
  AddGets("read", lists, plan);
  return plan;
}

Result<std::string> Existing(const Place& place, const Accounts& accounts, const std::string& name,
                             v1::AccountKind kind) {
  DROVER_TRY(std::string account, Find(place.tree, accounts, name, kind));
  if (!account.empty()) return account;
  const bool nothing_known = accounts.known.empty() && accounts.containers.size() == 1;
  if (nothing_known) return Join(accounts.containers.front(), dmtree::EncodeSegment(name));
  return NotFound("the terminal has no account " + name + ", as far as its tree is known");
}

}  // namespace

Result<Plan> PlanAccount(const v1::Action& action, const Place& place) {
  if (action.has_account_set()) return PlanSet(action, place);
  const bool get = action.has_account_get();
  const v1::AccountKind kind = get ? action.account_get().kind() : action.account_delete().kind();
  if (kind == v1::ACCOUNT_KIND_UNSPECIFIED) return InvalidArgument("action.kind: is missing");
  const std::string& name = get ? action.account_get().name() : action.account_delete().name();
  if (!get && name.empty()) return InvalidArgument("action.account_delete.name: is missing");
  DROVER_TRY(const Accounts accounts, AccountsOf(action, place, kind));
  if (name.empty()) {
    DROVER_TRY(const std::vector<std::string> roots, RootsOf(action, place, ObjectOf(kind)));
    return ReadAll(roots);
  }
  DROVER_TRY(const std::string account, Existing(place, accounts, name, kind));
  if (get) return ReadAll({account});
  return Plan{{.name = "delete", .commands = {Delete(account)}}};
}

}  // namespace drover::mo
