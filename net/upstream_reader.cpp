#include "net/upstream_reader.hpp"

#include <algorithm>
#include <cstring>

namespace axonhub::net {

upstream_reader::state upstream_reader::fail(std::string_view why) {
  fault_ = why;
  return state::broken;
}

upstream_reader::state upstream_reader::read_head(connection& from, char* scratch,
                                                  std::size_t room) {
  auto bytes = std::string_view{ahead_};
  for (;;) {
    if (!bytes.empty())
      if (const auto parsed = parse_head(bytes); parsed != state::wait)
        return parsed;
    const auto step = from.try_read(scratch, room);
    if (step.state == io_state::would_block)
      return state::wait;
    if (step.state != io_state::ok)
      return state::cut;
    begun_ = true;
    bytes = {scratch, step.size};
    if (!ahead_.empty())
      bytes = ahead_.append(bytes);
  }
}

/// Leaves what follows the head in ahead_; `wait` when `bytes` hold no whole final head yet.
upstream_reader::state upstream_reader::parse_head(std::string_view bytes) {
  const auto limits = head_limits{};
  for (;;) {
    if (const auto error = find_head(bytes, limits, progress_))
      return fail(error->reason);
    if (progress_.size == 0) {
      if (ahead_.size() != bytes.size())
        ahead_ = std::string{bytes};
      return state::wait;
    }
    head_bytes_ = bytes.substr(0, progress_.size);
    bytes.remove_prefix(progress_.size);
    progress_ = {};
    head_.clear();
    if (const auto error = parse_response_head(head_bytes_, limits, "POST", head_))
      return fail(error->reason);
    if (!head_.is_interim())
      break;
    if (++interim_ > max_interim_responses)
      return fail("A flood of interim responses");
  }
  ahead_ = std::string{bytes}; // `bytes` may lie in it
  left_ = head_.content_length;
  complete_ = head_.body == body_kind::none || (head_.body == body_kind::length && left_ == 0);
  return state::more;
}

upstream_reader::state upstream_reader::read_body(connection& from, char* scratch, std::size_t room,
                                                  std::string_view& fresh) {
  fresh = {};
  if (complete_)
    return state::done;
  if (!ahead_.empty()) {
    const auto size = std::min(ahead_.size(), room);
    std::memcpy(scratch, ahead_.data(), size);
    ahead_.erase(0, size);
    if (ahead_.empty())
      std::string{}.swap(ahead_);
    return decode(scratch, size, fresh);
  }
  const auto step = from.try_read(scratch, room);
  switch (step.state) {
    case io_state::ok:
      return decode(scratch, step.size, fresh);
    case io_state::would_block:
      return state::wait;
    case io_state::ended:
      complete_ = head_.body == body_kind::until_close;
      return complete_ ? state::done : state::cut;
    case io_state::broken:
      break;
  }
  return state::cut;
}

upstream_reader::state upstream_reader::decode(char* bytes, std::size_t size,
                                               std::string_view& fresh) {
  if (head_.body == body_kind::length) {
    const auto own = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
    left_ -= own;
    complete_ = left_ == 0;
    ahead_.assign(bytes + own, size - own); // bytes that nobody asked for: never reused
    fresh = {bytes, own};
    return state::more;
  }
  if (head_.body != body_kind::chunked) {
    fresh = {bytes, size};
    return state::more;
  }
  auto kept = std::size_t{0}; // the pieces move together, over the framing between them
  const auto used = chunks_.feed({bytes, size}, [&](std::string_view piece) {
    std::memmove(bytes + kept, piece.data(), piece.size());
    kept += piece.size();
  });
  if (!chunks_.error().empty())
    return fail(chunks_.error());
  complete_ = chunks_.done();
  ahead_.assign(bytes + used, size - used);
  fresh = {bytes, kept};
  return state::more;
}

} // namespace axonhub::net
