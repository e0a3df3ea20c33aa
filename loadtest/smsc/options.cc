#include "loadtest/smsc/options.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "loadtest/scenario/units.h"

namespace drover::smsc {
namespace {

template <typename T>
using Names = std::initializer_list<std::pair<std::string_view, T>>;

template <typename T>
Result<void> OneOf(const char* option, std::string_view text,
                   const std::type_identity_t<Names<T>>& names, T& out) {
  std::string known;
  for (const auto& [name, value] : names) {
    if (name == text) {
      out = value;
      return {};
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return InvalidArgument(std::string(option) + ": \"" + std::string(text) + "\" is not one of " +
                         known);
}

template <typename T>
Result<T> Named(const char* option, Result<T> result) {
  if (result) return result;
  return InvalidArgument(std::string(option) + ": " + result.error().message);
}

Result<void> Time(const char* option, const std::string& text, Span& out) {
  DROVER_TRY(const auto time, Named(option, scenario::ParseDuration(text)));
  out = std::chrono::duration_cast<Span>(time);
  return {};
}

Result<double> Seconds(const char* option, const std::string& text) {
  DROVER_TRY(const auto time, Named(option, scenario::ParseDuration(text)));
  return std::chrono::duration<double>(time).count();
}

Result<RadioSettings> RadioFrom(const CommandLine& line) {
  RadioSettings radio = line.instant ? InstantRadio() : RadioSettings{};
  DROVER_TRY(radio.profile.loss, Named("--loss", scenario::ParseShare(line.loss)));
  DROVER_TRY(radio.ack_loss, Named("--ack-loss", scenario::ParseShare(line.ack_loss)));
  DROVER_TRY(radio.profile.present_s, Seconds("--present", line.present));
  DROVER_TRY(radio.profile.absent_s, Seconds("--absent", line.absent));
  if ((radio.profile.present_s > 0) != (radio.profile.absent_s > 0)) {
    return InvalidArgument("--present and --absent: say both, or none (always there)");
  }
  if (!line.instant) {
    DROVER_TRY(radio.profile.busy, Named("--busy", scenario::ParseShare(line.busy)));
  }
  return radio;
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> pieces;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

Result<void> SetForms(const CommandLine& line, Settings& settings) {
  const Names<IdForm> forms{{"hex", IdForm::kHex},
                            {"HEX", IdForm::kUpperHex},
                            {"dec", IdForm::kDecimal},
                            {"padded", IdForm::kPadded}};
  DROVER_TRY(OneOf("--id-format", line.id_format, forms, settings.id_form));
  const std::string& receipt =
      line.receipt_id_format.empty() ? line.id_format : line.receipt_id_format;
  DROVER_TRY(OneOf("--receipt-id-format", receipt, forms, settings.receipt_id_form));
  return OneOf(
      "--receipts", line.receipts,
      {{"text", ReceiptForm::kText}, {"tlv", ReceiptForm::kTlv}, {"both", ReceiptForm::kBoth}},
      settings.receipt_form);
}

// "4999=0x0b", "4999=11"
Result<void> AddRefusal(const std::string& text, Settings& settings) {
  const size_t equals = text.find('=');
  std::string_view number = equals == text.npos ? "" : std::string_view(text).substr(equals + 1);
  const int base = number.starts_with("0x") ? 16 : 10;
  if (base == 16) number.remove_prefix(2);
  uint32_t status = 0;
  const char* const end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, status, base);
  if (number.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
    return InvalidArgument("--refuse: \"" + text + "\": expected PREFIX=STATUS, as in 4999=0x0b");
  }
  settings.refusals.emplace_back(text.substr(0, equals), static_cast<smpp::CommandStatus>(status));
  return {};
}

// Message ids that a run before this one has hardly given out: at most 10 digits.
uint64_t FirstId(TimePoint now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return static_cast<uint64_t>(seconds.count() % 40'000) * 100'000 + 1;
}

Result<Settings> SettingsFrom(const CommandLine& line, TimePoint now) {
  Settings settings;
  settings.seed = line.seed;
  DROVER_TRY(settings.radio, RadioFrom(line));
  for (const std::string& text : Split(line.retries)) {
    DROVER_TRY(Time("--retries", text, settings.retries.emplace_back()));
  }
  settings.attempts = line.attempts;
  DROVER_TRY(Time("--validity", line.validity, settings.validity));
  settings.resume_on_return = line.resume_on_return;
  settings.fast_retries = line.fast_retries;
  DROVER_TRY(Time("--answer-after", line.answer_after, settings.answer_after));
  DROVER_TRY(Time("--receipt-after", line.receipt_after, settings.receipt_after));
  DROVER_TRY(SetForms(line, settings));
  settings.alerts = line.alerts;
  settings.first_id = line.first_id > 0 ? line.first_id : FirstId(now);
  settings.throttle_every = line.throttle_every;
  DROVER_TRY(settings.throttle_above,
             Named("--throttle-above", scenario::ParseRate(line.throttle_above)));
  settings.queue_limit = line.queue_limit;
  for (const std::string& text : line.refuse) DROVER_TRY(AddRefusal(text, settings));
  settings.keep_messages = settings.keep_final = line.keep;
  return settings;
}

Result<smpp::SessionSettings> SessionFrom(const CommandLine& line) {
  smpp::SessionSettings session;
  session.role = smpp::Role::kSmsc;
  session.system_id = line.system_id;
  session.window = line.window;
  session.peer_window = 1'000'000;  // Transactions are held for long.
  DROVER_TRY(
      OneOf("--version", line.version,
            {{"3.3", smpp::kVersion33}, {"3.4", smpp::kVersion34}, {"5.0", smpp::kVersion50}},
            session.interface_version));
  Span enquire{};
  DROVER_TRY(Time("--enquire-after", line.enquire_after, enquire));
  session.enquire_after = std::chrono::duration_cast<std::chrono::milliseconds>(enquire);
  DROVER_TRY(smpp::Validate(session));
  return session;
}

void AddRadio(CLI::App& app, CommandLine& line) {
  const std::string group = "Radio";
  const auto option = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->group(group)->capture_default_str();
  };
  option("--seed", line.seed, "Draws the same outcomes again");
  app.add_option("--time-scale", line.time_scale, "Simulated seconds that pass in a real one")
      ->group(group)
      ->check(CLI::Range(0.001, 100'000.0))
      ->capture_default_str();
  option("--loss", line.loss, "Share of attempts lost while the terminal is there");
  option("--ack-loss", line.ack_loss, "Share of deliveries that the SMSC takes for lost");
  option("--present", line.present, "Mean time that terminals are there at a stretch");
  option("--absent", line.absent, "Mean time that they are away; both 0s: always there");
  option("--busy", line.busy, "Share of attempts refused while another one is under way");
  app.add_flag("--instant", line.instant, "Nothing takes time on air")->group(group);
}

void AddBehaviour(CLI::App& app, CommandLine& line) {
  const std::string group = "Message centre";
  const auto option = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->group(group)->capture_default_str();
  };
  option("--retries", line.retries, "Pauses between attempts; the last one repeats");
  option("--attempts", line.attempts, "Attempts for a message; 0: until it expires");
  option("--validity", line.validity, "Of messages that do not say");
  app.add_flag("--resume-on-return", line.resume_on_return,
               "A terminal that returns is tried at once")
      ->group(group);
  option("--fast-retries", line.fast_retries, "Of a segment that was cut here, in a transaction");
  option("--answer-after", line.answer_after, "Delay of answers to submissions");
  option("--receipt-after", line.receipt_after, "Delay of receipts");
  option("--id-format", line.id_format, "Message ids in answers: hex, HEX, dec, padded");
  app.add_option("--receipt-id-format", line.receipt_id_format, "And in receipts, if otherwise")
      ->group(group);
  option("--receipts", line.receipts, "Form of receipts: text, tlv, both");
  app.add_flag("!--no-alerts", line.alerts, "No alert_notification, whatever set_dpf asks")
      ->group(group);
  option("--first-id", line.first_id, "Of messages; 0: by the clock");
  option("--throttle-every", line.throttle_every, "Every n-th submission is throttled; 0: none");
  option("--throttle-above", line.throttle_above, "Submissions throttled above this; 0/s: none");
  option("--queue-limit", line.queue_limit, "Messages waiting for one terminal");
  app.add_option("--refuse", line.refuse, "PREFIX=STATUS: terminals whose messages are refused")
      ->group(group);
  option("--keep", line.keep, "Messages and outcomes that are remembered");
  app.add_option("--journal", line.journal, "File that it goes on from after a kill; empty: none")
      ->group(group);
}

void AddFaults(CLI::App& app, CommandLine& line) {
  const std::string group = "Faults";
  const auto option = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->group(group)->capture_default_str();
  };
  option("--answer", line.answer,
         "How submissions are answered: proper, nothing, half, garbage, huge-length");
  option("--answer-from", line.answer_from, "So many are answered properly first");
  option("--unknown-receipts", line.unknown_receipts, "Sent to every bind that receives");
}

}  // namespace

void AddOptions(CLI::App& app, CommandLine& line) {
  const auto option = [&](const char* name, auto& value, const char* help) {
    return app.add_option(name, value, help)->capture_default_str();
  };
  option("--smpp", line.smpp, "Where ESMEs connect to; port 0: any");
  option("--http", line.http, "Where the ledger is asked for; port 0: any");
  app.add_option("--account", line.accounts, "SYSTEM_ID:PASSWORD that may bind; none: any may");
  option("--binds-per-account", line.binds_per_account, "More are refused; 0: any number");
  option("--system-id", line.system_id, "Its own, in answers to binds");
  option("--version", line.version, "Of SMPP: 3.3, 3.4, 5.0");
  option("--window", line.window, "deliver_sm outstanding for each bind");
  option("--enquire-after", line.enquire_after, "Silence before an enquire_link");
  AddRadio(app, line);
  AddBehaviour(app, line);
  AddFaults(app, line);
}

Result<SimulatorOptions> OptionsFrom(const CommandLine& line, TimePoint now) {
  SimulatorOptions options;
  options.listen = line.smpp;
  DROVER_TRY(options.settings, SettingsFrom(line, now));
  DROVER_TRY(options.session, SessionFrom(line));
  options.time_scale = line.time_scale;
  options.journal = line.journal;
  for (const std::string& account : line.accounts) {
    const size_t colon = account.find(':');
    if (colon == account.npos) {
      return InvalidArgument("--account: \"" + account + "\": expected SYSTEM_ID:PASSWORD");
    }
    options.accounts[account.substr(0, colon)] = account.substr(colon + 1);
  }
  options.binds_per_account = line.binds_per_account;
  const auto answer = ParseAnswerMode(line.answer);
  if (!answer) {
    return InvalidArgument("--answer: \"" + line.answer +
                           "\" is not one of proper, nothing, half, garbage, huge-length");
  }
  options.answer = *answer;
  options.answer_from = line.answer_from;
  options.unknown_receipts = line.unknown_receipts;
  return options;
}

}  // namespace drover::smsc
