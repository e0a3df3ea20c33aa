// Alerts 1100 to 1104: options, users, replies.
#include "loadtest/terminal/dialog.h"

#include "loadtest/terminal/testing/dialogue.h"

namespace drover::terminal {
namespace {

using Kind = terminal::Answer::Kind;
using Items = std::vector<std::string>;

class Dialogs : public Dialogue {
 protected:
  // What the terminal says of this alert: "200", or "200 Jane".
  std::string Reply(int code, const std::vector<std::string>& items, Quirks quirks = {}) {
    Begin(Trusting(quirks));
    Serve(Alert(1, code, items));
    if (!decoded_) return end_->cause;
    const Command& status = message().commands[1];
    std::string reply(status.data->octets);
    for (const syncml::Item& item : status.items) reply += " " + std::string(item.data->octets);
    return reply;
  }
  void UserSays(terminal::Answer answer) {
    surroundings_.user = [answer](std::string_view, const Dialog&) { return answer; };
  }
  const Dialog& Shown() const { return terminal_->ledger().dialogs().back().dialog; }
};

TEST_F(Dialogs, TheAgreeableUserAgreesAndTheLedgerKeepsWhatWasShown) {
  EXPECT_EQ(Reply(1100, {"MINDT=10", "Hello"}), "200");
  EXPECT_EQ(Shown().kind, DialogKind::kDisplay);
  EXPECT_EQ(Shown().text, "Hello");
  EXPECT_EQ(Shown().min_display.count(), 10);
  EXPECT_EQ(terminal_->ledger().dialogs()[0].status, 200);
  EXPECT_EQ(Reply(1101, {"", "Sure?"}), "200");
  EXPECT_EQ(Reply(1102, {"DR=John+Doe%21", "Name"}), "200 John Doe!");
  EXPECT_EQ(Reply(1103, {"DR=2", "Which", "a", "b"}), "200 2");
  EXPECT_EQ(Reply(1104, {"DR=2-3", "Which", "a", "b", "c"}), "200 2 3");
  EXPECT_EQ(Reply(1103, {"", "Which", "a", "b"}), "200 1");
}

TEST_F(Dialogs, EveryOptionIsUnderstoodAndOthersAreSkipped) {
  EXPECT_EQ(Reply(1102, {"MINDT=5&amp;MAXDT=60&amp;MAXLEN=4&amp;IT=N&amp;ET=P&amp;DR=12&amp;"
                         "XX=1&amp;MINDT&amp;IT=Q",
                         "PIN"}),
            "200 12");
  EXPECT_EQ(Shown().min_display.count(), 5);
  EXPECT_EQ(Shown().max_display.count(), 60);
  EXPECT_EQ(Shown().max_length, 4U);
  EXPECT_EQ(Shown().input, InputKind::kNumeric);
  EXPECT_TRUE(Shown().password);
  EXPECT_EQ(Shown().default_response, "12");
}

TEST_F(Dialogs, EachKindOfInputHasItsForm) {
  EXPECT_EQ(Reply(1102, {"IT=A", "?"}), "200 ok");
  EXPECT_EQ(Reply(1102, {"IT=N", "?"}), "200 7");
  EXPECT_EQ(Reply(1102, {"IT=D", "?"}), "200 31122026");
  EXPECT_EQ(Reply(1102, {"IT=T", "?"}), "200 235959");
  EXPECT_EQ(Reply(1102, {"IT=P", "?"}), "200 +4930123456");
  EXPECT_EQ(Reply(1102, {"IT=I", "?"}), "200 192.168.100.200");
}

TEST_F(Dialogs, WhatTheFieldDoesNotTakeIsNoAnswer) {
  UserSays({.kind = Kind::kAccepted, .text = "seven"});
  EXPECT_EQ(Reply(1102, {"IT=N", "?"}), "500");
  EXPECT_EQ(Reply(1102, {"IT=I", "?"}), "500");
  EXPECT_EQ(Reply(1102, {"MAXLEN=4", "?"}), "500");
  EXPECT_EQ(Reply(1102, {"MAXLEN=5", "?"}), "200 seven");
  UserSays({.kind = Kind::kAccepted, .choices = {3}});
  EXPECT_EQ(Reply(1103, {"", "?", "a", "b"}), "500");
}

TEST_F(Dialogs, TheUsersWordsAndChoicesAreReported) {
  UserSays({.kind = Kind::kAccepted, .text = "Jane"});
  EXPECT_EQ(Reply(1102, {"", "Your name"}), "200 Jane");
  UserSays({.kind = Kind::kAccepted, .choices = {3, 1}});
  EXPECT_EQ(Reply(1104, {"", "Which", "a", "b", "c"}), "200 3 1");
}

TEST_F(Dialogs, NoIs304AndCancelIs214) {
  UserSays({.kind = Kind::kRejected});
  EXPECT_EQ(Reply(1101, {"", "Sure?"}), "304");
  UserSays({.kind = Kind::kCancelled});
  EXPECT_EQ(Reply(1101, {"", "Sure?"}), "214");
  EXPECT_EQ(Reply(1102, {"", "Name"}), "214");
  EXPECT_EQ(Reply(1102, {"", "Name"}, {Quirk::kCancelAs215}), "215");
}

TEST_F(Dialogs, TooLateIsTheDefaultOr408) {
  UserSays({.kind = Kind::kAccepted, .after = std::chrono::seconds(61)});
  EXPECT_EQ(Reply(1101, {"MAXDT=60&amp;DR=1", "Sure?"}), "200");
  EXPECT_EQ(Reply(1101, {"MAXDT=60&amp;DR=0", "Sure?"}), "304");
  EXPECT_EQ(Reply(1101, {"MAXDT=60", "Sure?"}), "408");
  EXPECT_EQ(Reply(1101, {"MAXDT=90", "Sure?"}), "200");
  EXPECT_EQ(Reply(1102, {"MAXDT=60&amp;DR=me", "Name"}), "200 me");
  EXPECT_EQ(Reply(1103, {"MAXDT=60&amp;DR=2", "Which", "a", "b"}), "200 2");
  EXPECT_EQ(Reply(1104, {"MAXDT=60&amp;DR=1-2", "Which", "a", "b"}), "200 1 2");
  UserSays({.kind = Kind::kNone});
  EXPECT_EQ(Reply(1100, {"", "Hello"}), "408");
}

TEST_F(Dialogs, ATimeOutStopsASequenceLikeANo) {
  UserSays({.kind = Kind::kNone});
  Begin(Trusting());
  Serve("<Sequence><CmdID>1</CmdID>" + Alert(2, 1101, {"MAXDT=10", "Sure?"}) +
        Get(3, "./DevInfo/Man") + "</Sequence>");
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Sequence 200", "Alert 408", "Get 215"}));
}

TEST_F(Dialogs, WhatIsNoDialogIsRefused) {
  EXPECT_EQ(Reply(1105, {"", "Hello"}), "406");
  EXPECT_EQ(Reply(1100, {"Hello"}), "412");
  EXPECT_EQ(Reply(1100, {"", ""}), "412");
  EXPECT_EQ(Reply(1103, {"", "Which"}), "412");
  EXPECT_EQ(Reply(1100, {"", std::string(2001, 'x')}), "416");
  EXPECT_EQ(Reply(1103, std::vector<std::string>(23, "x")), "416");
  EXPECT_TRUE(terminal_->ledger().dialogs().empty());
}

TEST_F(Dialogs, SomeHaveNoScreenAndSomeKnowAFewOnly) {
  EXPECT_EQ(Reply(1100, {"", "Hello"}, {Quirk::kNoUi}), "406");
  EXPECT_EQ(Reply(1100, {"", "Hello", "more"}, {Quirk::kUiTwoItems}), "412");
  EXPECT_EQ(Reply(1103, {"", "Which", "a"}, {Quirk::kUiTwoItems}), "200 1");
  EXPECT_EQ(Reply(1102, {"", "Name"}, {Quirk::kUiFewAlerts}), "406");
  EXPECT_EQ(Reply(1104, {"", "Which", "a"}, {Quirk::kUiFewAlerts}), "406");
  EXPECT_EQ(Reply(1103, {"", "Which", "a"}, {Quirk::kUiFewAlerts}), "200 1");
  EXPECT_EQ(Reply(1100, {"", std::string(1001, 'x')}, {Quirk::kUiFewAlerts}), "400");
}

TEST_F(Dialogs, TheSpecificationsExampleIsAnsweredAsItIsThere) {
  std::deque<terminal::Answer> answers{{.kind = Kind::kRejected},
                                       {.kind = Kind::kAccepted, .text = "Jane"},
                                       {.kind = Kind::kAccepted, .choices = {1}},
                                       {.kind = Kind::kAccepted, .choices = {3, 1}}};
  surroundings_.user = [&answers](std::string_view device_id, const Dialog&) {
    EXPECT_EQ(device_id, kDevice);
    terminal::Answer answer = answers.front();
    answers.pop_front();
    return answer;
  };
  Begin(Trusting());
  Serve("<Sequence><CmdID>2</CmdID>" +
        Alert(3, 1101, {"MINDT=5&amp;MAXDT=60&amp;DR=1", "Install the new e-mail settings?"}) +
        Replace(4, "./NAP/mms/ADDR", "mail.example.com") + "</Sequence>" +
        Alert(5, 1102, {"MAXLEN=30&amp;IT=A&amp;ET=T&amp;DR=John+Doe", "Your name"}) +
        Alert(6, 1103, {"DR=2", "Preferred bearer", "Wi-Fi", "Cellular"}) +
        Alert(7, 1104, {"", "Services to enable", "Mail", "Calendar", "Contacts"}));
  EXPECT_EQ(lines(),
            (std::vector<std::string>{"SyncHdr 200", "Sequence 200", "Alert 304", "Replace 215",
                                      "Alert 200", "Alert 200", "Alert 200"}));
  EXPECT_EQ(message().commands[4].items[0].data->octets, "Jane");
  EXPECT_EQ(message().commands[5].items[0].data->octets, "1");
  ASSERT_EQ(message().commands[6].items.size(), 2U);
  EXPECT_EQ(message().commands[6].items[0].data->octets, "3");
  EXPECT_EQ(terminal_->ledger().dialogs().size(), 4U);
  EXPECT_EQ(faults(), "");
}

}  // namespace
}  // namespace drover::terminal
