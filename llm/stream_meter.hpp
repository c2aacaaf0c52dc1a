#pragma once

#include "llm/anthropic_stream.hpp"
#include "llm/chat_stream.hpp"
#include "llm/dialect.hpp"
#include "llm/responses_stream.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace axonhub::llm {

/// The meter of a dialect's streams.
class stream_meter {
public:
  explicit stream_meter(dialect d) {
    if (d == dialect::openai_chat)
      meter_.emplace<chat_meter>();
    else if (d == dialect::openai_responses)
      meter_.emplace<responses_meter>();
  }

  /// Takes one whole event, as event_splitter reports it.
  event_kind observe(std::string_view event) {
    return std::visit([event](auto& m) { return m.observe(event); }, meter_);
  }
  /// Whether the upstream may close the stream here without a last event.
  bool may_end() const {
    const auto* const chat = std::get_if<chat_meter>(&meter_);
    return chat != nullptr && chat->may_end();
  }
  /// Whether the upstream has told its error, but not yet the event that its clients take for the
  /// end.
  bool may_fail_yet() const {
    return std::visit([](const auto& m) { return m.may_fail_yet(); }, meter_);
  }

  const usage& seen() const {
    return std::visit([](const auto& m) -> const usage& { return m.seen(); }, meter_);
  }
  /// Where the model's value (quotes included) lies in the event observed last, if it has one.
  std::optional<byte_span> model_value() const {
    return std::visit([](const auto& m) { return m.model_value(); }, meter_);
  }
  const upstream_error& error() const {
    return std::visit([](const auto& m) -> const upstream_error& { return m.error(); }, meter_);
  }
  std::string_view message_id() const {
    return std::visit([](const auto& m) { return m.message_id(); }, meter_);
  }
  std::string_view model() const {
    return std::visit([](const auto& m) { return m.model(); }, meter_);
  }
  std::string_view stop_reason() const {
    return std::visit([](const auto& m) { return m.stop_reason(); }, meter_);
  }

private:
  std::variant<anthropic_meter, chat_meter, responses_meter> meter_;
};

} // namespace axonhub::llm
