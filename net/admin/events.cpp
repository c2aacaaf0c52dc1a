#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "net/admin/handlers.hpp"
#include "net/events.hpp"
#include "net/http_write.hpp"
#include "net/session.hpp"
#include "net/wake_slot.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto tick = std::chrono::seconds{1};
constexpr auto ticks_per_heartbeat = 15;

/// What the watcher's coroutine shares with those who wake it.
struct watcher {
  explicit watcher(asio::io_context& c) : context(c), timer(c) {}

  asio::io_context& context;
  io_timer timer;
  wake_slot slot;
  std::atomic<bool> told = false; ///< A wake-up is on its way.
  bool gone = false;
  int quiet_ticks = 0;
};

using watcher_ptr = std::shared_ptr<watcher>;

/// From any thread: the coroutine goes on, on its own one.
void tell_news(const watcher_ptr& w) {
  if (w->told.exchange(true))
    return;
  asio::post(w->context, [w] {
    w->told = false;
    w->slot.wake();
  });
}

/// Wakes the coroutine every second, to see whether the server drains and to keep proxies content.
void arm(const watcher_ptr& w) {
  w->timer.expires_after(tick);
  w->timer.async_wait([w](error_code ec) {
    if (ec.failed() || w->gone)
      return;
    ++w->quiet_ticks;
    arm(w);
    w->slot.wake();
  });
}

/// Ends the watch, however the coroutine ends.
class subscription {
public:
  subscription(event_log& events, session& from, const watcher_ptr& w)
      : events_(events), from_(from), watcher_(w) {
    number_ = events.watch([weak = std::weak_ptr{w}] {
      if (const auto alive = weak.lock())
        tell_news(alive);
    });
    from.client().watch_peer(
        [w] {
          w->gone = true;
          w->slot.wake();
        },
        false);
    arm(w);
  }
  ~subscription() {
    events_.unwatch(number_);
    from_.client().stop_watching();
    watcher_->gone = true;
    watcher_->timer.cancel();
  }
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;

private:
  event_log& events_;
  session& from_;
  watcher_ptr watcher_;
  std::uint64_t number_ = 0;
};

std::string to_sse(const live_event& e) {
  return "id: " + std::to_string(e.number) + "\nevent: " + e.type + "\ndata: " + e.json + "\n\n";
}

/// The number after which to go on; events that cannot be had any more are a gap.
std::uint64_t resume_after(const session& s, const event_log& events, bool& gap) {
  const auto last = events.last_number();
  const auto given = s.head().find("last-event-id");
  if (given.empty())
    return last;
  const auto number = parse_decimal<std::uint64_t>(given);
  gap = !number || *number > last; // of an earlier run of the gateway
  return gap ? last : *number;
}

} // namespace

task<void> serve_events(session& s) {
  constexpr auto type = std::string_view{"text/event-stream; charset=utf-8"};
  if (s.head().method == "HEAD") {
    auto a = answer{};
    a.content_type = type;
    co_await s.send(a);
    co_return;
  }
  auto& shared = s.owner().shared;
  const auto w = std::make_shared<watcher>(s.owner().io.context());
  auto watching = std::optional<subscription>{};
  watching.emplace(shared.events, s, w);
  auto gap = false;
  auto after = resume_after(s, shared.events, gap);
  s.begin_stream(200, type, "cache-control: no-store\r\nx-accel-buffering: no\r\n");
  auto text = std::string{": the gateway's events\n\n"};
  for (auto ended = false; !ended;) {
    ended = shared.draining;
    auto news = shared.events.since(after);
    if (gap || news.gap)
      text += "event: gap\ndata: {}\n\n";
    gap = false;
    for (const auto& e : news.events)
      text += to_sse(e);
    if (!news.events.empty())
      after = news.events.back().number;
    else if (news.gap)
      after = shared.events.last_number();
    if (text.empty() && w->quiet_ticks >= ticks_per_heartbeat)
      text = ": still here\n\n";
    if (!text.empty() || ended) {
      w->quiet_ticks = 0;
      const auto part = std::string_view{text};
      const auto sent = co_await s.write_stream(std::span{&part, 1}, ended);
      if (!sent)
        co_return;
      text.clear();
    }
    // What came during the write has woken nobody.
    if (!ended && !w->gone && shared.events.last_number() <= after)
      co_await w->slot.wait();
    if (w->gone) {
      watching.reset();
      s.client().close();
      co_return;
    }
  }
}

} // namespace axonhub::net::admin
