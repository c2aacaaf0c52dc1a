#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "fake_dns.hpp"

namespace axonhub::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr auto enough = milliseconds{10'000}; // only a failure takes this long

using answer = result<std::vector<asio::ip::address>>;

std::vector<std::string> texts(const answer& of) {
  auto out = std::vector<std::string>{};
  if (of.has_value())
    for (const auto& address : *of)
      out.push_back(address.to_string());
  return out;
}

error_code failure_of(const answer& of) { return of.has_error() ? of.error() : error_code{}; }

class resolver_test : public testing::Test {
protected:
  resolver_config settings() {
    return {.servers = dns.server(), .query_timeout = enough, .tries = 2, .clock = [this] {
              return clock;
            }};
  }

  /// For tests in which a server does not answer.
  resolver_config hasty() {
    auto out = settings();
    out.query_timeout = 100ms;
    out.ipv4_delay = enough;
    return out;
  }

  /// The question runs at the next run_until().
  std::shared_ptr<std::optional<answer>> ask(resolver& names, const std::string& host,
                                             milliseconds deadline = enough,
                                             asio::cancellation_slot slot = {}) {
    auto out = std::make_shared<std::optional<answer>>();
    asio::co_spawn(
        context,
        [](resolver& of, std::string name, milliseconds until,
           std::shared_ptr<std::optional<answer>> to) -> task<void> {
          *to = co_await of.resolve(std::move(name), until);
        }(names, host, deadline, out),
        asio::bind_cancellation_slot(slot, asio::detached));
    return out;
  }

  template <class Condition>
  void run_until(Condition done) {
    const auto end = std::chrono::steady_clock::now() + enough;
    while (!done() && std::chrono::steady_clock::now() < end)
      context.run_one_until(end);
    EXPECT_TRUE(done());
  }

  answer resolve(resolver& names, const std::string& host, milliseconds deadline = enough) {
    const auto out = ask(names, host, deadline);
    run_until([&] { return out->has_value(); });
    return out->value_or(answer{errc::unknown_failure});
  }

  steady_time clock = std::chrono::steady_clock::now();
  asio::io_context context{1};
  fake_dns dns{context};
};

TEST_F(resolver_test, takes_ip_literals_without_asking_anybody) {
  auto names = resolver{context, settings()};
  struct {
    const char* host;
    const char* expected;
  } cases[] = {{"127.0.0.1", "127.0.0.1"}, {"::1", "::1"}, {"[2001:db8::1]", "2001:db8::1"}};
  for (const auto& [host, expected] : cases)
    EXPECT_THAT(texts(resolve(names, host)), ElementsAre(expected));
}

TEST_F(resolver_test, refuses_what_is_no_host_name) {
  auto names = resolver{context, settings()};
  for (const auto& host :
       {std::string{}, std::string{"a b.example"}, std::string{"a\0.example", 10},
        std::string(300, 'a'), std::string{"[127.0.0.1]"}, std::string{"[::1"}}) {
    SCOPED_TRACE(host);
    EXPECT_EQ(failure_of(resolve(names, host)), errc::resolve_failed);
  }
}

TEST_F(resolver_test, finds_both_families) {
  dns["a.example"].addresses = {"192.0.2.1", "192.0.2.2", "2001:db8::1"};
  auto names = resolver{context, settings()};
  EXPECT_THAT(texts(resolve(names, "A.Example")),
              UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
}

TEST_F(resolver_test, finds_localhost_and_the_hosts_file) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("axonhub_hosts_" + dns.server().substr(dns.server().find(':') + 1));
  std::ofstream{file} << "127.0.0.1 localhost\n192.0.2.77 box.lan\n";
  setenv("CARES_HOSTS", file.c_str(), 1);
  auto names = resolver{context, settings()};
  EXPECT_THAT(texts(resolve(names, "localhost")), testing::Contains("127.0.0.1"));
  EXPECT_THAT(texts(resolve(names, "box.lan")), ElementsAre("192.0.2.77"));
  EXPECT_EQ(dns.asked("box.lan"), 0);
  unsetenv("CARES_HOSTS");
  std::filesystem::remove(file);
}

TEST_F(resolver_test, asks_again_only_when_the_ttl_is_over) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .ttl = 30};
  auto names = resolver{context, settings()};
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  dns["a.example"].addresses = {"192.0.2.2"};
  clock += 29s;
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(dns.asked("a.example"), 1);
  clock += 1s;
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.2"));
  EXPECT_EQ(dns.asked("a.example"), 2);
}

TEST_F(resolver_test, keeps_an_answer_with_ttl_0_for_min_ttl) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .ttl = 0};
  auto names = resolver{context, settings()};
  for (auto i = 0; i < 10; ++i)
    EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(dns.asked("a.example"), 1);
  clock += 1s;
  resolve(names, "a.example");
  EXPECT_EQ(dns.asked("a.example"), 2);
}

TEST_F(resolver_test, shares_one_query_among_all_who_ask_at_the_same_time) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .delay = 20ms};
  auto names = resolver{context, settings()};
  const auto all =
      std::vector{ask(names, "a.example"), ask(names, "a.example"), ask(names, "A.EXAMPLE")};
  run_until([&] { return std::ranges::all_of(all, [](auto& out) { return out->has_value(); }); });
  for (const auto& out : all)
    EXPECT_THAT(texts(**out), ElementsAre("192.0.2.1"));
  EXPECT_EQ(dns.asked("a.example"), 1);
}

