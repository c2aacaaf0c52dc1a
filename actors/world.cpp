#include "actors/world.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <utility>

#include "policy/fitting.hpp"

namespace axonhub::actors {

template <class What>
void world_board::on_every_thread(What what, std::function<void()> done) {
  struct round {
    std::atomic<std::size_t> missing;
    std::function<void()> done;
  };
  auto shared = std::make_shared<round>(pool_.size(), std::move(done));
  for (auto i = std::size_t{0}; i < pool_.size(); ++i)
    boost::asio::post(pool_.context(i), [this, i, what, shared] {
      what(slots_[i]);
      if (--shared->missing == 0)
        shared->done();
    });
}

// A context runs what its own thread posts after what others post meanwhile: an older world may
// come later.
void world_board::publish(world_ptr next, std::function<void()> adopted) {
  const auto take = [next = std::move(next)](slot& mine) {
    if (mine.cleared || (mine.world && mine.world->revision >= next->revision))
      return;
    const auto former = std::exchange(mine.world, next); // may be the last to hold it
  };
  on_every_thread(take, std::move(adopted));
}

void world_board::clear() {
  auto cleared = std::make_shared<std::promise<void>>();
  const auto give_up = [](slot& mine) {
    mine.cleared = true;
    const auto former = std::exchange(mine.world, nullptr);
  };
  on_every_thread(give_up, [cleared] { cleared->set_value(); });
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
