#include "llm/request_writers.hpp"
#include "llm/request_writing.hpp"

#include "llm/format_schema.hpp"
#include "llm/json_raw.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace axonhub::llm {
namespace {

constexpr auto least_budget = std::uint64_t{1024}; // Anthropic refuses less

enum class thinking_form : std::uint8_t { unset, disabled, between_tools, adaptive, budget };

class anthropic_writer {
public:
  anthropic_writer(neutral_request& r, const upstream_traits& to, const request_identity& who,
                   std::string& out)
      : r_(r), to_(to), who_(who), w_(out) {}

  void write() {
    choose_format();
    if (!to_.forced_tools && forces_a_tool())
      put_choice_in_words(r_);
    choose_thinking();
    if (to_.cache_marks)
      mark_for_cache();
    w_.open_object().text("model", who_.upstream_model).number("max_tokens", max_tokens_);
    if (!r_.system.empty()) {
      w_.key("system");
      write_parts(r_.system);
    }
    w_.key("messages").open_array();
    for (const auto& m : r_.messages)
      write_message(m);
    w_.close_array();
    write_tools();
    write_thinking();
    write_sampling();
    if (!r_.verbosity.empty())
      r_.drop("verbosity");
    if (!who_.end_user.empty())
      w_.key("metadata").open_object().text("user_id", who_.end_user).close_object();
    if (r_.stream)
      w_.boolean("stream", true);
    w_.close_object();
  }

private:
  // --- the answer's format ---

  /// Schemas that Anthropic does not hold an answer to are asked for in words.
  void choose_format() {
    if (r_.format == answer_format::json_schema && to_.json_schema &&
        r_.format_schema.is_object()) {
      const auto facts = look_at_schema(r_.format_schema.raw());
      has_format_ = facts.is_closed && facts.is_plain;
    }
    if (r_.format != answer_format::unset && !has_format_)
      put_format_in_words(r_);
  }

  // --- the cache ---

  /// Behind the system prompt and the user's last two messages: what the turn before has written is
  /// found again, however much one turn adds.
  void mark_for_cache() {
    constexpr auto mark = std::string_view{R"({"type":"ephemeral"})"};
    constexpr auto most_marks = 2;
    const auto has_marks = [](const message& m) { return has_mark(m.parts); };
    if (has_mark(r_.system) || std::ranges::any_of(r_.messages, has_marks))
      return;
    if (!r_.system.empty())
      r_.system.back().cache_control = mark;
    auto marked = 0;
    for (auto at = r_.messages.rbegin(); at != r_.messages.rend() && marked < most_marks; ++at)
      if (at->role == speaker::user) {
        at->parts.back().cache_control = mark;
        ++marked;
      }
  }

  static bool has_mark(const std::vector<part>& parts) {
    return std::ranges::any_of(
        parts, [](const part& p) { return !p.cache_control.empty() || has_mark(p.content); });
  }

  // --- thinking ---

  /// Settles max_tokens too, which must exceed the budget of thinking.
  void choose_thinking() {
    max_tokens_ = output_limit(r_, to_).value_or(default_limit());
    choose_thinking_form();
    if (thinking_ == thinking_form::adaptive && r_.effort != effort_level::unset)
      effort_ = to_.efforts.nearest(std::max(r_.effort, effort_level::low));
    if (thinking_ != thinking_form::budget)
      note_effort(r_, effort_);
  }

  void choose_thinking_form() {
    const auto is_wanted = r_.effort != effort_level::unset || r_.wants_thinking;
    if (!to_.reasons || !is_wanted)
      return;
    if (r_.effort == effort_level::none || (forces_a_tool() && !to_.thinks_when_forced))
      thinking_ = thinking_off_form();
    else if (to_.adaptive_thinking)
      thinking_ = thinking_form::adaptive;
    else if (r_.effort != effort_level::unset)
      choose_budget();
  }

