#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "policy/exchange.hpp"

/// Drives the production state machine through random schedules of leases, refusals, events and
/// failures, and judges what the client got: the bytes of one attempt, or a proper error.
namespace axonhub::policy {
namespace {

constexpr auto kinds = static_cast<std::size_t>(failure_kind::stream_error) + 1;

struct piece {
  std::uint32_t attempt;
  std::uint32_t event;
};

/// What one client saw of one request.
struct client_view {
  std::vector<piece> pieces;
  bool finished = false; ///< The upstream's terminal event or whole answer.
  bool error_event = false;
  bool error_answer = false; ///< An HTTP error status.
  bool head_sent = false;
  bool torn = false; ///< A status after the head of a stream, or an event before it.
};

class driver {
public:
  driver(const exchange_rules& rules, std::uint64_t seed)
      : random_(seed), stream_(coin(80)), exchange_(rules, stream_, seed) {}

  /// The ways to fail that it met: how, after the commit point or before, with leave to retry.
  using ways = std::set<std::tuple<failure_kind, bool, bool>>;
  const ways& covered() const { return covered_; }

  client_view run() {
    auto next = exchange_.start();
    for (auto steps = 0; steps < 200; ++steps) {
      switch (next.what) {
        case action::route:
          next = route();
          break;
        case action::attempt:
          next = attempt();
          break;
        case action::relay_error:
        case action::own_error:
          seen_.error_answer = true;
          seen_.torn = seen_.head_sent;
          return seen_;
        case action::error_event:
          seen_.error_event = true;
          seen_.torn = !seen_.head_sent;
          return seen_;
        case action::stop:
        case action::done:
          return seen_;
      }
    }
    return {}; // it never ends: judged as neither an answer nor an error
  }

private:
  bool coin(int percent) { return static_cast<int>(random_() % 100) < percent; }

  step route() {
    if (coin(15))
      return exchange_.refused({{channel_id{"ch_x"}, reason::cooling, milliseconds{100}, true}});
    auto granted = lease{};
    granted.number = ++leases_;
    granted.channel.text = "ch_" + std::to_string(random_() % 4);
    return exchange_.leased(granted);
  }

  step fail() {
    const auto why = any_failure();
    const auto may_retry = coin(70);
    covered_.insert({why.kind, exchange_.is_committed(), may_retry});
    return exchange_.failed(why, may_retry);
  }

  attempt_failure any_failure() {
    auto f = attempt_failure{};
    f.kind = static_cast<failure_kind>(random_() % kinds);
    if (f.kind == failure_kind::overloaded || f.kind == failure_kind::client_error)
      f.http_status = 400 + random_() % 130;
    if (coin(20))
      f.retry_after = milliseconds{random_() % 5000};
    return f;
  }

  /// One attempt: some events, then an end that the dice choose.
  step attempt() {
    const auto number = ++attempts_;
    if (!stream_) {
      if (coin(60))
        return fail();
      write({number, 0});
      seen_.finished = true;
      return exchange_.answered();
    }
    auto held = std::vector<piece>{};
    const auto length = random_() % 8;
    for (std::uint32_t i = 0; i < length; ++i) {
      if (coin(10) && exchange_.is_holding()) {
        exchange_.opened();
        seen_.head_sent = true;
      }
      const auto kind = i == 0     ? llm::event_kind::start
                        : coin(15) ? llm::event_kind::ping
                                   : llm::event_kind::content;
      offer({number, i}, kind, held);
      if (coin(12))
        return fail();
    }
    if (coin(30))
      return fail();
    offer({number, static_cast<std::uint32_t>(length)}, llm::event_kind::terminal, held);
    seen_.finished = true;
    return exchange_.answered();
  }

  void offer(piece p, llm::event_kind kind, std::vector<piece>& held) {
    const auto text = std::to_string(p.attempt) + ":" + std::to_string(p.event) + ";";
    switch (exchange_.event(kind, text)) {
      case verdict::hold:
        held.push_back(p);
        break;
      case verdict::commit: {
        auto expected = std::string{};
        for (const auto& h : held)
          expected += std::to_string(h.attempt) + ":" + std::to_string(h.event) + ";";
        seen_.torn = seen_.torn || exchange_.take_held() != expected;
        for (const auto& h : held)
          write(h);
        write(p);
        break;
      }
      case verdict::pass:
        write(p);
        break;
      case verdict::refuse:
        break;
    }
  }

  void write(piece p) {
    seen_.head_sent = true;
    seen_.pieces.push_back(p);
  }

