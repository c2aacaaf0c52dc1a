#include "bench/stream_client/answer_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/text.hpp"

namespace axonhub::bench {

namespace {

constexpr auto longest_line = std::size_t{8192};
constexpr auto stamp_digits = std::size_t{16};

/// The clock in "…@0000012345678901 …", or 0.
std::int64_t stamp_in(std::string_view line) {
  const auto at = line.find('@');
  auto stamp = std::int64_t{0};
  if (at != std::string_view::npos && line.size() > at + stamp_digits)
    std::from_chars(line.data() + at + 1, line.data() + at + 1 + stamp_digits, stamp);
  return stamp;
}

} // namespace

std::int64_t clock_now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

void answer_reader::feed(std::string_view bytes, std::vector<std::int64_t>& ages) {
  begun_ = begun_ || !bytes.empty();
  while (!bytes.empty() && !is_over())
    step(bytes, ages);
  if (!bytes.empty() && problem_.empty())
    give_up("bytes behind the end");
}

void answer_reader::step(std::string_view& bytes, std::vector<std::int64_t>& ages) {
  if (state_ == state::data) {
    const auto piece = bytes.substr(0, left_);
    read_events(piece, ages);
    bytes.remove_prefix(piece.size());
    left_ -= piece.size();
    if (left_ == 0)
      state_ = state::data_end;
    return;
  }
  if (!take_line(bytes))
    return;
  if (state_ == state::head)
    read_head();
  else if (state_ == state::size)
    read_size();
  else if (state_ == state::data_end && line_.empty())
    state_ = state::size;
  else if (state_ == state::trailer && line_.empty())
    state_ = state::over;
  else
    give_up("a broken chunk");
  line_.clear();
}

/// Moves a line into line_, without its end; false while that is missing.
bool answer_reader::take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  bytes.remove_prefix(std::min(bytes.size(), end == std::string_view::npos ? end : end + 1));
  if (line_.size() > longest_line)
    give_up("an endless line");
  if (end == std::string_view::npos)
    return false;
  if (line_.ends_with('\r'))
    line_.pop_back();
  return true;
}

void answer_reader::read_head() {
  if (line_.starts_with("HTTP/") && !line_.starts_with("HTTP/1.1 200"))
    give_up(line_);
  else if (line_.empty() && !chunked_)
    give_up("the answer is no stream");
  else if (line_.empty())
    state_ = state::size;
  else
    chunked_ = chunked_ || equals_ignoring_case(line_, "transfer-encoding: chunked");
}

void answer_reader::read_size() {
  const auto* const end = line_.data() + line_.size();
  const auto [rest, error] = std::from_chars(line_.data(), end, left_, 16);
  if (error != std::errc{} || rest != end)
    give_up("a broken chunk size");
  else
    state_ = left_ == 0 ? state::trailer : state::data;
}

void answer_reader::read_events(std::string_view bytes, std::vector<std::int64_t>& ages) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (end == std::string_view::npos) {
      event_line_ += piece;
      return;
    }
    if (event_line_.empty()) {
      read_event_line(piece, ages);
    } else {
      event_line_ += piece;
      read_event_line(event_line_, ages);
      event_line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void answer_reader::read_event_line(std::string_view line, std::vector<std::int64_t>& ages) {
  if (line == "event: content_block_delta")
    ++deltas_;
  else if (line == "event: message_stop")
    complete_ = true;
  else if (line == "event: error")
    problem_ = "an error event";
  else if (line.starts_with("data:"))
    if (const auto stamp = stamp_in(line); stamp != 0)
      ages.push_back(clock_now() - stamp);
}

void answer_reader::give_up(std::string why) {
  problem_ = std::move(why);
  state_ = state::over;
}

std::string answer_reader::verdict(std::size_t wanted_deltas) const {
  if (!problem_.empty())
    return problem_;
  if (deltas_ != wanted_deltas)
    return std::to_string(deltas_) + " deltas instead of " + std::to_string(wanted_deltas);
  return complete_ ? std::string{} : "the stream has no message_stop";
}

} // namespace axonhub::bench
