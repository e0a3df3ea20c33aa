#include "services/operations/adapters/pg_changes.h"

#include <algorithm>

#include "drover/operations/v1/storage.pb.h"
#include "services/operations/adapters/pg_operations.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using postgres::Param;
using postgres::Statement;

constexpr size_t kRowOctets = 256 << 10;  // Of messages in one row, but for a single step's.

#define DROVER_MOVE                                                                            \
  "UPDATE operations.open AS w SET "                                                           \
  "version = n.next, state = n.state, uncertain = n.uncertain, session_key = n.session_key, "  \
  "taken_msg_id = n.taken_msg_id, attempts = n.attempts, updated_at = n.at, "                  \
  "due_at = coalesce(n.due_at, w.due_at), ready = n.ready, standing = n.standing, "            \
  "added = n.added "                                                                           \
  "FROM unnest($1::text[], $2::smallint[], $3::text[], $4::int[], $5::int[], $6::smallint[], " \
  "$7::boolean[], $8::text[], $9::bigint[], $10::int[], $11::timestamptz[], "                  \
  "$12::timestamptz[], $13::boolean[], $14::bytea[], $15::bytea[]) AS n(device_id, priority, " \
  "operation_id, version, next, state, uncertain, session_key, taken_msg_id, attempts, at, "   \
  "due_at, ready, standing, added) "                                                           \
  "WHERE w.device_id = n.device_id AND w.priority = n.priority "                               \
  "AND w.operation_id = n.operation_id::uuid AND w.version = n.version"
constexpr char kMoveSql[] =
    "WITH moved AS (" DROVER_MOVE " RETURNING 1) SELECT 1 / (count(*) = $16)::int FROM moved";
constexpr char kHintSql[] = DROVER_MOVE;

constexpr char kEndSql[] =
    "WITH ended AS (DELETE FROM operations.open AS w "
    "USING unnest($1::text[], $2::smallint[], $3::text[], $4::int[]) "
    "AS n(device_id, priority, operation_id, version) "
    "WHERE w.device_id = n.device_id AND w.priority = n.priority "
    "AND w.operation_id = n.operation_id::uuid AND w.version = n.version "
    "RETURNING w.operation_id, w.depended) "
    "SELECT 1 / (count(*) = $5)::int, "
    "string_agg(operation_id::text, ' ') FILTER (WHERE depended) FROM ended";

// expected NULL: its row of `open` is ours in this transaction.
constexpr char kSettle[] =
    "WITH settled AS (UPDATE operations.operations AS o SET "
    "version = n.version, state = n.state, updated_at = n.at, "
    "cause = CASE WHEN n.cause = '' THEN o.cause ELSE n.cause END, "
    "standing = n.standing, course = o.course || n.added "
    "FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::smallint[], "
    "$6::timestamptz[], $7::text[], $8::bytea[], $9::bytea[]) "
    "AS n(device_id, operation_id, expected, version, state, at, cause, standing, added) "
    "WHERE o.device_id = n.device_id AND o.operation_id = n.operation_id::uuid "
    "AND (n.expected = 0 OR o.version = n.expected) RETURNING 1) "
    "SELECT 1 / (count(*) = $10)::int FROM settled";

constexpr char kInsertMessages[] =
    "INSERT INTO operations.messages "
    "(device_id, session_key, msg_id, at, operation_ids, messages) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], "
    "$6::bytea[])";

constexpr char kCount[] =
    "INSERT INTO operations.count_changes (label, state, count) "
    "SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[])";

enum class Kind : uint8_t { kMove, kHint, kEnd, kLate };

Kind KindOf(const Change& change) {
  if (!IsOpen(change.from)) return Kind::kLate;
  const bool nothing_new =
      change.state == change.from && change.added.history().empty() && KeepsCourseApart(change);
  if (nothing_new) return Kind::kHint;
  return IsOpen(change.state) ? Kind::kMove : Kind::kEnd;
}

int32_t NextVersion(const Change& change) { return change.version + change.added.history_size(); }

// All that is not in the operation's own row yet.
std::string CourseOf(const Change& change) {
  std::string out = change.pending;
  change.added.AppendToString(&out);
  return out;
}

