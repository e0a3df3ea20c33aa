// drover apn, proxy, mms, browser, mail, pim: accounts of terminals.
#include <charconv>

#include "tools/drover/commands/action.h"
#include "tools/drover/files.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

struct Account {
  std::string name;
  std::string address;
  uint32_t port = 0;
  std::string user;
  std::string password_file;
  std::string auth;
  std::vector<std::string> dns;
  std::string bearer;
  std::string proxy;
  std::string nap;
  std::string proxy_type;
  std::string imap;
  std::string pop3;
  std::string smtp;
  std::string from;
  bool tnds = false;
};

struct Kind {
  v1::AccountKind kind;
  const char* name;
  const char* help;
  const char* address;  // The flag for its address; nullptr: mail, which has several.
  const char* address_help;
};

constexpr Kind kKinds[] = {
    {v1::APN, "apn", "Access points", "--apn", "The access point's name in the network"},
    {v1::PROXY, "proxy", "Proxies", "--address", "Host name or address"},
    {v1::MMS, "mms", "Accounts for multimedia messages", "--mmsc", "URL of the MMSC"},
    {v1::BROWSER, "browser", "Accounts of the browser", "--home", "URL of the home page"},
    {v1::MAIL, "mail", "Accounts for e-mail", nullptr, nullptr},
    {v1::PIM, "pim", "Accounts for contacts and calendar", "--url", "URL of the server"},
};

v1::AccountSet Base(const Account& account, v1::AccountKind kind, const std::string& password) {
  v1::AccountSet set;
  set.set_kind(kind);
  set.set_name(account.name);
  set.set_address(account.address);
  set.set_port(account.port);
  set.set_user(account.user);
  set.set_password(password);
  set.set_auth(account.auth);
  set.mutable_dns()->Assign(account.dns.begin(), account.dns.end());
  set.set_bearer(account.bearer);
  set.set_proxy(account.proxy);
  set.set_nap(account.nap);
  set.set_proxy_type(account.proxy_type);
  set.set_tnds(account.tnds);
  return set;
}

// "host:993" to its parts.
Result<void> SetServer(const std::string& flag, const std::string& text, v1::AccountSet& set) {
  const size_t colon = text.rfind(':');
  set.set_address(text.substr(0, colon));
  if (colon == std::string::npos) return {};
  uint32_t port = 0;
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return InvalidArgument(flag + " " + text + ": expected HOST or HOST:PORT");
  }
  set.set_port(port);
  return {};
}

// An account each for what comes in and what goes out.
Result<Actions> MailActions(const Account& account, const v1::AccountSet& base) {
  struct Server {
    const char* flag;
    const std::string& text;
    const char* app_id;
  };
  const Server servers[] = {{"--imap", account.imap, "143"},
                            {"--pop3", account.pop3, "110"},
                            {"--smtp", account.smtp, "25"}};
  Actions actions;
  for (const Server& server : servers) {
    if (server.text.empty()) continue;
    v1::AccountSet& set = *actions.emplace_back().mutable_account_set();
    set = base;
    set.set_app_id(server.app_id);
    if (&server.text == &account.smtp) set.set_from(account.from);
    DROVER_TRY(SetServer(server.flag, server.text, set));
  }
  if (actions.empty()) return InvalidArgument("say --imap, --pop3 or --smtp HOST[:PORT]");
  return actions;
}

Result<Actions> MakeSet(const Account& account, v1::AccountKind kind, std::istream& in) {
  std::string password;
  if (!account.password_file.empty()) {
    DROVER_TRY(password, ReadSecret(account.password_file, in));
  }
  v1::AccountSet base = Base(account, kind, password);
  if (kind == v1::MAIL) return MailActions(account, base);
  Actions actions(1);
  *actions[0].mutable_account_set() = std::move(base);
  return actions;
}

void AddReferences(CLI::App& set, const Kind& kind, Account& account) {
  if (kind.kind != v1::APN) set.add_option("--nap", account.nap, "Its access point: name or URI");
  if (kind.kind == v1::APN || kind.kind == v1::PROXY) return;
  set.add_option("--proxy", account.proxy, "The proxy that it goes through: name or URI");
}

void AddSetFlags(CLI::App& set, const Kind& kind, Account& account) {
  set.add_option("--name", account.name, "What the account is called")->required();
  if (kind.address != nullptr) set.add_option(kind.address, account.address, kind.address_help);
  if (kind.kind == v1::MAIL) {
    set.add_option("--imap", account.imap, "Mail comes from HOST[:PORT]");
    set.add_option("--pop3", account.pop3, "Mail comes from HOST[:PORT]");
    set.add_option("--smtp", account.smtp, "Mail goes to HOST[:PORT]");
    set.add_option("--from", account.from, "The sender's address");
  } else if (kind.kind != v1::APN) {
    set.add_option("--port", account.port, "Port")->check(CLI::Range(1, 65535));
  }
  if (kind.kind == v1::APN) {
    set.add_option("--dns", account.dns, "A name server; repeatable");
    set.add_option("--bearer", account.bearer, "GPRS, WCDMA, CDMA2000, .. [GPRS]");
  }
  if (kind.kind == v1::PROXY) {
    set.add_option("--type", account.proxy_type, "HTTP, WAP2, SOCKS, .. [HTTP]");
  }
  set.add_option("--user", account.user, "User name");
  set.add_option("--password-file", account.password_file, "A file with its password; - is stdin");
  set.add_option("--auth", account.auth, "PAP, CHAP; of applications BASIC, DIGEST, ..");
  AddReferences(set, kind, account);
  set.add_flag("--tnds", account.tnds, "A new account as one serialised subtree");
}

void AddSet(CLI::App& parent, Invocation& invocation, const Kind& kind) {
  const auto account = std::make_shared<Account>();
  CLI::App* const set = AddAction(parent, invocation,
                                  {.name = "set",
                                   .help = "Add an account, or change the one of that name",
                                   .make = [account, which = kind.kind, &invocation](const auto&) {
                                     return MakeSet(*account, which, invocation.console.in);
                                   }});
  AddSetFlags(*set, kind, *account);
}

void AddByName(CLI::App& parent, Invocation& invocation, const Kind& kind) {
  const auto name = std::make_shared<std::string>();
  CLI::App* const get =
      AddAction(parent, invocation,
                {.name = "get",
                 .help = "Read accounts from terminals",
                 .can_ask = false,
                 .make = [name, which = kind.kind](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_account_get()->set_kind(which);
                   actions[0].mutable_account_get()->set_name(*name);
                   return actions;
                 }});
  get->add_option("--name", *name, "Only the one of that name");
  const auto gone = std::make_shared<std::string>();
  CLI::App* const remove =
      AddAction(parent, invocation,
                {.name = "delete",
                 .help = "Delete an account",
                 .make = [gone, which = kind.kind](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_account_delete()->set_kind(which);
                   actions[0].mutable_account_delete()->set_name(*gone);
                   return actions;
                 }});
  remove->add_option("--name", *gone, "What the account is called")->required();
}

}  // namespace

void AddAccounts(CLI::App& root, Invocation& invocation) {
  for (const Kind& kind : kKinds) {
    CLI::App* const parent =
        root.add_subcommand(kind.name, std::string(kind.help) + ": set, get, delete");
    parent->require_subcommand(1);
    AddSet(*parent, invocation, kind);
    AddByName(*parent, invocation, kind);
  }
}

}  // namespace drover::cli