TEST_F(resolver_test, fails_for_a_name_that_does_not_exist_and_remembers_it_shortly) {
  auto names = resolver{context, settings()};
  EXPECT_EQ(failure_of(resolve(names, "no.example")), errc::resolve_failed);
  const auto asked = dns.asked("no.example");
  EXPECT_EQ(failure_of(resolve(names, "no.example")), errc::resolve_failed);
  EXPECT_EQ(dns.asked("no.example"), asked);
  dns["no.example"].addresses = {"192.0.2.1"};
  clock += 2s;
  EXPECT_THAT(texts(resolve(names, "no.example")), ElementsAre("192.0.2.1"));
}

TEST_F(resolver_test, tells_when_no_server_answers) {
  dns["a.example"].silent = true;
  auto names = resolver{context, hasty()};
  EXPECT_EQ(failure_of(resolve(names, "a.example")), errc::timeout);
  EXPECT_EQ(dns.asked("a.example"), 2) << "it tries twice";
}

TEST_F(resolver_test, moves_to_the_next_server_when_one_is_dead) {
  auto dead = asio::ip::udp::socket{context, {asio::ip::address_v4::loopback(), 0}};
  dns["a.example"].addresses = {"192.0.2.1"};
  auto both = hasty();
  both.servers = "127.0.0.1:" + std::to_string(dead.local_endpoint().port()) + "," + dns.server();
  auto names = resolver{context, both};
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
}

TEST_F(resolver_test, gives_up_at_the_callers_deadline_and_still_learns_the_answer) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .delay = 100ms};
  auto names = resolver{context, settings()};
  EXPECT_EQ(failure_of(resolve(names, "a.example", 10ms)), errc::timeout);
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(dns.asked("a.example"), 1);
}

TEST_F(resolver_test, uses_the_last_good_answer_while_the_servers_fail) {
  struct {
    std::string_view name;
    fake_name broken;
  } cases[] = {
      {"server failure", {.addresses = {}, .code = 2}},
      {"the name is gone", {.addresses = {}, .code = 3}},
      {"no answer", {.addresses = {}, .silent = true}},
  };
  for (const auto& [name, broken] : cases) {
    SCOPED_TRACE(name);
    dns["a.example"] = {.addresses = {"192.0.2.1"}, .ttl = 10};
    auto names = resolver{context, hasty()};
    EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
    dns["a.example"] = broken;
    clock += 10s;
    EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
    clock += 10min - 1s;
    EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
    clock += 2s;
    EXPECT_THAT(texts(resolve(names, "a.example")), IsEmpty());
    dns["a.example"] = {.addresses = {"192.0.2.2"}};
    clock += 2s;
    EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.2"));
  }
}

TEST_F(resolver_test, does_not_wait_long_for_a_slow_server_when_it_has_an_old_answer) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .ttl = 10};
  auto quick = settings();
  quick.patience = 20ms;
  auto names = resolver{context, quick};
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  clock += 10s;
  dns["a.example"].silent = true; // for good, so only patience can end the wait
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
}

TEST_F(resolver_test, does_without_ipv6_when_only_its_question_gets_no_answer) {
  dns["a.example"] = {.addresses = {"192.0.2.1", "2001:db8::1"}, .silent_for_ipv6 = true};
  auto quick = settings();
  quick.ipv4_delay = 20ms;
  auto names = resolver{context, quick};
  EXPECT_THAT(texts(resolve(names, "a.example", enough / 2)), ElementsAre("192.0.2.1"));
}

TEST_F(resolver_test, keeps_one_dead_name_from_holding_up_the_others) {
  dns["dead.example"].silent = true;
  dns["a.example"].addresses = {"192.0.2.1"};
  auto names = resolver{context, settings()};
  const auto dead = ask(names, "dead.example");
  EXPECT_THAT(texts(resolve(names, "a.example")), ElementsAre("192.0.2.1"));
  EXPECT_FALSE(dead->has_value());
}

TEST_F(resolver_test, lets_one_who_waits_be_cancelled_without_the_others) {
  dns["a.example"] = {.addresses = {"192.0.2.1"}, .delay = 50ms};
  auto names = resolver{context, settings()};
  const auto other = ask(names, "a.example");
  auto cancellation = asio::cancellation_signal{};
  const auto given_up = ask(names, "a.example", enough, cancellation.slot());
  run_until([&] { return dns.asked("a.example") == 1; });
  cancellation.emit(asio::cancellation_type::terminal);
  run_until([&] { return given_up->has_value(); });
  EXPECT_EQ(failure_of(**given_up), errc::cancelled);
  EXPECT_FALSE(other->has_value());
  run_until([&] { return other->has_value(); });
  EXPECT_THAT(texts(**other), ElementsAre("192.0.2.1"));
}

TEST_F(resolver_test, answers_whoever_waits_when_it_ends) {
  dns["a.example"].silent = true;
  auto names = std::make_unique<resolver>(context, settings());
  const auto out = ask(*names, "a.example");
  run_until([&] { return dns.asked("a.example") == 1; });
  names.reset();
  run_until([&] { return out->has_value(); });
  EXPECT_EQ(failure_of(**out), errc::shutting_down);
}

TEST_F(resolver_test, may_end_with_its_context_while_someone_waits) {
  dns["a.example"].silent = true;
  auto names = std::make_unique<resolver>(context, settings());
  const auto out = ask(*names, "a.example");
  run_until([&] { return dns.asked("a.example") == 1; });
  names.reset();
  EXPECT_FALSE(out->has_value()); // the context goes next, and the coroutine with it
}

} // namespace
} // namespace axonhub::net
