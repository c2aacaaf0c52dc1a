#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/stream_client/answer_reader.hpp"

namespace axonhub::bench {

struct load_plan {
  std::uint16_t port = 0; // of 127.0.0.1
  std::string key;
  std::string body;
  std::size_t connections = 1; // each has a session of its own
  std::size_t ramp = 0;        // connections opened per second; 0: all at once
  std::size_t deltas = 0;      // that a whole answer has
  /// How long connections ask again after an answer. 0: each asks once.
  std::chrono::milliseconds duration{0};
  std::chrono::milliseconds patience{60'000}; // after it, what runs has failed
};

struct load_result {
  std::size_t streams = 0; // whole ones
  std::size_t deltas = 0;  // of all streams
  std::map<std::string, std::size_t> problems;
  std::vector<std::int64_t> first_bytes; // nanoseconds from the start of a request
  std::vector<std::int64_t> ends;        // the same, to the end of the answer
  std::vector<std::int64_t> ages;        // of stamped deltas
  std::int64_t elapsed = 0;              // nanoseconds
};

/// Asks for streams from one thread and reads every byte of them.
class stream_load {
public:
  explicit stream_load(load_plan plan);
  ~stream_load();
  stream_load(const stream_load&) = delete;

  /// Runs the plan to its end.
  load_result run();

private:
  struct client;

  void open_due();
  void open(std::size_t number);
  void ask(client& c);
  void write(client& c);
  void read(client& c);
  void finish(client& c, const std::string& problem);
  void watch(client& c, int operation, bool writes);
  bool is_asking() const;
  int milliseconds_to_next() const;

  load_plan plan_;
  load_result seen_;
  int poll_;
  std::int64_t start_ = 0;
  std::size_t running_ = 0;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<char> scratch_;
};

} // namespace axonhub::bench
