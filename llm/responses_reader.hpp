#pragma once

// For the sources of llm/ alone, as json_scan.hpp.

#include "llm/answer_reader.hpp"
#include "llm/json_scan.hpp"
#include "llm/pair_joiner.hpp"

#include <vector>

namespace axonhub::llm {

/// Reads OpenAI Responses: the events of a stream or a whole response. An upstream says everything
/// up to four times (deltas, done, the item's end, the response's end); the first telling counts,
/// and any one of them is enough. Items are known by their place, since ids may change.
class responses_reader final : public answer_reader {
public:
  event_kind read(std::string_view event, answer_sink& sink) override;
  event_kind read_end(answer_sink& sink) override;
  event_kind read_whole(const std::string& body, answer_sink& sink) override;

private:
  enum class kind : std::uint8_t { skipped, message, reasoning, function, custom };
  struct item {
    std::uint64_t place = 0;
    kind what = kind::skipped;
    std::size_t tool = 0;    ///< Its number, for a function or custom tool.
    std::uint64_t part = 0;  ///< The summary's or text's part that grew last.
    std::string id, call_id; ///< Raw, as they came first.
    half_pair half{};        ///< Of a custom tool's text, which is told as a text within a text.
    bool has_grown = false;
    bool is_done = false;
  };
  struct text_part {
    raw_text text;
    bool refuses = false;
  };
  /// What an item says when it is told whole.
  struct item_values {
    raw_text type, id, call_id, name, arguments, input, encrypted;
    std::vector<text_part> texts; ///< Of its content and summary.
  };
  struct values {
    raw_text type, delta, whole; ///< `whole`: text, refusal, arguments or input of a done event.
    std::uint64_t place = 0, part = 0;
    bool has_place = false;
    item_values told;
  };

  static kind kind_of(raw_text type);
  json_error read_field(std::string_view key, json_value& value, answer_sink& sink);
  json_error read_response_field(std::string_view key, json_value& value, answer_sink& sink);
  json_error read_item(json_value& value, item_values& told);
  json_error read_parts(json_value& value, item_values& told);
  json_error read_output(json_value& value, answer_sink& sink);
  event_kind take(raw_text type, answer_sink& sink);
  event_kind conclude(answer_sink& sink);
  event_kind give_up();
  void start(answer_sink& sink);
  item& find();
  item& find_item(bool ends);
  item& find_growing(raw_text type);
  item* find_at(std::uint64_t place);
  bool is_known(const item_values& told) const;
  void open(item& it, const item_values& told, answer_sink& sink);
  void grow(item& it, raw_text delta, answer_sink& sink, bool refuses);
  void finish(item& it, const item_values& told, answer_sink& sink);

  values now_;
  std::vector<item> items_;
  std::size_t tools_ = 0;
  std::string status_, incomplete_; // of the response
  bool has_started_ = false;
  bool has_ended_ = false;
};

} // namespace axonhub::llm
