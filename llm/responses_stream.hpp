#pragma once

#include "llm/answer_facts.hpp"
#include "llm/anthropic_stream.hpp"
#include "llm/upstream_error.hpp"

#include <optional>
#include <string_view>

namespace axonhub::llm {

/// Watches the events of a Responses stream as they pass, as anthropic_meter does with its own.
/// Changes nothing and keeps none of the bytes.
///   start:    response.created, queued and in_progress;
///   content:  every other `response.` event: an item starts, grows or is done;
///   terminal: response.completed (some say done) and response.incomplete;
///   error:    response.failed, response.cancelled and `error`;
///   malformed: one of the last two or a start whose data is no JSON object.
class responses_meter {
public:
  /// The `event:` line decides what it is; the data's `type` does where there is no such line.
  event_kind observe(std::string_view event);

  /// The numbers so far; the last event tells them.
  const usage& seen() const { return facts_.tokens; }
  /// Where the model's value lies in the event observed last: the start's and the last have one.
  std::optional<byte_span> model_value() const { return facts_.model_value; }
  const upstream_error& error() const { return error_; }
  std::string_view message_id() const { return facts_.id; }
  std::string_view model() const { return facts_.model; }
  /// The status, or the reason of an incomplete answer; empty until it was told.
  std::string_view stop_reason() const { return facts_.stop_reason; }
  /// Whether the error observed last was `error`, which has clients wait for its response.failed.
  bool may_fail_yet() const { return is_error_bare_; }

private:
  event_kind learn(event_kind kind, std::string_view event);

  answer_facts facts_;
  upstream_error error_;
  bool is_error_bare_ = false;
};

} // namespace axonhub::llm
