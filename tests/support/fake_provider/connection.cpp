#include "tests/support/fake_provider/connection.hpp"

#include <simdjson.h>

#include <utility>

namespace axonhub::fake {

connection::connection(int socket, SSL_CTX* tls, provider& mind, std::uint64_t id)
    : wire_(socket, tls), mind_(mind), id_(id) {
  ++mind_.seen.accepted;
  ++mind_.seen.open;
}

connection::~connection() {
  if (!is_control_)
    --mind_.seen.open;
}

void connection::on_readable(std::span<char> scratch) {
  const auto got = wire_.receive(scratch.first(scratch.size() - simdjson::SIMDJSON_PADDING));
  if (got.what == transfer::state::wants_read || got.what == transfer::state::wants_write)
    return;
  if (got.what == transfer::state::closed)
    return lose_client();
  const auto fresh = std::string_view{scratch.data(), got.size};
  if (held_.empty()) {
    const auto used = serve(fresh, scratch.size());
    held_ = fresh.substr(used);
    if (held_.size() < wanted_)
      held_.reserve(wanted_ + simdjson::SIMDJSON_PADDING);
  } else {
    held_ += fresh;
    serve_held();
  }
}

void connection::serve_held() {
  if (!held_.empty() && held_.size() >= wanted_)
    held_.erase(0, serve(held_, held_.capacity()));
}

/// Serves what is complete and due; tells how many bytes that took.
std::size_t connection::serve(std::string_view bytes, std::size_t capacity) {
  auto used = std::size_t{0};
  while (!current_ && !over_ && used < bytes.size()) {
    const auto size = serve_one(bytes.substr(used), capacity - used);
    if (size == 0)
      break;
    used += size;
  }
  return used;
}

std::size_t connection::serve_one(std::string_view bytes, std::size_t capacity) {
  auto head = request_head{};
  auto state = parse_head(bytes, head);
  if (state == progress::incomplete)
    return 0;
  auto joined = std::string{};
  auto body = std::string_view{};
  auto size = head.size + head.content_length;
  if (state == progress::complete && head.chunked) {
    auto used = std::size_t{0};
    state = join_chunks(bytes.substr(head.size), joined, used);
    if (state == progress::incomplete)
      return await_body(head);
    body = joined;
    size = head.size + used;
    capacity = 0; // makes the reader copy
  } else if (state == progress::complete) {
    if (bytes.size() < size)
      return await_body(head);
    body = bytes.substr(head.size, head.content_length);
    capacity -= head.size;
  }
  if (state == progress::malformed) {
    ++mind_.seen.malformed;
    start({.bytes = whole_answer(400, "text/plain", "malformed request\n"), .end = ending::close});
    return bytes.size();
  }
  wanted_ = 0;
  serve_request({head, body, capacity, id_, ++requests_});
  return size;
}

/// The body of a request is not here yet; tells 0, the bytes that may be dropped.
std::size_t connection::await_body(const request_head& head) {
  wanted_ = head.size + (head.chunked ? 0 : head.content_length);
  if (auto refusal = mind_.refuse_at_head(head, id_)) {
    counted_ = true;
    start(std::move(*refusal));
  } else if (head.expects_continue && !std::exchange(continued_, true)) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    flush();
  }
  return 0;
}

void connection::serve_request(const request& r) {
  closes_ = !r.head.keep_alive;
  continued_ = false;
  if (provider::is_control(r.head)) {
    if (!std::exchange(is_control_, true))
      --mind_.seen.open;
    return start({.bytes = mind_.control(r.head, r.body)});
  }
  counted_ = true;
  start(mind_.respond(r));
}

void connection::start(answer a) {
  current_ = std::move(a);
  begun_ = false;
  due_ = std::chrono::steady_clock::now() + current_->delay;
  if (current_->delay > milliseconds{0})
    timer_ = due_;
  else
    begin();
}

void connection::begin() {
  begun_ = true;
  out_ += current_->bytes;
  if (current_->events)
    append_events(false);
  if (current_->events || !current_->dripped.empty())
    timer_ = due_ += current_->pace;
  flush();
}

void connection::on_timer(steady_time now) {
  if (!current_ || over_)
    return;
  if (now < due_)
    timer_ = due_;
  else if (!begun_)
    begin();
  else
    step();
  serve_held();
}

/// One delta or one byte more.
void connection::step() {
  if (current_->events) {
    append_events(true);
  } else if (!current_->dripped.empty()) {
    out_ += current_->dripped.front();
    current_->dripped.erase(0, 1);
  }
  if (current_->events || !current_->dripped.empty())
    timer_ = due_ += current_->pace;
  flush();
}

/// The events that follow each other without a pause: up to the first delta, or one delta and
/// what comes behind the last one.
void connection::append_events(bool one_delta) {
  auto& a = *current_;
  const auto first_delta = a.events->before.size();
  const auto after = first_delta + a.events->deltas();
  auto event = std::string{};
  while (a.next_event < a.end_event) {
    const auto is_delta = a.next_event >= first_delta && a.next_event < after;
    if (is_delta && !std::exchange(one_delta, false))
      return;
    event.clear();
    a.events->append_event(event, a.next_event++);
    append_chunk(out_, event);
  }
  out_ += a.tail;
  a.events.reset();
}

void connection::on_writable() {
  waits_to_write_ = false;
  flush();
  serve_held();
}

void connection::flush() {
  while (sent_ < out_.size()) {
    const auto moved = wire_.send(std::string_view{out_}.substr(sent_));
    if (moved.what == transfer::state::closed)
      return lose_client();
    if (moved.what != transfer::state::moved) {
      waits_to_write_ = true;
      return;
    }
    sent_ += moved.size;
  }
  out_.clear();
  sent_ = 0;
  if (current_ && begun_ && !current_->events && current_->dripped.empty())
    finish();
}

void connection::finish() {
  const auto end = current_->end;
  if (end == ending::silence)
    return;
  current_.reset();
  if (std::exchange(counted_, false))
    mind_.seen.end(true);
  if (end == ending::reset)
    wire_.prepare_reset();
  else if (end == ending::keep && closes_)
    wire_.say_goodbye();
  over_ = end != ending::keep || closes_;
}

void connection::lose_client() {
  over_ = true;
  current_.reset();
  if (std::exchange(counted_, false))
    mind_.seen.end(false);
}

} // namespace axonhub::fake
