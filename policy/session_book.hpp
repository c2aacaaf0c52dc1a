#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policy/affinity.hpp"
#include "policy/route.hpp"

namespace axonhub::policy {

/// Where a session wants to go.
struct session_home {
  channel_id channel;
  credential_id credential;
  bool tentative = false; ///< Chosen by a request that is still under way, or for another model.
  bool borrowed = false;  ///< For another of its models: it goes before no channel of higher rank.
};

/// What one session is bound to: an upstream's cache is one model's, and not every channel serves
/// every model, so each model has a binding of its own. One that has none yet goes where the others
/// are. Pure: time is an argument.
class session_book {
public:
  /// One model of the session.
  struct entry {
    std::uint64_t model = 0; ///< See model_binding.
    std::string name{};
    std::optional<binding> bound{};
    std::optional<session_home> choice{}; ///< Where requests go together until one has bound.
  };

  session_book() = default;
  explicit session_book(std::vector<model_binding> bound);

  /// The model's binding, unless it was idle for too long; nullptr: none.
  const binding* find(std::uint64_t model, wall_time now, const affinity_rules& rules) const;

  /// Where a request for this model goes first.
  std::optional<session_home> home(std::uint64_t model, wall_time now,
                                   const affinity_rules& rules) const;

  /// Where requests for this model go together until one has bound; nullptr: nowhere yet.
  const session_home* choice(std::uint64_t model) const;
  void choose(std::uint64_t model, const lease& given);
  void forget_choices();

  /// A request for this model ended. True when another channel served than the session's own.
  bool learn(std::uint64_t model, const request_outcome& outcome, wall_time now,
             const affinity_rules& rules);

  /// Forgets the bindings that `is_gone` names.
  void drop_if(const std::function<bool(const binding&)>& is_gone);

  const std::vector<entry>& entries() const { return entries_; }

  /// What is bound, the last used first.
  std::vector<model_binding> bindings() const;

private:
  static constexpr std::size_t most_models = 8; // the longest unused makes room

  entry& at(std::uint64_t model);

  std::vector<entry> entries_;
};

} // namespace axonhub::policy
