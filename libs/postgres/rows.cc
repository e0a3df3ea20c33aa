#include "libs/postgres/rows.h"

#include <charconv>
#include <cstring>
#include <limits>

#include "libs/postgres/types.h"

namespace drover::postgres {
namespace {

struct Cell {
  PGresult* result;
  int row;
  int column;
};

Cell At(const std::shared_ptr<Rows::Data>& data, size_t row, size_t column) {
  DROVER_CHECK(data != nullptr);
  DROVER_CHECK(row < static_cast<size_t>(PQntuples(data->result)));
  DROVER_CHECK(column < static_cast<size_t>(PQnfields(data->result)));
  return {data->result, static_cast<int>(row), static_cast<int>(column)};
}

std::string_view Octets(const Cell& cell) {
  DROVER_CHECK(PQgetisnull(cell.result, cell.row, cell.column) == 0);
  DROVER_CHECK(PQfformat(cell.result, cell.column) == 1);
  return {PQgetvalue(cell.result, cell.row, cell.column),
          static_cast<size_t>(PQgetlength(cell.result, cell.row, cell.column))};
}

template <typename T>
T Integer(const Cell& cell, uint32_t type) {
  DROVER_CHECK(PQftype(cell.result, cell.column) == type);
  const std::string_view octets = Octets(cell);
  DROVER_CHECK(octets.size() == sizeof(T));
  uint64_t value = 0;
  for (const char octet : octets) value = value << 8 | static_cast<uint8_t>(octet);
  return static_cast<T>(value);
}

std::string_view Field(const PGresult* failed, int field) {
  const char* text = PQresultErrorField(failed, field);
  return text == nullptr ? "" : text;
}

}  // namespace

size_t Rows::size() const {
  return data_ == nullptr ? 0 : static_cast<size_t>(PQntuples(data_->result));
}

int64_t Rows::affected() const {
  if (data_ == nullptr) return 0;
  const char* text = PQcmdTuples(data_->result);
  int64_t count = 0;
  (void)std::from_chars(text, text + std::strlen(text), count);  // Empty when it counts nothing.
  return count;
}

bool Rows::null(size_t row, size_t column) const {
  const Cell cell = At(data_, row, column);
  return PQgetisnull(cell.result, cell.row, cell.column) != 0;
}
bool Rows::Bool(size_t row, size_t column) const {
  return Integer<uint8_t>(At(data_, row, column), kBool) != 0;
}
int16_t Rows::Int2(size_t row, size_t column) const {
  return Integer<int16_t>(At(data_, row, column), kInt2);
}
int32_t Rows::Int4(size_t row, size_t column) const {
  return Integer<int32_t>(At(data_, row, column), kInt4);
}
int64_t Rows::Int8(size_t row, size_t column) const {
  return Integer<int64_t>(At(data_, row, column), kInt8);
}
std::string_view Rows::Text(size_t row, size_t column) const {
  const Cell cell = At(data_, row, column);
  const uint32_t type = PQftype(cell.result, cell.column);
  DROVER_CHECK(type == kText || type == kVarchar || type == kName);
  return Octets(cell);
}
std::string_view Rows::Bytea(size_t row, size_t column) const {
  const Cell cell = At(data_, row, column);
  DROVER_CHECK(PQftype(cell.result, cell.column) == kBytea);
  return Octets(cell);
}
TimePoint Rows::Timestamptz(size_t row, size_t column) const {
  return kEpoch + std::chrono::microseconds(Integer<int64_t>(At(data_, row, column), kTimestamptz));
}

Code CodeOf(std::string_view sqlstate) {
  struct Mapping {
    std::string_view prefix;
    Code code;
  };
  static constexpr Mapping kMappings[] = {
      {"23505", Code::kAlreadyExists},     // unique_violation
      {"22", Code::kInvalidArgument},      // data exception
      {"23", Code::kInvalidArgument},      // integrity constraint violation
      {"40", Code::kAborted},              // serialization failure, deadlock
      {"55P03", Code::kAborted},           // lock_not_available
      {"42501", Code::kPermissionDenied},  // insufficient_privilege
      {"53", Code::kResourceExhausted},    // insufficient resources
      {"57014", Code::kDeadlineExceeded},  // query_canceled (statement_timeout)
      {"57", Code::kUnavailable},          // operator intervention: shutdown, starting up
      {"08", Code::kUnavailable},          // connection exception
      {"25006", Code::kUnavailable},       // read_only_sql_transaction: no longer the primary
      {"28", Code::kUnavailable},          // invalid authorization
  };
  for (const Mapping& mapping : kMappings) {
    if (sqlstate.starts_with(mapping.prefix)) return mapping.code;
  }
  return Code::kInternal;
}

Error FromFailed(const PGresult* failed) {
  const std::string_view sqlstate = Field(failed, PG_DIAG_SQLSTATE);
  std::string message = "PostgreSQL " + std::string(sqlstate.empty() ? "error" : sqlstate);
  // The messages of data exceptions and constraint violations quote what was stored; the others
  // name only what the statement says.
  if (!sqlstate.starts_with("22") && !sqlstate.starts_with("23")) {
    message.append(": ").append(Field(failed, PG_DIAG_MESSAGE_PRIMARY));
  }
  for (const int field : {PG_DIAG_TABLE_NAME, PG_DIAG_COLUMN_NAME, PG_DIAG_CONSTRAINT_NAME}) {
    if (const auto name = Field(failed, field); !name.empty()) message.append(" ").append(name);
  }
  return {CodeOf(sqlstate), std::move(message)};
}

}  // namespace drover::postgres
