#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/route_walk.hpp"
#include "actors/time_source.hpp"
#include "policy/affinity.hpp"

namespace axonhub::actors {

/// What the traces of one shard have in common.
struct trace_surroundings {
  recorder_actor recorder; ///< Hears of bindings; nameless traces need none.
  policy::affinity_rules affinity;
  time_source now;
};

struct trace_config {
  trace_key key;                               ///< Without an id: nameless, never binds.
  std::vector<policy::model_binding> restored; ///< As the store has them.
  std::shared_ptr<const trace_surroundings> around;
};

/// What a session does with every request comes first: a decision touches few lines of memory of a
/// trace that has been idle.
struct trace_state {
  static constexpr const char* name = "trace";

  /// A request between its first question for a lease and its end.
  struct open_request {
    std::uint64_t model = 0;
    std::uint64_t search = 0;     ///< The one that looks for its lease; an earlier one is void.
    std::uint32_t generation = 0; ///< Of the book when it began.
    bool had_last_resort = false;
    std::optional<session_home> home{}; ///< At its first search.
  };
  /// Who signed an answer's thinking.
  struct signer {
    channel_id channel;
    credential_id credential;
    friend bool operator==(const signer&, const signer&) = default;
  };

  trace_key key;
  std::shared_ptr<const trace_surroundings> around;
  steady_time last_used;
  policy::session_book book;
  std::uint32_t generation = 0;            ///< Of the book: counts how often it was cleared.
  std::vector<policy::model_binding> told; ///< As the recorder last heard.
  std::unordered_map<request_id, open_request> in_flight;
  std::uint64_t last_search = 0;
  std::vector<signer> answered;  ///< Since its start, without repeats.
  bool foreign_thinking = false; ///< Its history holds some: an upstream has said so.
  bool has_past = false;         ///< Was bound before the start.
  std::uint32_t moves = 0;
};

/// The shell around one session's policy::session_book and the route_walk of each of its attempts.
/// Every request that was given a lease must end with one `finish`.
trace_actor::behavior_type trace(trace_actor::stateful_pointer<trace_state> self,
                                 trace_config config);

} // namespace axonhub::actors
