#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace axonhub::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using random = std::mt19937_64;

constexpr auto all_moods =
    std::array{mood::refusing, mood::silent,   mood::erring,  mood::overloaded,
               mood::garbled,  mood::limiting, mood::cutting, mood::forgetful};
constexpr auto quick_moods = std::array{mood::refusing, mood::erring, mood::overloaded};
constexpr auto longest_answer = milliseconds{60'000};
constexpr auto weights = std::array{50u, 100u, 200u, 400u};

template <class Range>
auto one_of(random& dice, const Range& range) {
  return range[dice() % std::size(range)];
}

channel_script make_channel(random& dice, std::size_t number, std::size_t credentials) {
  auto made = channel_script{};
  made.what = {.channel = {"ch_" + std::to_string(number)},
               .upstream_model = "m",
               .weight = one_of(dice, weights)};
  for (std::size_t i = 0; i < credentials; ++i)
    made.credentials.push_back({.id = {"cr_" + std::to_string(number) + "_" + std::to_string(i)}});
  return made;
}

void add_channels(scenario& s, random& dice, std::size_t least, std::size_t most) {
  const auto count = between(dice, least, most);
  for (std::size_t i = 0; i < count; ++i)
    s.channels.push_back(make_channel(dice, i, between(dice, 1, 3)));
}

void add_sessions(scenario& s, random& dice, std::size_t count, double nameless) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto trace = happens(dice, nameless) ? std::string{} : "tr_" + std::to_string(dice());
    s.sessions.push_back(
        {.trace = {trace}, .key = {"key_" + std::to_string(i % 4)}, .caches = happens(dice, 0.7)});
  }
}

void add_arrivals(scenario& s, random& dice, std::size_t count, milliseconds from,
                  milliseconds until) {
  for (std::size_t i = 0; i < count; ++i)
    s.arrivals.push_back({.at = between(dice, from, until),
                          .session = dice() % s.sessions.size(),
                          .stream = happens(dice, 0.7),
                          .leaves = happens(dice, 0.01)});
}

