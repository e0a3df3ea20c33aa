// A large object of the server, put together before anything is done with it.
//
// Spec: OMA-TS-DM_Protocol-V1_2, "Large object handling".
#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kChunkAccepted = 213;
constexpr int kSizeRequired = 411;
constexpr int kTooLarge = 413;
constexpr int kSizeTooBig = 416;
constexpr int kSizeMismatch = 424;
constexpr int kCommandFailed = 500;

}  // namespace

bool Terminal::Exchange::IsNextChunk(const syncml::Command& command) const {
  if (!session_.chunked || command.kind != session_.chunked->kind) return false;
  return !command.items.empty() && UriIn(command.items.front().target) == session_.chunked->uri;
}

void Terminal::Exchange::NoEndOfData() {
  terminal_.Fault("the large object for " + session_.chunked->uri + " was interrupted");
  builder_->NoEndOfData(session_.chunked->uri);
  interrupted_ = std::move(session_.chunked->uri);
  session_.chunked.reset();
}

int Terminal::Exchange::BeginChunked(const syncml::Command& command, const syncml::Item& item) {
  if (spec_.quirks.Has(Quirk::kNoLargeObjects)) {
    terminal_.Fault("a chunk for a terminal whose LrgObj is false");
    return kTooLarge;
  }
  if (depth_ > 0) {
    terminal_.Fault("a chunk inside Sequence or Atomic");
    return kCommandFailed;
  }
  const std::optional<uint64_t> size = item.meta.size ? item.meta.size : command.meta.size;
  if (!size) {
    terminal_.Fault("a first chunk without Size");
    return kSizeRequired;
  }
  if (spec_.max_obj_size != 0 && *size > spec_.max_obj_size) {
    terminal_.Fault("an object of " + std::to_string(*size) + " octets, MaxObjSize is " +
                    std::to_string(spec_.max_obj_size));
    return kSizeTooBig;
  }
  const EffectiveMeta meta = MetaOf(command, item);
  Session::Chunked& chunked = session_.chunked.emplace();
  chunked.kind = command.kind;
  chunked.uri = UriIn(item.target);
  chunked.format = meta.format;
  chunked.type = meta.type;
  chunked.size = *size;
  return kChunkAccepted;
}

int Terminal::Exchange::Assemble(const syncml::Command& command, const syncml::Item& item,
                                 std::string& octets) {
  std::optional<Session::Chunked>& chunked = session_.chunked;
  const std::string_view data = item.data->octets;
  if (!chunked) {
    // What is left of an object whose beginning has been thrown away.
    const bool sized = item.meta.size || command.meta.size;
    if (!interrupted_.empty() && interrupted_ == UriIn(item.target) && !sized) {
      return kSizeMismatch;
    }
    if (!item.more_data) {
      octets = data;
      const bool fits = spec_.max_obj_size == 0 || data.size() <= spec_.max_obj_size;
      return fits ? kOk : kTooLarge;
    }
    const int status = BeginChunked(command, item);
    if (status != kChunkAccepted) return status;
  } else if (item.meta.size || command.meta.size) {
    terminal_.Fault("Size in a chunk that is not the first");
  }
  chunked->octets += data;
  session_.chunk_arrived = true;
  if (item.more_data && chunked->octets.size() < chunked->size) return kChunkAccepted;
  octets = std::move(chunked->octets);
  const bool complete = !item.more_data && octets.size() == chunked->size;
  chunked.reset();
  return complete ? kOk : kSizeMismatch;
}

}  // namespace drover::terminal
