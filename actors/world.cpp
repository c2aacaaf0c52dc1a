#include "actors/world.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <utility>

#include "policy/fitting.hpp"

namespace axonhub::actors {

void world_board::publish(world_ptr next, std::function<void()> adopted) {
  struct round {
    std::atomic<std::size_t> missing;
    std::function<void()> adopted;
  };
  auto shared = std::make_shared<round>(pool_.size(), std::move(adopted));
  for (auto i = std::size_t{0}; i < pool_.size(); ++i)
    boost::asio::post(pool_.context(i), [this, i, next, shared] {
      const auto former = std::exchange(slots_[i].world, next); // may be the last to hold it
      if (--shared->missing == 0)
        shared->adopted();
    });
}

void world_board::clear() {
  auto cleared = std::make_shared<std::promise<void>>();
  publish(nullptr, [cleared] { cleared->set_value(); });
  cleared->get_future().wait();
}

suited_candidates fitting_candidates(const candidate_set& all, const policy::request_needs& needs) {
  auto whats = std::vector<policy::candidate>{};
  whats.reserve(all->size());
  for (const auto& c : *all)
    whats.push_back(c.what);
  auto fitting = policy::fit(whats, needs);
  if (fitting.refused.empty())
    return {all, {}};
  auto kept = std::make_shared<std::vector<route_candidate>>();
  for (const auto i : fitting.kept)
    kept->push_back((*all)[i]);
  return {std::move(kept), std::move(fitting.refused)};
}

candidate_set with_actors(std::vector<policy::candidate> candidates, const world& w) {
  auto made = std::make_shared<std::vector<route_candidate>>();
  made->reserve(candidates.size());
  for (auto& c : candidates)
    if (const auto channel = w.channels.find(c.channel); channel != w.channels.end())
      made->push_back(
          {.what = std::move(c), .actor = channel->second.actor, .load = channel->second.load});
  return made;
}

} // namespace axonhub::actors
