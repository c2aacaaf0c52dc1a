#include "net/connection.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "metrics/registry.hpp"
#include "net/io_thread.hpp"

namespace axonhub::net {
namespace {

io_step from_errno() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {io_state::would_block, 0};
  return {io_state::broken, 0};
}

} // namespace

connection::connection(io_thread& owner, tcp_socket socket)
    : owner_(owner), socket_(std::move(socket)) {
  auto ignored = error_code{};
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  owner_.add(*this, place_);
}

connection::~connection() {
  close();
  if (counted_ != nullptr)
    counted_->connection_closed(metrics::side::upstream);
  owner_.remove(place_);
}

void connection::count_as_upstream(metrics::registry& measures) {
  counted_ = &measures;
  measures.connection_opened(metrics::side::upstream);
}

io_step connection::tls_step(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
      return {io_state::ok, static_cast<std::size_t>(std::max(returned, 0))};
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {io_state::would_block, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {io_state::ended, 0};
    default:
      return {io_state::broken, 0};
  }
}

io_step connection::try_read(char* to, std::size_t room) {
  if (!socket_.is_open())
    return {io_state::broken, 0};
  if (ssl_) {
    ERR_clear_error();
    return tls_step(SSL_read(ssl_.get(), to, static_cast<int>(room)));
  }
  const auto size = ::recv(socket_.native_handle(), to, room, 0);
  if (size > 0)
    return {io_state::ok, static_cast<std::size_t>(size)};
  return size == 0 ? io_step{io_state::ended, 0} : from_errno();
}

io_step connection::try_write(std::string_view bytes) { return try_write(std::span{&bytes, 1}); }

