#include "services/push/settings_file.h"

#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "libs/registration/profile_settings.h"

namespace drover::push {
namespace {

namespace fs = std::filesystem;

Error Bad(const YAML::Node& node, const std::string& why) {
  return InvalidArgument("line " + std::to_string(node.Mark().line + 1) + ": " + why);
}

// Reads one key each; what is read is what the key is for.
using Read = std::function<Result<void>(const YAML::Node&)>;
using Keys = std::map<std::string, Read, std::less<>>;

std::string Known(const Keys& keys) {
  std::string names;
  for (const auto& [name, read] : keys) names += (names.empty() ? "" : ", ") + name;
  return names;
}

Result<void> ReadMap(const YAML::Node& node, const Keys& keys) {
  if (!node.IsMap()) return Bad(node, "expected \"key: value\" with keys of " + Known(keys));
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>();
    const auto found = keys.find(key);
    if (found == keys.end()) {
      return Bad(entry.first, "unknown key \"" + key + "\"; there are " + Known(keys));
    }
    if (!seen.insert(key).second) return Bad(entry.first, "\"" + key + "\" is there twice");
    const Result<void> read = found->second(entry.second);
    if (!read) {
      const std::string& why = read.error().message;
      return why.starts_with("line ") ? read.error() : Bad(entry.second, key + ": " + why);
    }
  }
  return {};
}

Result<std::string> TextOf(const YAML::Node& node) {
  if (!node.IsScalar()) return InvalidArgument("expected a text");
  return node.Scalar();
}

Read Text(std::string& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(out, TextOf(node));
    return {};
  };
}

template <typename T>
Read Number(T& out, double least, double most) {
  return [&out, least, most](const YAML::Node& node) -> Result<void> {
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !(value >= least) ||
        !(value <= most) || (std::is_integral_v<T> && value != static_cast<double>(T(value)))) {
      std::ostringstream range;
      range << "expected a number from " << least << " to " << most;
      return InvalidArgument(range.str());
    }
    out = static_cast<T>(value);
    return {};
  };
}

// Hexadecimal too: "0xF5".
Read Octet(uint8_t& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string text, TextOf(node));
    char* end = nullptr;
    const unsigned long value = std::strtoul(text.c_str(), &end, 0);
    if (text.empty() || *end != '\0' || value > UINT8_MAX) {
      return InvalidArgument("expected 0 to 255, or 0x00 to 0xff");
    }
    out = static_cast<uint8_t>(value);
    return {};
  };
}

Read Bool(bool& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, out)) {
      return InvalidArgument("expected true or false");
    }
    return {};
  };
}

Result<std::chrono::milliseconds> DurationOf(const YAML::Node& node) {
  static const std::map<std::string, int64_t, std::less<>> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  DROVER_TRY(const std::string text, TextOf(node));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const auto unit = kUnits.find(std::string_view(end));
  constexpr double kMost = 400.0 * 86'400'000;
  if (end == text.c_str() || unit == kUnits.end() || !(value >= 0) ||
      value * static_cast<double>(unit->second) > kMost) {
    return InvalidArgument("expected a time such as 250ms, 10s, 5m, 2h or 7d");
  }
  return std::chrono::milliseconds(static_cast<int64_t>(value * static_cast<double>(unit->second)));
}

template <typename T>
Read Duration(T& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::chrono::milliseconds value, DurationOf(node));
    out = std::chrono::duration_cast<T>(value);
    return {};
  };
}

template <typename T>
Read Choice(T& out, std::map<std::string, T, std::less<>> choices) {
  return [&out, choices = std::move(choices)](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string text, TextOf(node));
    const auto found = choices.find(text);
    if (found != choices.end()) {
      out = found->second;
      return {};
    }
    std::string names;
    for (const auto& [name, value] : choices) names += (names.empty() ? "" : ", ") + name;
    return InvalidArgument("expected one of " + names);
  };
}

Read TextList(std::vector<std::string>& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence()) return InvalidArgument("expected a list, [a, b]");
    for (const YAML::Node& item : node) {
      DROVER_TRY(out.emplace_back(), TextOf(item));
    }
    return {};
  };
}

Read DurationList(std::vector<dispatch::Duration>& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence() || node.size() == 0) return InvalidArgument("expected a list of times");
    out.clear();
    for (const YAML::Node& item : node) {
      DROVER_TRY(const std::chrono::milliseconds value, DurationOf(item));
      out.emplace_back(value);
    }
    return {};
  };
}

