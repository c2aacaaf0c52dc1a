#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "policy/exchange.hpp"

/// Drives the production state machine through random schedules of leases, refusals, events and
/// failures, and judges what the client got: the bytes of one attempt, or a proper error.
namespace axonhub::policy {
namespace {

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

  attempt_failure any_failure() {
    constexpr auto count = static_cast<unsigned>(failure_kind::stream_error) + 1;
    auto f = attempt_failure{};
    f.kind = static_cast<failure_kind>(random_() % count);
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
        return exchange_.failed(any_failure());
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
        return exchange_.failed(any_failure());
    }
    if (coin(30))
      return exchange_.failed(any_failure());
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
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed)
    ASSERT_EQ(breach(driver{exchange_rules{}, seed}.run()), "") << "seed " << seed;
}

TEST(exchange_model, finds_a_planted_move_after_commit) {
  EXPECT_GT(count_breaches({.move_after_commit = true}, 10'000), 0u);
}

} // namespace
} // namespace axonhub::policy
