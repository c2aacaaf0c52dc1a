#include "net/resolver_cache.hpp"

#include <gtest/gtest.h>

namespace axonhub::net {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const auto start = steady_time{} + 1h;
const auto one = address_list{make_address("192.0.2.1")};
const auto two = address_list{make_address("192.0.2.2")};

resolver_cache empty_cache() {
  return resolver_cache{
      {.min_ttl = 1s, .max_ttl = 300s, .negative_ttl = 2s, .keep_last_good = 600s}};
}

/// The first address, the failure's text, or "ask".
std::string seen(const resolver_cache& cache, const std::string& host, steady_time now) {
  const auto known = cache.find(host, now);
  if (!known)
    return "ask";
  return known->has_value() ? known->value().front().to_string() : known->error().message();
}

TEST(resolver_cache, bounds_the_time_an_answer_serves) {
  struct {
    milliseconds ttl;
    milliseconds expected;
  } cases[] = {{0s, 1s}, {30s, 30s}, {24h, 300s}};
  for (const auto& [ttl, expected] : cases) {
    auto cache = empty_cache();
    cache.learn("a", one, ttl, start);
    EXPECT_EQ(seen(cache, "a", start + expected - 1ms), "192.0.2.1");
    EXPECT_EQ(seen(cache, "a", start + expected), "ask");
  }
}

TEST(resolver_cache, gives_a_failure_only_where_no_good_answer_is_left) {
  auto cache = empty_cache();
  cache.fail("a", errc::timeout, start);
  EXPECT_EQ(seen(cache, "a", start), "deadline passed");
  EXPECT_EQ(seen(cache, "a", start + 2s), "ask");
  cache.learn("a", one, 10s, start);
  cache.fail("a", errc::timeout, start + 10s);
  EXPECT_EQ(seen(cache, "a", start + 11s), "192.0.2.1");
  EXPECT_EQ(seen(cache, "a", start + 12s), "ask") << "time to ask again";
  cache.fail("a", errc::timeout, start + 610s);
  EXPECT_EQ(seen(cache, "a", start + 611s), "deadline passed");
}

TEST(resolver_cache, keeps_the_last_good_answer_for_a_while) {
  auto cache = empty_cache();
  EXPECT_EQ(cache.last_good("a", start), nullptr);
  cache.learn("a", one, 10s, start);
  ASSERT_NE(cache.last_good("a", start + 609s), nullptr);
  EXPECT_EQ(*cache.last_good("a", start + 609s), one);
  EXPECT_EQ(cache.last_good("a", start + 610s), nullptr);
}

TEST(resolver_cache, forgets_a_failure_once_it_learns_better) {
  auto cache = empty_cache();
  cache.fail("a", errc::timeout, start);
  cache.learn("a", two, 1s, start);
  EXPECT_EQ(seen(cache, "a", start), "192.0.2.2");
  EXPECT_EQ(seen(cache, "a", start + 1500ms), "ask");
}

TEST(resolver_cache, stays_bounded) {
  auto cache = empty_cache();
  for (auto i = 0; i < 5000; ++i)
    cache.learn(std::to_string(i), one, 10s, start);
  EXPECT_LE(cache.size(), 1024u);
  EXPECT_EQ(seen(cache, "4999", start), "192.0.2.1");
  cache.learn("late", one, 10s, start + 1h);
  EXPECT_EQ(cache.size(), 1u) << "what is of no use goes first";
}

} // namespace
} // namespace axonhub::net
