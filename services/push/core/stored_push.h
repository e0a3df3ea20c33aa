// A push to one recipient as push.pushes holds it.
#pragma once
#include <optional>
#include <string>

#include "libs/base/clock.h"

namespace drover::push {

// Whether its initiator is to be told how it ended; stored so.
enum class Notify : uint8_t {
  kNot = 0,
  kAtEnd = 1,  // Once it has ended.
  kDue = 2,    // It has ended.
  kTold = 3,
  kParked = 4,  // It could not be told.
};

// As push.v1.PushState; stored so.
struct StoredPush {
  std::string account;
  std::string push_id;
  int recipient = 0;    // Of that push, from 0; with account and push_id the key.
  std::string address;  // As its initiator wrote it.
  std::string job_id;   // 16 octets
  std::string digest;   // Of the content: the same id with another is another push. May be empty.
  std::string device_id;
  std::string msisdn;
  int state = 0;
  int code = 0;
  int segments = 0;
  int delivered_segments = 0;
  TimePoint accepted_at;
  TimePoint deliver_before;
  std::optional<TimePoint> ended_at;
  std::string cause;
  Notify notify = Notify::kNot;
  std::string notify_to;               // URL
  std::optional<TimePoint> notify_at;  // kDue: not before.
  int notify_tries = 0;
  std::string source_reference;
  int quality = 0;  // PackQuality of what its initiator asked for.
};

}  // namespace drover::push
