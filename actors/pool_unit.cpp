#include "actors/pool_unit.hpp"

#include <boost/asio/post.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <utility>

#include "actors/io_pool.hpp"

namespace axonhub::actors {

namespace {

// A turn: a trace that asks a channel is ready, then the channel, then the trace again.
constexpr auto rounds_per_turn = 4;

// How many messages one actor handles before the next one runs.
constexpr auto messages_per_resume = std::size_t{64};

// Actors that end at the very last wake each other a few times, never endlessly.
constexpr auto last_rounds = 64;

} // namespace

pool_unit::pool_unit(caf::actor_system& system, boost::asio::io_context& context)
    : execution_unit(&system), context_(context) {}

bool pool_unit::here() const { return io_pool::current_unit() == this; }

void pool_unit::exec_later(caf::resumable* job) {
  if (!here())
    return enqueue(job);
  ready_.push_back(job);
  if (!busy_ && !posted_)
    post_turn();
}

void pool_unit::enqueue(caf::resumable* job) {
  auto first = false;
  {
    const auto lock = std::lock_guard{mutex_};
    if (!closed_) {
      first = inbox_.empty();
      inbox_.push_back(job);
      job = nullptr;
    }
  }
  if (job)
    return caf::scheduler::abstract_coordinator::cleanup_and_release(job);
  if (!first)
    return;
  boost::asio::post(context_, [self = shared_from_this()] {
    self->take_inbox();
    self->run();
  });
}

void pool_unit::take_inbox() {
  const auto lock = std::lock_guard{mutex_};
  ready_.insert(ready_.end(), inbox_.begin(), inbox_.end());
  inbox_.clear();
}

void pool_unit::run() {
  caf::logger::set_current_actor_system(nullptr); // spawn() leaves it: it looks at each message
  busy_ = true;
  for (auto round = 0; round < rounds_per_turn && !ready_.empty(); ++round) {
    round_.swap(ready_);
    for (auto* job : round_)
      resume(job);
    round_.clear();
  }
  busy_ = false;
  if (!ready_.empty() && !posted_)
    post_turn();
}

void pool_unit::resume(caf::resumable* job) {
  if (job->resume(this, messages_per_resume) == caf::resumable::resume_later)
    ready_.push_back(job);
  else
    caf::intrusive_ptr_release(job); // its next message takes a reference of its own
}

void pool_unit::post_turn() {
  posted_ = true;
  boost::asio::post(context_, [self = shared_from_this()] {
    self->posted_ = false;
    self->run();
  });
}

void pool_unit::close() {
  for (auto round = 0; here() && round < last_rounds; ++round) {
    take_inbox();
    if (ready_.empty())
      break;
    run();
  }
  auto left = std::exchange(ready_, {});
  {
    const auto lock = std::lock_guard{mutex_};
    closed_ = true;
    left.insert(left.end(), inbox_.begin(), inbox_.end());
    inbox_.clear();
  }
  for (auto* job : left)
    caf::scheduler::abstract_coordinator::cleanup_and_release(job);
}

} // namespace axonhub::actors
