#include "services/session/adapters/state_codec.h"

#include <gtest/gtest.h>

namespace drover::session {
namespace {

SessionState Sample() {
  SessionState session;
  session.version = 7;
  session.session_id = "A7";
  session.key = "A7@1";
  session.encoding = syncml::Encoding::kWbxml;
  session.ver_proto = "DM/1.2";
  session.client_msg_id = 2;
  session.response = std::string("\x02\xA4\x00", 3);
  session.server_scheme = dmauth::Scheme::kMd5;
  HeldOperation held;
  held.assignment.operation = OperationId("op");
  held.assignment.correlator = "op";
  held.assignment.commands.push_back(
      {Verb::kReplace, "./NAP/1/ADDR", "", "chr", "text/plain", std::string("")});
  held.assignment.commands.push_back({Verb::kGet, "./DevInfo/Man", "", "", "", std::nullopt});
  held.results.push_back({0, 200, {{"./a", "chr", "", "x"}}, "1", "2", true, 507});
  session.operations.push_back(held);
  session.sent.push_back({SentCommand::Role::kVerify, 3, 4, 0, 1, 404, {}});
  return session;
}

TEST(EncodeSession, RoundTripsWhatASessionHolds) {
  const SessionState session = Sample();
  const std::optional<SessionState> back = DecodeSession(EncodeSession(session));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->version, 7U);
  EXPECT_EQ(back->session_id, "A7");
  EXPECT_EQ(back->encoding, syncml::Encoding::kWbxml);
  EXPECT_EQ(back->response, session.response);
  EXPECT_EQ(back->server_scheme, dmauth::Scheme::kMd5);
  ASSERT_EQ(back->operations.size(), 1U);
  const HeldOperation& held = back->operations[0];
  EXPECT_EQ(held.assignment.commands[0].data, "");
  EXPECT_EQ(held.assignment.commands[1].data, std::nullopt);
  EXPECT_EQ(held.results[0].values[0].data, "x");
  EXPECT_TRUE(held.results[0].verified);
  EXPECT_EQ(held.results[0].atomic_status, 507U);
  EXPECT_EQ(back->sent[0].role, SentCommand::Role::kVerify);
  EXPECT_EQ(back->sent[0].status, 404U);
}

TEST(EncodeSession, RoundTripsObjectsPromptsAndTraits) {
  SessionState session = Sample();
  session.traits.atomic = Support::kNo;
  session.traits.prompt_text_limit = 100;
  session.large_objects = Support::kYes;
  session.patience = std::chrono::seconds(90);
  session.untouched = {"a", "b"};
  session.outgoing = Outgoing{100, 50, 1};
  Incoming incoming;
  incoming.uri = "./Log";
  incoming.size = 26;
  incoming.data = std::string("a\0b", 3);
  incoming.refused = true;
  session.no_more_commands = true;
  session.incoming = incoming;
  session.sent.push_back({SentCommand::Role::kProbe, 3, 5, 0, 0, 0, {}});
  CommandSpec prompt{.verb = Verb::kPrompt, .atomic = 2};
  prompt.prompt = Prompt{.kind = Prompt::Kind::kSingleChoice,
                         .text = "Which?",
                         .choices = {"one", "two"},
                         .max_display_s = 30,
                         .input = Prompt::Input::kIpAddress};
  session.operations[0].assignment.commands.push_back(prompt);
  CommandSpec secret{.verb = Verb::kReplace, .secret = Secret::kNextServerPassword};
  session.operations[0].assignment.commands.push_back(secret);
  const std::optional<SessionState> back = DecodeSession(EncodeSession(session));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->traits, session.traits);
  EXPECT_EQ(back->large_objects, Support::kYes);
  EXPECT_EQ(back->patience, session.patience);
  EXPECT_EQ(back->untouched, session.untouched);
  EXPECT_EQ(back->outgoing->offset, 100U);
  EXPECT_EQ(back->incoming->size, 26U);
  EXPECT_EQ(back->incoming->data, incoming.data);
  EXPECT_TRUE(back->incoming->refused);
  EXPECT_TRUE(back->no_more_commands);
  EXPECT_EQ(back->sent.back().role, SentCommand::Role::kProbe);
  const std::vector<CommandSpec>& commands = back->operations[0].assignment.commands;
  EXPECT_EQ(commands[2].atomic, 2U);
  EXPECT_EQ(commands[2].prompt->kind, Prompt::Kind::kSingleChoice);
  EXPECT_EQ(commands[2].prompt->choices, prompt.prompt->choices);
  EXPECT_EQ(commands[2].prompt->input, Prompt::Input::kIpAddress);
  EXPECT_EQ(commands[3].secret, Secret::kNextServerPassword);
}

TEST(DecodeSession, RefusesWhatPointsOutsideOrIsNoRecord) {
  EXPECT_FALSE(DecodeSession(""));
  EXPECT_FALSE(DecodeSession("12345678\xFF\xFF\xFF"));
  SessionState session = Sample();
  session.sent[0].operation = 5;
  EXPECT_FALSE(DecodeSession(EncodeSession(session)));
}

TEST(EncodeNonces, RoundTrips) {
  NonceState nonces;
  nonces.client_nonce = std::string("\0a", 2);
  nonces.challenge_nonce = "c";
  nonces.known = true;
  nonces.failures = 3;
  const NonceState back = DecodeNonces(EncodeNonces(nonces));
  EXPECT_EQ(back.client_nonce, nonces.client_nonce);
  EXPECT_EQ(back.challenge_nonce, "c");
  EXPECT_TRUE(back.known);
  EXPECT_EQ(back.failures, 3U);
}

}  // namespace
}  // namespace drover::session
