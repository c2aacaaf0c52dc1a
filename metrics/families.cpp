#include "metrics/families.hpp"

#include <algorithm>

namespace axonhub::metrics {

namespace {

// Enough for hundreds of channels, and the whole page stays below 20,000 lines: a histogram has a
// line for each bucket.
constexpr auto max_combinations = std::size_t{2000};
constexpr auto max_names = std::size_t{250};
constexpr auto max_histograms = std::size_t{150};

constexpr auto all = std::to_array<const family*>({
    &list::requests,
    &list::request_duration,
    &list::first_byte,
    &list::added_time,
    &list::attempts,
    &list::attempt_duration,
    &list::tokens,
    &list::requests_in_flight,
    &list::streams_in_flight,
    &list::connections,
    &list::connections_opened,
    &list::sessions_bound,
    &list::sessions_moved,
    &list::credentials_benched,
    &list::grammar_breaches,
    &list::text_mended,
    &list::store_commits,
    &list::store_commit_duration,
    &list::log_lines_dropped,
    &list::offloaded,
    &list::start_time,
    &list::build_info,
});

} // namespace

std::size_t family::label_count() const {
  return static_cast<std::size_t>(std::ranges::find(labels, "") - labels.begin());
}

std::size_t family::max_series() const {
  if (label_count() == 0)
    return 1;
  if (type == kind::histogram)
    return max_histograms;
  return label_count() == 1 ? max_names : max_combinations;
}

std::span<const family* const> families() { return all; }

} // namespace axonhub::metrics
