#include "services/push/settings_file.h"

#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

#include "libs/base/bytes.h"
#include "libs/registration/profile_settings.h"
#include "libs/smpp/tlv.h"
#include "services/push/yaml_keys.h"

namespace drover::push {
namespace {

namespace fs = std::filesystem;

using yaml::Bad;
using yaml::Bool;
using yaml::Choice;
using yaml::Duration;
using yaml::File;
using yaml::Keys;
using yaml::Number;
using yaml::Octet;
using yaml::Read;
using yaml::ReadMap;
using yaml::Secret;
using yaml::Section;
using yaml::Text;
using yaml::TextList;
using yaml::TextOf;

Read DurationList(std::vector<dispatch::Duration>& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsSequence() || node.size() == 0) return InvalidArgument("expected a list of times");
    out.clear();
    for (const YAML::Node& item : node) {
      DROVER_TRY(const std::chrono::milliseconds value, yaml::DurationOf(item));
      out.emplace_back(value);
    }
    return {};
  };
}

// What submissions say by themselves: nobody else may.
bool IsOurs(smpp::Tag tag) {
  using enum smpp::Tag;
  switch (tag) {
    case kSourcePort:
    case kDestinationPort:
    case kSarMsgRefNum:
    case kSarTotalSegments:
    case kSarSegmentSeqnum:
    case kMessagePayload:
    case kMoreMessagesToSend:
    case kSetDpf:
      return true;
    default:
      return false;
  }
}

Result<uint32_t> NumberOf(std::string_view text, uint32_t most) {
  uint32_t value = 0;
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.end() || value > most) {
    return InvalidArgument("expected a number up to " + std::to_string(most) +
                           ", decimal or as 0x1f");
  }
  return value;
}

// The octets that "hex:0a0b", "text:abc", "u8:1", "u16:1" or "u32:1" stands for.
Result<std::string> TlvValue(std::string_view written) {
  const size_t colon = std::min(written.find(':'), written.size());
  const std::string_view kind = written.substr(0, colon);
  const std::string_view value = written.substr(std::min(colon + 1, written.size()));
  if (kind == "hex") return base::FromHex(value);
  if (kind == "text") return std::string(value) + '\0';
  for (const size_t octets : {1, 2, 4}) {
    if (kind != "u" + std::to_string(octets * 8)) continue;
    const auto most = static_cast<uint32_t>((uint64_t{1} << (octets * 8)) - 1);
    DROVER_TRY(const uint32_t number, NumberOf(value, most));
    return base::BigEndian64(number).substr(8 - octets);
  }
  return InvalidArgument("expected hex:.., text:.., u8:.., u16:.. or u32:..");
}

// "0x1403: hex:0a0b": what every submit_sm carries besides.
Read OtherTlvs(std::string& out) {
  return [&out](const YAML::Node& node) -> Result<void> {
    if (!node.IsMap()) return InvalidArgument("expected {0x1403: \"hex:0a0b\"}");
    smpp::TlvWriter writer(out);
    for (const auto& entry : node) {
      DROVER_TRY(const std::string key, TextOf(entry.first));
      DROVER_TRY(const uint32_t number, NumberOf(key, UINT16_MAX));
      const auto tag = static_cast<smpp::Tag>(number);
      if (IsOurs(tag)) {
        return InvalidArgument(key + " (" + std::string(smpp::Name(tag)) +
                               ") is said by each message itself");
      }
      DROVER_TRY(const std::string written, TextOf(entry.second));
      const Result<std::string> value = TlvValue(written);
      if (!value) return InvalidArgument(key + ": " + value.error().message);
      writer.Octets(tag, *value);
    }
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
      {"segmentation",
       Choice<Segmentation>(smsc.segmentation, {{"udh", Segmentation::kUdh},
                                                {"sar", Segmentation::kSar},
                                                {"payload", Segmentation::kPayload}})},
      {"tlvs", OtherTlvs(smsc.tlvs)},
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
  smsc.rules.whole_push = smsc.segmentation == Segmentation::kPayload;
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
      {"tps", Number(schedule.segments_per_second, 0, 1e6)},
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

using notification::Initiator;
using notification::UiMode;

Keys KeysOfNotification(NotificationStyle& style) {
  return {
      {"ui_mode", Choice<UiMode>(style.ui_mode, {{"unspecified", UiMode::kNotSpecified},
                                                 {"background", UiMode::kBackground},
                                                 {"informative", UiMode::kInformative},
                                                 {"interaction", UiMode::kUserInteraction}})},
      {"initiator", Choice<Initiator>(style.initiator, {{"server", Initiator::kServer},
                                                        {"client", Initiator::kClient}})},
      {"version", Choice<uint16_t>(style.version, {{"1.1", 11}, {"1.2", 12}, {"1.3", 13}})},
  };
}

// What no line is to blame for alone.
Result<void> CheckTogether(const Settings& settings) {
  if (settings.smscs.empty()) return InvalidArgument("smscs: at least one is needed");
  for (const Smsc& smsc : settings.smscs) {
    if (smsc.segmentation == Segmentation::kSar && settings.ref_bits != 16) {
      return InvalidArgument("SMSC " + smsc.rules.name +
                             ": segmentation sar needs ref_bits 16, which its TLV has");
    }
  }
  return {};
}

}  // namespace

Result<Settings> ReadSettings(const std::string& yaml, const fs::path& folder) {
  Settings settings;
  try {
    const YAML::Node root = YAML::Load(yaml);
    DROVER_TRY(ReadMap(root, {{"smscs", Smscs(settings, folder)},
                              {"schedule", Section(KeysOfSchedule(settings))},
                              {"notification", Section(KeysOfNotification(settings.notification))},
                              {"registration", Section(KeysOfRegistration(settings.registration))},
                              {"accounts", Accounts(settings.accounts, folder)},
                              {"pap", Section(KeysOfGateway(settings.gateway))}}));
  } catch (const YAML::Exception& error) {
    return InvalidArgument("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  DROVER_TRY(CheckTogether(settings));
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
