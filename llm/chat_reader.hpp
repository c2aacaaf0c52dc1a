#pragma once

// For the sources of llm/ alone, as json_scan.hpp.

#include "llm/answer_reader.hpp"
#include "llm/json_scan.hpp"
#include "llm/object_tracker.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace axonhub::llm {

/// Reads OpenAI Chat in all its dialects: chunks of a stream, or a whole completion, which looks
/// like one chunk that says everything. Of several choices the first counts.
class chat_reader final : public answer_reader {
public:
  explicit chat_reader(std::string_view id_stem) : id_stem_(id_stem) {}

  event_kind read(std::string_view event, answer_sink& sink) override;
  event_kind read_end(answer_sink& sink) override;
  event_kind read_whole(const std::string& body, answer_sink& sink) override;

private:
  struct fragment {
    std::optional<std::uint64_t> index;
    raw_text id, name, arguments;
    std::string_view object; ///< Arguments that came as an object.
  };
  enum class part_kind : std::uint8_t { text, refusal, thought };
  /// An element of a content that is a list.
  struct part {
    part_kind kind = part_kind::text;
    raw_text text;
  };
  /// OpenRouter's account of a thought.
  struct detail {
    raw_text text, signature, data, format;
    std::uint64_t index = 0;
  };
  struct choice {
    std::uint64_t index = 0;
    raw_text reasoning, other_reasoning, content, refusal, finish;
    std::vector<detail> details;
    std::vector<part> parts;
    std::vector<fragment> tools;
    void clear();
  };
  struct tool {
    std::optional<std::uint64_t> index;
    std::string id, name, held; // raw, as they came
    object_tracker arguments{};
    bool is_open = false;
    std::size_t number = 0; ///< As the sink knows it, once open.
  };

  event_kind judge(json_error e);
  json_error take_field(std::string_view key, json_value& value, answer_sink& sink, bool whole);
  json_error read_choices(json_value& value, answer_sink& sink, bool whole);
  json_error read_choice_field(std::string_view key, json_value& value);
  json_error read_delta_field(std::string_view key, json_value& value);
  json_error read_parts(json_value& value, part_kind kind);
  json_error read_details(json_value& value);
  json_error read_tools(json_value& value);
  void take_choice(answer_sink& sink, bool whole);
  void take_thoughts(answer_sink& sink, bool whole);
  void take_thought(raw_text text, answer_sink& sink);
  void end_thought(answer_sink& sink);
  void take_fragment(std::size_t at, const fragment& f, answer_sink& sink);
  static bool begins_another(const tool& known, const fragment& f);
  std::size_t find_tool(const fragment& f, bool is_new);
  std::size_t add_tool(const fragment& f);
  void open_tool(std::size_t at, answer_sink& sink);
  event_kind conclude(answer_sink& sink);

  std::string id_stem_;
  choice current_;
  std::vector<tool> tools_;
  std::size_t opened_ = 0;
  std::size_t held_bytes_ = 0;
  bool has_content_ = false; // of this chunk
  bool has_error_ = false;
  bool has_sealed_ = false;  // the thought that grew last
  std::uint64_t sealed_ = 0; // its number
  bool has_started_ = false;
  bool has_answered_ = false;
  bool has_finished_ = false;
  bool has_ended_ = false;
};

} // namespace axonhub::llm
