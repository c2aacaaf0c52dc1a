#include "actors/pool_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <caf/abstract_actor.hpp>
#include <utility>

namespace axonhub::actors {

pool_clock::pool_clock(boost::asio::io_context& context)
    : driver_(std::make_shared<driver>(this, context)) {}

pool_clock::~pool_clock() {
  const auto lock = std::lock_guard{driver_->mutex};
  driver_->clock = nullptr;
  driver_->timer.cancel();
  simple_actor_clock::cancel_all();
}

// The timer is used under the lock only, so its thread and the actors' may both do it.
void pool_clock::driver::arm() {
  const auto& due = clock->schedule();
  if (due.empty() || due.begin()->first >= armed)
    return;
  armed = due.begin()->first;
  timer.expires_at(armed);
  timer.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
    const auto lock = std::lock_guard{self->mutex};
    if (ec || !self->clock || self->armed > clock_type::now())
      return; // cancelled, or armed anew
    self->armed = time_point::max();
    self->clock->trigger_expired_timeouts();
    self->arm();
  });
}

template <class Change>
void pool_clock::change(Change what) {
  const auto lock = std::lock_guard{driver_->mutex};
  what();
  driver_->arm();
}

void pool_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                      std::uint64_t id) {
  change([&] { simple_actor_clock::set_ordinary_timeout(t, self, type, id); });
}

void pool_clock::set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                   std::uint64_t id) {
  change([&] { simple_actor_clock::set_multi_timeout(t, self, type, id); });
}

void pool_clock::set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) {
  change([&] { simple_actor_clock::set_request_timeout(t, self, id); });
}

void pool_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  change([&] { simple_actor_clock::cancel_ordinary_timeout(self, type); });
}

void pool_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  change([&] { simple_actor_clock::cancel_request_timeout(self, id); });
}

void pool_clock::cancel_timeouts(caf::abstract_actor* self) {
  change([&] { simple_actor_clock::cancel_timeouts(self); });
}

void pool_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                  caf::mailbox_element_ptr content) {
  change([&] { simple_actor_clock::schedule_message(t, std::move(receiver), std::move(content)); });
}

void pool_clock::schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                                  caf::message content) {
  change([&] {
    simple_actor_clock::schedule_message(t, std::move(target), std::move(sender),
                                         std::move(content));
  });
}

void pool_clock::cancel_all() {
  change([&] { simple_actor_clock::cancel_all(); });
}

} // namespace axonhub::actors
