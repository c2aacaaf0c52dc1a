#include "net/question_board.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <utility>

#include "net/question.hpp"

namespace axonhub::net {

namespace {

constexpr auto sweep_interval = milliseconds{50};

// A number is the place, below, and how often that was used.
constexpr auto place_bits = 24;
constexpr auto place_mask = (std::uint64_t{1} << place_bits) - 1;

/// The sender of all questions of a board.
class responder_actor final : public caf::monitorable_actor {
public:
  responder_actor(caf::actor_config& config, std::shared_ptr<answer_port> port)
      : monitorable_actor(config), port_(std::move(port)) {}

  const char* name() const override { return "responder"; }

  void enqueue(caf::strong_actor_ptr, caf::message_id id, caf::message content,
               caf::execution_unit*) override {
    if (id.is_response())
      port_->take(id.request_id().integer_value(), std::move(content));
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (what->mid.is_response())
      port_->take(what->mid.request_id().integer_value(), what->move_content_to_message());
  }

private:
  std::shared_ptr<answer_port> port_;
};

} // namespace

thread_local const answer_port* answer_port::direct_ = nullptr;

void answer_port::take(std::uint64_t id, caf::message reply) {
  if (direct_ == this)
    return board_->answer(id, std::move(reply));
  const auto lock = std::lock_guard{mutex_};
  if (!board_)
    return;
  answers_.emplace_back(id, std::move(reply));
  if (answers_.size() == 1)
    asio::post(board_->context(), [self = shared_from_this()] { self->hand_over(); });
}

void answer_port::hand_over() {
  auto answers = decltype(answers_){};
  {
    const auto lock = std::lock_guard{mutex_};
    answers.swap(answers_);
  }
  for (auto& [id, reply] : answers)
    board_->answer(id, std::move(reply)); // the context runs this, so the board is there
}

void answer_port::close() {
  const auto lock = std::lock_guard{mutex_};
  board_ = nullptr;
  answers_.clear();
}

question_board::question_board(asio::io_context& context)
    : service(context),
      context_(context),
      timer_(context),
      port_(std::make_shared<answer_port>(*this)) {}

const caf::strong_actor_ptr& question_board::responder(caf::actor_system& system) {
  if (!responder_ || responder_->home_system != &system) {
    auto config = caf::actor_config{};
    responder_ = caf::make_actor<responder_actor, caf::strong_actor_ptr>(
        system.next_actor_id(), system.node(), &system, config, port_);
  }
  return responder_;
}

std::uint64_t question_board::open(question& asked) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  places_[index].asked = &asked;
  return places_[index].uses << place_bits | index;
}

void question_board::expect(std::uint64_t number, steady_time deadline) {
  find(number)->deadline = deadline;
  ++waiting_;
  arm();
}

void question_board::close(std::uint64_t number) {
  if (auto* at = find(number))
    release(*at);
}

void question_board::answer(std::uint64_t number, caf::message reply) {
  if (auto* at = find(number))
    release(*at)->finish(std::move(reply));
}

question_board::place* question_board::find(std::uint64_t number) {
  const auto index = number & place_mask;
  if (index >= places_.size())
    return nullptr;
  auto& at = places_[index];
  return at.asked && at.uses == number >> place_bits ? &at : nullptr;
}

question* question_board::release(place& at) {
  if (at.deadline != steady_time::max())
    --waiting_;
  free_.push_back(static_cast<std::uint32_t>(&at - places_.data()));
  auto* asked = at.asked;
  at = {nullptr, at.uses + 1, steady_time::max()};
  return asked;
}

void question_board::arm() {
  if (armed_ || waiting_ == 0)
    return;
  armed_ = true;
  timer_.expires_after(sweep_interval);
  timer_.async_wait([this](const error_code& ec) {
    armed_ = false;
    if (ec)
      return;
    sweep(std::chrono::steady_clock::now());
    arm();
  });
}

void question_board::sweep(steady_time now) {
  for (auto& at : places_)
    if (at.deadline <= now)
      release(at)->finish(errc::ask_timeout);
}

void question_board::shutdown() noexcept {
  port_->close();
  for (auto i = std::size_t{0}; i < places_.size(); ++i)
    if (places_[i].asked)
      release(places_[i])->abandon(); // may end other questions too
}

} // namespace axonhub::net
