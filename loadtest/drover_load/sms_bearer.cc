#include "loadtest/drover_load/sms_bearer.h"

#include <sstream>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "libs/base/bytes.h"
#include "loadtest/watch/http_get.h"

namespace drover::load {
namespace {

using nlohmann::json;

constexpr char kWait[] = "500";  // Milliseconds that the SMSC waits for a message.
constexpr char kAtATime[] = "1000";
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kAgain{200};

// A line of /deliveries; its number, by which the next ones are asked for.
std::pair<uint64_t, ShortMessage> Read(const json& line) {
  ShortMessage message;
  message.terminal = line.value("terminal", "");
  message.source = line.value("source", "");
  message.destination_port = line.value("destination_port", uint16_t{0});
  const Result<std::string> octets = base::FromHex(line.value("octets", ""));
  if (octets) message.octets = *octets;
  return {line.value("number", uint64_t{0}), std::move(message)};
}

}  // namespace

SmsBearer::SmsBearer(asio::io_context& loop, std::string url) : loop_(loop), url_(std::move(url)) {}

SmsBearer::~SmsBearer() { Stop(); }

void SmsBearer::Start(std::function<void(const ShortMessage&)> arrived) {
  arrived_ = std::move(arrived);
  thread_ = std::thread([this] { Follow(); });
}

void SmsBearer::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void SmsBearer::Follow() {
  uint64_t last = 0;
  while (!stopping_) {
    const std::string url = url_ + "/deliveries?after=" + std::to_string(last) + "&wait=" + kWait +
                            "&limit=" + kAtATime;
    const Result<std::string> page = watch::HttpGet(url, In(kPatience));
    if (!page) {
      std::this_thread::sleep_for(kAgain);
      continue;
    }
    std::istringstream lines(*page);
    for (std::string text; std::getline(lines, text);) {
      const json line = json::parse(text, nullptr, /*allow_exceptions=*/false);
      if (!line.is_object()) continue;
      auto [number, message] = Read(line);
      last = std::max(last, number);
      asio::post(loop_, [this, message = std::move(message)] { arrived_(message); });
    }
  }
}

Result<void> SmsBearer::Send(const std::vector<SentMessage>& messages) const {
  json list = json::array();
  for (const SentMessage& message : messages) {
    list.push_back({{"source", message.terminal},
                    {"destination", message.destination},
                    {"text", message.text},
                    {"destination_port", message.port}});
  }
  DROVER_TRY(const std::string taken, watch::HttpPost(url_ + "/mo", list.dump(), In(kPatience)));
  return {};
}

}  // namespace drover::load