// A file's name, relative to the folder of the one that names it.
Read File(std::string& out, const fs::path& folder) {
  return [&out, folder](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string name, TextOf(node));
    out = (folder / name).string();
    if (!fs::exists(out)) return InvalidArgument("there is no file " + out);
    return {};
  };
}

Read Secret(std::string& out, const fs::path& folder) {
  return [&out, folder](const YAML::Node& node) -> Result<void> {
    DROVER_TRY(const std::string name, TextOf(node));
    std::ifstream file(folder / name);
    if (!file) return InvalidArgument("cannot read the file " + (folder / name).string());
    std::getline(file, out, '\0');
    out.erase(out.find_last_not_of(" \t\r\n") + 1);
    return {};
  };
}

Keys KeysOfLink(SmscLink& link, const fs::path& folder) {
  return {
      {"host", Text(link.host)},
      {"port", Number(link.port, 1, 65'535)},
      {"tls", Bool(link.tls)},
      {"ca_file", File(link.ca_file, folder)},
      {"certificate_file", File(link.certificate_file, folder)},
      {"key_file", File(link.key_file, folder)},
      {"server_name", Text(link.server_name)},
      {"bind_mode", Choice<smpp::BindMode>(link.mode, {{"trx", smpp::BindMode::kTransceiver},
                                                       {"tx_rx", smpp::BindMode::kTransmitter}})},
      {"version",
       Choice<uint8_t>(link.version, {{"3.4", smpp::kVersion34}, {"5.0", smpp::kVersion50}})},
      {"system_id", Text(link.system_id)},
      {"password_file", Secret(link.password, folder)},
      {"system_type", Text(link.system_type)},
      {"binds", Number(link.binds, 1, 64)},
      {"window", Number(link.window, 1, 100'000)},
      {"enquire", Duration(link.enquire)},
      {"response", Duration(link.response)},
  };
}

Keys KeysOfRules(dispatch::SmscOptions& rules) {
  using dispatch::AlertMode;
  using dispatch::Gate;
  return {
      {"name", Text(rules.name)},
      {"gate", Choice<Gate>(rules.gate, {{"transaction", Gate::kTransaction},
                                         {"accept", Gate::kAccept},
                                         {"burst", Gate::kBurst},
                                         {"receipt", Gate::kReceipt}})},
      {"whole_push", Bool(rules.whole_push)},
      {"receipts", Bool(rules.receipts)},
      {"accept_is_delivered", Bool(rules.accept_is_delivered)},
      {"query", Bool(rules.can_query)},
      {"cancel", Bool(rules.can_cancel)},
      {"alert", Choice<AlertMode>(rules.alert, {{"off", AlertMode::kOff},
                                                {"mo", AlertMode::kMobileOriginated},
                                                {"dpf", AlertMode::kDeliveryPendingFlag}})},
      {"receipt_after", Duration(rules.t_rcpt)},
      {"tps", Number(rules.segments_per_second, 0, 1e6)},
      {"max_started_groups", Number(rules.max_started_groups, 0, 1e6)},
  };
}

Keys KeysOfMessages(Smsc& smsc) {
  return {
      {"source", Text(smsc.source)},
      {"source_ton", Octet(smsc.source_ton)},
      {"source_npi", Octet(smsc.source_npi)},
      {"destination_ton", Octet(smsc.destination_ton)},
      {"destination_npi", Octet(smsc.destination_npi)},
      {"data_coding", Octet(smsc.data_coding)},
      {"protocol_id", Octet(smsc.protocol_id)},
      {"more_messages", Bool(smsc.more_messages)},
      {"text_packed", Bool(smsc.text_packed)},
      {"validity", Choice<Validity>(smsc.validity, {{"relative", Validity::kRelative},
                                                    {"absolute", Validity::kAbsolute},
                                                    {"none", Validity::kNone}})},
      {"prefixes", TextList(smsc.prefixes)},
      {"id_map",
       [&smsc](const YAML::Node& node) -> Result<void> {
         DROVER_TRY(const std::string name, TextOf(node));
         const std::optional<smpp::IdMap> map = smpp::ParseIdMap(name);
         if (!map) {
           return InvalidArgument(
               "expected exact, hex_resp_dec_dlr, dec_resp_hex_dlr, strip_zeros or casefold");
         }
         smsc.id_map = *map;
         return {};
       }},
      {"statuses",
       [&smsc](const YAML::Node& node) -> Result<void> {
         DROVER_TRY(const std::string text, TextOf(node));
         DROVER_TRY(smsc.statuses, smpp::StatusTable::Parse(text));
         return {};
       }},
  };
}

Result<void> CheckSmsc(const YAML::Node& node, const Smsc& smsc) {
  const dispatch::SmscOptions& rules = smsc.rules;
  if (rules.name.empty()) return Bad(node, "an SMSC without name");
  if (smsc.link.host.empty()) return Bad(node, "SMSC " + rules.name + ": no host");
  if (smsc.link.system_id.empty()) return Bad(node, "SMSC " + rules.name + ": no system_id");
  if (smsc.source.empty() || smsc.source.size() > dispatch::kMostOriginatorOctets - 1) {
    return Bad(node, "SMSC " + rules.name + ": source: 1 to 20 characters");
  }
  if (rules.gate == dispatch::Gate::kReceipt && !rules.receipts) {
    return Bad(node, "SMSC " + rules.name + ": gate receipt needs receipts: true");
  }
  if (smsc.link.certificate_file.empty() != smsc.link.key_file.empty()) {
    return Bad(node, "SMSC " + rules.name + ": certificate_file and key_file go together");
  }
  return {};
}

Result<void> ReadSmsc(const YAML::Node& node, const fs::path& folder, Smsc& smsc) {
  Keys keys = KeysOfLink(smsc.link, folder);
  keys.merge(KeysOfRules(smsc.rules));
  keys.merge(KeysOfMessages(smsc));
  DROVER_TRY(ReadMap(node, keys));
  smsc.rules.t_resp = smsc.link.response;
  return CheckSmsc(node, smsc);
}

Read Smscs(Settings& settings, const fs::path& folder) {
  return [&settings, folder](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence()) return InvalidArgument("expected a list of SMSCs");
    if (node.size() > dispatch::kMostSmscs) return InvalidArgument("at most 64 SMSCs");
    std::set<std::string> names;
    for (const YAML::Node& item : node) {
      Smsc& smsc = settings.smscs.emplace_back();
      DROVER_TRY(ReadSmsc(item, folder, smsc));
      if (!names.insert(smsc.rules.name).second) {
        return Bad(item, "two SMSCs have the name " + smsc.rules.name);
      }
    }
    return {};
  };
}

Keys KeysOfSchedule(Settings& settings) {
  dispatch::Options& schedule = settings.schedule;
  return {
      {"mode", Choice<dispatch::Mode>(schedule.mode, {{"transaction", dispatch::Mode::kTransaction},
                                                      {"naive", dispatch::Mode::kNaive}})},
      {"notification", Duration(schedule.t_group_notification)},
      {"bootstrap", Duration(schedule.t_group_bootstrap)},
      {"service", Duration(schedule.t_group_service)},
      {"fast_retries", Number(schedule.fast_retries, 0, 100)},
      {"fast_retry_after", Duration(schedule.fast_retry_after)},
      {"backoff", DurationList(schedule.backoff)},
      {"reassembly", Duration(schedule.t_reasm)},
      {"alert_after", Duration(schedule.alert_after)},
      {"failover_after", Duration(schedule.failover_after)},
      {"ref_bits", Choice<uint8_t>(settings.ref_bits, {{"8", 8}, {"16", 16}})},
      {"ref_quarantine_16", Duration(schedule.ref_quarantine_16)},
      {"ref_quarantine_8", Duration(schedule.ref_quarantine_8)},
      {"max_segments", Number(settings.most_segments, 1, dispatch::kMostSegments)},
  };
}

// Nested keys become "confirm.enabled", lists "a,b": what libs/registration reads.
void Flatten(const YAML::Node& node, const std::string& prefix,
             std::vector<registration::Setting>& out) {
  if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>();
      Flatten(entry.second, prefix.empty() ? key : prefix + "." + key, out);
    }
    return;
  }
  std::string value;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) value += (value.empty() ? "" : ",") + item.Scalar();
  } else if (node.IsScalar()) {
    value = node.Scalar();
  }
  out.push_back({prefix, std::move(value)});
}