  thinking_form thinking_off_form() const {
    switch (to_.off) {
      case thinking_off::between_tools:
        return thinking_form::between_tools;
      case thinking_off::never:
        return thinking_form::adaptive;
      default:
        return thinking_form::disabled;
    }
  }

  std::uint64_t default_limit() const {
    return to_.max_output_tokens ? std::min(to_.default_max_tokens, *to_.max_output_tokens)
                                 : to_.default_max_tokens;
  }

  bool forces_a_tool() const {
    return !r_.tools.empty() &&
           (r_.choice == choice_kind::named || r_.choice == choice_kind::required);
  }

  void choose_budget() {
    budget_ = r_.effort <= effort_level::low      ? 2048
              : r_.effort == effort_level::medium ? 8192
                                                  : 24576;
    if (!r_.max_tokens) { // nobody set a limit: leave as much room for the answer as without it
      max_tokens_ += budget_;
      if (to_.max_output_tokens)
        max_tokens_ = std::min(max_tokens_, *to_.max_output_tokens);
    }
    // At least half of the limit is the answer's.
    budget_ = std::min(budget_, max_tokens_ / 2);
    const auto fits = budget_ >= least_budget && !lacks_thought_in_loop();
    thinking_ = fits ? thinking_form::budget : thinking_form::disabled;
  }

  /// With a budget, the API wants the running tool loop to begin with a thought. Its later messages
  /// have none: without interleaving, a model thinks once.
  bool lacks_thought_in_loop() const {
    auto lacks = false;
    for (auto at = r_.messages.rbegin(); at != r_.messages.rend(); ++at) {
      if (at->role == speaker::user && !std::ranges::all_of(at->parts, is_result))
        break;
      if (at->role == speaker::assistant)
        lacks = !is_thought(at->parts.front());
    }
    return lacks;
  }

  static bool is_result(const part& p) { return p.kind == part_kind::result; }

  void write_thinking() {
    if (thinking_ != thinking_form::unset) {
      constexpr auto types =
          std::array<std::string_view, 5>{"", "disabled", "between_tools", "adaptive", "enabled"};
      w_.key("thinking").open_object();
      w_.text("type", types[static_cast<std::size_t>(thinking_)]);
      if (thinking_ == thinking_form::budget)
        w_.number("budget_tokens", budget_);
      const auto is_shown = r_.wants_thinking || r_.reads_thinking;
      if (thinking_ == thinking_form::adaptive && is_shown && !to_.shows_thoughts)
        w_.text("display", "summarized");
      w_.close_object();
    }
    write_output_config();
  }

  void write_output_config() {
    const auto has_effort = effort_ != effort_level::none;
    if (!has_effort && !has_format_)
      return;
    w_.key("output_config").open_object();
    if (has_effort)
      w_.text("effort", to_text(effort_));
    if (has_format_) {
      w_.key("format").open_object().text("type", "json_schema").key("schema");
      w_.format_schema(r_.format_schema).close_object();
    }
    w_.close_object();
  }

  void write_sampling() {
    const auto thinks = thinking_ == thinking_form::adaptive || thinking_ == thinking_form::budget;
    const auto is_taken = to_.sampling && !thinks; // refused together with thinking
    write_number("temperature", r_.temperature, is_taken);
    write_number("top_p", r_.top_p, is_taken && (to_.sampling_pair || r_.temperature.empty()));
    const auto is_empty = [](std::string_view inside) { return is_blank(inside); };
    if (std::ranges::all_of(r_.stop, is_empty))
      return;
    w_.key("stop_sequences").open_array();
    for (const auto stop : r_.stop)
      if (!is_blank(stop))
        w_.inside(stop);
    w_.close_array();
  }

  /// OpenAI's temperature goes up to 2, Anthropic's to 1.
  void write_number(std::string_view name, std::string_view value, bool is_taken) {
    if (value.empty())
      return;
    const auto is_high = is_above_one(value);
    if (!is_taken || is_high)
      r_.drop(name);
    if (is_taken)
      w_.raw(name, is_high ? "1" : value);
  }