std::optional<std::string> StandingOf(const Change& change) {
  std::string standing = EncodeStanding(change.standing);
  return standing.empty() ? std::nullopt : std::optional(std::move(standing));
}

// The key of a row of `open`, and the version that it must have.
struct Keys {
  std::vector<std::string> devices, ids;
  std::vector<int16_t> priorities;
  std::vector<int32_t> versions;

  void Add(const Change& change) {
    devices.push_back(change.device_id);
    ids.push_back(change.id);
    priorities.push_back(static_cast<int16_t>(change.priority));
    versions.push_back(change.version);
  }
  Param Count() const { return Param::Int8(static_cast<int64_t>(ids.size())); }
};

class Moves {
 public:
  void Add(const Change& change) {
    keys_.Add(change);
    next_.push_back(NextVersion(change));
    states_.push_back(static_cast<int16_t>(change.state));
    uncertain_.push_back(change.uncertain);
    sessions_.push_back(change.session_key);
    msg_ids_.push_back(change.taken_msg_id);
    attempts_.push_back(change.attempts);
    at_.push_back(change.at);
    due_at_.push_back(change.due_at);
    ready_.push_back(change.ready);
    standing_.push_back(StandingOf(change));
    added_.push_back(PendingAfter(change));
  }
  bool empty() const { return next_.empty(); }
  Statement ToStatement(bool guarded) const {
    Statement out{
        guarded ? kMoveSql : kHintSql,
        {Param::TextArray(keys_.devices), Param::Int2Array(keys_.priorities),
         Param::TextArray(keys_.ids), Param::Int4Array(keys_.versions), Param::Int4Array(next_),
         Param::Int2Array(states_), Param::BoolArray(uncertain_), Param::TextArray(sessions_),
         Param::Int8Array(msg_ids_), Param::Int4Array(attempts_), Param::TimestamptzArray(at_),
         Param::TimestamptzArray(due_at_), Param::BoolArray(ready_), Param::ByteaArray(standing_),
         Param::ByteaArray(added_)}};
    if (guarded) out.params.push_back(keys_.Count());
    return out;
  }

 private:
  Keys keys_;
  std::vector<std::string> sessions_, added_;
  std::vector<int32_t> next_, attempts_;
  std::vector<int16_t> states_;
  std::vector<bool> uncertain_, ready_;
  std::vector<int64_t> msg_ids_;
  std::vector<TimePoint> at_;
  std::vector<std::optional<TimePoint>> due_at_;
  std::vector<std::optional<std::string>> standing_;
};

class Settlements {
 public:
  void Add(const Change& change) {
    devices_.push_back(change.device_id);
    ids_.push_back(change.id);
    expected_.push_back(KindOf(change) == Kind::kLate ? change.version : 0);
    versions_.push_back(NextVersion(change));
    states_.push_back(static_cast<int16_t>(change.state));
    at_.push_back(change.at);
    causes_.push_back(change.cause);
    standing_.push_back(StandingOf(change));
    added_.push_back(CourseOf(change));
  }
  bool empty() const { return ids_.empty(); }
  Statement ToStatement() const {
    return {kSettle,
            {Param::TextArray(devices_), Param::TextArray(ids_), Param::Int4Array(expected_),
             Param::Int4Array(versions_), Param::Int2Array(states_), Param::TimestamptzArray(at_),
             Param::TextArray(causes_), Param::ByteaArray(standing_), Param::ByteaArray(added_),
             Param::Int8(static_cast<int64_t>(ids_.size()))}};
  }

 private:
  std::vector<std::string> devices_, ids_, causes_, added_;
  std::vector<int32_t> expected_, versions_;
  std::vector<int16_t> states_;
  std::vector<TimePoint> at_;
  std::vector<std::optional<std::string>> standing_;
};

std::string Joined(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out.append(out.empty() ? "" : " ").append(id);
  return out;
}

