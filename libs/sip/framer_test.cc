#include "libs/sip/framer.h"

#include <gtest/gtest.h>

#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using State = Framer::State;
using testing::NotifyText;

std::vector<std::string> Cut(Framer& framer, std::string_view stream, size_t piece) {
  std::vector<std::string> found;
  for (size_t at = 0; at < stream.size(); at += piece) {
    const std::string octets(stream.substr(at, piece));
    framer.Feed(octets);
    std::string_view message;
    State state;
    while ((state = framer.Next(message)) != State::kNeedMore) {
      found.push_back(state == State::kMessage ? std::string(message)
                      : state == State::kPing  ? "ping"
                      : state == State::kPong  ? "pong"
                                               : std::string("broken ") + framer.broken_cause());
      if (state == State::kBroken) return found;
    }
  }
  return found;
}

TEST(Framer, CutsTheSameMessagesHoweverTheyArrive) {
  const std::string a = NotifyText("Event: resync\n");
  const std::string b = NotifyText("", std::string(3000, 'b'));
  const std::string stream = a + b + "\r\n" + a + "\r\n\r\n" + b;
  const std::vector<std::string> expected{a, b, a, "ping", b};
  for (size_t piece = 1; piece < 300; ++piece) {
    Framer framer(OpenedBy::kPeer);
    EXPECT_EQ(Cut(framer, stream, piece), expected) << piece;
    EXPECT_EQ(framer.held(), 0u);
  }
  Framer framer(OpenedBy::kPeer);
  EXPECT_EQ(Cut(framer, stream, stream.size()), expected);
}

TEST(Framer, AMessageInOnePieceIsNotCopied) {
  const std::string octets = NotifyText() + NotifyText();
  Framer framer(OpenedBy::kPeer);
  framer.Feed(octets);
  std::string_view message;
  ASSERT_EQ(framer.Next(message), State::kMessage);
  EXPECT_EQ(message.data(), octets.data());
  ASSERT_EQ(framer.Next(message), State::kMessage);
  EXPECT_EQ(message.data(), octets.data() + message.size());
}

TEST(Framer, PongsComeFromThoseWePing) {
  Framer framer(OpenedBy::kUs);
  EXPECT_EQ(Cut(framer, "\r\n\r\n" + NotifyText(), 1),
            (std::vector<std::string>{"pong", "pong", NotifyText()}));
}

TEST(Framer, IsBrokenByWhatCannotBeFramed) {
  const std::string good = NotifyText();
  const auto broken = [](const std::string& stream, size_t most = kMaxMessage) {
    Framer framer(OpenedBy::kPeer, most);
    return Cut(framer, stream, stream.size()).back();
  };
  const auto without = [&](const char* length) {
    std::string text = good;
    return text.replace(text.find("Content-Length: 0"), 17, length);
  };
  const std::string no_length = "broken no Content-Length, or not one that can be read";
  EXPECT_EQ(broken(without("X: 0")), no_length);
  EXPECT_EQ(broken(without("Content-Length: -1")), no_length);
  EXPECT_EQ(broken(without("l: 0\r\nContent-Length: 0")), no_length);
  EXPECT_EQ(broken(without("l: 99999999999")), "broken message too long");
  EXPECT_EQ(broken(good, 100), "broken message too long");
  EXPECT_EQ(broken("\rx"), "broken a CR alone");
  EXPECT_EQ(broken(std::string(1000, 'x'), 500), "broken message too long");
}

TEST(Framer, GivesTheHeadOfWhatBrokeItOnce) {
  std::string text = NotifyText();
  text.replace(text.find("Content-Length"), 14, "Content-Lenght");
  Framer framer(OpenedBy::kPeer);
  framer.Feed(text);
  std::string_view message;
  ASSERT_EQ(framer.Next(message), State::kBroken);
  EXPECT_EQ(message, text);
  ASSERT_EQ(framer.Next(message), State::kBroken);
  EXPECT_EQ(message, "");
}

TEST(Framer, HoldsNoMoreThanOneMessageThatIsNotWhole) {
  Framer framer(OpenedBy::kPeer);
  const std::string half = NotifyText().substr(0, 100);
  framer.Feed(half);
  std::string_view message;
  ASSERT_EQ(framer.Next(message), State::kNeedMore);
  EXPECT_EQ(framer.held(), 100u);
}

}  // namespace
}  // namespace drover::sip
