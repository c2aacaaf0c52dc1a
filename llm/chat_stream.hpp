#pragma once

#include "llm/answer_facts.hpp"
#include "llm/anthropic_stream.hpp"
#include "llm/upstream_error.hpp"

#include <bitset>
#include <optional>
#include <string_view>

namespace axonhub::llm {

/// Watches the chunks of an OpenAI Chat stream as they pass, as anthropic_meter does with its
/// events. Changes nothing and keeps none of the bytes.
///   start:    the first chunk, with a role or with nothing;
///   content:  any choice says something: text, reasoning, a refusal, a tool call;
///   closing:  the finish reason and nothing else;
///   terminal: [DONE];
///   error:    data with an `error` that says something, or a finish reason that is a breakdown;
///   malformed: data that is no JSON object.
class chat_meter {
public:
  using choice_set = std::bitset<128>; ///< More are never asked for; those beyond share the last.

  event_kind observe(std::string_view event);

  /// Whether the stream may end here, with a finish reason of each choice: some upstreams say no
  /// [DONE] behind the last one.
  bool may_end() const { return begun_.any() && finished_ == begun_; }

  /// Whether the error observed last was a finish reason alone, which no client takes for one.
  bool may_fail_yet() const { return may_fail_yet_; }

  /// The numbers so far; each is the one that was told last.
  const usage& seen() const { return facts_.tokens; }
  /// Where the model's value lies in the event observed last; nearly every chunk has one.
  std::optional<byte_span> model_value() const { return facts_.model_value; }
  const upstream_error& error() const { return error_; }
  std::string_view message_id() const { return facts_.id; }
  std::string_view model() const { return facts_.model; }
  /// The finish reason; empty until it was told.
  std::string_view stop_reason() const { return facts_.stop_reason; }

private:
  answer_facts facts_;
  upstream_error error_;
  choice_set begun_, finished_;
  bool has_started_ = false;
  bool may_fail_yet_ = false;
};

} // namespace axonhub::llm
