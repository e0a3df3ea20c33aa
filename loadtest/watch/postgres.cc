#include <array>
#include <cstdlib>

#include <libpq-fe.h>
#include <poll.h>

#include "loadtest/watch/stores.h"

namespace drover::watch {
namespace {

// Relations with their partitions added up, and the whole database first. pg_total_relation_size
// asks the file system, not the tables.
constexpr const char* kSizes = R"sql(
SELECT '', pg_database_size(current_database())::float8
UNION ALL
SELECT name, sum(size)::float8 FROM (
  SELECT n.nspname || '.' || coalesce(p.relname, c.relname) AS name, pg_total_relation_size(c.oid) AS size
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_class p ON p.oid = i.inhparent
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
) relations WHERE size >= 65536 GROUP BY name ORDER BY 1)sql";

struct ConnectionDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultDeleter>;

class Postgres : public Sampler {
 public:
  explicit Postgres(PostgresTarget target) : target_(std::move(target)) {}

  std::vector<Reading> Sample(Deadline deadline) override {
    std::vector<Reading> readings;
    if (!Connected(deadline)) return readings;
    const Answer answer = Ask(deadline);
    if (answer == nullptr || PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
      connection_.reset();
      return readings;
    }
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      const std::string relation = PQgetvalue(answer.get(), row, 0);
      const std::string name = relation.empty() ? target_.name : target_.name + " " + relation;
      readings.push_back({report::Watched::kStore, name, "bytes", target_.url,
                          std::strtod(PQgetvalue(answer.get(), row, 1), nullptr)});
    }
    return readings;
  }

 private:
  // Whether the socket is ready in time.
  bool Await(short events, Deadline deadline) const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{PQsocket(connection_.get()), events, 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) > 0;
  }

  bool Connected(Deadline deadline) {
    if (connection_ != nullptr) return true;
    const std::array<const char*, 4> names{"dbname", "password", "application_name", nullptr};
    const std::array<const char*, 4> values{target_.url.c_str(), target_.password.c_str(),
                                            "drover-load", nullptr};
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 1));
    auto polled = PGRES_POLLING_WRITING;
    while (PQstatus(connection_.get()) != CONNECTION_BAD && polled != PGRES_POLLING_OK &&
           polled != PGRES_POLLING_FAILED) {
      if (!Await(polled == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) break;
      polled = PQconnectPoll(connection_.get());
    }
    if (polled != PGRES_POLLING_OK) connection_.reset();
    return connection_ != nullptr;
  }

  // Nothing if there was no answer in time.
  Answer Ask(Deadline deadline) {
    if (PQsendQuery(connection_.get(), kSizes) != 1) return nullptr;
    Answer first;
    while (true) {
      while (PQisBusy(connection_.get()) == 1) {
        if (!Await(POLLIN, deadline) || PQconsumeInput(connection_.get()) != 1) return nullptr;
      }
      Answer next(PQgetResult(connection_.get()));
      if (next == nullptr) return first;
      if (first == nullptr) first = std::move(next);
    }
  }

  PostgresTarget target_;
  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
};

}  // namespace

std::unique_ptr<Sampler> SamplePostgres(PostgresTarget target) {
  return std::make_unique<Postgres>(std::move(target));
}

}  // namespace drover::watch