  std::mt19937_64 random_;
  bool stream_;
  exchange exchange_;
  client_view seen_;
  ways covered_;
  std::uint32_t attempts_ = 0;
  std::uint64_t leases_ = 0;
};

/// Why an answer breaks the first law; empty when it keeps it.
std::string breach(const client_view& seen) {
  auto attempts = std::set<std::uint32_t>{};
  for (std::size_t i = 0; i < seen.pieces.size(); ++i) {
    attempts.insert(seen.pieces[i].attempt);
    if (seen.pieces[i].event != i)
      return "an event is missing or out of order";
  }
  if (seen.torn)
    return "a status inside a stream, or held bytes that are not what was held";
  if (attempts.size() > 1)
    return "an answer made of two attempts";
  if (seen.pieces.empty() && seen.finished)
    return "an empty answer that looks finished";
  if (!seen.finished && !seen.error_event && !seen.error_answer)
    return "neither an answer nor an error";
  if (seen.finished && (seen.error_event || seen.error_answer))
    return "an answer and an error";
  return {};
}

std::size_t count_breaches(const exchange_rules& rules, std::uint64_t schedules) {
  auto breaches = std::size_t{0};
  for (std::uint64_t seed = 1; seed <= schedules; ++seed)
    breaches += breach(driver{rules, seed}.run()).empty() ? 0 : 1;
  return breaches;
}

TEST(exchange_model, never_makes_one_answer_of_two_attempts) {
  auto covered = driver::ways{};
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    auto one = driver{exchange_rules{}, seed};
    ASSERT_EQ(breach(one.run()), "") << "seed " << seed;
    covered.insert(one.covered().begin(), one.covered().end());
  }
  EXPECT_EQ(covered.size(), kinds * 2 * 2) << "every failure, before and after, with leave or not";
}

TEST(exchange_model, finds_a_planted_move_after_commit) {
  EXPECT_GT(count_breaches({.move_after_commit = true}, 10'000), 0u);
}

/// One failure of each kind under one lease, from the point of view of the next step.
class every_failure : public testing::TestWithParam<std::size_t> {
protected:
  attempt_failure why() const {
    const auto kind = static_cast<failure_kind>(GetParam());
    return {.kind = kind, .http_status = answered(kind) ? std::uint16_t{500} : std::uint16_t{0}};
  }
  static bool answered(failure_kind kind) {
    using enum failure_kind;
    return kind == server_error || kind == overloaded || kind == rate_limited ||
           kind == unauthorized || kind == billing || kind == model_not_found ||
           kind == signature || kind == client_error;
  }
  exchange started(bool commit) const {
    auto e = exchange{{}, true, 7};
    e.leased({.channel = {"a"}, .credential = {"k"}, .upstream_model = "m"});
    e.event(llm::event_kind::start, "start");
    if (commit)
      e.event(llm::event_kind::content, "content");
    return e;
  }
};

TEST_P(every_failure, after_the_commit_point_ends_the_stream_with_an_error_event) {
  for (const auto may_retry : {true, false}) {
    auto e = started(true);
    EXPECT_EQ(e.failed(why(), may_retry).what, action::error_event);
    EXPECT_EQ(e.event(llm::event_kind::content, "more"), verdict::refuse);
    EXPECT_EQ(e.failed(why(), may_retry).what, action::stop) << "once";
    EXPECT_EQ(e.answered().what, action::stop);
  }
}

TEST_P(every_failure, before_the_commit_point_follows_the_failure_table) {
  const auto rule = rule_for(why().kind);
  const auto stale = why().kind == failure_kind::stale_connection;
  const auto moves = rule.next_channel || rule.other_credential;
  for (const auto may_retry : {true, false}) {
    auto e = started(false);
    auto next = e.failed(why(), may_retry);
    EXPECT_TRUE(e.take_held().empty()) << "nothing of a failed attempt is kept";
    if (stale || (rule.retry_here && may_retry)) {
      EXPECT_EQ(next.what, action::attempt);
      EXPECT_TRUE(next.fresh_connection);
      EXPECT_EQ(e.attempts(), stale ? 1u : 2u) << "a stale connection is nobody's attempt";
      next = e.failed(why(), may_retry);
    }
    EXPECT_EQ(next.what == action::route, moves);
    if (moves)
      continue;
    const auto relays = why().http_status != 0 && why().kind != failure_kind::unauthorized;
    EXPECT_EQ(next.what, relays ? action::relay_error : action::own_error);
  }
}

TEST_P(every_failure, ends_an_opened_stream_with_an_event_when_nobody_is_left) {
  auto e = started(false);
  e.opened();
  auto next = e.failed(why(), false);
  for (auto i = 0; i < 4 && next.what == action::attempt; ++i)
    next = e.failed(why(), false);
  if (next.what == action::route)
    next = e.refused({});
  EXPECT_EQ(next.what, action::error_event);
}

INSTANTIATE_TEST_SUITE_P(exchange, every_failure, testing::Range(std::size_t{0}, kinds),
                         [](const auto& kind) {
                           return std::string{to_text(static_cast<failure_kind>(kind.param))};
                         });

} // namespace
} // namespace axonhub::policy
