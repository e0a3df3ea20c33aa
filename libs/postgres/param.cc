// PostgreSQL's binary formats: src/backend/utils/adt of the server, the *recv functions.
#include <algorithm>
#include <array>

#include "libs/postgres/pool.h"
#include "libs/postgres/types.h"

namespace drover::postgres {
namespace {

template <typename T>
std::array<char, sizeof(T)> Octets(T value) {
  using Unsigned = std::make_unsigned_t<T>;
  auto rest = static_cast<Unsigned>(value);
  std::array<char, sizeof(T)> octets;
  for (size_t i = sizeof(T); i-- > 0; rest = static_cast<Unsigned>(uint64_t{rest} >> 8)) {
    octets[i] = static_cast<char>(rest & 0xFF);
  }
  return octets;
}

template <typename T>
void AppendInteger(T value, std::string& out) {
  const auto octets = Octets(value);
  out.append(octets.data(), octets.size());
}

void Encode(bool value, std::string& out) { out.push_back(value ? '\1' : '\0'); }
void Encode(int16_t value, std::string& out) { AppendInteger(value, out); }
void Encode(int32_t value, std::string& out) { AppendInteger(value, out); }
void Encode(int64_t value, std::string& out) { AppendInteger(value, out); }
void Encode(std::string_view value, std::string& out) { out.append(value); }
void Encode(TimePoint value, std::string& out) {
  AppendInteger(static_cast<int64_t>((value - kEpoch).count()), out);
}

template <typename T>
void EncodeElement(const T& value, std::string& out) {
  const size_t length_at = out.size();
  AppendInteger(int32_t{0}, out);
  const size_t begin = out.size();
  Encode(value, out);
  const auto length = Octets(static_cast<int32_t>(out.size() - begin));
  std::copy(length.begin(), length.end(), out.begin() + static_cast<std::ptrdiff_t>(length_at));
}
template <typename T>
void EncodeElement(const std::optional<T>& value, std::string& out) {
  if (value) return EncodeElement(*value, out);
  AppendInteger(int32_t{-1}, out);
}

// array_recv: dimensions, whether there may be NULLs, element type, then the dimension's length and
// lower bound, then the elements.
template <typename Values>
std::string EncodeArray(uint32_t element_type, const Values& values) {
  std::string out;
  AppendInteger(int32_t{values.empty() ? 0 : 1}, out);
  AppendInteger(int32_t{1}, out);
  AppendInteger(element_type, out);
  if (values.empty()) return out;
  AppendInteger(static_cast<int32_t>(values.size()), out);
  AppendInteger(int32_t{1}, out);
  for (const typename Values::value_type& value : values) EncodeElement(value, out);
  return out;
}

template <typename T>
std::string EncodeOne(const T& value) {
  std::string out;
  Encode(value, out);
  return out;
}

}  // namespace

Param Param::Null(uint32_t type) { return {type, std::nullopt}; }
Param Param::Bool(bool value) { return {kBool, EncodeOne(value)}; }
Param Param::Int2(int16_t value) { return {kInt2, EncodeOne(value)}; }
Param Param::Int4(int32_t value) { return {kInt4, EncodeOne(value)}; }
Param Param::Int8(int64_t value) { return {kInt8, EncodeOne(value)}; }
Param Param::Text(std::string_view value) { return {kText, std::string(value)}; }
Param Param::Bytea(std::string_view value) { return {kBytea, std::string(value)}; }
Param Param::Timestamptz(TimePoint value) { return {kTimestamptz, EncodeOne(value)}; }

Param Param::BoolArray(const std::vector<bool>& values) {
  return {kBoolArray, EncodeArray(kBool, values)};
}
Param Param::Int2Array(const std::vector<int16_t>& values) {
  return {kInt2Array, EncodeArray(kInt2, values)};
}
Param Param::Int4Array(const std::vector<int32_t>& values) {
  return {kInt4Array, EncodeArray(kInt4, values)};
}
Param Param::Int8Array(const std::vector<int64_t>& values) {
  return {kInt8Array, EncodeArray(kInt8, values)};
}
Param Param::TextArray(const std::vector<std::string>& values) {
  return {kTextArray, EncodeArray(kText, values)};
}
Param Param::TextArray(const std::vector<std::string_view>& values) {
  return {kTextArray, EncodeArray(kText, values)};
}
Param Param::TextArray(const std::vector<std::optional<std::string>>& values) {
  return {kTextArray, EncodeArray(kText, values)};
}
Param Param::ByteaArray(const std::vector<std::string>& values) {
  return {kByteaArray, EncodeArray(kBytea, values)};
}
Param Param::ByteaArray(const std::vector<std::string_view>& values) {
  return {kByteaArray, EncodeArray(kBytea, values)};
}
Param Param::ByteaArray(const std::vector<std::optional<std::string>>& values) {
  return {kByteaArray, EncodeArray(kBytea, values)};
}
Param Param::TimestamptzArray(const std::vector<TimePoint>& values) {
  return {kTimestamptzArray, EncodeArray(kTimestamptz, values)};
}
Param Param::TimestamptzArray(const std::vector<std::optional<TimePoint>>& values) {
  return {kTimestamptzArray, EncodeArray(kTimestamptz, values)};
}

}  // namespace drover::postgres
