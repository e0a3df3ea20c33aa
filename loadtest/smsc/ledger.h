// What really reached the terminals: their messages, put together from segments, and what was odd
// about the segments. The judge of who sent them.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/clock.h"
#include "libs/sms/reassembly.h"
#include "loadtest/smsc/message.h"

namespace drover::smsc {

struct Delivered {
  uint64_t number = 0;  // 1, 2, 3 ..: the order of their completion.
  std::string terminal;
  std::string source;
  std::optional<sms::Ports> ports;
  uint8_t data_coding = 0;
  uint8_t segments = 1;
  std::string content;
  TimePoint at;
  uint64_t before = 0;  // Number of the terminal's message before this one; 0: none.
};

struct LedgerCounts {
  uint64_t messages = 0;            // Whole ones.
  uint64_t segments = 0;            // Copies included.
  uint64_t duplicate_segments = 0;  // Copies of segments of a message of several.
  uint64_t copies = 0;              // Whole messages like one that the terminal has already.
  uint64_t out_of_order = 0;        // Segments behind a later one of their message.
  uint64_t split_over_binds = 0;    // Messages whose segments came on more than one bind.
  uint64_t orphans = 0;             // Messages of which some segments, not all, have come.
  uint64_t clashes = 0;             // References used anew while their message was not whole.
};

class Ledger {
 public:
  // keep: whole messages that are remembered; the oldest go first.
  Ledger(size_t keep, std::function<void(const Delivered&)> on_message);

  // One segment, or a message of one, has reached the terminal.
  void Add(const Number& terminal, const Number& source, uint8_t data_coding, const Part& part,
           uint64_t bind, TimePoint now);

  LedgerCounts counts() const;
  size_t terminals() const { return newest_.size(); }
  uint64_t last_number() const { return counts_.messages; }

  // The messages of one terminal that are remembered, in order.
  std::vector<const Delivered*> Of(std::string_view terminal) const;
  // At most `limit` messages with numbers above `after`, in order. Those forgotten are left out.
  std::vector<const Delivered*> After(uint64_t after, size_t limit) const;

 private:
  struct Open {  // A message whose segments come.
    uint8_t highest = 0;
    uint64_t bind = 0;
    bool split = false;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void Watch(const std::string& key, const sms::Concat& concat, uint64_t bind, bool duplicate);
  void Keep(Delivered message);
  bool IsCopy(const Delivered& message) const;
  // nullptr: forgotten, or none.
  const Delivered* Find(uint64_t number) const {
    return kept_.empty() || number < kept_.front().number ? nullptr : &At(number);
  }
  const Delivered& At(uint64_t number) const {
    return kept_[static_cast<size_t>(number - kept_.front().number)];
  }

  size_t keep_;
  std::function<void(const Delivered&)> on_message_;
  sms::Reassembler reassembler_;
  LedgerCounts counts_;
  std::unordered_map<std::string, Open> open_;  // By terminal, source, reference, total, ports.
  std::deque<Delivered> kept_;
  // The newest message of each terminal; through `before` they lead to the others.
  std::unordered_map<std::string, uint64_t, Hash, std::equal_to<>> newest_;
};

}  // namespace drover::smsc
