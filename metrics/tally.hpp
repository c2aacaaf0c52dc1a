#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <span>
#include <vector>

namespace axonhub::metrics {

/// What one thread adds to a counter or a gauge, gathered until someone looks.
template <class Metric>
class tally {
public:
  explicit tally(Metric& to) : to_(&to) {}

  void add(double amount) { sum_ += amount; }

  void flush() {
    if (sum_ != 0)
      to_->Increment(sum_);
    sum_ = 0;
  }

private:
  Metric* to_;
  double sum_ = 0;
};

/// The same for a histogram.
class distribution {
public:
  distribution(prometheus::Histogram& to, std::span<const double> buckets)
      : to_(&to), buckets_(buckets), counts_(buckets.size() + 1) {}

  void observe(double value) {
    const auto bucket = std::ranges::lower_bound(buckets_, value);
    ++counts_[static_cast<std::size_t>(bucket - buckets_.begin())];
    sum_ += value;
    fresh_ = true;
  }

  void flush() {
    if (!fresh_)
      return;
    to_->ObserveMultiple(counts_, sum_);
    std::ranges::fill(counts_, 0);
    sum_ = 0;
    fresh_ = false;
  }

private:
  prometheus::Histogram* to_;
  std::span<const double> buckets_;
  std::vector<double> counts_;
  double sum_ = 0;
  bool fresh_ = false;
};

} // namespace axonhub::metrics
