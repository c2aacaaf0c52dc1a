#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "policy/failure.hpp"
#include "policy/route.hpp"

/// A channel's health as people see it.
namespace axonhub::policy {

/// The worst that holds for any of the channel's models.
enum class health_state : std::uint8_t {
  ok,
  cooling,   ///< Rests after 5xx answers, or every credential rests after a 429.
  half_open, ///< A breaker waits for its probe.
  open,      ///< A breaker is open.
  invalid,   ///< The upstream refused every credential.
};

std::string_view to_text(health_state state);

/// Something that rests, and why.
struct seen_rest {
  std::string model{};        ///< The upstream's name; empty for a credential.
  credential_id credential{}; ///< Empty for a model.
  reason why = reason::cooling;
  std::optional<wall_time> until{}; ///< Unset: until the operator acts, or a probe succeeds.
  std::string detail{};             ///< Why a credential is benched.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, seen_rest& x) {
    return f(x.model, x.credential, x.why, x.until, x.detail);
  }
};

/// One failure of late.
struct seen_error {
  wall_time at;
  std::string model;
  credential_id credential;
  failure_kind kind = failure_kind::reset;
  std::uint16_t http_status = 0;
  std::string message;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, seen_error& x) {
    return f(x.at, x.model, x.credential, x.kind, x.http_status, x.message);
  }
};

struct health_view {
  health_state state = health_state::ok;
  std::optional<wall_time> until; ///< When the state may change by itself.
  std::uint64_t in_flight = 0;
  std::uint64_t queued = 0;
  std::vector<seen_rest> breakers;  ///< Not closed, by model.
  std::vector<seen_rest> cooldowns; ///< Models and credentials that rest or are out.
  std::vector<seen_error> errors;   ///< The newest first.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, health_view& x) {
    return f(x.state, x.until, x.in_flight, x.queued, x.breakers, x.cooldowns, x.errors);
  }
};

} // namespace axonhub::policy
