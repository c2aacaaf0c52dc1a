#include "metrics/request_metrics.hpp"

#include <array>
#include <string>
#include <unordered_map>

#include "metrics/series.hpp"

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

/// Of one route, status, outcome and channel; what is null has not been needed yet.
struct request_series {
  prometheus::Counter* requests = nullptr;
  prometheus::Histogram* duration = nullptr;
  prometheus::Histogram* added = nullptr;
  prometheus::Histogram* first_byte = nullptr;
  std::array<prometheus::Counter*, token_classes.size()> tokens{};
};

/// Of one channel and outcome.
struct attempt_series {
  prometheus::Counter* attempts = nullptr;
  prometheus::Histogram* duration = nullptr;
};

/// The value for `key`, made empty if it is new. Allocates nothing for one that is known.
template <class Value>
Value& find_or_make(by_text<Value>& known, const std::string& key) {
  if (const auto found = known.find(key); found != known.end())
    return found->second;
  if (known.size() >= max_known)
    known.clear();
  return known[key];
}

} // namespace

struct request_metrics::known {
  std::string key; // a buffer
  by_text<request_series> requests;
  by_text<attempt_series> attempts;
};

request_metrics::request_metrics(registry& owner)
    : owner_(owner), known_(std::make_unique<known>()) {}

request_metrics::~request_metrics() = default;

void request_metrics::request_began() { owner_.series_->in_flight.Increment(); }

void request_metrics::stream_began() { owner_.series_->streaming.Increment(); }

void request_metrics::stream_ended() { owner_.series_->streaming.Decrement(); }

void request_metrics::request_ended(const ended_request& how) {
  auto& all = *owner_.series_;
  all.in_flight.Decrement();
  auto& key = known_->key;
  key.assign(how.route).push_back('\0');
  key.push_back(static_cast<char>(how.http_status >> 8));
  key.push_back(static_cast<char>(how.http_status));
  key.push_back(static_cast<char>(how.outcome));
  key.append(how.channel);
  auto& to = find_or_make(known_->requests, key);
  if (!to.requests) {
    to.requests = &all.requests.with(
        {how.route, std::to_string(how.http_status), policy::to_text(how.outcome), how.channel});
    to.duration = &all.request_duration.with({how.route});
    to.added = &all.added_time.with({how.route});
  }
  to.requests->Increment();
  to.duration->Observe(to_seconds(how.took));
  to.added->Observe(to_seconds(how.added));
  if (how.first_byte) {
    if (!to.first_byte)
      to.first_byte = &all.first_byte.with({how.route, how.channel});
    to.first_byte->Observe(to_seconds(*how.first_byte));
  }
  if (!how.tokens.seen)
    return;
  const auto& t = how.tokens;
  const auto counts = std::array{t.input, t.cache_read, t.cache_write, t.output};
  for (auto i = std::size_t{0}; i < counts.size(); ++i) {
    if (counts[i] == 0)
      continue;
    if (!to.tokens[i])
      to.tokens[i] = &all.tokens.with({how.channel, token_classes[i]});
    to.tokens[i]->Increment(static_cast<double>(counts[i]));
  }
}

void request_metrics::attempt_ended(std::string_view channel, std::string_view outcome,
                                    duration took) {
  auto& all = *owner_.series_;
  auto& key = known_->key;
  key.assign(outcome).push_back('\0');
  key.append(channel);
  auto& to = find_or_make(known_->attempts, key);
  if (!to.attempts) {
    to.attempts = &all.attempts.with({channel, outcome});
    to.duration = &all.attempt_duration.with({channel});
  }
  to.attempts->Increment();
  to.duration->Observe(to_seconds(took));
}

} // namespace axonhub::metrics
