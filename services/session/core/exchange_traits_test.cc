#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/core/exchange.h"
#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using syncml::CommandKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExchangeTraits, NeverPassTheSmallerOfBothMessageSizes) {
  World world;
  world.account.traits.max_msg_size = 3000;
  std::vector<CommandSpec> many;
  for (int i = 0; i < 60; ++i) many.push_back(Get("./Vendor/Node/" + std::to_string(i)));
  world.work.push_back(Work("op", many));
  Open(world, "1", MaxMsgSize(9000));
  EXPECT_LE(world.answer.body.size(), 3000U);
  EXPECT_GT(world.Commands().size(), 5U);
}

TEST(ExchangeTraits, RefuseWhatTheTerminalDoesNotDo) {
  struct Case {
    std::function<void(Traits&)> set;
    std::vector<CommandSpec> commands;
    const char* cause;
  };
  const std::vector<Case> cases = {
      {[](Traits& traits) { traits.copy = Support::kNo; }, {Copy("./A", "./B")}, "Copy"},
      {[](Traits& traits) { traits.atomic = Support::kNo; },
       {InAtomic(Replace("./A", "1"))},
       "Atomic"},
      {[](Traits& traits) { traits.no_add_replace_in_atomic = true; },
       {InAtomic(Add("./A", "1")), InAtomic(Replace("./A", "2"))},
       "./A"},
      {[](Traits& traits) { traits.max_obj_size = 3000; },
       {Replace("./A", std::string(30'000, 'x'))},
       "3000"},
  };
  for (const Case& one : cases) {
    World world;
    world.config.max_msg_size = 16'384;
    world.account.traits.large_objects = Support::kYes;
    one.set(world.account.traits);
    world.work.push_back(Work("op", one.commands));
    Open(world);
    ASSERT_THAT(world.Reports(), SizeIs(1)) << one.cause;
    EXPECT_EQ(world.Reports()[0].disposition, Disposition::kRefused);
    EXPECT_THAT(world.Reports()[0].cause, HasSubstr(one.cause));
    EXPECT_TRUE(world.session->ended);
  }
}

// When all that was given was refused, more is asked for: it may be what the terminal can do.
TEST(ExchangeTraits, TakeMoreWhenAllWasRefused) {
  World world;
  world.account.traits.copy = Support::kNo;
  world.work.push_back(Work("op", {Copy("./A", "./B")}));
  Open(world);
  ASSERT_THAT(world.effects, SizeIs(2));
  EXPECT_THAT(world.effects[1].reports, SizeIs(1));
  EXPECT_EQ(world.effects[1].take, world.config.operations_at_once);
}

TEST(ExchangeTraits, SendNoSequenceToATerminalWithoutIt) {
  World world;
  world.account.traits.sequence = Support::kNo;
  world.work.push_back(
      Work("op", {Get("./A"), Replace("./B", "1"), Replace("./C", "1"), Get("./D")}));
  Open(world);
  std::vector<size_t> sizes;
  while (!world.Commands().empty() && sizes.size() < 9) {
    EXPECT_THAT(world.All(CommandKind::kSequence), IsEmpty());
    sizes.push_back(world.Commands().size());
    world.Answer(std::vector<int>(sizes.back(), 200));
  }
  EXPECT_THAT(sizes, ElementsAre(1, 1, 1, 1)) << "one after the other keeps the order";
}

TEST(ExchangeTraits, LeaveOutRespUriAndCorrelator) {
  for (const bool without : {false, true}) {
    World world;
    world.config.resp_uri = "https://dm.example.com/dm?x=1";
    world.account.traits.no_resp_uri = without;
    world.account.traits.no_correlator = without;
    world.work.push_back(Work("op", {Exec("./A/Go")}));
    Open(world);
    EXPECT_EQ(world.message().header.resp_uri.empty(), without);
    EXPECT_EQ(world.All(CommandKind::kExec)[0]->correlator.empty(), without);
  }
}

TEST(ExchangeTraits, SendNoCorrelatorInDm11) {
  World world;
  world.work.push_back(Work("op", {Exec("./A/Go")}));
  std::string message = Message("1", 1, kPackage1, Md5Cred(world.account.client_nonce));
  message.replace(message.find("<VerDTD>1.2"), 11, "<VerDTD>1.1");
  message.replace(message.find("DM/1.2"), 6, "DM/1.1");
  message.replace(message.find("SYNCML1.2"), 9, "SYNCML1.1");
  world.Post(message);
  EXPECT_EQ(world.message().header.ver_dtd, "1.1");
  EXPECT_EQ(world.message().header.ver_proto, "DM/1.1");
  EXPECT_EQ(world.message().version, syncml::Version::k11);
  EXPECT_TRUE(world.All(CommandKind::kExec)[0]->correlator.empty());
}

TEST(ExchangeTraits, SendBinaryAsBase64InWbxmlWhereOctetsAreNotTaken) {
  for (const bool b64 : {false, true}) {
    World world;
    world.encoding = syncml::Encoding::kWbxml;
    world.account.traits.binary_as_b64 = b64;
    world.work.push_back(Work("op", {ReplaceBinary("./A", std::string("\x00\xFF", 2), "bin")}));
    Open(world);
    const syncml::Item& item = world.All(CommandKind::kReplace)[0]->items[0];
    EXPECT_EQ(item.meta.format, b64 ? "b64" : "bin");
    EXPECT_EQ(item.data->octets, b64 ? "AP8=" : std::string("\x00\xFF", 2));
  }
}

TEST(ExchangeTraits, StayAsTheyWereWhenTheSessionBegan) {
  World world;
  world.account.traits.no_resp_uri = true;
  world.config.resp_uri = "https://dm.example.com/dm?x=1";
  world.work.push_back(Work("op", {Get("./A")}));
  Open(world);
  world.account.traits.no_resp_uri = false;
  world.Answer({200});
  EXPECT_TRUE(world.message().header.resp_uri.empty());
}

}  // namespace
}  // namespace drover::session
