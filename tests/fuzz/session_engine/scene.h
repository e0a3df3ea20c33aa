// The small world of one input: configuration, account, traits, and the work that waits.
#pragma once
#include <string>
#include <utility>

#include "libs/dmauth/credentials.h"
#include "libs/notification/package0.h"
#include "tests/fuzz/session_engine/input.h"
#include "tests/fuzz/session_engine/operations_model.h"

namespace drover::session::fuzz {

inline constexpr std::string_view kTerminal = "IMEI:493005100592800";

struct Secrets {  // Digested once: an input decides only which of them hold.
  std::string client = dmauth::A1(kTerminal, "clientpw");
  std::string next_client = dmauth::A1(kTerminal, "nextpw");
  std::string wrong = dmauth::A1(kTerminal, "wrong");
  std::string server = dmauth::A1("drover", "srvpw");
  std::string next_server = dmauth::A1("drover", "nextsrv");
};
inline const Secrets& AllSecrets() {
  static const Secrets secrets;
  return secrets;
}

inline Support SupportOf(Input& in) { return static_cast<Support>(in.Below(3)); }

inline Traits TraitsOf(Input& in) {
  Traits traits;
  if (in.Bit()) return traits;
  traits.large_objects = SupportOf(in);
  traits.atomic = SupportOf(in);
  traits.copy = SupportOf(in);
  traits.prompts = SupportOf(in);
  traits.sequence = SupportOf(in);
  const uint8_t bits = in.Octet();
  if ((bits & 1) != 0) traits.max_msg_size = 3000;
  if ((bits & 2) != 0) traits.max_obj_size = 2000;
  if ((bits & 4) != 0) traits.prompt_text_limit = 4;
  traits.no_correlator = (bits & 8) != 0;
  traits.no_resp_uri = (bits & 16) != 0;
  traits.binary_as_b64 = (bits & 32) != 0;
  traits.no_add_replace_in_atomic = (bits & 64) != 0;
  traits.cancel_ends_session = (bits & 128) != 0;
  return traits;
}

inline Account AccountOf(Input& in) {
  const Secrets& secrets = AllSecrets();
  Account account;
  account.user = kTerminal;
  account.client_a1 = secrets.client;
  account.server_a1 = secrets.server;
  account.server_password = "srvpw";
  account.client_nonce = "enrolment-client";
  account.server_nonce = "enrolment-server";
  const uint8_t bits = in.Octet();
  account.client_scheme = static_cast<dmauth::Scheme>((bits & 3) % 3);
  if ((bits & 4) != 0) account.server_scheme = static_cast<dmauth::Scheme>(bits / 8 % 3);
  if ((bits & 32) != 0) {
    account.next_client_a1 = secrets.next_client;
    account.next_password = "nextpw";
  }
  if ((bits & 64) != 0) {
    account.next_server_a1 = secrets.next_server;
    account.next_server_password = "nextsrv";
  }
  account.enabled = bits != 255;
  account.traits = TraitsOf(in);
  return account;
}

inline ExchangeConfig ConfigOf(Input& in) {
  ExchangeConfig config;
  static constexpr std::array<uint64_t, 3> kMessages = {16'384, 65'536, 2'500};
  config.max_msg_size = in.Of(kMessages);
  config.max_obj_size = in.Bit() ? 2'000 : 20'000;
  config.operations_at_once = 1 + in.Below(4);
  config.max_messages = 6 + in.Below(20);
  if (in.Bit()) config.resp_uri = "https://dm.example.com/dm?at=1";
  return config;
}

inline Prompt PromptOf(Input& in) {
  Prompt prompt;
  prompt.kind = static_cast<Prompt::Kind>(in.Below(5));
  prompt.text = "Really?";
  prompt.max_display_s = in.Below(3) * 30;
  if (in.Bit()) prompt.default_response = "a b&c";
  for (uint32_t n = in.Below(3); n > 0; --n) prompt.choices.push_back("choice");
  return prompt;
}

inline CommandSpec CommandOf(Input& in) {
  static constexpr std::array<std::string_view, 8> kTargets = {"./A/B",
                                                               "./A/C",
                                                               "./FUMO/P1/Update",
                                                               "./A/B?prop=ACL",
                                                               "./A?list=StructData",
                                                               "./V/Reset",
                                                               "./A?list=TNDS",
                                                               "./DMAcc/1/AppAuth/1/AAuthSecret"};
  static constexpr std::array<std::string_view, 6> kFormats = {"chr", "b64",  "bin",
                                                               "",    "node", "xml"};
  CommandSpec command;
  command.verb = static_cast<Verb>(in.Below(7));
  if (command.verb == Verb::kPrompt) {
    command.prompt = PromptOf(in);
  } else {
    command.target = in.Of(kTargets);
    if (command.verb == Verb::kCopy) command.source = "./A/D";
  }
  if (command.verb == Verb::kReplace || command.verb == Verb::kAdd) {
    command.format = in.Of(kFormats);
    command.type = "text/plain";
    if (in.Below(8) == 7) {
      command.secret = in.Bit() ? Secret::kNextPassword : Secret::kNextServerPassword;
    } else if (command.format != "node") {
      command.data = ValueFor(in);
    }
  }
  const bool may = command.verb != Verb::kGet && command.verb != Verb::kExec;
  if (may) command.atomic = in.Below(4) == 3 ? 1 + in.Below(2) : 0;
  return command;
}

inline void SubmitWork(Input& in, OperationsModel& operations) {
  static constexpr std::array<std::string_view, 8> kIds = {"a", "b", "c", "d", "e", "f", "g", "h"};
  const uint32_t count = 1 + in.Below(5);
  for (uint32_t i = 0; i < count; ++i) {
    Assignment assignment;
    assignment.operation = OperationId(std::string(kIds[i]));
    assignment.correlator = assignment.operation.value();
    const uint8_t shape = in.Octet();
    assignment.uncertain = shape >= 192;
    const uint32_t commands = 1 + (shape % 64 == 63 ? 30 : shape % 4);
    for (uint32_t k = 0; k < commands; ++k) assignment.commands.push_back(CommandOf(in));
    operations.Submit(std::move(assignment));
  }
}

}  // namespace drover::session::fuzz
