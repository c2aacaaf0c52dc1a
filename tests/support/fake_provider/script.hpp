#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_provider/call.hpp"

namespace axonhub::fake {

/// Tokens of one answer. The three counters of the prompt are disjoint.
struct usage {
  std::size_t input = 0;
  std::size_t cache_write = 0;
  std::size_t cache_read = 0;
  std::size_t output = 0;
};

/// How long answers are.
struct answer_shape {
  std::size_t deltas = 8;
  std::size_t delta_bytes = 24;
  bool stamp =
      false; ///< Deltas begin with '@' and the monotonic clock in 16 digits of nanoseconds.
};

/// The events of one streamed answer, each complete with its empty line. The deltas are written
/// when they are sent: thousands of slow streams then cost little memory.
class script {
public:
  std::vector<std::string> before; ///< Up to the first delta.
  std::vector<std::string> after;  ///< From the last delta on.

  /// Deltas of the usual text.
  void set_deltas(std::string head, std::string tail, const answer_shape& shape);

  /// The same, with the event's number between `head` and `middle`.
  void set_numbered_deltas(std::string head, std::string middle, std::string tail,
                           const answer_shape& shape);

  std::size_t deltas() const { return shape_.deltas; }
  std::size_t events() const { return before.size() + shape_.deltas + after.size(); }

  /// Appends event `index`.
  void append_event(std::string& out, std::size_t index) const;

private:
  std::string head_;
  std::string middle_;
  std::string tail_;
  answer_shape shape_{.deltas = 0};
  bool numbered_ = false;
};

/// The text of delta `index`: letters, digits and blanks, so that JSON needs no escapes.
void append_delta_text(std::string& out, std::size_t index, const answer_shape& shape);

/// All deltas in one.
std::string whole_text(const answer_shape& shape);

/// The answer that quotes the tools' results.
std::string quoted_results(const std::vector<std::string>& results);

/// `text` as a JSON string with its quotes.
std::string quoted(std::string_view text);

/// Everything a dialect needs to answer one call.
struct reply {
  const call& asked;
  usage tokens = {};
  answer_shape shape = {};
  std::string id = {}; ///< Letters, digits and '_': the tail of every id in the answer.
};

script anthropic_script(const reply& r);
std::string anthropic_json(const reply& r);

script chat_script(const reply& r);
std::string chat_json(const reply& r);

script responses_script(const reply& r);
std::string responses_json(const reply& r);

/// An event that ends a stream of that endpoint with an error.
std::string error_event(api endpoint, std::string_view id);

} // namespace axonhub::fake
