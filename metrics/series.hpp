#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "metrics/families.hpp"
#include "metrics/registry.hpp"

namespace axonhub::metrics {

/// The series of one family, at most as many as it may have. Thread-safe.
template <class Metric>
class bounded_family {
public:
  bounded_family(prometheus::Registry& in, const family& what)
      : what_(what),
        series_(prometheus::detail::Builder<Metric>{}
                    .Name(std::string{what.name})
                    .Help(std::string{what.help})
                    .Register(in)) {}

  /// The series of these label values, in the family's order; it lives as long as the registry.
  /// Takes a lock: keep the reference where it is hot.
  Metric& with(std::initializer_list<std::string_view> values) {
    auto labels = prometheus::Labels{};
    auto name = what_.labels.begin();
    for (const auto value : values)
      labels.emplace(*name++, value);
    const auto lock = std::lock_guard{mutex_};
    if (!series_.Has(labels)) {
      if (size_ >= what_.max_series()) {
        for (auto& label : labels)
          label.second = other;
      } else {
        ++size_;
      }
    }
    if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
      return series_.Add(labels, std::vector<double>{what_.buckets.begin(), what_.buckets.end()});
    else
      return series_.Add(labels);
  }

private:
  const family& what_;
  prometheus::Family<Metric>& series_;
  std::mutex mutex_;
  std::size_t size_ = 0;
};

using counters = bounded_family<prometheus::Counter>;
using gauges = bounded_family<prometheus::Gauge>;
using histograms = bounded_family<prometheus::Histogram>;

inline double to_seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// Someone who gathers counts of its own and hands them over when the page is made.
class source {
public:
  virtual ~source() = default;
  virtual void flush() = 0;
};

/// All families at work.
struct registry::series {
  prometheus::Registry all;
  counters requests{all, list::requests};
  histograms request_duration{all, list::request_duration};
  histograms first_byte{all, list::first_byte};
  histograms added_time{all, list::added_time};
  counters attempts{all, list::attempts};
  histograms attempt_duration{all, list::attempt_duration};
  counters tokens{all, list::tokens};
  gauges requests_in_flight{all, list::requests_in_flight};
  gauges streams_in_flight{all, list::streams_in_flight};
  gauges connections{all, list::connections};
  counters connections_opened{all, list::connections_opened};
  counters sessions_bound{all, list::sessions_bound};
  counters sessions_moved{all, list::sessions_moved};
  gauges credentials_benched{all, list::credentials_benched};
  counters grammar_breaches{all, list::grammar_breaches};
  counters text_mended{all, list::text_mended};
  counters store_commits{all, list::store_commits};
  histograms store_commit_duration{all, list::store_commit_duration};
  counters log_lines_dropped{all, list::log_lines_dropped};
  counters offloaded{all, list::offloaded};
  gauges start_time{all, list::start_time};
  gauges build_info{all, list::build_info};

  std::mutex mutex; // of what follows; held while the page is made
  std::vector<source*> sources;
  std::map<std::string, std::size_t> benched; // by channel, as last told
};

} // namespace axonhub::metrics
