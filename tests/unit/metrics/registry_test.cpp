#include "metrics/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "metrics/families.hpp"
#include "metrics/request_metrics.hpp"

namespace axonhub::metrics {
namespace {

using namespace std::chrono_literals;
using policy::request_status;

/// The value of each series by its text; fails the test on a line that is none.
std::map<std::string, double> parse(const std::string& page) {
  auto out = std::map<std::string, double>{};
  auto family = std::string{};
  auto lines = std::istringstream{page};
  for (auto line = std::string{}; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(line.starts_with("# TYPE " + family + " ")) << line;
      continue;
    }
    const auto space = line.rfind(' ');
    const auto series = line.substr(0, space);
    auto used = std::size_t{0};
    const auto value = space == std::string::npos ? 0 : std::stod(line.substr(space + 1), &used);
    EXPECT_EQ(used, line.size() - space - 1) << line;
    EXPECT_TRUE(series.starts_with(family)) << line;
    EXPECT_TRUE(out.emplace(series, value).second) << "twice: " << line;
  }
  return out;
}

ended_request a_request() {
  return {.route = "anthropic_messages",
          .channel = "eu",
          .http_status = 200,
          .outcome = request_status::completed,
          .took = 2s,
          .added = 80us,
          .first_byte = 300ms,
          .tokens = {.input = 10, .cache_read = 1000, .cache_write = 0, .output = 7, .seen = true}};
}

TEST(registry, tells_its_version_and_has_every_family_from_the_start) {
  const auto metrics = registry{"1.2.3"};
  const auto page = metrics.render();
  EXPECT_EQ(parse(page)["axonhub_build_info{version=\"1.2.3\"}"], 1);
  EXPECT_GT(parse(page)["axonhub_start_time_seconds"], 1.7e9);
  EXPECT_EQ(parse(page).count("axonhub_log_lines_dropped_total"), 1u);
  EXPECT_EQ(parse(page)["axonhub_store_commit_duration_seconds_count"], 0);
}

TEST(registry, counts_connections_sessions_and_commits) {
  auto metrics = registry{"1"};
  metrics.connection_opened(side::client);
  metrics.connection_opened(side::client);
  metrics.connection_opened(side::upstream);
  metrics.connection_closed(side::client);
  metrics.session_bound("eu");
  metrics.session_moved("us");
  metrics.text_mended("eu", 3);
  metrics.text_mended("us", 0);
  metrics.store_committed(2ms, true);
  metrics.store_committed(3ms, false);
  auto seen = parse(metrics.render());
  EXPECT_EQ(seen["axonhub_connections{side=\"client\"}"], 1);
  EXPECT_EQ(seen["axonhub_connections{side=\"upstream\"}"], 1);
  EXPECT_EQ(seen["axonhub_connections_opened_total{side=\"client\"}"], 2);
  EXPECT_EQ(seen["axonhub_sessions_bound_total{channel=\"eu\"}"], 1);
  EXPECT_EQ(seen["axonhub_sessions_moved_total{channel=\"us\"}"], 1);
  EXPECT_EQ(seen["axonhub_text_mended_total{channel=\"eu\"}"], 3);
  EXPECT_EQ(seen.count("axonhub_text_mended_total{channel=\"us\"}"), 0u);
  EXPECT_EQ(seen["axonhub_store_commits_total{result=\"ok\"}"], 1);
  EXPECT_EQ(seen["axonhub_store_commits_total{result=\"failed\"}"], 1);
  EXPECT_EQ(seen["axonhub_store_commit_duration_seconds_count"], 2);
  EXPECT_DOUBLE_EQ(seen["axonhub_store_commit_duration_seconds_sum"], 0.005);
}

TEST(request_metrics, counts_a_request_in_every_family_it_concerns) {
  auto metrics = registry{"1"};
  auto of_thread = request_metrics{metrics};
  of_thread.request_began();
  of_thread.request_began();
  of_thread.stream_began();
  of_thread.attempt_ended("us", "connect_timeout", 1s);
  of_thread.attempt_ended("eu", "ok", 2s);
  of_thread.request_ended(a_request());
  auto seen = parse(metrics.render());
  EXPECT_EQ(seen["axonhub_requests_total{channel=\"eu\",outcome=\"completed\",route=\"anthropic_"
                 "messages\",status=\"200\"}"],
            1);
  EXPECT_EQ(seen["axonhub_requests_in_flight"], 1);
  EXPECT_EQ(seen["axonhub_streams_in_flight"], 1);
  EXPECT_EQ(seen["axonhub_request_duration_seconds_sum{route=\"anthropic_messages\"}"], 2);
  EXPECT_EQ(seen["axonhub_request_duration_seconds_bucket{route=\"anthropic_messages\",le=\"1\"}"],
            0);
  EXPECT_EQ(
      seen["axonhub_request_duration_seconds_bucket{route=\"anthropic_messages\",le=\"2.5\"}"], 1);
  EXPECT_EQ(seen["axonhub_added_time_seconds_count{route=\"anthropic_messages\"}"], 1);
  EXPECT_EQ(seen["axonhub_time_to_first_byte_seconds_sum{channel=\"eu\",route=\"anthropic_"
                 "messages\"}"],
            0.3);
  EXPECT_EQ(seen["axonhub_tokens_total{channel=\"eu\",class=\"input\"}"], 10);
  EXPECT_EQ(seen["axonhub_tokens_total{channel=\"eu\",class=\"cache_read\"}"], 1000);
  EXPECT_EQ(seen["axonhub_tokens_total{channel=\"eu\",class=\"output\"}"], 7);
  EXPECT_EQ(seen["axonhub_attempts_total{channel=\"us\",outcome=\"connect_timeout\"}"], 1);
  EXPECT_EQ(seen["axonhub_attempts_total{channel=\"eu\",outcome=\"ok\"}"], 1);
  EXPECT_EQ(seen["axonhub_attempt_duration_seconds_sum{channel=\"eu\"}"], 2);
}

TEST(request_metrics, loses_no_count_when_threads_count_at_once) {
  constexpr auto each = 5000;
  auto metrics = registry{"1"};
  auto threads = std::vector<std::jthread>{};
  for (auto t = 0; t < 4; ++t)
    threads.emplace_back([&metrics] {
      auto of_thread = request_metrics{metrics};
      for (auto i = 0; i < each; ++i) {
        metrics.connection_opened(side::client);
        of_thread.request_began();
        auto how = a_request();
        how.http_status = i % 2 == 0 ? 200 : 529;
        of_thread.attempt_ended("eu", "ok", 1ms);
        of_thread.request_ended(how);
        metrics.connection_closed(side::client);
      }
    });
  while (parse(metrics.render())["axonhub_connections_opened_total{side=\"client\"}"] < 4 * each)
    std::this_thread::yield(); // reads meanwhile
  threads.clear();
  auto seen = parse(metrics.render());
  for (const auto* status : {"200", "529"})
    EXPECT_EQ(seen["axonhub_requests_total{channel=\"eu\",outcome=\"completed\",route=\"anthropic_"
                   "messages\",status=\"" +
                   std::string{status} + "\"}"],
              2 * each);
  EXPECT_EQ(seen["axonhub_request_duration_seconds_count{route=\"anthropic_messages\"}"], 4 * each);
  EXPECT_EQ(seen["axonhub_tokens_total{channel=\"eu\",class=\"cache_read\"}"], 4'000. * each);
  EXPECT_EQ(seen["axonhub_attempts_total{channel=\"eu\",outcome=\"ok\"}"], 4 * each);
  EXPECT_EQ(seen["axonhub_requests_in_flight"], 0);
  EXPECT_EQ(seen["axonhub_connections{side=\"client\"}"], 0);
}

TEST(request_metrics, gather_what_exceeds_the_bound_in_one_series) {
  auto metrics = registry{"1"};
  auto of_thread = request_metrics{metrics};
  const auto many = list::attempts.max_series() + 500;
  for (auto round = 0; round < 2; ++round)
    for (auto i = std::size_t{0}; i < many; ++i)
      of_thread.attempt_ended("channel " + std::to_string(i), "ok", 1ms);
  auto seen = parse(metrics.render());
  EXPECT_EQ(seen["axonhub_attempts_total{channel=\"other\",outcome=\"other\"}"], 1000);
  EXPECT_EQ(seen["axonhub_attempts_total{channel=\"channel 0\",outcome=\"ok\"}"], 2);
  auto series = std::size_t{0};
  auto total = 0.;
  for (const auto& [name, value] : seen) {
    if (name.starts_with("axonhub_attempts_total{")) {
      ++series;
      total += value;
    }
  }
  EXPECT_EQ(series, list::attempts.max_series() + 1);
  EXPECT_EQ(total, 2. * static_cast<double>(many)) << "nothing is lost";
}

TEST(registry, keeps_a_channel_name_from_breaking_the_page) {
  auto metrics = registry{"1"};
  metrics.session_bound("a\"b\\c\nd} 7");
  EXPECT_EQ(parse(metrics.render())["axonhub_sessions_bound_total{channel=\"a\\\"b\\\\c\\nd} 7\"}"],
            1);
}

TEST(registry, shows_benched_credentials_of_the_channels_there_are) {
  auto tested = registry{"1.0"};
  tested.credentials_benched({{"eu", 2}, {"us", 0}});
  tested.credentials_benched({{"us", 1}});
  const auto page = parse(tested.render());
  EXPECT_EQ(page.at("axonhub_credentials_benched{channel=\"eu\"}"), 0);
  EXPECT_EQ(page.at("axonhub_credentials_benched{channel=\"us\"}"), 1);
}

} // namespace
} // namespace axonhub::metrics
