#pragma once

#include <boost/asio/steady_timer.hpp>
#include <caf/detail/simple_actor_clock.hpp>
#include <memory>
#include <mutex>

namespace axonhub::actors {

/// Delayed messages and timeouts of actors, by one timer of an I/O thread that is armed only while
/// something is due. For rare use: every change takes a lock.
class pool_clock final : public caf::detail::simple_actor_clock {
public:
  explicit pool_clock(boost::asio::io_context& context);

  /// Forgets everything that is due.
  ~pool_clock() override;

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

private:
  // Lives on in the handlers of the timer after the clock has gone.
  struct driver : std::enable_shared_from_this<driver> {
    driver(pool_clock* owner, boost::asio::io_context& context) : clock(owner), timer(context) {}
    void arm();

    std::recursive_mutex mutex; // a message that comes due may wake who looks at the clock
    pool_clock* clock;          // nullptr once that has gone
    boost::asio::steady_timer timer;
    time_point armed = time_point::max();
  };

  template <class Change>
  void change(Change what);

  std::shared_ptr<driver> driver_;
};

} // namespace axonhub::actors