io_step connection::try_write(std::span<const std::string_view> parts) {
  if (!socket_.is_open())
    return {io_state::broken, 0};
  if (ssl_) {
    auto written = std::size_t{0};
    for (const auto part : parts) {
      if (part.empty())
        continue;
      ERR_clear_error();
      const auto size = std::min<std::size_t>(part.size(), 1u << 30);
      const auto step = tls_step(SSL_write(ssl_.get(), part.data(), static_cast<int>(size)));
      written += step.size;
      if (step.state != io_state::ok)
        return written > 0 ? io_step{io_state::ok, written} : step;
      if (step.size < part.size())
        break;
    }
    return {io_state::ok, written};
  }
  auto vectors = std::array<iovec, 8>{};
  auto count = std::size_t{0};
  for (const auto part : parts.first(std::min(parts.size(), vectors.size())))
    if (!part.empty())
      vectors[count++] = {const_cast<char*>(part.data()), part.size()};
  auto message = msghdr{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  const auto size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  return size >= 0 ? io_step{io_state::ok, static_cast<std::size_t>(size)} : from_errno();
}

void connection::arm_read() {
  if (std::exchange(read_armed_, true))
    return;
  // Weak: a connection that nobody holds any more closes, whatever it waits for.
  socket_.async_wait(tcp_socket::wait_read, [weak = weak_from_this()](error_code ec) {
    if (const auto self = weak.lock()) {
      self->read_armed_ = false;
      self->on_readable(ec);
    }
  });
}

void connection::arm_write() {
  if (std::exchange(write_armed_, true))
    return;
  socket_.async_wait(tcp_socket::wait_write, [weak = weak_from_this()](error_code) {
    if (const auto self = weak.lock()) {
      self->write_armed_ = false;
      self->writer_.wake();
    }
  });
}

void connection::on_readable(error_code ec) {
  if (reader_.is_waiting())
    reader_.wake();
  else if (!ec.failed() && on_gone_)
    look_for_peer();
}

void connection::look_for_peer() {
  auto byte = char{};
  auto state = io_state::ok;
  if (ssl_) {
    ERR_clear_error();
    state = tls_step(SSL_peek(ssl_.get(), &byte, 1)).state;
  } else {
    const auto size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
    state = size > 0 ? io_state::ok : size == 0 ? io_state::ended : from_errno().state;
  }
  if (state == io_state::would_block) {
    arm_read();
  } else if (state == io_state::broken || (state == io_state::ended && !half_close_)) {
    // Only once: the callee may close this connection.
    const auto self = shared_from_this();
    std::exchange(on_gone_, nullptr)();
  }
  // Bytes of a next request stay where they are; the watch ends with them.
}

void connection::watch_peer(std::function<void()> gone, bool half_close) {
  half_close_ = half_close;
  on_gone_ = std::move(gone);
  if (socket_.is_open())
    arm_read();
}

task<error_code> connection::wait_for(wake_slot& slot, bool for_reading) {
  if (cancelled_)
    co_return errc::cancelled;
  if (!socket_.is_open())
    co_return errc::connection_closed;
  timed_out_ = false;
  for_reading ? arm_read() : arm_write();
  const auto self = shared_from_this();
  co_await slot.wait();
  if (cancelled_)
    co_return errc::cancelled;
  if (!socket_.is_open())
    co_return errc::connection_closed;
  if (std::exchange(timed_out_, false))
    co_return errc::timeout;
  co_return error_code{};
}

task<error_code> connection::readable() { return wait_for(reader_, true); }

task<error_code> connection::writable() { return wait_for(writer_, false); }

task<error_code> connection::write_all(std::string_view bytes) { return write_parts({bytes}); }

task<error_code> connection::write_all(std::span<const std::string_view> given) {
  auto parts = std::array<std::string_view, 8>{};
  std::ranges::copy(given.first(std::min(given.size(), parts.size())), parts.begin());
  return write_parts(parts);
}

task<error_code> connection::write_parts(std::array<std::string_view, 8> parts) {
  for (;;) {
    auto step = try_write(parts);
    for (auto& part : parts) {
      const auto taken = std::min(part.size(), step.size);
      part.remove_prefix(taken);
      step.size -= taken;
    }
    if (std::ranges::all_of(parts, &std::string_view::empty))
      co_return error_code{};
    if (step.state == io_state::broken || step.state == io_state::ended)
      co_return errc::connection_closed;
    if (step.state == io_state::would_block)
      if (const auto ec = co_await writable(); ec.failed())
        co_return ec;
  }
}

task<error_code> connection::handshake(ssl_ptr session, bool as_server) {
  ssl_ = std::move(session);
  for (;;) {
    ERR_clear_error();
    const auto returned = as_server ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get());
    if (returned == 1)
      co_return error_code{};
    const auto why = SSL_get_error(ssl_.get(), returned);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
      co_return errc::tls_failed;
    // Not in a conditional expression: each wait is a coroutine of its own.
    auto ec = error_code{};
    if (why == SSL_ERROR_WANT_READ)
      ec = co_await readable();
    else
      ec = co_await writable();
    if (ec.failed())
      co_return ec;
  }
}

void connection::set_deadline_in(milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

void connection::sweep(steady_time now) {
  if (now < deadline_ || (!reader_.is_waiting() && !writer_.is_waiting()))
    return;
  deadline_ = steady_time::max();
  timed_out_ = true;
  const auto self = shared_from_this();
  reader_.wake();
  writer_.wake();
}

void connection::cancel() {
  cancelled_ = true;
  const auto self = shared_from_this();
  reader_.wake();
  writer_.wake();
}

void connection::close() {
  if (!socket_.is_open())
    return;
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get()); // says goodbye once; does not wait for an answer
  }
  auto ignored = error_code{};
  socket_.shutdown(tcp_socket::shutdown_both, ignored);
  socket_.close(ignored);
  on_gone_ = nullptr;
  reader_.wake();
  writer_.wake();
}

void connection::abort() {
  if (!socket_.is_open())
    return;
  auto ignored = error_code{};
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  ssl_.reset();
  socket_.close(ignored);
  on_gone_ = nullptr;
  reader_.wake();
  writer_.wake();
}

bool connection::is_quiet() {
  if (!socket_.is_open())
    return false;
  auto byte = char{};
  if (ssl_) {
    ERR_clear_error();
    return tls_step(SSL_peek(ssl_.get(), &byte, 1)).state == io_state::would_block;
  }
  return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK) < 0 &&
         from_errno().state == io_state::would_block;
}

std::string connection::peer_address() const {
  auto ec = error_code{};
  const auto peer = socket_.remote_endpoint(ec);
  return ec.failed() ? std::string{} : peer.address().to_string();
}

} // namespace axonhub::net
