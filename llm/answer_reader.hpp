#pragma once

#include "llm/answer_facts.hpp"
#include "llm/answer_sink.hpp"
#include "llm/anthropic_stream.hpp"
#include "llm/dialect.hpp"
#include "llm/upstream_error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// What is held back of an answer because its turn has not come; more is too much.
constexpr std::size_t most_held_bytes = std::size_t{4} << 20;

/// Turns an upstream's answer into pieces. One is for one answer.
class answer_reader {
public:
  answer_reader() = default;
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;
  virtual ~answer_reader() = default;

  /// One whole event of a stream, as event_splitter reports it. On error and malformed the sink has
  /// not been told of it: error() or problem() says why.
  virtual event_kind read(std::string_view event, answer_sink& sink) = 0;

  /// The stream ended: terminal when it may end there, else malformed.
  virtual event_kind read_end(answer_sink& sink) = 0;

  /// A whole answer, in a body with body_padding free bytes behind its end: terminal, error or
  /// malformed.
  virtual event_kind read_whole(const std::string& body, answer_sink& sink) = 0;

  const answer_facts& facts() const { return facts_; }
  const upstream_error& error() const { return error_; }
  /// Why something was malformed.
  std::string_view problem() const { return problem_; }

protected:
  event_kind refuse(std::string_view problem) {
    problem_ = problem;
    return event_kind::malformed;
  }

  answer_facts facts_;
  upstream_error error_;
  std::string_view problem_;
};

/// A reader of dialect `d`. `id_stem` is what the ids that an upstream forgot are made from.
std::unique_ptr<answer_reader> make_answer_reader(dialect d, std::string_view id_stem);

} // namespace axonhub::llm