// Times of trouble with good ones between them, and a good end.
void add_trouble(channel_script& c, random& dice, milliseconds length) {
  auto t = between(dice, milliseconds{0}, length / 2);
  for (auto left = between(dice, 1, 3); left > 0 && t < length * 3 / 4; --left) {
    auto bad = phase{.from = t, .how = one_of(dice, all_moods)};
    if (happens(dice, 0.4))
      bad.share = 0.1 * between(dice, 1, 9);
    if (happens(dice, 0.4))
      bad.retry_after = between(dice, milliseconds{100}, milliseconds{60'000});
    c.phases.push_back(bad);
    t += between(dice, milliseconds{1000}, length / 6);
    c.phases.push_back({.from = t});
    t += between(dice, milliseconds{1000}, length / 4);
  }
}

void make_mixed(scenario& s, random& dice, const scenario_size& most, std::size_t requests) {
  const auto length = between(dice, milliseconds{minutes{5}}, milliseconds{minutes{40}});
  add_channels(s, dice, 2, 12);
  for (auto& c : s.channels) {
    c.what.priority = happens(dice, 0.2) ? 1 : 0;
    if (happens(dice, 0.6))
      add_trouble(c, dice, length);
    if (c.credentials.size() > 1 && happens(dice, 0.3))
      c.revoked.emplace(one_of(dice, c.credentials).id, between(dice, milliseconds{0}, length));
    if (happens(dice, 0.1))
      c.limits.rate.max_concurrent = between(dice, 1u, 6u);
    if (happens(dice, 0.1))
      c.limits.rate.rpm = between(dice, 2u, 30u);
    if (happens(dice, 0.05))
      c.limits.rate.tpm = between(dice, 10'000u, 90'000u);
  }
  add_sessions(s, dice, between(dice, std::size_t{1}, most.sessions), 0.1);
  add_arrivals(s, dice, requests, milliseconds{0}, length);
}

void make_all_down(scenario& s, random& dice, const scenario_size& most, std::size_t requests) {
  add_channels(s, dice, 2, 12);
  s.down_from = seconds{60};
  s.down_until = s.down_from + between(dice, milliseconds{10'000}, milliseconds{90'000});
  for (auto& c : s.channels) {
    c.phases.push_back({.from = s.down_from, .how = one_of(dice, quick_moods)});
    c.phases.push_back({.from = s.down_until});
  }
  add_sessions(s, dice, between(dice, std::size_t{1}, most.sessions), 0.1);
  add_arrivals(s, dice, requests / 5, milliseconds{0}, s.down_from);
  add_arrivals(s, dice, requests * 3 / 5, s.down_from, s.down_until);
  add_arrivals(s, dice, requests / 5, s.down_until, s.down_until + milliseconds{minutes{6}});
}

void make_few_errors(scenario& s, random& dice, const scenario_size& most, std::size_t requests) {
  if (s.about == theme::one_channel)
    add_channels(s, dice, 1, 1);
  else
    add_channels(s, dice, 3, 12);
  s.answer_most = between(dice, milliseconds{1'000}, longest_answer);
  const auto how = happens(dice, 0.5) ? mood::erring : mood::overloaded;
  for (auto& c : s.channels)
    c.phases = {{.from = milliseconds{0}, .how = how, .share = 0.06}};
  add_sessions(s, dice, between(dice, std::size_t{1}, most.sessions), 0.1);
  const auto each = between(dice, milliseconds{20}, milliseconds{500}); // between two requests
  add_arrivals(s, dice, requests, milliseconds{0}, each * static_cast<int>(requests));
}

// The first key asks for more than there is, some for more than their share, some for less.
void make_full(scenario& s, random& dice, std::size_t requests) {
  s.answer_least = milliseconds{200};
  s.answer_most = milliseconds{1000};
  s.channels.push_back(make_channel(dice, 0, 1));
  auto& limits = s.channels.front().limits;
  const auto places = between(dice, 2u, 6u);
  limits.rate.max_concurrent = places;
  limits.queue_size = between(dice, 8u, 60u);
  limits.queue_timeout = between(dice, milliseconds{2000}, milliseconds{8000});
  const auto keys = between(dice, 3u, 5u);
  const auto share = places / 0.6 / keys; // requests per second
  auto rates = std::vector<double>{};
  for (auto k = 0u; k < keys; ++k) {
    s.sessions.push_back({.trace = {}, .key = {"key_" + std::to_string(k)}});
    rates.push_back(share * (k == 0 ? 10.0 : k % 2 == 1 ? 0.5 : 2.0));
  }
  auto total = 0.0;
  for (const auto r : rates)
    total += r;
  const auto length =
      milliseconds{static_cast<std::int64_t>(1000.0 * static_cast<double>(requests) / total)};
  for (std::size_t k = 0; k < rates.size(); ++k) {
    const auto count =
        static_cast<std::size_t>(rates[k] * static_cast<double>(length.count()) / 1000);
    for (std::size_t i = 0; i < count; ++i)
      s.arrivals.push_back({.at = between(dice, milliseconds{0}, length), .session = k});
  }
}

void make_outage(scenario& s, random& dice, const scenario_size& most, std::size_t requests) {
  add_channels(s, dice, 2, 6);
  s.answer_most = milliseconds{2000};
  s.down_from = seconds{60};
  s.down_until = s.down_from + between(dice, milliseconds{5'000}, milliseconds{60'000});
  s.channels.front().phases.push_back({.from = s.down_from, .how = one_of(dice, quick_moods)});
  s.channels.front().phases.push_back({.from = s.down_until});
  add_sessions(s, dice,
               between(dice, std::size_t{1}, std::min<std::size_t>(most.sessions, requests / 20)),
               0);
  for (auto& session : s.sessions)
    session.caches = true;
  add_arrivals(s, dice, requests, milliseconds{0}, minutes{6});
}

void plant_fault(scenario& s) {
  switch (s.planted) {
    case plant::fixed_cooldown:
    case plant::fixed_without_last_resort:
      s.health.server_error = {minutes{10}, minutes{10}};
      break;
    case plant::move_after_commit:
      s.exchange.move_after_commit = true;
      break;
    case plant::endless_budget:
      s.retries.least = 1'000'000;
      break;
    case plant::stubborn:
      s.exchange.retries_here = s.exchange.max_attempts;
      break;
    case plant::many_attempts:
      s.exchange.max_attempts = 8;
      break;
    case plant::no_affinity:
      s.affinity.ttl = milliseconds{0};
      break;
    default:
      break; // of the node
  }
}

} // namespace

const phase& channel_script::phase_at(milliseconds t) const {
  const auto next = std::ranges::upper_bound(phases, t, {}, &phase::from);
  return *std::prev(next);
}

std::optional<milliseconds> channel_script::fine_since(milliseconds t) const {
  const auto& now = phase_at(t);
  return now.how == mood::fine ? std::optional{now.from} : std::nullopt;
}

bool channel_script::is_always_fine() const {
  return phases.size() == 1 && phases.front().how == mood::fine && revoked.empty() &&
         !limits.rate.any();
}

scenario make_scenario(std::uint64_t seed, const scenario_size& most, plant planted) {
  auto dice = random{seed};
  auto s = scenario{};
  s.about = theme_of(seed);
  s.planted = planted;
  const auto requests = between(dice, most.requests / 8, most.requests);
  switch (s.about) {
    case theme::mixed:
      make_mixed(s, dice, most, requests);
      break;
    case theme::all_down:
      make_all_down(s, dice, most, requests);
      break;
    case theme::few_errors:
    case theme::one_channel:
      make_few_errors(s, dice, most, requests);
      break;
    case theme::full:
      make_full(s, dice, requests);
      break;
    case theme::outage:
      make_outage(s, dice, most, requests);
      break;
  }
  std::ranges::stable_sort(s.arrivals, {}, &arrival::at);
  plant_fault(s);
  return s;
}

} // namespace axonhub::simulation
