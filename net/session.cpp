#include "net/session.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "llm/peek.hpp"
#include "net/body_memory.hpp"
#include "net/chunked.hpp"
#include "net/offload.hpp"
#include "net/routes.hpp"

namespace axonhub::net {
namespace {

using llm::client_error;

constexpr std::size_t skippable_body = 256 * 1024; // read on rather than close
constexpr std::string_view chunk_end_and_last = "\r\n0\r\n\r\n";
constexpr auto linger_time = std::chrono::seconds{2};

} // namespace

session::session(worker& owner, connection_ptr client, bool metrics_only)
    : owner_(owner),
      client_(std::move(client)),
      address_(client_->peer_address()),
      metrics_only_(metrics_only) {}

task<void> session::run() {
  for (;;) {
    const auto upcoming = co_await read_head(); // g++ 12 loses a co_await in a loop's condition
    if (upcoming == next::end)
      break;
    co_await serve(*this);
    client_->stop_watching();
    if (!client_->is_open() || client_->is_cancelled())
      break;
    if (!answered_)
      co_await send(refusal(client_error::internal, 500, "The request was not answered"));
    if (keep_alive_ && !body_read_ && head_.body != body_kind::none)
      co_await skip_body();
    if (!keep_alive_) {
      co_await linger();
      break;
    }
    if (ahead_.empty())
      drop_buffers();
  }
  client_->close();
}

/// An idle connection keeps no buffer but a small one for its heads.
void session::drop_buffers() {
  constexpr auto small = std::size_t{4} * 1024;
  std::string{}.swap(ahead_);
  if (head_bytes_.capacity() <= small)
    return;
  head_ = {};
  std::string{}.swap(head_bytes_);
}

task<session::next> session::read_head() {
  const auto& limits = owner_.shared.settings.server.limits;
  const auto head_limit = head_limits{};
  auto progress = head_progress{};
  auto started = !ahead_.empty();
  if (owner_.shared.draining && !started)
    co_return next::end;
  answered_ = stream_begun_ = body_read_ = false;
  sent_bytes_ = 0;
  ended_ = {};
  id_.text = make_id("rq_");
  client_->set_deadline_in(started ? limits.header_timeout : limits.keep_alive_idle);
  auto bytes = std::string_view{ahead_};
  for (;;) {
    if (!bytes.empty()) {
      if (const auto error = find_head(bytes, head_limit, progress)) {
        co_await refuse_head(*error);
        co_return next::end;
      }
      if (progress.size > 0)
        break;
      if (ahead_.empty())
        ahead_ = bytes;
    }
    const auto step = client_->try_read(owner_.io.scratch(), io_thread::scratch_size);
    if (step.state == io_state::ok) {
      bytes = {owner_.io.scratch(), step.size};
      if (!ahead_.empty())
        bytes = ahead_.append(bytes);
      if (!std::exchange(started, true))
        client_->set_deadline_in(limits.header_timeout);
      continue;
    }
    if (step.state != io_state::would_block)
      co_return next::end;
    client_->set_idle(!started);
    const auto ec = co_await client_->readable();
    client_->set_idle(false);
    bytes = {};
    if (ec.failed()) {
      if (ec == errc::timeout && started)
        co_await refuse_head({408, "The request's head took too long"});
      co_return next::end;
    }
  }
  client_->clear_deadline();
  head_bytes_ = bytes.substr(0, progress.size);
  bytes.remove_prefix(progress.size);
  head_.clear();
  const auto error = parse_request_head(head_bytes_, head_limit, head_);
  auto rest = std::string{}; // `bytes` may lie in ahead_
  if (head_.content_length == bytes.size())
    rest.reserve(bytes.size() + llm::body_padding); // becomes the body as it is
  rest.append(bytes);
  ahead_ = std::move(rest);
  if (error) {
    co_await refuse_head(*error);
    co_return next::end;
  }
  keep_alive_ = head_.keep_alive && !owner_.shared.draining;
  co_return next::request;
}

task<void> session::refuse_head(const head_error& error) {
  head_.clear();
  keep_alive_ = false;
  const auto kind = error.status == 408   ? client_error::request_timeout
                    : error.status == 413 ? client_error::request_too_large
                                          : client_error::invalid_request;
  auto a = error_answer(llm::dialect::anthropic, kind, error.reason, id_.text);
  a.status = error.status;
  co_await send(a);
  co_await linger();
}

answer session::refusal(client_error e, int status, std::string_view message) const {
  if (head_.path.starts_with("/admin/"))
    return problem_answer(status, message);
  return error_answer(dialect_of_path(head_), e, message, id_.text);
}

task<bool> session::fail_body(client_error e, std::string_view message) {
  const auto status = llm::http_status(llm::dialect::anthropic, e);
  keep_alive_ = false;
  if (!answered_) // else it is only skipped
    co_await send(refusal(e, status, message));
  co_return false;
}

task<bool> session::read_body(std::string& body, body_ticket* memory) {
  const auto& limits = owner_.shared.settings.server.limits;
  body.clear();
  if (const auto coding = head_.find("content-encoding");
      !coding.empty() && !equals_ignoring_case(coding, "identity"))
    co_return co_await fail_body(client_error::unsupported_encoding,
                                 "Request bodies must not be compressed: send no content-encoding");
  if (head_.body == body_kind::length && head_.content_length > limits.body_bytes)
    co_return co_await fail_body(client_error::request_too_large,
                                 "The request body is larger than this gateway takes");
  if (head_.expect_continue) {
    const auto ec = co_await client_->write_all("HTTP/1.1 100 Continue\r\n\r\n");
    if (ec.failed())
      co_return false;
  }
  auto ok = true;
  if (head_.body == body_kind::length)
    ok = co_await read_sized_body(body);
  else if (head_.body == body_kind::chunked)
    ok = co_await read_chunked_body(body, memory);
  client_->clear_deadline();
  body_read_ = ok;
  body.reserve(body.size() + llm::body_padding);
  co_return ok;
}

task<bool> session::more_body(char* to, std::size_t room, std::size_t& size, body_pace& pace,
                              std::size_t so_far) {
  for (;;) {
    const auto step = client_->try_read(to, room);
    size = step.size;
    if (step.state == io_state::ok)
      co_return true;
    if (step.state != io_state::would_block) {
      client_->close();
      co_return false;
    }
    client_->set_deadline_in(pace.patience(so_far));
    const auto ec = co_await client_->readable();
    if (ec == errc::timeout)
      co_return co_await fail_body(client_error::request_timeout,
                                   "The request body came too slowly");
    if (ec.failed())
      co_return false;
  }
}

task<bool> session::read_sized_body(std::string& body) {
  const auto size = static_cast<std::size_t>(head_.content_length);
  if (ahead_.size() <= size) {
    body = std::exchange(ahead_, {});
  } else {
    body.assign(ahead_, 0, size);
    ahead_.erase(0, size);
  }
  if (is_long(to_scan(size)))
    co_await make_room(owner_, chore::request, body, size - body.size() + llm::body_padding);
  else
    body.reserve(size + llm::body_padding);
  auto pace = body_pace{owner_.shared.settings.server.limits};
  while (body.size() < size) {
    auto fresh = std::size_t{0};
    const auto room = std::min(size - body.size(), io_thread::scratch_size);
    if (!co_await more_body(owner_.io.scratch(), room, fresh, pace, body.size()))
      co_return false;
    body.append(owner_.io.scratch(), fresh);
  }
  co_return true;
}

task<bool> session::read_chunked_body(std::string& body, body_ticket* memory) {
  const auto& limits = owner_.shared.settings.server.limits;
  auto decoder = chunk_decoder{};
  auto pace = body_pace{limits};
  for (;;) {
    if (const auto more = ahead_.size() + llm::body_padding; moves_long(body, more))
      co_await make_room(owner_, chore::request, body, more);
    ahead_.erase(0, decoder.append_to(body, ahead_));
    if (!decoder.error().empty())
      co_return co_await fail_body(client_error::invalid_request, decoder.error());
    if (body.size() > limits.body_bytes)
      co_return co_await fail_body(client_error::request_too_large,
                                   "The request body is larger than this gateway takes");
    if (memory != nullptr &&
        !memory->grow_to(owner_.shared.body_bytes, body.size(), limits.body_memory))
      co_return co_await fail_body(client_error::overloaded, no_memory_text);
    if (decoder.done())
      co_return true;
    auto fresh = std::size_t{0};
    if (!co_await more_body(owner_.io.scratch(), io_thread::scratch_size, fresh, pace, body.size()))
      co_return false;
    ahead_.append(owner_.io.scratch(), fresh);
  }
}

task<void> session::skip_body() {
  if (head_.expect_continue || head_.body != body_kind::length ||
      head_.content_length > skippable_body) {
    keep_alive_ = false;
    co_return;
  }
  auto unread = std::string{};
  if (!co_await read_sized_body(unread))
    keep_alive_ = false;
  client_->clear_deadline();
}

task<void> session::linger() {
  if (!client_->is_open())
    co_return;
  if (client_->tls() == nullptr)
    client_->end_sending();
  client_->set_deadline_in(linger_time);
  for (auto budget = std::size_t{1} << 20; budget > 0;) {
    const auto step = client_->try_read(owner_.io.scratch(), io_thread::scratch_size);
    if (step.state == io_state::would_block) {
      if ((co_await client_->readable()).failed())
        break;
    } else if (step.state != io_state::ok) {
      break;
    }
    budget -= std::min(budget, step.size);
  }
  client_->close();
}

namespace {

void append_connection(std::string& head, const request_head& request, bool keep_alive) {
  if (!keep_alive)
    head += "connection: close\r\n";
  else if (request.minor_version == 0)
    head += "connection: keep-alive\r\n";
}

} // namespace

task<bool> session::send(const answer& a) {
  const auto body = std::string_view{a.body};
  co_return co_await send(a, std::span{&body, 1});
}

task<bool> session::send(const answer& a, std::span<const std::string_view> body) {
  answered_ = true;
  ended_.http_status = static_cast<std::uint16_t>(a.status);
  keep_alive_ = keep_alive_ && !a.close;
  if (!body_read_ && (head_.body == body_kind::chunked || head_.expect_continue ||
                      head_.content_length > skippable_body))
    keep_alive_ = false;
  auto size = std::uint64_t{0};
  for (const auto part : body)
    size += part.size();
  auto head = std::string{};
  head.reserve(256 + a.fields.size());
  append_status_line(head, a.status);
  if (!a.content_type.empty() && a.status != 204)
    append_field(head, "content-type", a.content_type);
  head += a.fields;
  if (a.status != 204 && a.status != 304)
    append_field(head, "content-length", size);
  append_connection(head, head_, keep_alive_);
  append_head_end(head);
  auto parts = std::array<std::string_view, 8>{head};
  if (head_.method != "HEAD")
    std::ranges::copy(body.first(std::min<std::size_t>(body.size(), 7)), parts.begin() + 1);
  const auto ec = co_await client_->write_all(
      parts, owner_.shared.settings.server.limits.client_write_stall, steady_time::max());
  client_->clear_deadline();
  sent_bytes_ += size;
  if (ec.failed())
    client_->close();
  co_return !ec.failed();
}

void session::begin_stream(int status, std::string_view content_type, std::string_view fields) {
  answered_ = stream_begun_ = true;
  ended_.http_status = static_cast<std::uint16_t>(status);
  stream_chunked_ = head_.minor_version == 1;
  keep_alive_ = keep_alive_ && stream_chunked_;
  auto head = std::string{};
  head.reserve(256 + fields.size());
  append_status_line(head, status);
  append_field(head, "content-type", content_type);
  head += fields;
  if (stream_chunked_)
    append_field(head, "transfer-encoding", "chunked");
  append_connection(head, head_, keep_alive_);
  append_head_end(head);
  stream_head_ = std::move(head); // goes out with the first bytes of the stream
}

task<bool> session::write_stream(std::span<const std::string_view> bytes, bool last) {
  auto size = std::size_t{0};
  for (const auto part : bytes)
    size += part.size();
  auto frame = std::array<char, 24>{};
  auto parts = std::array<std::string_view, 8>{stream_head_};
  auto count = std::size_t{2};
  if (head_.method != "HEAD") {
    for (const auto part : bytes.first(std::min<std::size_t>(bytes.size(), 4)))
      parts[count++] = part;
    if (stream_chunked_ && size > 0) {
      auto* end = std::to_chars(frame.data(), frame.data() + 16, size, 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      parts[1] = {frame.data(), static_cast<std::size_t>(end - frame.data())};
      parts[count++] = last ? chunk_end_and_last : chunk_end;
    } else if (stream_chunked_ && last) {
      parts[count++] = last_chunk;
    }
  }
  sent_bytes_ += size;
  auto total = std::size_t{0};
  for (const auto part : parts)
    total += part.size();
  auto step = client_->try_write(parts);
  auto ok = step.state == io_state::ok || step.state == io_state::would_block;
  if (ok && step.size < total) {
    auto rest = std::string{}; // the caller's bytes do not survive a wait
    for (auto part : parts) {
      const auto taken = std::min(part.size(), step.size);
      step.size -= taken;
      rest.append(part.substr(taken));
    }
    const auto left = std::string_view{rest};
    const auto ec = co_await client_->write_all(
        std::span{&left, 1}, owner_.shared.settings.server.limits.client_write_stall,
        steady_time::max());
    client_->clear_deadline();
    ok = !ec.failed();
  }
  std::string{}.swap(stream_head_);
  if (!ok)
    client_->close();
  co_return ok;
}

void session::break_off() { client_->abort(); }

} // namespace axonhub::net