// Messages are found by the times of the history (device_id '', many steps a row), those of steps
// that left no line in it by their terminal.
class MessageRows {
 public:
  void Add(const Travelled& one) {
    if (!one.in_history) {
      AddRow(one, one.device_id, one.session_key, one.msg_id, Joined(one.operation_ids),
             one.messages.SerializeAsString());
      return;
    }
    v1::Travel travel;
    travel.set_device_id(one.device_id);
    travel.set_session_key(one.session_key);
    travel.set_msg_id(one.msg_id);
    *travel.mutable_operation_ids() = {one.operation_ids.begin(), one.operation_ids.end()};
    *travel.mutable_messages() = one.messages.messages();
    v1::Travels piece;
    *piece.add_travels() = std::move(travel);
    const bool fits = shared_ && at_[*shared_] == one.at && messages_[*shared_].size() < kRowOctets;
    if (!fits) {
      shared_ = ids_.size();
      AddRow(one, "", "", 0, "", "");
    }
    piece.AppendToString(&messages_[*shared_]);
  }
  bool empty() const { return ids_.empty(); }
  Statement ToStatement() const {
    return {kInsertMessages,
            {Param::TextArray(devices_), Param::TextArray(sessions_), Param::Int8Array(msg_ids_),
             Param::TimestamptzArray(at_), Param::TextArray(ids_), Param::ByteaArray(messages_)}};
  }

 private:
  void AddRow(const Travelled& one, std::string device, std::string session, int64_t msg_id,
              std::string ids, std::string messages) {
    devices_.push_back(std::move(device));
    sessions_.push_back(std::move(session));
    msg_ids_.push_back(msg_id);
    at_.push_back(one.at);
    ids_.push_back(std::move(ids));
    messages_.push_back(std::move(messages));
  }

  std::vector<std::string> devices_, sessions_, ids_, messages_;
  std::vector<int64_t> msg_ids_;
  std::vector<TimePoint> at_;
  std::optional<size_t> shared_;  // The row that takes more.
};

}  // namespace

void Counts::Add(const std::string& label, v1::State state, int64_t count) {
  counts_[{label, state}] += count;
}

std::optional<Statement> Counts::ToStatement() const {
  std::vector<std::string> labels;
  std::vector<int16_t> states;
  std::vector<int64_t> counts;
  for (const auto& [of, count] : counts_) {
    if (count == 0) continue;
    labels.push_back(of.first);
    states.push_back(static_cast<int16_t>(of.second));
    counts.push_back(count);
  }
  if (labels.empty()) return std::nullopt;
  return Statement{kCount,
                   {Param::TextArray(labels), Param::Int2Array(states), Param::Int8Array(counts)}};
}

WriteStatements StatementsOf(const std::vector<Change>& changes,
                             const std::vector<Travelled>& travelled) {
  Moves moves, hints;
  Keys ends;
  Settlements settlements;
  Counts counts;
  for (const Change& change : changes) {
    const Kind kind = KindOf(change);
    if (kind == Kind::kMove) moves.Add(change);
    if (kind == Kind::kHint) hints.Add(change);
    if (kind == Kind::kEnd) ends.Add(change);
    if (!KeepsCourseApart(change)) settlements.Add(change);
    if (change.from == change.state) continue;
    counts.Add(change.label, change.from, -1);
    counts.Add(change.label, change.state, 1);
  }
  MessageRows messages;
  for (const Travelled& one : travelled) messages.Add(one);

  WriteStatements out;
  if (!moves.empty()) out.statements.push_back(moves.ToStatement(/*guarded=*/true));
  if (!hints.empty()) out.statements.push_back(hints.ToStatement(/*guarded=*/false));
  if (!ends.ids.empty()) {
    out.ends = out.statements.size();
    out.statements.push_back(
        {kEndSql,
         {Param::TextArray(ends.devices), Param::Int2Array(ends.priorities),
          Param::TextArray(ends.ids), Param::Int4Array(ends.versions), ends.Count()}});
  }
  if (!settlements.empty()) out.statements.push_back(settlements.ToStatement());
  if (!messages.empty()) out.statements.push_back(messages.ToStatement());
  if (auto counted = counts.ToStatement()) out.statements.push_back(*std::move(counted));
  return out;
}

}  // namespace drover::operations
