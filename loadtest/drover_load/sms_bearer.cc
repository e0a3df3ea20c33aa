#include "loadtest/drover_load/sms_bearer.h"

#include <nlohmann/json.hpp>

#include "libs/async/task.h"
#include "loadtest/smsc/packed.h"
#include "loadtest/watch/http_get.h"

namespace drover::load {
namespace {

using nlohmann::json;
using smsc::PackedMessage;

constexpr char kWait[] = "500";  // Milliseconds that the SMSC waits for a message.
constexpr char kAtATime[] = "10000";
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kAgain{200};
// Between two pages, so that a busy SMSC answers with many messages and not with each for itself.
constexpr std::chrono::milliseconds kGather{2};

}  // namespace

SmsBearer::SmsBearer(std::string url) : url_(std::move(url)) {}

SmsBearer::~SmsBearer() { Stop(); }

Result<void> SmsBearer::Start(Arrived arrived) {
  arrived_ = std::move(arrived);
  DROVER_TRY(const Counts before, Ask());
  const auto messages = before.find("messages");
  if (messages == before.end()) return Unavailable("no simulated SMSC at " + url_);
  thread_ = std::thread([this, last = messages->second] { Follow(last); });
  return {};
}

void SmsBearer::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Result<SmsBearer::Counts> SmsBearer::Ask() const {
  DROVER_TRY(const std::string text, watch::HttpGet(url_ + "/ledger", In(kPatience)));
  const json read = json::parse(text, nullptr, /*allow_exceptions=*/false);
  Counts counts;
  if (!read.is_object()) return counts;
  for (const auto& [name, value] : read.items()) {
    if (value.is_number_unsigned()) counts[name] = value.get<uint64_t>();
  }
  return counts;
}

void SmsBearer::Follow(uint64_t last) {
  watch::HttpPages pages(url_);
  while (!stopping_) {
    const auto page = pages.Get("/deliveries?after=" + std::to_string(last) + "&wait=" + kWait +
                                    "&limit=" + kAtATime + "&form=octets",
                                In(kPatience));
    if (page) last = Tell(*page, last);
    std::this_thread::sleep_for(page ? kGather : kAgain);
  }
}

uint64_t SmsBearer::Tell(std::string_view page, uint64_t last) {
  std::vector<ShortMessage> messages;
  while (const auto packed = smsc::NextPacked(page)) {
    if (packed->number > last + 1) missed_ += packed->number - last - 1;
    last = packed->number;
    messages.push_back({std::string(packed->terminal), std::string(packed->other), packed->port,
                        std::string(packed->content)});
  }
  told_ += messages.size();
  if (!messages.empty()) arrived_(std::move(messages));
  return last;
}

Result<void> SmsBearer::Send(const std::vector<SentMessage>& messages) const {
  std::string octets;
  for (const SentMessage& message : messages) {
    smsc::AppendPacked({.terminal = message.terminal,
                        .other = message.destination,
                        .port = message.port,
                        .is_text = true,
                        .content = message.text},
                       octets);
  }
  DROVER_TRY(const std::string taken,
             watch::HttpPost(url_ + "/mo", octets, In(kPatience), smsc::kPackedType));
  return {};
}

}  // namespace drover::load
