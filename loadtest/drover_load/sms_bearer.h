// Short messages of simulated terminals, through the simulated SMSC (loadtest/smsc): what it
// delivered comes onto the loop, what terminals send goes to it.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "libs/async/task.h"

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
  // url: of the SMSC's ledger, http://host:port.
  SmsBearer(asio::io_context& loop, std::string url);
  ~SmsBearer();
  SmsBearer(const SmsBearer&) = delete;

  // From now on every message that is delivered is told on the loop, in order, from the first that
  // the SMSC has.
  void Start(std::function<void(const ShortMessage&)> arrived);
  void Stop();
  // Waits on the calling thread. Error: none of them may have been taken.
  Result<void> Send(const std::vector<SentMessage>& messages) const;

 private:
  void Follow();

  asio::io_context& loop_;
  const std::string url_;
  std::function<void(const ShortMessage&)> arrived_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace drover::load
