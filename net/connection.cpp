#include "net/connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>
#include <vector>

#include "metrics/registry.hpp"
#include "net/coarse_time.hpp"
#include "net/io_thread.hpp"

namespace axonhub::net {
namespace {

io_step from_errno() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {io_state::would_block, 0};
  return {io_state::broken, 0};
}

} // namespace

connection::connection(io_thread& owner, int socket, bool connected)
    : owner_(owner), socket_(socket), may_read_(connected), may_write_(connected) {
  const auto on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
  owner_.add(*this, place_);
  if (owner_.events().add(socket_, *this).failed()) { // out of memory for one more
    ::close(socket_);
    socket_ = -1;
  }
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

/// SSL_get_error(), which also says what the socket has no more of.
int connection::tls_error(int returned) {
  const auto why = SSL_get_error(ssl_.get(), returned);
  if (why == SSL_ERROR_WANT_READ)
    may_read_ = false;
  if (why == SSL_ERROR_WANT_WRITE)
    may_write_ = false;
  tls_wants_ = why;
  return why;
}

io_step connection::tls_step(int returned) {
  switch (tls_error(returned)) {
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
  if (!is_open())
    return {io_state::broken, 0};
  if (read_run_ >= longest_run || (!may_read_ && (!ssl_ || SSL_has_pending(ssl_.get()) == 0)))
    return {io_state::would_block, 0};
  if (ssl_) {
    ERR_clear_error();
    const auto step = tls_step(SSL_read(ssl_.get(), to, static_cast<int>(room)));
    read_run_ += step.size;
    read_wants_write_ = tls_wants_ == SSL_ERROR_WANT_WRITE;
    return step;
  }
  const auto size = ::recv(socket_, to, room, 0);
  if (size > 0) {
    // Less than there was room for is all there was; the next byte, or the end, is a new event.
    may_read_ = hung_up_ || size == static_cast<ssize_t>(room);
    read_run_ += static_cast<std::size_t>(size);
    return {io_state::ok, static_cast<std::size_t>(size)};
  }
  if (size == 0)
    return {io_state::ended, 0};
  may_read_ = errno == EINTR;
  return from_errno();
}

io_step connection::try_write(std::string_view bytes) { return try_write(std::span{&bytes, 1}); }

io_step connection::try_write(std::span<const std::string_view> parts) {
  if (!is_open())
    return {io_state::broken, 0};
  if (ssl_) {
    auto written = std::size_t{0};
    for (const auto part : parts) {
      if (part.empty())
        continue;
      ERR_clear_error();
      const auto size = std::min(part.size(), longest_run - written);
      const auto step = tls_step(SSL_write(ssl_.get(), part.data(), static_cast<int>(size)));
      write_wants_read_ = tls_wants_ == SSL_ERROR_WANT_READ;
      written += step.size;
      if (step.state != io_state::ok)
        return written > 0 ? io_step{io_state::ok, written} : step;
      if (step.size < part.size() || written >= longest_run)
        break;
    }
    return {io_state::ok, written};
  }
  auto vectors = std::array<iovec, 8>{};
  auto count = std::size_t{0};
  auto room = longest_run;
  for (auto part : parts.first(std::min(parts.size(), vectors.size()))) {
    part = part.substr(0, room);
    room -= part.size();
    if (!part.empty())
      vectors[count++] = {const_cast<char*>(part.data()), part.size()};
  }
  auto message = msghdr{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  const auto size = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
  if (size >= 0)
    return {io_state::ok, static_cast<std::size_t>(size)};
  may_write_ = errno == EINTR;
  return from_errno();
}

void connection::on_events(io_events what) {
  const auto self = shared_from_this(); // whoever goes on may drop this connection
  may_read_ = may_read_ || what.readable;
  may_write_ = may_write_ || what.writable;
  hung_up_ = hung_up_ || what.hung_up;
  if (may_write_)
    writer_.wake();
  if (!may_read_)
    return;
  if (reader_.is_waiting())
    reader_.wake();
  else if (on_gone_ && (ssl_ || hung_up_)) // TLS says goodbye in a record
    look_for_peer();
}

void connection::look_for_peer() {
  auto byte = char{};
  auto state = io_state::ok;
  if (ssl_) {
    ERR_clear_error();
    state = tls_step(SSL_peek(ssl_.get(), &byte, 1)).state;
  } else {
    const auto size = ::recv(socket_, &byte, 1, MSG_PEEK);
    state = size > 0 ? io_state::ok : size == 0 ? io_state::ended : from_errno().state;
  }
  if (state == io_state::broken || (state == io_state::ended && !half_close_))
    std::exchange(on_gone_, nullptr)(); // once
  // Bytes of a next request stay where they are; the watch ends with them.
}

void connection::watch_peer(std::function<void()> gone, bool half_close) {
  half_close_ = half_close;
  on_gone_ = std::move(gone);
  if (!is_open() || !may_read_)
    return;
  // What came while nobody watched makes no event any more.
  asio::post(owner_.context(), [weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && self->on_gone_ && self->may_read_)
      self->on_events({.readable = true});
  });
}

task<error_code> connection::wait_for(wake_slot& slot, const bool& ready) {
  if (cancelled_)
    co_return errc::cancelled;
  if (!is_open())
    co_return errc::connection_closed;
  if (ready)
    co_return error_code{};
  timed_out_ = false;
  const auto self = shared_from_this();
  co_await slot.wait();
  if (cancelled_)
    co_return errc::cancelled;
  if (!is_open())
    co_return errc::connection_closed;
  if (std::exchange(timed_out_, false))
    co_return errc::timeout;
  co_return error_code{};
}

/// Lets the thread's other coroutines have their turn.
task<error_code> connection::pause() {
  const auto self = shared_from_this();
  co_await asio::post(owner_.context(), as_task);
  if (cancelled_)
    co_return errc::cancelled;
  if (!is_open())
    co_return errc::connection_closed;
  co_return error_code{};
}

// Amid a message of TLS's own, reading may have to write first, and writing to read.
task<error_code> connection::readable() {
  if (std::exchange(read_run_, 0) >= longest_run)
    return pause();
  return read_wants_write_ ? wait_for(writer_, may_write_) : wait_for(reader_, may_read_);
}

task<error_code> connection::writable() {
  return write_wants_read_ ? wait_for(reader_, may_read_) : wait_for(writer_, may_write_);
}

task<error_code> connection::write_all(std::string_view bytes) { return write_parts({bytes}); }

task<error_code> connection::write_all(std::span<const std::string_view> given) {
  auto parts = std::array<std::string_view, 8>{};
  std::ranges::copy(given.first(std::min(given.size(), parts.size())), parts.begin());
  return write_parts(parts);
}

task<error_code> connection::write_all(std::span<const std::string_view> given,
                                       milliseconds patience, steady_time last) {
  auto parts = std::array<std::string_view, 8>{};
  std::ranges::copy(given.first(std::min(given.size(), parts.size())), parts.begin());
  return write_parts(parts, patience, last);
}

task<error_code> connection::write_parts(std::array<std::string_view, 8> parts,
                                         milliseconds patience, steady_time last) {
  const auto self = shared_from_this();
  co_await owner_.events().turn_end();
  auto run = std::size_t{0}; // bytes since the last wait
  auto is_late = false;
  for (;;) {
    auto step = try_write(parts);
    if (std::exchange(is_late, false) && step.size == 0)
      co_return errc::timeout;
    run += step.size;
    for (auto& part : parts) {
      const auto taken = std::min(part.size(), step.size);
      part.remove_prefix(taken);
      step.size -= taken;
    }
    if (std::ranges::all_of(parts, &std::string_view::empty))
      co_return error_code{};
    if (step.state == io_state::broken || step.state == io_state::ended)
      co_return errc::connection_closed;
    auto ec = error_code{};
    if (step.state == io_state::would_block) {
      if (patience != milliseconds::max())
        set_deadline(std::min(last, std::chrono::steady_clock::now() + patience));
      ec = co_await writable();
      // A full socket is called writable only when a good part of it is free: what it takes counts.
      is_late = ec == errc::timeout && std::chrono::steady_clock::now() < last &&
                patience != milliseconds::max();
      if (is_late)
        ec = {};
    } else if (run >= longest_run) {
      ec = co_await pause();
    } else {
      continue;
    }
    if (ec.failed())
      co_return ec;
    run = 0;
  }
}

task<error_code> connection::handshake(ssl_ptr session, bool as_server) {
  ssl_ = std::move(session);
  for (;;) {
    ERR_clear_error();
    const auto returned = as_server ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get());
    if (returned == 1)
      co_return error_code{};
    const auto why = tls_error(returned);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
      co_return errc::tls_failed;
    // Not in a conditional expression: each wait is a coroutine of its own.
    auto ec = error_code{};
    if (why == SSL_ERROR_WANT_READ)
      ec = co_await wait_for(reader_, may_read_);
    else
      ec = co_await wait_for(writer_, may_write_);
    if (ec.failed())
      co_return ec;
  }
}

void connection::set_deadline_in(milliseconds from_now) { deadline_ = coarse_now() + from_now; }

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

void connection::end_sending() {
  if (is_open())
    ::shutdown(socket_, SHUT_WR);
}

void connection::close() {
  if (!is_open())
    return;
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get()); // says goodbye once; does not wait for an answer
  }
  ::shutdown(socket_, SHUT_RDWR);
  end_socket();
}

void connection::abort() {
  if (!is_open())
    return;
  const auto reset = linger{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  ssl_.reset();
  end_socket();
}

void connection::end_socket() {
  owner_.events().remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
  on_gone_ = nullptr;
  reader_.wake();
  writer_.wake();
}

bool connection::is_quiet() {
  if (!is_open())
    return false;
  auto byte = char{};
  if (ssl_) {
    ERR_clear_error();
    return tls_step(SSL_peek(ssl_.get(), &byte, 1)).state == io_state::would_block;
  }
  return ::recv(socket_, &byte, 1, MSG_PEEK) < 0 && from_errno().state == io_state::would_block;
}

std::string connection::peer_address() const {
  auto peer = asio::ip::tcp::endpoint{};
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(socket_, peer.data(), &size) != 0)
    return {};
  return peer.address().to_string();
}

} // namespace axonhub::net
