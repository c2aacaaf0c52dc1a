#pragma once

#include "llm/answer_facts.hpp"
#include "llm/upstream_error.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace axonhub::llm {

/// What one event of a stream means to the relay.
enum class event_kind : std::uint8_t {
  other, ///< Unknown, a comment, or without fields: passes, means nothing.
  ping,
  start,     ///< message_start: nothing of the answer itself yet.
  content,   ///< A content block starts, grows or stops: the answer has begun.
  closing,   ///< message_delta: the stop reason and the last usage.
  terminal,  ///< message_stop: the stream is complete.
  error,     ///< The upstream gave up; error() says why.
  malformed, ///< Named start, closing, terminal or error, but its data is no JSON object.
};

/// Watches the events of an Anthropic stream as they pass: what each one is, the usage, how it
/// ended. Changes nothing and keeps none of the bytes.
class anthropic_meter {
public:
  /// Takes one whole event, as event_splitter reports it. The `event:` line decides what it is; its
  /// data's `type` does only where there is no such line.
  event_kind observe(std::string_view event);

  /// The numbers so far. Later ones replace earlier ones; null leaves them.
  const usage& seen() const { return facts_.tokens; }

  /// After observe() returned start: where the model's value (quotes included) lies in that event.
  std::optional<byte_span> model_value() const { return facts_.model_value; }

  /// The upstream's error, after observe() returned error.
  const upstream_error& error() const { return error_; }

  std::string_view message_id() const { return facts_.id; }
  std::string_view model() const { return facts_.model; }
  /// Empty until a closing event told it.
  bool may_fail_yet() const { return false; }
  std::string_view stop_reason() const { return facts_.stop_reason; }

private:
  event_kind learn(event_kind kind, std::string_view event);

  answer_facts facts_;
  upstream_error error_;
};

} // namespace axonhub::llm
