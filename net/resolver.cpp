#include "net/resolver.hpp"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "net/dns_client.hpp"
#include "net/resolver_cache.hpp"

namespace axonhub::net {

namespace {

using continuation = asio::async_result<asio::use_awaitable_t<io_executor>, void()>::handler_type;
using io_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, io_executor>;

constexpr auto max_host_size = std::size_t{253};

std::optional<asio::ip::address> literal(std::string_view host) {
  const auto bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  auto failed = error_code{};
  const auto address = asio::ip::make_address(host, failed);
  if (failed.failed() || (bracketed && !address.is_v6()))
    return std::nullopt;
  return address;
}

bool can_be_a_name(std::string_view host) {
  return !host.empty() && host.size() <= max_host_size &&
         std::ranges::all_of(host, [](char c) { return c > 0x20 && c < 0x7f; });
}

} // namespace

class resolver::state : public std::enable_shared_from_this<state> {
public:
  state(asio::io_context& context, resolver_config settings)
      : settings_(std::move(settings)),
        timer_(context),
        cache_({settings_.min_ttl, settings_.max_ttl, settings_.negative_ttl,
                settings_.keep_last_good}),
        client_(std::make_shared<dns_client>(
            context, dns_settings{settings_.servers, settings_.query_timeout, settings_.tries})) {}

  static task<result<address_list>> resolve(std::shared_ptr<state> self, std::string host,
                                            milliseconds deadline);

  void close();

private:
  /// A coroutine that waits; where its answer goes is in its frame.
  struct waiting {
    continuation resume;
    steady_time until;
    result<address_list>* answer;
  };

  /// A name that is being asked for.
  struct query {
    std::uint64_t number = 0;
    std::list<waiting> waiters;
    steady_time ask_ipv4_at;
    bool all_open = true;   // the question for both families
    bool ipv4_open = false; // the one for IPv4 alone, once it is asked
  };

  void wait(const std::string& host, milliseconds deadline, result<address_list>& answer,
            continuation resume);
  void ask(const std::string& host, dns_client::family wanted, std::uint64_t number);
  void take(const std::string& host, dns_client::family wanted, std::uint64_t number,
            dns_answer answer);
  void settle(const std::string& host, const result<address_list>& answer);
  void cancel(const result<address_list>* of);
  void arm();
  void tick();

  static void resume(waiting& who, const result<address_list>& answer);

