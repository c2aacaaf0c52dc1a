#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "policy/route.hpp"

/// Which of a plan's candidates suit what one request holds.
namespace axonhub::policy {

struct fitting {
  std::vector<std::size_t>
      kept;                     ///< Indices of the candidates, in their order; never empty of some.
  std::vector<refusal> refused; ///< context_too_small or capability_missing.
};

/// Keeps the candidates that take the request as it is. An estimate and a list of abilities may be
/// wrong: where none would be left, those stay that come nearest (the largest context; then all),
/// and the upstream or the conversion says what it cannot take. Fallbacks are judged one by one, so
/// that none is skipped for a channel of the next.
fitting fit(const std::vector<candidate>& candidates, const request_needs& needs);

/// How long an answer may be in a window of that size behind such a prompt, as far as an estimate
/// can tell; nullopt where so little is left that the upstream had better refuse.
std::optional<std::uint64_t> room_for_answer(std::uint64_t context, std::uint64_t prompt_estimate);

} // namespace axonhub::policy
