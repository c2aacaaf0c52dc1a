#include "metrics/request_metrics.hpp"

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "metrics/series.hpp"
#include "metrics/tally.hpp"

namespace axonhub::metrics {

namespace {

// What a thread remembers; a registry has no more series, but their names may change for ever.
constexpr auto max_known = std::size_t{4096};

constexpr auto token_classes =
    std::to_array<std::string_view>({"input", "cache_read", "cache_write", "output"});

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

template <class Value>
using by_text = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

using counter_tally = tally<prometheus::Counter>;
using gauge_tally = tally<prometheus::Gauge>;

/// Of one route, status, outcome and channel; what is not there has not been needed yet.
struct request_series {
  counter_tally requests;
  distribution took;
  distribution added;
  std::optional<distribution> first_byte;
  std::array<std::optional<counter_tally>, token_classes.size()> tokens;

  void flush() {
    requests.flush();
    took.flush();
    added.flush();
    if (first_byte)
      first_byte->flush();
    for (auto& of_class : tokens) {
      if (of_class)
        of_class->flush();
    }
  }
};

/// Of one channel and outcome.
struct attempt_series {
  counter_tally attempts;
  distribution took;

  void flush() {
    attempts.flush();
    took.flush();
  }
};

template <class Value>
void flush_all(by_text<Value>& known) {
  for (auto& [key, value] : known)
    value.flush();
}

/// The value for `key`, by `make` if it is new. Allocates nothing for one that is known.
template <class Value, class Make>
Value& find_or_make(by_text<Value>& known, const std::string& key, Make make) {
  if (const auto found = known.find(key); found != known.end())
    return found->second;
  if (known.size() >= max_known) {
    flush_all(known);
    known.clear();
  }
  return known.emplace(key, make()).first->second;
}

/// The same for a place in a series.
template <class Value, class Make>
Value& get_or_make(std::optional<Value>& place, Make make) {
  if (!place)
    place.emplace(make());
  return *place;
}

} // namespace

/// What this thread counted since the page was last made. The lock is nearly always free.
struct request_metrics::known final : source {
  explicit known(registry::series& of)
      : all(of),
        in_flight(of.requests_in_flight.with({})),
        streaming(of.streams_in_flight.with({})) {}

  void flush() override {
    const auto lock = std::lock_guard{mutex};
    in_flight.flush();
    streaming.flush();
    flush_all(requests);
    flush_all(attempts);
  }

  request_series make_request_series(const ended_request& how) {
    return {counter_tally{all.requests.with({how.route, std::to_string(how.http_status),
                                             policy::to_text(how.outcome), how.channel})},
            distribution{all.request_duration.with({how.route}), list::request_duration.buckets},
            distribution{all.added_time.with({how.route}), list::added_time.buckets},
            std::nullopt,
            {}};
  }

  void count_tokens(request_series& to, const ended_request& how) {
    const auto& t = how.tokens;
    const auto counts = std::array{t.input, t.cache_read, t.cache_write, t.output};
    for (auto i = std::size_t{0}; i < counts.size(); ++i) {
      if (counts[i] != 0)
        get_or_make(to.tokens[i], [&] {
          return counter_tally{all.tokens.with({how.channel, token_classes[i]})};
        }).add(static_cast<double>(counts[i]));
    }
  }

  registry::series& all;
  std::mutex mutex; // of what follows
  std::string key;  // a buffer
  gauge_tally in_flight;
  gauge_tally streaming;
  by_text<request_series> requests;
  by_text<attempt_series> attempts;
};

request_metrics::request_metrics(registry& owner)
    : known_(std::make_unique<known>(*owner.series_)) {
  const auto lock = std::lock_guard{known_->all.mutex};
  known_->all.sources.push_back(known_.get());
}

request_metrics::~request_metrics() {
  const auto lock = std::lock_guard{known_->all.mutex};
  std::erase(known_->all.sources, known_.get());
  known_->flush();
}

void request_metrics::request_began() {
  const auto lock = std::lock_guard{known_->mutex};
  known_->in_flight.add(1);
}

void request_metrics::stream_began() {
  const auto lock = std::lock_guard{known_->mutex};
  known_->streaming.add(1);
}

void request_metrics::stream_ended() {
  const auto lock = std::lock_guard{known_->mutex};
  known_->streaming.add(-1);
}

void request_metrics::request_ended(const ended_request& how) {
  const auto lock = std::lock_guard{known_->mutex};
  known_->in_flight.add(-1);
  auto& key = known_->key;
  key.assign(how.route).push_back('\0');
  key.push_back(static_cast<char>(how.http_status >> 8));
  key.push_back(static_cast<char>(how.http_status));
  key.push_back(static_cast<char>(how.outcome));
  key.append(how.channel);
  auto& to = find_or_make(known_->requests, key, [&] { return known_->make_request_series(how); });
  to.requests.add(1);
  to.took.observe(to_seconds(how.took));
  to.added.observe(to_seconds(how.added));
  if (how.first_byte)
    get_or_make(to.first_byte, [&] {
      return distribution{known_->all.first_byte.with({how.route, how.channel}),
                          list::first_byte.buckets};
    }).observe(to_seconds(*how.first_byte));
  if (how.tokens.seen)
    known_->count_tokens(to, how);
}

void request_metrics::attempt_ended(std::string_view channel, std::string_view outcome,
                                    duration took) {
  const auto lock = std::lock_guard{known_->mutex};
  auto& key = known_->key;
  key.assign(outcome).push_back('\0');
  key.append(channel);
  auto& to = find_or_make(known_->attempts, key, [&] {
    return attempt_series{
        counter_tally{known_->all.attempts.with({channel, outcome})},
        distribution{known_->all.attempt_duration.with({channel}), list::attempt_duration.buckets}};
  });
  to.attempts.add(1);
  to.took.observe(to_seconds(took));
}

} // namespace axonhub::metrics
