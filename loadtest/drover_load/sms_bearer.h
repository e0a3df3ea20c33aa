// Short messages of simulated terminals, through the simulated SMSC (loadtest/smsc): one stream of
// all that it delivers, and batches of what terminals send.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/result.h"

namespace drover::load {

// A message as the terminal has it, put together.
struct ShortMessage {
  std::string terminal;  // MSISDN, international, without +.
  std::string source;
  uint16_t destination_port = 0;  // 0: none.
  std::string octets;
};

// One that a terminal sends.
struct SentMessage {
  std::string terminal;
  std::string destination;
  uint16_t port = 0;  // Both ports.
  std::string text;
};

class SmsBearer {
 public:
  using Arrived = std::function<void(std::vector<ShortMessage> messages)>;

  // url: of the SMSC's ledger, http://host:port. Several generators may share one SMSC: each hears
  // of all messages.
  explicit SmsBearer(std::string url);
  ~SmsBearer();
  SmsBearer(const SmsBearer&) = delete;

  // What is delivered from now on, and nothing before, is told in order, on a thread of the
  // bearer's own. kUnavailable: there is no SMSC.
  Result<void> Start(Arrived arrived);
  void Stop();
  // Waits on the calling thread. Error: none of them may have been taken.
  Result<void> Send(const std::vector<SentMessage>& messages) const;

  // What the SMSC counts: "messages", "copies", "orphans" ..
  using Counts = std::map<std::string, uint64_t>;
  Result<Counts> Ask() const;
  // Delivered messages that the SMSC had forgotten before they were asked for.
  uint64_t missed() const { return missed_; }
  // Messages told so far.
  uint64_t told() const { return told_; }

 private:
  void Follow(uint64_t last);
  // Tells what is on the page; the number of the last message.
  uint64_t Tell(std::string_view page, uint64_t last);

  const std::string url_;
  Arrived arrived_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> missed_ = 0;
  std::atomic<uint64_t> told_ = 0;
  std::thread thread_;
};

}  // namespace drover::load
