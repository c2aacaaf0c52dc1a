#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axonhub::bench {

/// Monotonic, in nanoseconds: the clock that the provider stamps its deltas with.
std::int64_t clock_now();

/// Reads one streamed Messages answer and judges it: a 200 in chunks, so many deltas, an end.
class answer_reader {
public:
  /// Takes bytes as they came. Where deltas carry a stamp, their ages in nanoseconds are appended
  /// to `ages`.
  void feed(std::string_view bytes, std::vector<std::int64_t>& ages);

  /// The answer is complete or cannot be read any further.
  bool is_over() const { return state_ == state::over; }

  /// What is wrong with it, once it is over; empty when it is as it should be.
  std::string verdict(std::size_t wanted_deltas) const;

  std::size_t deltas() const { return deltas_; }
  bool has_begun() const { return begun_; }

private:
  enum class state : std::uint8_t { head, size, data, data_end, trailer, over };

  void step(std::string_view& bytes, std::vector<std::int64_t>& ages);
  bool take_line(std::string_view& bytes);
  void read_head();
  void read_size();
  void read_events(std::string_view bytes, std::vector<std::int64_t>& ages);
  void read_event_line(std::string_view line, std::vector<std::int64_t>& ages);
  void give_up(std::string why);

  state state_ = state::head;
  std::string line_;       // of the head or of a chunk's frame, as far as it came
  std::string event_line_; // of an event, as far as it came
  std::string problem_;
  std::size_t left_ = 0; // of the chunk
  std::size_t deltas_ = 0;
  bool begun_ = false;
  bool chunked_ = false;
  bool complete_ = false; // message_stop was there
};

} // namespace axonhub::bench
