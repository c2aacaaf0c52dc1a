#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "actors/protocol.hpp"

namespace axonhub::actors {

/// Whom one attempt asks for a lease, one after the other: for each model of a fallback chain the
/// session's home, then the others in their order; when all refused and it was health alone
/// somewhere, once more the channel whose rest ends first, and the next where even that has no
/// place. Pure.
class route_walk {
public:
  /// `trace` orders the candidates; empty: the request's dice and what the channels have to do. A
  /// request has at most one last resort in its life.
  route_walk(route_request wanted, trace_id trace, std::optional<session_home> home,
             bool had_last_resort);

  struct step {
    const route_candidate* to = nullptr; ///< Lives as long as the walk.
    policy::acquire_request question;
    policy::reason why = policy::reason::preferred; ///< Of the lease, if it is given.
  };

  /// The next to ask; nullopt when nobody is left.
  std::optional<step> next();

  /// The last one asked gave no lease.
  void refuse(policy::refusal why);

  const route_request& wanted() const { return wanted_; }
  const std::vector<policy::refusal>& refused() const { return refused_; }

  /// What each candidate had under way, where that ordered them.
  std::vector<std::uint32_t> take_loads() { return std::exchange(loads_, {}); }

private:
  const route_candidate* find_home() const;
  void put_in_order();
  std::optional<step> next_in_order();
  std::optional<step> wait_for_a_place();
  std::optional<step> last_resort();
  const policy::refusal* first_to_recover() const;
  bool may_ask(const route_candidate& c) const;
  bool had_its_turns(const route_candidate& c) const;
  bool leads(const route_candidate& c) const;
  bool is_home(const route_candidate& c) const;
  bool is_of_first_rank(const route_candidate& c) const;
  step ask_home(const route_candidate& home);
  step ask(const route_candidate& c, policy::reason why, bool last_resort = false);

  route_request wanted_;
  trace_id trace_;
  std::uint64_t seed_; // of the trace; 0: none
  std::optional<session_home> home_;
  bool asked_home_ = false;
  bool waited_ = false;                    // once in a walk
  const route_candidate* asked_ = nullptr; // the last one
  bool asked_as_last_resort_ = false;
  bool had_last_resort_;
  std::optional<std::vector<std::size_t>> order_; // made when somebody other than home is asked
  std::vector<std::uint32_t> loads_;
  std::size_t position_ = 0;
  std::vector<policy::refusal> refused_;
  std::vector<const route_candidate*> refused_by_; // for each of refused_
};

} // namespace axonhub::actors
