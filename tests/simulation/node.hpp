#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/route_walk.hpp"
#include "policy/affinity.hpp"
#include "policy/retry_budget.hpp"
#include "tests/simulation/call.hpp"
#include "tests/simulation/channel.hpp"
#include "tests/simulation/judge.hpp"

namespace axonhub::simulation {

/// What the trace actor is, without the actor.
class session {
public:
  session(const session_script& script, const scenario& s) : script_(script), s_(s) {}

  std::optional<actors::session_home> home(wall_time now);
  void granted(const actors::route_request& wanted, const policy::lease& given);
  void finished(const policy::request_outcome& outcome, wall_time now);
  void begins() { ++in_flight_; }

  const session_script& script() const { return script_; }

private:
  const session_script& script_;
  const scenario& s_;
  std::optional<policy::binding> bound_;
  std::optional<actors::session_home> tentative_;
  std::size_t in_flight_ = 0;
};

/// One gateway in virtual time.
class node {
public:
  node(const scenario& s, std::uint64_t seed);

  /// All arrivals, to the last answer.
  void run();

  const scenario& s;
  virtual_clock clock;
  std::mt19937_64 dice;
  simulation::judge judge;
  policy::retry_budget retries;
  std::deque<channel> channels;
  std::vector<session> sessions;
  actors::candidate_set candidates;
  std::unordered_map<channel_id, std::size_t> index;

private:
  std::deque<call> calls_;
};

} // namespace axonhub::simulation
