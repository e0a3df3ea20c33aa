// Coroutines on Asio: the one form in which Drover waits.
//
// A process has one io_context, run by one thread, which therefore needs no locks; gRPC's and
// librdkafka's threads post onto it. gcc 12: give co_await its own statement and named arguments;
// spawn named functions, never capturing lambdas.
#pragma once
#include <chrono>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/base/result.h"

namespace drover {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;  // Concrete: a type-erased one costs allocations.
template <typename T = void>
using Task = asio::awaitable<Result<T>, Executor>;
using Process = asio::awaitable<void, Executor>;  // What is spawned: it deals with its own errors.
constexpr asio::use_awaitable_t<Executor> kAwait{};
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// When a wait must end. Every outbound call takes one, handed down from the first hop.
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline In(std::chrono::steady_clock::duration time) {
  return std::chrono::steady_clock::now() + time;
}
inline std::chrono::milliseconds Left(Deadline deadline) {
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
}

}  // namespace drover
