#include "net/question.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include "actors/scheduler.hpp"
#include "net/question_board.hpp"

namespace axonhub::net {

question::question(asio::io_context& context)
    : board_(asio::use_service<question_board>(context)) {}

question::~question() {
  if (open_)
    board_.close(number_);
}

bool question::send(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message) {
  const auto system_ended = actors::io_pool::current() && !actors::io_pool::current_unit();
  if (!target || system_ended) {
    failure_ = errc::actor_gone;
    return true;
  }
  number_ = board_.open(*this);
  open_ = true;
  message->sender = board_.responder(*target->home_system);
  message->mid = caf::message_id{number_}.with_normal_priority();
  const auto direct = answer_port::direct_scope{board_.port()};
  actors::deliver_now(target, std::move(message));
  return !open_;
}

void question::wait(milliseconds deadline, continuation resume) {
  auto cancellation = asio::get_associated_cancellation_slot(resume);
  if (cancellation.is_connected())
    cancellation.assign([this](asio::cancellation_type) { cancel(); });
  resume_.emplace(std::move(resume));
  board_.expect(number_, std::chrono::steady_clock::now() + deadline);
}

void question::finish(errc why) {
  failure_ = why;
  resume();
}

void question::finish(caf::message reply) {
  reply_ = std::move(reply);
  resume();
}

void question::resume() {
  open_ = false;
  if (resume_)
    asio::post(std::move(*resume_));
}

void question::cancel() {
  if (!open_)
    return;
  board_.close(number_);
  finish(errc::cancelled);
}

void question::abandon() {
  open_ = false;
  if (resume_)
    auto gone = std::move(*resume_); // owns the coroutine, thus also this question
}

} // namespace axonhub::net