  static bool is_above_one(std::string_view number) {
    auto value = 0.0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return value > 1;
  }

  // --- messages ---

  void write_message(const message& m) {
    w_.open_object().text("role", m.role == speaker::assistant ? "assistant" : "user");
    w_.key("content");
    write_parts(m.parts);
    w_.close_object();
  }

  void write_parts(const std::vector<part>& parts) {
    w_.open_array();
    for (const auto& p : parts)
      write_part(p);
    w_.close_array();
  }

  void write_part(const part& p) {
    w_.open_object();
    switch (p.kind) {
      case part_kind::text:
        w_.text("type", "text");
        w_.inside("text", p.text);
        break;
      case part_kind::image:
        w_.text("type", "image");
        write_source(p);
        break;
      case part_kind::document:
        w_.text("type", "document");
        write_source(p);
        if (!p.text.empty())
          w_.inside("title", p.text);
        break;
      case part_kind::call:
        w_.text("type", "tool_use").text("id", p.id).text("name", p.name).key("input");
        w_.arguments_object(p);
        break;
      case part_kind::result:
        write_result(p);
        break;
      case part_kind::thought:
        w_.text("type", "thinking");
        w_.inside("thinking", p.text).inside("signature", p.signature);
        break;
      case part_kind::sealed_thought:
        w_.text("type", "redacted_thinking");
        w_.inside("data", p.data);
        break;
    }
    if (!p.cache_control.empty())
      w_.raw("cache_control", p.cache_control);
    w_.close_object();
  }

  void write_source(const part& p) {
    w_.key("source").open_object();
    if (p.data.empty()) {
      w_.text("type", "url");
      w_.inside("url", p.url);
    } else {
      w_.text("type", "base64");
      w_.inside("media_type", p.media_type).base64("data", p.data);
    }
    w_.close_object();
  }

  void write_result(const part& p) {
    w_.text("type", "tool_result").text("tool_use_id", p.id).key("content");
    if (p.content.empty())
      w_.text(p.failed ? "(no output)" : ""); // an error must say something
    else if (p.content.size() == 1 && p.content.front().kind == part_kind::text)
      w_.inside(p.content.front().text);
    else
      write_parts(p.content);
    if (p.failed)
      w_.boolean("is_error", true);
  }

  // --- tools ---

  void write_tools() {
    if (r_.tools.empty())
      return;
    w_.key("tools").open_array();
    for (const auto& t : r_.tools) {
      w_.open_object().text("name", t.name);
      if (!t.description.empty())
        w_.inside("description", t.description);
      w_.key("input_schema");
      w_.tool_schema(t).close_object();
    }
    w_.close_array();
    note_strict(r_);
    const auto is_serial = !r_.parallel_calls && r_.choice != choice_kind::none;
    if (r_.choice == choice_kind::unset && !is_serial)
      return;
    w_.key("tool_choice").open_object().text("type", choice_type());
    if (r_.choice == choice_kind::named)
      w_.text("name", r_.chosen);
    if (is_serial)
      w_.boolean("disable_parallel_tool_use", true);
    w_.close_object();
  }

  std::string_view choice_type() const {
    switch (r_.choice) {
      case choice_kind::none:
        return "none";
      case choice_kind::required:
        return "any";
      case choice_kind::named:
        return "tool";
      default:
        return "auto";
    }
  }

  neutral_request& r_;
  const upstream_traits& to_;
  const request_identity& who_;
  request_writer w_;
  bool has_format_ = false;
  thinking_form thinking_ = thinking_form::unset;
  effort_level effort_ = effort_level::none; ///< With adaptive thinking.
  std::uint64_t max_tokens_ = 0;
  std::uint64_t budget_ = 0;
};

} // namespace

void write_anthropic_request(neutral_request& r, const upstream_traits& to,
                             const request_identity& who, std::string& out) {
  anthropic_writer{r, to, who, out}.write();
}

} // namespace axonhub::llm
