#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/mo/testing.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PlaceWith;
using testing::Planned;

v1::Action SetApn(const std::string& name, const std::string& apn) {
  v1::Action action;
  v1::AccountSet& set = *action.mutable_account_set();
  set.set_kind(v1::APN);
  set.set_name(name);
  set.set_address(apn);
  return action;
}

Place Terminal() {
  return PlaceWith(Object::kNap, {"./NAP/1"},
                   {{"./NAP/1/NAPID", "internet"},
                    {"./NAP/1/NAME", "Internet"},
                    {"./NAP/1/ADDR", "old.example"},
                    {"./NAP/1/AuthInfo/AuthName", "u"}});
}

TEST(PlanAccount, AnAccountThatTheTerminalDoesNotHaveIsAddedInOneAtomic) {
  EXPECT_THAT(
      Planned(SetApn("wap", "wap.example"), Terminal()),
      ElementsAre(
          "add: atomic ADD ./NAP/wap node", "add: atomic ADD ./NAP/wap/NAPID chr=wap",
          "add: atomic ADD ./NAP/wap/NAME chr=wap", "add: atomic ADD ./NAP/wap/ADDRTYPE chr=APN",
          "add: atomic ADD ./NAP/wap/ADDR chr=wap.example", "add: atomic ADD ./NAP/wap/Bearer node",
          "add: atomic ADD ./NAP/wap/Bearer/BearerType chr=GPRS"));
}

TEST(PlanAccount, WhatTheTerminalHasIsReplacedAndWhatItLacksIsAdded) {
  v1::Action action = SetApn("internet", "new.example");
  action.mutable_account_set()->set_user("v");
  action.mutable_account_set()->set_password("secret");
  action.mutable_account_set()->add_dns("192.0.2.1");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("change: atomic REPLACE ./NAP/1/ADDR chr=new.example",
                          "change: atomic ADD ./NAP/1/Bearer node",
                          "change: atomic ADD ./NAP/1/Bearer/BearerType chr=GPRS",
                          "change: atomic ADD ./NAP/1/AuthInfo/AuthType chr=PAP",
                          "change: atomic REPLACE ./NAP/1/AuthInfo/AuthName chr=v",
                          "change: atomic REPLACE ./NAP/1/AuthInfo/AuthSecret chr=secret",
                          "change: atomic ADD ./NAP/1/DNSAddr node",
                          "change: atomic ADD ./NAP/1/DNSAddr/1 node",
                          "change: atomic ADD ./NAP/1/DNSAddr/1/DNSAddr chr=192.0.2.1"));
}

TEST(PlanAccount, WithoutAtomicTheSameGoesInOrder) {
  v1::Action action = SetApn("internet", "new.example");
  action.set_without_atomic(true);
  EXPECT_EQ(Planned(action, Terminal()).front(), "change: REPLACE ./NAP/1/ADDR chr=new.example");
}

TEST(PlanAccount, TheUsersYesIsInsideTheAtomic) {
  v1::Action action = SetApn("wap", "wap.example");
  action.set_confirm("Install settings?");
  EXPECT_EQ(Planned(action, Terminal()).front(), "add: atomic PROMPT Install settings?");
}

TEST(PlanAccount, TheTypeMayBeOnTheNodeThatAccountsAreBelow) {
  const Place place = PlaceWith(Object::kNap, {"./NAP"}, {{"./NAP/1/NAPID", "internet"}});
  EXPECT_EQ(Planned(SetApn("internet", "x"), place).front(),
            "change: atomic ADD ./NAP/1/ADDR chr=x");
  EXPECT_EQ(Planned(SetApn("wap", "x"), place).front(), "add: atomic ADD ./NAP/wap node");
}

TEST(PlanAccount, AsASerialisedSubtreeItIsOneAdd) {
  v1::Action action = SetApn("wap", "wap.example");
  action.mutable_account_set()->set_tnds(true);
  const auto lines = Planned(action, Terminal());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("add: ADD ./NAP/wap xml=<"));
  EXPECT_THAT(lines[0], HasSubstr("wap.example"));
  action.mutable_account_set()->set_name("internet");
  EXPECT_THAT(Planned(action, Terminal()), ElementsAre(HasSubstr("INVALID_ARGUMENT")));
}