  resolver_config settings_;
  io_timer timer_;
  resolver_cache cache_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::string, query> queries_;
  std::shared_ptr<dns_client> client_; // nullptr once closed
};

task<result<address_list>> resolver::state::resolve(std::shared_ptr<state> self, std::string host,
                                                    milliseconds deadline) {
  if (const auto address = literal(host))
    co_return address_list{*address};
  if (!can_be_a_name(host))
    co_return errc::resolve_failed;
  host = to_lower(host);
  if (auto known = self->cache_.find(host, self->settings_.clock()))
    co_return std::move(*known);
  auto answer = result<address_list>{errc::shutting_down};
  co_await asio::async_initiate<const asio::use_awaitable_t<io_executor>&, void()>(
      [&](continuation resume) { self->wait(host, deadline, answer, std::move(resume)); }, as_task);
  co_return answer;
}

void resolver::state::wait(const std::string& host, milliseconds deadline,
                           result<address_list>& answer, continuation resume) {
  if (!client_)
    return asio::post(std::move(resume));
  auto cancellation = asio::get_associated_cancellation_slot(resume);
  if (cancellation.is_connected())
    cancellation.assign([weak = weak_from_this(), of = &answer](asio::cancellation_type) {
      if (const auto self = weak.lock())
        self->cancel(of);
    });
  const auto now = std::chrono::steady_clock::now();
  if (cache_.last_good(host, settings_.clock()))
    deadline = std::min(deadline, settings_.patience);
  const auto [at, is_new] = queries_.try_emplace(host);
  at->second.waiters.push_back({std::move(resume), now + deadline, &answer});
  if (is_new) {
    at->second.number = ++last_number_;
    at->second.ask_ipv4_at = now + settings_.ipv4_delay;
    ask(host, dns_client::family::any, last_number_);
  }
  arm();
}

void resolver::state::ask(const std::string& host, dns_client::family wanted,
                          std::uint64_t number) {
  client_->ask(host, wanted, [this, host, wanted, number](dns_answer answer) {
    take(host, wanted, number, std::move(answer)); // the client ends before this state
  });
}

void resolver::state::take(const std::string& host, dns_client::family wanted, std::uint64_t number,
                           dns_answer answer) {
  const auto failed = answer.failure.failed();
  if (!failed)
    cache_.learn(host, answer.addresses, answer.ttl, settings_.clock());
  const auto at = queries_.find(host);
  if (at == queries_.end() || at->second.number != number)
    return; // the other question was faster
  auto& asked = at->second;
  (wanted == dns_client::family::any ? asked.all_open : asked.ipv4_open) = false;
  if (!failed)
    return settle(host, std::move(answer.addresses));
  if (asked.all_open || asked.ipv4_open)
    return;
  const auto now = settings_.clock();
  cache_.fail(host, answer.failure, now);
  if (const auto* last = cache_.last_good(host, now))
    return settle(host, *last);
  settle(host, answer.failure);
}

void resolver::state::settle(const std::string& host, const result<address_list>& answer) {
  auto done = queries_.extract(host);
  for (auto& who : done.mapped().waiters)
    resume(who, answer);
}

void resolver::state::resume(waiting& who, const result<address_list>& answer) {
  *who.answer = answer;
  asio::post(std::move(who.resume));
}

void resolver::state::cancel(const result<address_list>* of) {
  for (auto& [host, asked] : queries_) {
    const auto who = std::ranges::find(asked.waiters, of, &waiting::answer);
    if (who == asked.waiters.end())
      continue;
    resume(*who, errc::cancelled);
    asked.waiters.erase(who);
    return;
  }
}

void resolver::state::arm() {
  auto next = steady_time::max();
  for (const auto& [host, asked] : queries_) {
    if (asked.all_open && !asked.ipv4_open)
      next = std::min(next, asked.ask_ipv4_at);
    for (const auto& who : asked.waiters)
      next = std::min(next, who.until);
  }
  if (next == steady_time::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(next);
  timer_.async_wait([weak = weak_from_this()](const error_code& failed) {
    if (const auto self = weak.lock(); self && !failed)
      self->tick();
  });
}

void resolver::state::tick() {
  const auto now = std::chrono::steady_clock::now();
  auto slow = std::vector<std::pair<std::string, std::uint64_t>>{};
  for (auto& [host, asked] : queries_) {
    if (asked.ask_ipv4_at <= now && asked.all_open && !asked.ipv4_open) {
      asked.ask_ipv4_at = steady_time::max(); // once
      slow.emplace_back(host, asked.number);
    }
    const auto* last = cache_.last_good(host, settings_.clock());
    std::erase_if(asked.waiters, [now, last](waiting& who) {
      if (who.until > now)
        return false;
      resume(who, last ? result<address_list>{*last} : errc::timeout);
      return true;
    });
  }
  for (const auto& [host, number] : slow) {
    if (const auto at = queries_.find(host); at != queries_.end() && at->second.number == number) {
      at->second.ipv4_open = true;
      ask(host, dns_client::family::ipv4, number);
    }
  }
  arm();
}

void resolver::state::close() {
  client_.reset();
  timer_.cancel();
  for (auto& [host, asked] : std::exchange(queries_, {}))
    for (auto& who : asked.waiters)
      resume(who, errc::shutting_down);
}

resolver::resolver(asio::io_context& context, resolver_config settings)
    : state_(std::make_shared<state>(context, std::move(settings))) {}

resolver::~resolver() { state_->close(); }

task<result<std::vector<asio::ip::address>>> resolver::resolve(std::string host,
                                                               milliseconds deadline) {
  return state::resolve(state_, std::move(host), deadline);
}

} // namespace axonhub::net
