#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// Every metric, in one list.
namespace axonhub::metrics {

enum class kind : std::uint8_t { counter, gauge, histogram };

/// One metric: its name, its text for operators, and its labels. Their values come from the
/// configuration or from closed lists in this program, never from a client.
struct family {
  kind type = kind::counter;
  std::string_view name;
  std::string_view help;
  std::array<std::string_view, 4> labels{}; ///< Unused ones are empty and stand last.
  std::span<const double> buckets{};        ///< Of a histogram.

  std::size_t label_count() const;

  /// Combinations of label values with a series of their own; all further ones share one series.
  std::size_t max_series() const;
};

/// The value of every label of the series that all further combinations share.
constexpr std::string_view other = "other";

/// Fast answers and slow ones: from 5 ms to 10 minutes, in seconds.
inline constexpr auto request_buckets = std::to_array(
    {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1., 2.5, 5., 10., 30., 60., 180., 600.});

/// What we add ourselves: from 25 microseconds to a second.
inline constexpr auto added_buckets =
    std::to_array({25e-6, 50e-6, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.1, 1.});

/// A commit to a disk: from 100 microseconds to 5 seconds.
inline constexpr auto commit_buckets =
    std::to_array({1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.5, 1., 5.});

// clang-format off
namespace list {

inline constexpr auto requests = family{kind::counter, "axonhub_requests_total",
    "Requests that ended, by endpoint, HTTP status, outcome and the channel that served them (empty: none).",
    {"route", "status", "outcome", "channel"}};
inline constexpr auto request_duration = family{kind::histogram, "axonhub_request_duration_seconds",
    "From a request's first byte to the end of its answer.",
    {"route"}, request_buckets};
inline constexpr auto first_byte = family{kind::histogram, "axonhub_time_to_first_byte_seconds",
    "From a request's first byte to the first content of its answer.",
    {"route", "channel"}, request_buckets};
inline constexpr auto added_time = family{kind::histogram, "axonhub_added_time_seconds",
    "Of a request's duration, what was not spent waiting for an upstream or the client.",
    {"route"}, added_buckets};
inline constexpr auto attempts = family{kind::counter, "axonhub_attempts_total",
    "Attempts at channels that ended, by outcome: ok or a failure's code.",
    {"channel", "outcome"}};
inline constexpr auto attempt_duration = family{kind::histogram, "axonhub_attempt_duration_seconds",
    "How long attempts at a channel took.",
    {"channel"}, request_buckets};
inline constexpr auto tokens = family{kind::counter, "axonhub_tokens_total",
    "Tokens as upstreams reported them, by class: input, cache_read, cache_write, output.",
    {"channel", "class"}};
inline constexpr auto requests_in_flight = family{kind::gauge, "axonhub_requests_in_flight",
    "Requests that have begun and not ended."};
inline constexpr auto streams_in_flight = family{kind::gauge, "axonhub_streams_in_flight",
    "Of the requests in flight, those that stream their answer."};
inline constexpr auto connections = family{kind::gauge, "axonhub_connections",
    "Open connections by side: client or upstream.",
    {"side"}};
inline constexpr auto connections_opened = family{kind::counter, "axonhub_connections_opened_total",
    "Connections accepted from clients and made to upstreams.",
    {"side"}};
inline constexpr auto sessions_bound = family{kind::counter, "axonhub_sessions_bound_total",
    "Sessions bound to a channel for the first time, by that channel.",
    {"channel"}};
inline constexpr auto sessions_moved = family{kind::counter, "axonhub_sessions_moved_total",
    "Requests of a session served away from its own channel, by the channel that served them.",
    {"channel"}};
inline constexpr auto credentials_benched = family{kind::gauge, "axonhub_credentials_benched",
    "Credentials that their upstream refuses and that wait for the operator, by channel.",
    {"channel"}};
inline constexpr auto grammar_breaches = family{kind::counter, "axonhub_grammar_breaches_total",
    "Converted streams that ended with an error because a rule of the client's protocol would have been broken, by channel.",
    {"channel"}};
inline constexpr auto text_mended = family{kind::counter, "axonhub_text_mended_total",
    "Bytes that are no UTF-8 and halves of surrogate pairs, replaced in upstreams' texts that were converted.",
    {"channel"}};
inline constexpr auto store_commits = family{kind::counter, "axonhub_store_commits_total",
    "Commits to the store by result: ok or failed.",
    {"result"}};
inline constexpr auto store_commit_duration = family{kind::histogram, "axonhub_store_commit_duration_seconds",
    "How long commits to the store took.",
    {}, commit_buckets};
inline constexpr auto log_lines_dropped = family{kind::counter, "axonhub_log_lines_dropped_total",
    "Log lines lost because the output was blocked."};
inline constexpr auto offloaded = family{kind::counter, "axonhub_offloaded_total",
    "Work too long for an I/O thread that ran beside it, by what it was for: request, answer or page.",
    {"work"}};
inline constexpr auto start_time = family{kind::gauge, "axonhub_start_time_seconds",
    "When this process started, in seconds since 1970 UTC."};
inline constexpr auto build_info = family{kind::gauge, "axonhub_build_info",
    "Always 1; the label tells the version.",
    {"version"}};

} // namespace list
// clang-format on

/// All of the above, for the registry and for the documentation.
std::span<const family* const> families();

} // namespace axonhub::metrics
