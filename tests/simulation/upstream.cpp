#include "tests/simulation/upstream.hpp"

#include <array>

namespace axonhub::simulation {
namespace {

using policy::failure_kind;

fate fails(milliseconds takes, failure_kind kind, std::uint16_t status = 0) {
  auto out = fate{.takes = takes, .failed = {}, .commits = false, .tokens = {}};
  out.failed = policy::attempt_failure{.kind = kind, .http_status = status};
  return out;
}

fate trouble(mood how, std::mt19937_64& dice) {
  const auto soon = milliseconds{between(dice, 1, 20)};
  switch (how) {
    case mood::refusing:
      return fails(milliseconds{1},
                   happens(dice, 0.5) ? failure_kind::connect : failure_kind::reset);
    case mood::silent:
      return fails(between(dice, milliseconds{5'000}, longest_attempt),
                   failure_kind::first_byte_timeout);
    case mood::erring:
      return fails(soon, failure_kind::server_error, 503);
    case mood::overloaded:
      return fails(soon, failure_kind::overloaded, 529);
    case mood::garbled:
      return fails(soon, failure_kind::bad_answer, 200);
    case mood::limiting:
      return fails(soon, failure_kind::rate_limited, 429);
    case mood::forgetful:
      return fails(soon, failure_kind::model_not_found, 404);
    case mood::cutting: {
      constexpr auto ways = std::array{failure_kind::cut, failure_kind::stall,
                                       failure_kind::stream_error, failure_kind::protocol};
      auto cut =
          fails(between(dice, milliseconds{100}, milliseconds{2'000}), ways[dice() % ways.size()]);
      cut.commits = true;
      return cut;
    }
    case mood::fine:
      break;
  }
  return {};
}

} // namespace

fate meet(const scenario& s, const channel_script& c, const credential_id& with, bool caches,
          milliseconds now, std::mt19937_64& dice) {
  if (const auto gone = c.revoked.find(with); gone != c.revoked.end() && now >= gone->second)
    return fails(milliseconds{10}, failure_kind::unauthorized, 401);
  const auto& phase = c.phase_at(now);
  if (phase.how != mood::fine && happens(dice, phase.share)) {
    auto bad = trouble(phase.how, dice);
    if (bad.failed->http_status >= 429)
      bad.failed->retry_after = phase.retry_after;
    return bad;
  }
  auto good = fate{.takes = between(dice, s.answer_least, s.answer_most),
                   .failed = {},
                   .commits = true,
                   .tokens = {}};
  good.tokens.input = 1000;
  good.tokens.cache_read = caches ? 5000 : 0;
  good.tokens.output = 500;
  good.tokens.seen = true;
  return good;
}

} // namespace axonhub::simulation
