#include "net/connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <vector>

#include "net/io_thread.hpp"

namespace axonhub::net {
namespace {

constexpr auto room = std::size_t{64} * 1024;

/// A connection on a thread of its own making, and the other end of its socket.
struct turns : public testing::Test {
  turns() {
    auto ends = std::array<int, 2>{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    peer_ = ends[1];
    for (const auto end : ends) { // more than one run has room; root may have more than others
      const auto size = 1 << 20;
      if (::setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    }
    client_ = std::make_shared<connection>(thread_, ends[0], true);
  }

  ~turns() override {
    ::close(peer_);
    client_.reset();
  }

  /// Runs a coroutine to its end, then closes.
  void run(task<void> what) {
    asio::co_spawn(context_, std::move(what), [this](std::exception_ptr thrown) {
      EXPECT_FALSE(thrown);
      context_.stop();
    });
    context_.run();
  }

  /// Sets a mark when the thread's others have their turn.
  void mark_turn() {
    others_ran_ = false;
    asio::post(context_, [this] { others_ran_ = true; });
  }

  asio::io_context context_{1};
  io_thread thread_{context_};
  connection_ptr client_;
  int peer_ = -1;
  bool others_ran_ = false;
};

TEST_F(turns, end_for_who_has_read_much_at_once) {
  const auto sent = std::vector<char>(connection::longest_run + 2 * room, 'x');
  ASSERT_EQ(::send(peer_, sent.data(), sent.size(), MSG_DONTWAIT),
            static_cast<ssize_t>(sent.size()));
  run([](turns& t) -> task<void> {
    auto bytes = std::vector<char>(room);
    const auto read_on = [&] {
      auto total = std::size_t{0};
      for (;;) {
        const auto step = t.client_->try_read(bytes.data(), bytes.size());
        if (step.state != io_state::ok)
          break;
        total += step.size;
      }
      return total;
    };
    const auto first = read_on();
    EXPECT_GE(first, connection::longest_run);
    EXPECT_LT(first, connection::longest_run + room);
    t.mark_turn();
    const auto ec = co_await t.client_->readable();
    EXPECT_FALSE(ec.failed());
    EXPECT_TRUE(t.others_ran_);
    EXPECT_EQ(first + read_on(), connection::longest_run + 2 * room);
  }(*this));
}

TEST_F(turns, go_on_for_who_reads_little) {
  ASSERT_EQ(::send(peer_, "xy", 2, 0), 2);
  run([](turns& t) -> task<void> {
    auto byte = char{};
    EXPECT_EQ(t.client_->try_read(&byte, 1).size, 1u);
    t.mark_turn();
    const auto ec = co_await t.client_->readable();
    EXPECT_FALSE(ec.failed());
    EXPECT_FALSE(t.others_ran_);
  }(*this));
}

TEST_F(turns, end_for_who_has_written_much_at_once) {
  run([](turns& t) -> task<void> {
    const auto much = std::string(connection::longest_run + room, 'x');
    t.mark_turn();
    const auto ec = co_await t.client_->write_all(much);
    EXPECT_FALSE(ec.failed());
    EXPECT_TRUE(t.others_ran_);
    t.mark_turn();
    const auto again = co_await t.client_->write_all(std::string_view{much}.substr(0, 1000));
    EXPECT_FALSE(again.failed());
    EXPECT_FALSE(t.others_ran_);
  }(*this));
}

TEST_F(turns, end_with_an_error_when_the_connection_does) {
  const auto sent = std::vector<char>(connection::longest_run, 'x');
  ASSERT_EQ(::send(peer_, sent.data(), sent.size(), MSG_DONTWAIT),
            static_cast<ssize_t>(sent.size()));
  run([](turns& t) -> task<void> {
    auto bytes = std::vector<char>(room);
    auto step = io_step{};
    while (step.state == io_state::ok)
      step = t.client_->try_read(bytes.data(), bytes.size());
    asio::post(t.context_, [&t] { t.client_->cancel(); });
    const auto ec = co_await t.client_->readable();
    EXPECT_EQ(ec, errc::cancelled);
  }(*this));
}

/// Reads a piece now and then.
task<void> read_slowly(int socket) {
  auto bytes = std::vector<char>(room);
  for (;;) {
    co_await sleep_for(milliseconds{10});
    if (::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT) == 0)
      co_return;
  }
}

TEST_F(turns, of_a_writer_last_while_the_peer_takes_anything_at_all) {
  asio::co_spawn(context_, read_slowly(peer_), asio::detached);
  run([](turns& t) -> task<void> {
    const auto much = std::string(4 << 20, 'x');
    const auto part = std::string_view{much};
    // A socket of this kind is called writable when three quarters of it are free: that takes
    // longer.
    const auto ec =
        co_await t.client_->write_all(std::span{&part, 1}, milliseconds{100}, steady_time::max());
    EXPECT_FALSE(ec.failed());
  }(*this));
}

TEST_F(turns, of_a_writer_end_when_the_peer_takes_nothing) {
  run([](turns& t) -> task<void> {
    const auto much = std::string(4 << 20, 'x');
    const auto part = std::string_view{much};
    const auto ec =
        co_await t.client_->write_all(std::span{&part, 1}, milliseconds{100}, steady_time::max());
    EXPECT_EQ(ec, errc::timeout);
  }(*this));
}

TEST(try_write, takes_a_run_at_most) {
  auto context = asio::io_context{1};
  auto thread = io_thread{context};
  auto ends = std::array<int, 2>{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const auto size = 1 << 20;
  if (::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  const auto client = std::make_shared<connection>(thread, ends[0], true);
  const auto part = std::string(100'000, 'x');
  const auto parts = std::vector<std::string_view>{part, part, part};
  EXPECT_EQ(client->try_write(parts).size, connection::longest_run);
  EXPECT_EQ(client->try_write(parts[0]).size, part.size());
  client->close();
  ::close(ends[1]);
}

} // namespace
} // namespace axonhub::net
