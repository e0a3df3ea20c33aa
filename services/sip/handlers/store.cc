#include "services/sip/handlers/store.h"

#include <algorithm>
#include <map>

namespace drover::gateways {
namespace {

constexpr BatchLimits kReads{.weight = 128, .running = 2, .waiting = 20'000};
constexpr BatchLimits kWrites{
    .weight = 128, .running = 2, .waiting = 20'000, .apart = std::chrono::milliseconds(4)};
constexpr int kTries = 8;

// One after the other: of two changes of a gateway in a batch the second one waits for the next.
template <typename T, typename IdOf>
std::vector<T> TakeRepeated(std::vector<T>& items, IdOf id_of) {
  std::vector<T> once, again;
  std::sort(items.begin(), items.end(),
            [&](const T& a, const T& b) { return id_of(a) < id_of(b); });
  for (T& item : items) {
    const bool repeated = !once.empty() && id_of(once.back()) == id_of(item);
    (repeated ? again : once).push_back(std::move(item));
  }
  items = std::move(once);
  return again;
}

}  // namespace

Store::Store(asio::io_context& loop, PgGateways& table, outbox::Relay& relay)
    : table_(table),
      relay_(relay),
      reads_(loop, kReads,
             [this](std::vector<Reading> batch) { return RunReads(std::move(batch)); }),
      writes_(loop, kWrites,
              [this](std::vector<Writing> batch) { return RunWrites(std::move(batch)); }) {}

Task<std::optional<Gateway>> Store::Read(std::string id, Deadline deadline) {
  static_cast<void>(deadline);  // A batch has its own.
  if (reads_.full()) co_return ResourceExhausted("too many gateways are waiting for PostgreSQL");
  Task<std::optional<Gateway>> answer =
      Suspend<std::optional<Gateway>>([this, &id](Resumer<std::optional<Gateway>> resumer) {
        reads_.Add({std::move(id), std::move(resumer)}, 1);
      });
  co_return co_await std::move(answer);
}

Process Store::RunReads(std::vector<Reading> batch) {
  std::vector<std::string> ids;
  for (const Reading& reading : batch) ids.push_back(reading.id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const Deadline deadline = In(kLeastTimeout);
  Result<std::vector<Gateway>> found = co_await table_.Read(std::move(ids), deadline);
  std::map<std::string_view, const Gateway*> by_id;
  if (found) {
    for (const Gateway& gateway : *found) by_id.emplace(gateway.id, &gateway);
  }
  for (Reading& reading : batch) {
    if (!found) {
      reading.resumer.Set(found.error());
      continue;
    }
    const auto place = by_id.find(reading.id);
    reading.resumer.Set(place == by_id.end() ? std::optional<Gateway>()
                                             : std::optional<Gateway>(*place->second));
  }
}

Task<Gateway> Store::Write(Gateway gateway, Telling telling, Deadline deadline) {
  if (writes_.full()) co_return ResourceExhausted("too many gateways are waiting for PostgreSQL");
  Gateway written = gateway;
  ++written.version;
  const bool tells = telling.outbox.records_size() > 0;
  Writing writing{{std::move(gateway), std::move(telling)}, deadline, {}};
  Task<bool> answer = Suspend<bool>([this, &writing](Resumer<bool> resumer) {
    writing.resumer = std::move(resumer);
    writes_.Add(std::move(writing), 1);
  });
  DROVER_CO_TRY(const bool done, co_await std::move(answer));
  if (!done) co_return Aborted("another process changed the gateway meanwhile");
  if (tells) relay_.Wake();
  co_return written;
}

Process Store::RunWrites(std::vector<Writing> batch) {
  std::vector<Writing> again = TakeRepeated(
      batch, [](const Writing& one) { return std::string_view(one.write.gateway.id); });
  // They were decided on the same row as the one that is written: they lose, and decide again.
  for (Writing& writing : again) writing.resumer.Set(false);
  std::vector<gateways::Write> writes;
  Deadline deadline = In(kLeastTimeout);
  for (Writing& writing : batch) {
    writes.push_back(std::move(writing.write));
    deadline = std::max(deadline, writing.deadline);
  }
  const Result<std::vector<bool>> written = co_await table_.Write(writes, deadline);
  for (size_t i = 0; i < batch.size(); ++i) {
    batch[i].resumer.Set(written ? Result<bool>((*written)[i]) : Result<bool>(written.error()));
  }
}

Task<Gateway> Store::Change(std::string id, Decide decide, Deadline deadline,
                            std::optional<Gateway> known) {
  for (int i = 0; i < kTries; ++i) {
    if (!known) {
      std::string wanted = id;
      DROVER_CO_TRY(known, co_await Read(std::move(wanted), deadline));
      if (!known) co_return NotFound("no gateway \"" + id + "\"");
    }
    Telling telling;
    if (!decide(*known, telling)) co_return *std::move(known);
    Gateway next = *std::move(known);
    known.reset();
    Result<Gateway> written = co_await Write(std::move(next), std::move(telling), deadline);
    if (written || written.error().code != Code::kAborted) co_return written;
  }
  co_return Aborted("gateway " + id + " is changed all the time; try again");
}

Task<std::vector<Gateway>> Store::ChangeAll(std::vector<std::string> ids, Decide decide,
                                            Deadline deadline) {
  std::vector<Gateway> out;
  for (int i = 0; i < kTries && !ids.empty(); ++i) {
    std::vector<std::string> wanted = ids;
    DROVER_CO_TRY(std::vector<Gateway> found, co_await table_.Read(std::move(wanted), deadline));
    std::vector<gateways::Write> writes;
    for (Gateway& gateway : found) {
      Telling telling;
      if (decide(gateway, telling)) writes.push_back({std::move(gateway), std::move(telling)});
    }
    DROVER_CO_TRY(const std::vector<bool> written, co_await table_.Write(writes, deadline));
    ids.clear();
    for (size_t w = 0; w < writes.size(); ++w) {
      if (!written[w]) {
        ids.push_back(writes[w].gateway.id);
        continue;
      }
      ++writes[w].gateway.version;
      out.push_back(std::move(writes[w].gateway));
    }
  }
  relay_.Wake();
  if (!ids.empty()) co_return Aborted("gateways are changed all the time; try again");
  co_return out;
}

}  // namespace drover::gateways
