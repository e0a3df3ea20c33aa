#include "libs/redis/protocol.h"

#include <charconv>

#include <hiredis/read.h>

namespace drover::redis {
namespace {

constexpr size_t kMostItems = 1 << 16;  // Of one reply; more is no answer to what we ask.
constexpr std::string_view kFromServer = "Redis: ";

void AppendHeader(char type, size_t count, std::string& out) {
  char text[24];
  text[0] = type;
  char* end = std::to_chars(text + 1, text + sizeof(text) - 2, count).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text, end);
}

Error FromServer(std::string text) {
  const std::string_view word = std::string_view(text).substr(0, text.find(' '));
  const bool gone = word == "LOADING" || word == "READONLY" || word == "MASTERDOWN" ||
                    word == "CLUSTERDOWN" || word == "TRYAGAIN";
  const Code code = word == "NOSCRIPT" ? Code::kNotFound
                    : gone             ? Code::kUnavailable
                                       : Code::kFailedPrecondition;
  text.insert(0, kFromServer);
  return {code, std::move(text)};
}

}  // namespace

std::string_view ServersWords(const Error& error) {
  const std::string_view message = error.message;
  return message.starts_with(kFromServer) ? message.substr(kFromServer.size()) : "";
}

void AppendCommand(std::span<const std::string_view> args, std::string& out) {
  AppendHeader('*', args.size(), out);
  for (const std::string_view arg : args) {
    AppendHeader('$', arg.size(), out);
    out.append(arg).append("\r\n", 2);
  }
}

// The reply under construction; hiredis calls back for each value, in order, and gets pointers into
// the tree: an array is sized before its items are built, so they stay where they are.
struct ReplyReader::Building {
  Building() {
    reader = redisReaderCreateWithFunctions(&functions);
    DROVER_CHECK(reader != nullptr);
    reader->privdata = this;
  }
  ~Building() { redisReaderFree(reader); }

  static Building& Of(const redisReadTask* task) { return *static_cast<Building*>(task->privdata); }
  static Reply* Place(const redisReadTask* task) {
    if (task->parent == nullptr) return &(Of(task).reply = Reply());
    return &static_cast<Reply*>(task->parent->obj)->items[static_cast<size_t>(task->idx)];
  }
  static void* String(const redisReadTask* task, char* text, size_t length) {
    Reply* place = Place(task);
    if (task->type == REDIS_REPLY_ERROR) {
      std::string& error = Of(task).error;
      if (error.empty()) error.assign(text, length);
      return place;
    }
    place->kind = Reply::Kind::kString;
    place->text.assign(text, length);
    return place;
  }
  static void* Array(const redisReadTask* task, int items) {
    Building& building = Of(task);
    if (task->parent == nullptr) building.items = 0;
    building.items += static_cast<size_t>(items);
    if (building.items > kMostItems) return nullptr;
    Reply* place = Place(task);
    place->kind = Reply::Kind::kArray;
    place->items.resize(static_cast<size_t>(items));
    return place;
  }
  static void* Integer(const redisReadTask* task, long long value) {
    Reply* place = Place(task);
    place->kind = Reply::Kind::kInteger;
    place->integer = value;
    return place;
  }
  static void* Nil(const redisReadTask* task) { return Place(task); }
  static void Free(void*) {}  // Ours to free, with the Building.

  static redisReplyObjectFunctions functions;
  redisReader* reader;
  Reply reply;
  size_t items = 0;   // Of all arrays in the reply.
  std::string error;  // The first error in the reply.
};

redisReplyObjectFunctions ReplyReader::Building::functions = {&String, &Array, &Integer, &Nil,
                                                              &Free};

ReplyReader::ReplyReader() : building_(std::make_unique<Building>()) {}
ReplyReader::~ReplyReader() = default;

void ReplyReader::Feed(std::string_view octets) {
  // A reader in error takes no more; Next reports it.
  (void)redisReaderFeed(building_->reader, octets.data(), octets.size());
}

ReplyReader::State ReplyReader::Next() {
  void* root = nullptr;
  if (redisReaderGetReply(building_->reader, &root) != REDIS_OK) return State::kBroken;
  return root == nullptr ? State::kNeedMore : State::kReply;
}

Result<Reply> ReplyReader::Take() {
  if (!building_->error.empty()) return FromServer(std::exchange(building_->error, {}));
  return std::move(building_->reply);
}

}  // namespace drover::redis
