#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace axonhub::net {

namespace asio = boost::asio;

using io_executor = asio::io_context::executor_type;

/// A coroutine of an I/O thread. Its executor is typed: no any_io_executor on the way.
template <class T>
using task = asio::awaitable<T, io_executor>;

/// Completion by co_await, for what reports no error.
constexpr auto as_task = asio::use_awaitable_t<io_executor>{};

/// Completion by co_await, with the error as the first of the values instead of an exception.
constexpr auto as_values = asio::as_tuple(as_task);

} // namespace axonhub::net
