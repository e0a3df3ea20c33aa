#include "services/session/codec/state_codec.h"

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

// What a terminal is answered that is given a Get and a Replace.
std::string Answer() {
  using namespace std::string_literals;
  return "\x02\xA4\x01j\0mlq\x03"
         "1.2\0\x01r\x03"
         "DM/1.2\0\x01"
         "e\x03"
         "FB00\0\x01[\x03"
         "1\0\x01nW\x03IMEI:358681000011416\0\x01\x01gW\x03http://127.0.0.1:13482/dm\0\x01V\x03"
         "drover.example\0\x01\x01NZ\0\x01G\x03"
         "b64\0\x01S\x03syncml:auth-md5\0\x01\x01\0\0O\x03ImziWVOvybvO9zzRn2d1/"
         "w==\0\x01\x01Z\0\x01L\x03"
         "65536\0\x01U\x03"
         "1048576\0\x01\x01\x01\0\0kiK\x03"
         "1\0\x01\\\x03"
         "1\0\x01L\x03"
         "0\0\x01J\x03SyncHdr\0\x01o\x03http://127.0.0.1:13482/"
         "dm\0\x01h\x03IMEI:358681000011416\0\x01IZ\0"
         "\x01G\x03"
         "b64\0\x01S\x03syncml:auth-md5\0\x01P\x03"
         "0rDmoi7U1rqMlAqTdAWzCA==\0\x01\x01\x01\0\0O\x03"
         "212\0\x01\x01iK\x03"
         "2\0\x01\\\x03"
         "1\0\x01L\x03"
         "1\0\x01J\x03"
         "Alert\0\x01O\x03"
         "200\0\x01\x01iK\x03"
         "3\0\x01\\\x03"
         "1\0\x01L\x03"
         "2\0\x01J\x03Replace\0\x01O\x03"
         "200\0\x01\x01"
         "dK\x03"
         "4\0\x01SK\x03"
         "5\0\x01TnW\x03./DevDetail/FwV\0\x01\x01\x01\x01`K\x03"
         "6\0\x01TnW\x03./Vendor/Load/Setting\0\x01\x01Z\0\x01G\x03"
         "chr\0\x01S\x03text/plain\0\x01\x01\0\0O\x03on\0\x01\x01\x01\x01\x12\x01\x01"s;
}

std::optional<SessionState> RoundTrip(const SessionState& session) {
  std::optional<StoredSession> stored = DecodeSession(EncodeSession(session, {}));
  if (!stored) return std::nullopt;
  return std::move(stored->session);
}

TEST(EncodeSession, RoundTripsWhatASessionHolds) {
  const SessionState session = Sample();
  const std::optional<SessionState> back = RoundTrip(session);
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
  const std::optional<SessionState> back = RoundTrip(session);
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
  EXPECT_FALSE(DecodeSession("12345678\n\x01\x31")) << "what version 0.1 wrote";
  SessionState session = Sample();
  session.sent[0].operation = 5;
  EXPECT_FALSE(RoundTrip(session));
}

TEST(DecodeSession, TakesDamageForNoSession) {
  const std::string octets = EncodeSession(Sample(), {});
  for (size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeSession(octets.substr(0, size))) << size;
  }
  for (size_t at = 8; at < octets.size(); ++at) {
    for (const char octet : {'\0', '\x7F', '\xFF'}) {
      std::string damaged = octets;
      damaged[at] = octet;
      (void)DecodeSession(damaged);  // Whatever it is, it does no harm.
    }
  }
}

// Between the messages of a session with one Get and one Replace out, as most are measured.
TEST(EncodeSession, TakesASessionIntoHalfAKilobyte) {
  SessionState session;
  session.session_id = "FB00";
  session.key = "FB00@29922572-0-0ebadaf5fbb0";
  session.encoding = syncml::Encoding::kWbxml;
  session.ver_proto = "DM/1.2";
  session.server_uri = "http://127.0.0.1:13482/dm";
  session.started_at = session.updated_at = TimePoint(std::chrono::seconds(1'700'000'000));
  session.client_msg_id = session.server_msg_id = session.messages = 1;
  session.commands = 2;
  session.request_digest = "0123456789abcdef";
  session.advanced = true;
  for (const char* id :
       {"7c9e6679-7425-40de-944b-e07fc1f90ae7", "0e37df36-f698-11e6-8dd4-cb9ced3df976"}) {
    HeldOperation& held = session.operations.emplace_back();
    held.assignment.operation = OperationId(id);
    held.assignment.correlator = id;
  }
  session.operations[0].assignment.commands.push_back(
      {.verb = Verb::kGet, .target = "./DevDetail/FwV"});
  session.operations[1].assignment.commands.push_back(
      {Verb::kReplace, "./Vendor/Load/Setting", "", "chr", "text/plain", std::string("on")});
  session.sent.push_back({SentCommand::Role::kSequence, 1, 4, 0, 0, 0, {}});
  session.sent.push_back({SentCommand::Role::kCommand, 1, 5, 0, 0, 0, {}});
  session.sent.push_back({SentCommand::Role::kCommand, 1, 6, 1, 0, 0, {}});
  session.response = Answer();
  const std::string octets = EncodeSession(session, {});
  EXPECT_LE(octets.size(), 500U);
  const std::optional<SessionState> back = RoundTrip(session);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->response, session.response);
  EXPECT_EQ(back->key, session.key);
  EXPECT_EQ(back->operations[0].assignment.operation.value(),
            "7c9e6679-7425-40de-944b-e07fc1f90ae7");
  EXPECT_EQ(back->operations[1].assignment.correlator, "0e37df36-f698-11e6-8dd4-cb9ced3df976");
  EXPECT_EQ(back->updated_at, session.updated_at);
}

TEST(RestorePrevious, GivesThePreviousNonceBackOnlyAsLongAsNoProofFollowedIt) {
  NonceState nonces{.client_nonce = std::string(16, 'n'), .previous_nonce = "before"};
  nonces.known = true;
  const std::string octets = EncodeSession(Sample(), nonces);
  NonceState same = nonces;
  same.previous_nonce.clear();
  RestorePrevious(*DecodeSession(octets), same);
  EXPECT_EQ(same.previous_nonce, "before");
  NonceState next = same;
  next.previous_nonce.clear();
  next.client_nonce = std::string(16, 'o');
  RestorePrevious(*DecodeSession(octets), next);
  EXPECT_EQ(next.previous_nonce, "");
}

}  // namespace
}  // namespace drover::session
