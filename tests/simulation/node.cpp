#include "tests/simulation/node.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::simulation {

std::optional<actors::session_home> session::home(wall_time now) {
  if (bound_ && policy::has_expired(*bound_, now, s_.affinity))
    bound_.reset();
  if (bound_)
    return actors::session_home{.channel = bound_->channel, .credential = bound_->credential};
  return tentative_;
}

void session::granted(const actors::route_request& wanted, const policy::lease& given) {
  if (script_.trace.empty() || bound_)
    return;
  const auto failed =
      tentative_ && std::ranges::any_of(wanted.failed, [&](const auto& f) {
        return f.channel == tentative_->channel && f.credential == tentative_->credential;
      });
  if (!tentative_ || failed)
    tentative_ = actors::session_home{
        .channel = given.channel, .credential = given.credential, .tentative = true};
}

void session::finished(const policy::request_outcome& outcome, wall_time now) {
  --in_flight_;
  if (script_.trace.empty())
    return;
  bound_ = policy::binding_after(std::move(bound_), outcome, now, s_.affinity).next;
  if (s_.planted == plant::no_affinity)
    bound_.reset();
  if (bound_ || in_flight_ == 0)
    tentative_.reset();
}

node::node(const scenario& s_, std::uint64_t seed)
    : s(s_), dice(seed), judge(s_, clock), retries(s_.retries) {
  auto set = std::make_shared<std::vector<actors::route_candidate>>();
  for (const auto& c : s.channels) {
    index.emplace(c.what.channel, channels.size());
    channels.emplace_back(c, s, clock, dice);
    set->push_back({.what = c.what, .actor = {}});
    if (s.planted == plant::even_weights)
      set->back().what.weight = 1;
  }
  candidates = std::move(set);
  for (const auto& script : s.sessions)
    sessions.emplace_back(script, s);
}

void node::run() {
  for (std::size_t i = 0; i < s.arrivals.size(); ++i)
    clock.at(s.arrivals[i].at, [this, i] { calls_.emplace_back(*this, i, s.arrivals[i]).start(); });
  clock.run();
  judge.run_is_over(std::ranges::all_of(channels, [](const channel& c) { return c.is_idle(); }));
}

} // namespace axonhub::simulation
