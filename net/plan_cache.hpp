#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "actors/protocol.hpp"

namespace axonhub::net {

/// A request's plan, and whom to ask.
struct ready_plan {
  std::shared_ptr<const policy::explained_plan> what;
  actors::candidate_set candidates;
  std::uint64_t model = 0;     ///< For a session's bindings: see policy::model_binding.
  bool has_limits = false;     ///< A request may be too much for some of the candidates.
  bool lacks_images = false;   ///< Some of them take none.
  bool mixes_dialects = false; ///< They do not all speak the same: server tools tell them apart.
  std::optional<std::uint64_t> smallest_context{}; ///< In tokens; unset: none says.
};

/// The plans of one I/O thread's requests, so that mappings and filters run once for each model and
/// profile, not for each request.
class plan_cache {
public:
  /// What `w` plans for a model under a profile of its catalog (or none).
  std::shared_ptr<const ready_plan> find(const actors::world& w, const policy::profile* worn,
                                         const std::string& model);

private:
  using key = std::tuple<std::string, std::string>; // model, profile

  static constexpr std::size_t most_plans = 1024; // clients may ask for any name

  std::uint64_t revision_ = 0; // of the world that the plans are for
  std::map<key, std::shared_ptr<const ready_plan>, std::less<>> plans_;
};

} // namespace axonhub::net