Read Profiles(std::vector<registration::Profile>& profiles) {
  return [&profiles](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence()) return InvalidArgument("expected a list of profiles");
    for (const YAML::Node& item : node) {
      if (!item.IsMap() || !item["name"]) return Bad(item, "a profile without name");
      std::vector<registration::Setting> settings;
      Flatten(item, "", settings);
      std::erase_if(settings, [](const auto& setting) { return setting.key == "name"; });
      const Result<registration::Profile> profile =
          registration::ParseProfile(item["name"].Scalar(), settings);
      if (!profile) return Bad(item, profile.error().message);
      profiles.push_back(*profile);
    }
    return {};
  };
}

Keys KeysOfRegistration(RegistrationSettings& settings) {
  return {
      {"country_code", Text(settings.numbering.country_code)},
      {"trunk_prefix", Text(settings.numbering.trunk_prefix)},
      {"national_digits", Number(settings.numbering.national_digits, 0, 15)},
      {"dedup_window", Duration(settings.rules.dedup_window)},
      {"confirm_rate", Number(settings.confirmations_per_second, 0.1, 1e6)},
      {"profiles", Profiles(settings.profiles)},
  };
}

Keys KeysOfAccount(Account& account, const fs::path& folder) {
  return {
      {"name", Text(account.name)},
      {"password_file", Secret(account.password, folder)},
      {"certificate_name", Text(account.certificate_name)},
      {"prefixes", TextList(account.prefixes)},
      {"rate", Number(account.rate, 0, 1e6)},
      {"max_priority",
       Choice<dispatch::Priority>(account.max_priority, {{"low", dispatch::Priority::kLow},
                                                         {"medium", dispatch::Priority::kMedium},
                                                         {"high", dispatch::Priority::kHigh}})},
      {"notify_hosts", TextList(account.notify_hosts)},
  };
}

