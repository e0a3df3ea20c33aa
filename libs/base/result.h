// Result<T>: a value or an Error, for everything that can fail for a reason outside the program.
//
// Method names follow std::expected. Code equals grpc::StatusCode in number, so that an Error
// crosses a gRPC hop unchanged. A protocol's own refusal (a SyncML status, an SMPP command_status)
// is a value of its enum and not an Error; what cannot happen is DROVER_CHECKed
// (libs/base/check.h).
#pragma once
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "libs/base/check.h"

namespace drover {

enum class Code : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// The upper-case name that gRPC uses, for logs and the command line.
std::string_view Name(Code code);

struct Error {
  Code code = Code::kUnknown;
  std::string message;  // What happened and, where it helps, what to do next. Never a secret.
};

inline std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << Name(error.code) << ": " << error.message;
}

template <typename T = void>
class [[nodiscard]] Result;

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return Checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return Checked(), *std::get_if<0>(&state_); }
  T&& value() && { return Checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    DROVER_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    DROVER_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }
  T value_or(T other) && { return has_value() ? std::move(*this).value() : std::move(other); }

 private:
  void Checked() const { DROVER_CHECK(has_value()); }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { DROVER_CHECK(has_value()); }
  const Error& error() const& {
    DROVER_CHECK(!has_value());
    return *error_;
  }
  Error&& error() && {
    DROVER_CHECK(!has_value());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

inline Error InvalidArgument(std::string m) { return {Code::kInvalidArgument, std::move(m)}; }
inline Error DeadlineExceeded(std::string m) { return {Code::kDeadlineExceeded, std::move(m)}; }
inline Error NotFound(std::string m) { return {Code::kNotFound, std::move(m)}; }
inline Error AlreadyExists(std::string m) { return {Code::kAlreadyExists, std::move(m)}; }
inline Error PermissionDenied(std::string m) { return {Code::kPermissionDenied, std::move(m)}; }
inline Error ResourceExhausted(std::string m) { return {Code::kResourceExhausted, std::move(m)}; }
inline Error FailedPrecondition(std::string m) { return {Code::kFailedPrecondition, std::move(m)}; }
inline Error Aborted(std::string m) { return {Code::kAborted, std::move(m)}; }
inline Error OutOfRange(std::string m) { return {Code::kOutOfRange, std::move(m)}; }
inline Error Internal(std::string m) { return {Code::kInternal, std::move(m)}; }
inline Error Unavailable(std::string m) { return {Code::kUnavailable, std::move(m)}; }
inline Error Unauthenticated(std::string m) { return {Code::kUnauthenticated, std::move(m)}; }
inline Error Cancelled(std::string m) { return {Code::kCancelled, std::move(m)}; }

}  // namespace drover

#define DROVER_CONCAT_INNER_(a, b) a##b
#define DROVER_CONCAT_(a, b) DROVER_CONCAT_INNER_(a, b)

// DROVER_TRY(expr); or DROVER_TRY(auto x, expr): returns the Error of expr from the enclosing
// function.
#define DROVER_TRY_1_(expr)                                      \
  do {                                                           \
    if (auto drover_try_result_ = (expr); !drover_try_result_) { \
      return std::move(drover_try_result_).error();              \
    }                                                            \
  } while (false)
#define DROVER_TRY_2_IMPL_(tmp, declaration, expr) \
  auto tmp = (expr);                               \
  if (!tmp) return std::move(tmp).error();         \
  declaration = std::move(*tmp)
#define DROVER_TRY_2_(declaration, expr) \
  DROVER_TRY_2_IMPL_(DROVER_CONCAT_(drover_try_, __LINE__), declaration, expr)
#define DROVER_TRY_PICK_(_1, _2, name, ...) name
#define DROVER_TRY(...) DROVER_TRY_PICK_(__VA_ARGS__, DROVER_TRY_2_, DROVER_TRY_1_)(__VA_ARGS__)

// The same in a coroutine: expr is a co_await expression's result.
#define DROVER_CO_TRY_1_(expr)                                   \
  do {                                                           \
    if (auto drover_try_result_ = (expr); !drover_try_result_) { \
      co_return std::move(drover_try_result_).error();           \
    }                                                            \
  } while (false)
#define DROVER_CO_TRY_2_IMPL_(tmp, declaration, expr) \
  auto tmp = (expr);                                  \
  if (!tmp) co_return std::move(tmp).error();         \
  declaration = std::move(*tmp)
#define DROVER_CO_TRY_2_(declaration, expr) \
  DROVER_CO_TRY_2_IMPL_(DROVER_CONCAT_(drover_try_, __LINE__), declaration, expr)
#define DROVER_CO_TRY(...) \
  DROVER_TRY_PICK_(__VA_ARGS__, DROVER_CO_TRY_2_, DROVER_CO_TRY_1_)(__VA_ARGS__)