TEST(PlanAccount, RefersToOtherAccountsByNameOrUri) {
  Place place = PlaceWith(Object::kMms, {"./MMS"},
                          {{"./NAP/1/NAPID", "internet"}, {"./PROXY/p/NAME", "wap"}});
  place.roots[Object::kNap] = {"./NAP/1"};
  place.roots[Object::kProxy] = {"./PROXY/p"};
  v1::Action action;
  v1::AccountSet& set = *action.mutable_account_set();
  set.set_kind(v1::MMS);
  set.set_name("mms");
  set.set_address("http://mmsc");
  set.set_proxy("wap");
  set.set_nap("internet");
  const auto lines = Planned(action, place);
  EXPECT_THAT(lines, ::testing::Contains("add: atomic ADD ./MMS/mms/PrefConRef chr=./PROXY/p"));
  EXPECT_THAT(lines,
              ::testing::Contains("add: atomic ADD ./MMS/mms/ToConRef/1/ConRef chr=./NAP/1"));
  set.set_proxy("./Other/Proxy");
  EXPECT_THAT(Planned(action, place),
              ::testing::Contains("add: atomic ADD ./MMS/mms/PrefConRef chr=./Other/Proxy"));
  set.set_proxy("nothing");
  EXPECT_THAT(Planned(action, place),
              ElementsAre(HasSubstr("NOT_FOUND: the terminal has no proxy")));
}

TEST(PlanAccount, MailAccountsOfOneNameAreToldApartByTheirAppId) {
  const Place place = PlaceWith(Object::kMail, {"./Mail"},
                                {{"./Mail/work/AppID", "143"}, {"./Mail/work/Name", "work"}});
  v1::Action action;
  v1::AccountSet& set = *action.mutable_account_set();
  set.set_kind(v1::MAIL);
  set.set_name("work");
  set.set_address("smtp.example");
  set.set_app_id("25");
  EXPECT_EQ(Planned(action, place).front(), "add: atomic ADD ./Mail/work-25 node");
  set.set_app_id("143");
  EXPECT_THAT(Planned(action, place).front(), HasSubstr("change: "));
}

TEST(PlanAccount, GetsAndDeletesByName) {
  v1::Action get;
  get.mutable_account_get()->set_kind(v1::APN);
  EXPECT_THAT(Planned(get, Terminal()), ElementsAre("read: GET ./NAP/1?list=StructData"));
  get.mutable_account_get()->set_name("internet");
  EXPECT_THAT(Planned(get, Terminal()), ElementsAre("read: GET ./NAP/1?list=StructData"));
  v1::Action remove;
  remove.mutable_account_delete()->set_kind(v1::APN);
  EXPECT_THAT(Planned(remove, Terminal()), ElementsAre(HasSubstr("INVALID_ARGUMENT")));
  remove.mutable_account_delete()->set_name("Internet");
  EXPECT_THAT(Planned(remove, Terminal()), ElementsAre("delete: DELETE ./NAP/1"));
  remove.mutable_account_delete()->set_name("other");
  EXPECT_THAT(Planned(remove, Terminal()), ElementsAre(HasSubstr("NOT_FOUND")));
}

TEST(PlanAccount, TwoOfOneNameAndTwoPlacesForANewOneAreRefused) {
  const Place twice = PlaceWith(Object::kNap, {"./NAP"},
                                {{"./NAP/1/NAPID", "internet"}, {"./NAP/2/NAPID", "internet"}});
  EXPECT_THAT(Planned(SetApn("internet", "x"), twice),
              ElementsAre(HasSubstr("FAILED_PRECONDITION: the terminal has several accounts")));
  const Place places = PlaceWith(Object::kNap, {"./A", "./B"});
  EXPECT_THAT(Planned(SetApn("internet", "x"), places),
              ElementsAre(HasSubstr("FAILED_PRECONDITION: a new account could go below")));
}

}  // namespace
}  // namespace drover::mo
