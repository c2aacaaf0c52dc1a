#include "net/farewells.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "net/io_thread.hpp"

namespace axonhub::net {
namespace {

constexpr auto farewell_time = milliseconds{1000};
constexpr std::size_t longest_end = 64 * 1024;

/// Takes one off a count when it goes.
struct counted_one {
  std::size_t& count;

  explicit counted_one(std::size_t& c) : count(c) {}
  ~counted_one() { --count; }
  counted_one(const counted_one&) = delete;
  counted_one& operator=(const counted_one&) = delete;
};

} // namespace

void farewells::await_end(connection_ptr from, upstream_reader reader, upstream_target_ptr target) {
  if (count_ == most)
    return;
  ++count_; // from here on, not from its first turn: who stops the thread asks
  asio::co_spawn(io_.context().get_executor(),
                 read_end(std::move(from), std::move(reader), std::move(target)), asio::detached);
}

task<void> farewells::read_end(connection_ptr from, upstream_reader reader,
                               upstream_target_ptr target) {
  const auto one = counted_one{count_};
  from->set_deadline_in(farewell_time);
  for (auto left = longest_end; !reader.is_complete();) {
    auto fresh = std::string_view{};
    const auto how = reader.read_body(*from, io_.scratch(), io_thread::scratch_size, fresh);
    if (fresh.size() > left)
      co_return;
    left -= fresh.size();
    if (how == upstream_reader::state::wait) {
      const auto ec = co_await from->readable();
      if (ec.failed())
        co_return;
    } else if (how != upstream_reader::state::more) {
      break;
    }
  }
  if (reader.is_reusable())
    pool_.put(target->pool_key, std::move(from));
}

} // namespace axonhub::net
