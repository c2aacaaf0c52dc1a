#pragma once

// For the sources of llm/ alone, as json_scan.hpp.

#include "llm/answer_reader.hpp"
#include "llm/json_scan.hpp"

#include <vector>

namespace axonhub::llm {

/// Reads Anthropic Messages: the events of a stream or a whole message. What the provider's own
/// tools did, and citations, are left out.
class anthropic_reader final : public answer_reader {
public:
  event_kind read(std::string_view event, answer_sink& sink) override;
  event_kind read_end(answer_sink& sink) override;
  event_kind read_whole(const std::string& body, answer_sink& sink) override;

private:
  enum class kind : std::uint8_t { skipped, text, thinking, tool };
  struct block {
    std::uint64_t index = 0;
    kind what = kind::skipped;
    std::size_t tool = 0;    ///< Its number, for a tool.
    std::string early_input; ///< Arguments that came with the start, for where no others follow.
    bool has_grown = false;
  };
  /// The values of one event, or of one block of a whole message.
  struct values {
    raw_text type, delta_type, text, thinking, partial_json, signature, explanation;
    raw_text block_type, id, name, data;
    std::string_view input;
    std::uint64_t index = 0;
  };

  json_error read_field(std::string_view key, json_value& value);
  json_error read_delta_field(std::string_view key, json_value& value);
  json_error read_block_field(std::string_view key, json_value& value);
  json_error read_content(json_value& value, answer_sink& sink);
  event_kind take(raw_text type, answer_sink& sink);
  void open(answer_sink& sink);
  event_kind grow(answer_sink& sink);
  void close(answer_sink& sink);
  void end(answer_sink& sink);
  block* find();

  values now_;
  std::vector<block> blocks_; // the open ones
  std::size_t tools_ = 0;
  std::string explanation_; // of a refusal, raw
  bool has_started_ = false;
  bool has_ended_ = false;
};

} // namespace axonhub::llm
