#pragma once

#include <optional>
#include <vector>

#include "actors/route_walk.hpp"

namespace axonhub::actors {

/// What would be said of one candidate now.
struct previewed_candidate {
  const route_candidate* which = nullptr;
  bool eligible = false;
  std::vector<policy::reason> reasons{}; ///< Why it would be taken, or why not.
  milliseconds wait{0};                  ///< Until that may change; 0: unknown.
};

/// What a route_walk would come to, and whom it would ask next if each of them failed: the walk
/// itself, with previews in place of leases. Pure.
class route_preview {
public:
  route_preview(route_request wanted, trace_id trace, std::optional<session_home> home)
      : walk_(std::move(wanted), std::move(trace), std::move(home), false) {}

  /// The next channel to ask for a preview; nullopt when all is known.
  std::optional<route_walk::step> next();

  /// What the channel of the last step said.
  void answer(const policy::acquire_answer& said);

  /// Every candidate once: the eligible ones first, in the order of trying, then the others.
  std::vector<previewed_candidate> result() const;

private:
  bool any_eligible() const;
  previewed_candidate& entry_of(const route_candidate* which);

  route_walk walk_;
  std::optional<route_walk::step> asked_;
  std::vector<previewed_candidate> seen_; ///< In the order of the walk.
};

} // namespace axonhub::actors
