#include "loadtest/smsc/journal.h"

#include <set>

#include <gtest/gtest.h>

#include "loadtest/smsc/center.h"

namespace drover::smsc {
namespace {

using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(500'000)};

Submission Message(std::string terminal, uint8_t parts) {
  Submission s;
  s.sender = {.bind = 7, .account = "drover", .sequence = 9};
  s.source = {"10654040", 0, 1};
  s.destination = {std::move(terminal), 1, 1};
  s.registered_delivery = 1;
  for (uint8_t k = 1; k <= parts; ++k) {
    const bool several = parts > 1;
    s.parts.push_back({sms::Ports{2948, 9200, true},
                       several ? std::optional(sms::Concat{3, parts, k, true}) : std::nullopt,
                       std::string(1, static_cast<char>('a' + k))});
  }
  return s;
}

TEST(Journal, ReadsWhatItWroteUpToATornEnd) {
  const Submission s = Message("4901", 2);
  std::string octets;
  AppendSubmitted(5, s, kStart, kStart + seconds(60), octets);
  AppendSegment(5, s, s.parts[1], false, kStart + seconds(1), octets);
  AppendFinal({5, smpp::MessageState::kExpired, Failure::kAbsent, kStart + seconds(2)}, octets);
  const size_t before = octets.size();
  AppendReceipted(5, octets);
  for (size_t size = before; size < octets.size(); ++size) {
    std::string_view rest = std::string_view(octets).substr(0, size);
    int count = 0;
    while (NextRecord(rest)) ++count;
    EXPECT_EQ(count, 3) << size;
  }
  std::string_view rest = octets;
  const auto submitted = std::get<SubmittedRecord>(*NextRecord(rest));
  EXPECT_EQ(submitted.id, 5u);
  EXPECT_EQ(submitted.submission.sender.account, "drover");
  EXPECT_EQ(submitted.submission.parts.size(), 2u);
  EXPECT_EQ(submitted.submission.parts[1].payload, s.parts[1].payload);
  EXPECT_EQ(submitted.submission.parts[1].concat, s.parts[1].concat);
  EXPECT_EQ(submitted.expires, kStart + seconds(60));
  const auto segment = std::get<SegmentRecord>(*NextRecord(rest));
  EXPECT_EQ(segment.terminal.digits, "4901");
  EXPECT_EQ(segment.part.ports, s.parts[1].ports);
  EXPECT_EQ(segment.bind, 7u);
  EXPECT_FALSE(segment.heard);
  const auto end = std::get<FinalRecord>(*NextRecord(rest));
  EXPECT_EQ(end.state, smpp::MessageState::kExpired);
  EXPECT_EQ(end.failure, Failure::kAbsent);
  EXPECT_EQ(std::get<ReceiptedRecord>(*NextRecord(rest)).id, 5u);
  EXPECT_TRUE(rest.empty());
}

// Kills the centre again and again at any moment, and has it go on from what it wrote.
TEST(Journal, NothingAcceptedIsLostHoweverOftenTheCentreIsKilled) {
  Settings settings;
  settings.retries = DefaultRetries();
  settings.radio.profile = {.loss = 0.2, .busy = 0.5};
  std::string journal;
  std::multiset<std::string> receipts;
  TimePoint now = kStart;
  int submitted = 0;
  for (int life = 0; life < 20; ++life) {
    Ledger ledger(10'000, nullptr);
    Center center(settings, ledger, now);
    center.Restore(journal, now);
    center.WriteJournal();
    for (int step = 0; step < 30; ++step) {
      if (submitted < 300) {
        center.Submit(Message(std::to_string(1000 + submitted), submitted % 3 == 0 ? 3 : 1), now);
        ++submitted;
      }
      now += seconds(life < 19 ? 2 : 3600);
      center.Advance(now);
      journal += center.TakeJournal();
      for (Effect& effect : center.TakeEffects()) {
        const auto* const receipt = std::get_if<SendReceipt>(&effect);
        if (receipt == nullptr) continue;
        receipts.insert(receipt->message_id);
        if (step % 5 != 0) center.Receipted(receipt->id);  // The others come again.
        journal += center.TakeJournal();
      }
    }
    if (life < 19) continue;
    EXPECT_EQ(center.pending(), 0u);
    EXPECT_EQ(ledger.counts().messages, 300u);
    EXPECT_EQ(ledger.counts().copies, 0u);
    EXPECT_EQ(ledger.counts().duplicate_segments, 0u);
    EXPECT_EQ(ledger.counts().orphans, 0u);
    EXPECT_EQ(ledger.counts().out_of_order, 0u);
  }
  EXPECT_EQ(std::set<std::string>(receipts.begin(), receipts.end()).size(), 300u);
  EXPECT_GT(receipts.size(), 300u);
}

}  // namespace
}  // namespace drover::smsc