Result<void> CheckAccount(const YAML::Node& node, const Account& account) {
  constexpr char kReserved[] = "grpc";  // Pushes that came over gRPC are of that account.
  constexpr size_t kMostOctets = 128;
  if (account.name.empty() || account.name.size() > kMostOctets ||
      account.name.find(':') != std::string::npos) {
    return Bad(node, "an account's name: 1 to 128 octets without \":\"");
  }
  if (account.name == kReserved) return Bad(node, "an account may not be named grpc");
  if (account.password.empty() && account.certificate_name.empty()) {
    return Bad(node, "account " + account.name + ": give password_file or certificate_name");
  }
  return {};
}

Read Accounts(std::vector<Account>& accounts, const fs::path& folder) {
  return [&accounts, folder](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence()) return InvalidArgument("expected a list of accounts");
    std::set<std::string> names, certificates;
    for (const YAML::Node& item : node) {
      Account& account = accounts.emplace_back();
      DROVER_TRY(ReadMap(item, KeysOfAccount(account, folder)));
      DROVER_TRY(CheckAccount(item, account));
      const std::string& certificate = account.certificate_name;
      if (!names.insert(account.name).second ||
          (!certificate.empty() && !certificates.insert(certificate).second)) {
        return Bad(item, "account " + account.name + ": its name or certificate is there twice");
      }
    }
    return {};
  };
}

Keys KeysOfGateway(GatewaySettings& gateway) {
  return {
      {"lenient_address", Bool(gateway.lenient_address)},
      {"max_addresses", Number(gateway.max_addresses, 1, 10'000)},
      {"networks", TextList(gateway.networks)},
  };
}

Read Section(const Keys& keys) {
  return [keys](const YAML::Node& node) { return ReadMap(node, keys); };
}

}  // namespace

Result<Settings> ReadSettings(const std::string& yaml, const fs::path& folder) {
  Settings settings;
  try {
    const YAML::Node root = YAML::Load(yaml);
    DROVER_TRY(ReadMap(root, {{"smscs", Smscs(settings, folder)},
                              {"schedule", Section(KeysOfSchedule(settings))},
                              {"registration", Section(KeysOfRegistration(settings.registration))},
                              {"accounts", Accounts(settings.accounts, folder)},
                              {"pap", Section(KeysOfGateway(settings.gateway))}}));
  } catch (const YAML::Exception& error) {
    return InvalidArgument("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  if (settings.smscs.empty()) return InvalidArgument("smscs: at least one is needed");
  for (const Smsc& smsc : settings.smscs) settings.schedule.smscs.push_back(smsc.rules);
  return settings;
}

Result<Settings> LoadSettings(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return InvalidArgument("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  Result<Settings> settings = ReadSettings(text.str(), file.parent_path());
  if (!settings) return InvalidArgument(file.string() + ": " + settings.error().message);
  return settings;
}

}  // namespace drover::push
