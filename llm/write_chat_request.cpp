#include "base/json_text.hpp"
#include "llm/request_writers.hpp"
#include "llm/request_writing.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

constexpr auto most_stops = std::size_t{4};

bool is_text(const part& p) { return p.kind == part_kind::text; }
bool is_image(const part& p) { return p.kind == part_kind::image; }
bool is_call(const part& p) { return p.kind == part_kind::call; }

class chat_writer {
public:
  chat_writer(neutral_request& r, const upstream_traits& to, const request_identity& who,
              std::string& out)
      : r_(r), to_(to), who_(who), w_(out) {}

  void write() {
    if (r_.format != answer_format::unset && !to_.json_schema)
      put_format_in_words(r_);
    w_.open_object();
    w_.text("model", who_.upstream_model);
    write_messages();
    write_tools();
    write_limits();
    write_effort();
    write_format();
    write_rest();
    w_.close_object();
  }

private:
  // --- messages ---

  void write_messages() {
    w_.key("messages").open_array();
    if (!r_.system.empty())
      write_system(r_.system);
    for (const auto& m : r_.messages)
      if (m.role == speaker::system)
        write_system(m.parts);
      else if (m.role == speaker::assistant)
        write_assistant(m.parts);
      else
        write_user(m.parts);
    w_.close_array();
  }

  void write_system(const std::vector<part>& parts) {
    w_.open_object().text("role", to_.developer_role ? "developer" : "system").key("content");
    if (keeps_control(parts))
      write_parts(parts);
    else
      w_.joined(parts, "\\n\\n");
    w_.close_object();
  }

  bool keeps_control(const std::vector<part>& parts) const {
    return to_.cache_control && to_.text_parts &&
           std::ranges::any_of(parts, [](const part& p) { return !p.cache_control.empty(); });
  }

  void write_user(const std::vector<part>& parts) {
    auto rest = std::vector<part>{};
    for (const auto& p : parts)
      if (p.kind == part_kind::result)
        write_result(p, rest);
      else
        rest.push_back(p);
    if (rest.empty())
      return;
    const auto follows_result = parts.front().kind == part_kind::result;
    if (follows_result && !to_.user_after_results)
      w_.open_object().text("role", "assistant").text("content", "Understood.").close_object();
    w_.open_object().text("role", "user").key("content");
    const auto is_plain = std::ranges::all_of(rest, is_text) && !keeps_control(rest);
    if (is_plain && (rest.size() == 1 || !to_.text_parts))
      w_.joined(rest, "\\n");
    else
      write_parts(rest);
    w_.close_object();
  }

  /// Results hold text alone here: what else they had goes to `rest`, behind all results.
  void write_result(const part& result, std::vector<part>& rest) {
    w_.open_object().text("role", "tool").text("tool_call_id", result.id).key("content");
    const auto is_plain = !result.failed && result.content.size() == 1 &&
                          is_text(result.content.front()) && control_of(result).empty();
    if (is_plain) // as most are
      w_.inside(result.content.front().text);
    else
      write_result_content(result, rest);
    w_.close_object();
  }

  void write_result_content(const part& result, std::vector<part>& rest) {
    auto texts = std::vector<part>{};
    const auto has_text = std::ranges::any_of(result.content, is_text);
    if (result.failed && !starts_as_error(result.content))
      texts.push_back(in_words("Error: "));
    std::ranges::copy_if(result.content, std::back_inserter(texts), is_text);
    if (!std::ranges::all_of(result.content, is_text)) {
      const auto has_image = std::ranges::any_of(result.content, is_image);
      texts.push_back(in_words(has_image ? "[image attached below]" : "[file attached below]"));
      attach(result, rest);
    } else if (!has_text) {
      texts.push_back(in_words("(no output)"));
    }
    if (const auto control = control_of(result); control.empty()) {
      write_lines(texts);
    } else {
      w_.open_array().open_object().text("type", "text").key("text");
      write_lines(texts);
      w_.raw("cache_control", control).close_object().close_array();
    }
  }

  /// The result's own mark, or the last one in it, where the upstream knows marks.
  std::string_view control_of(const part& result) const {
    auto control = result.cache_control;
    for (const auto& p : result.content)
      if (control.empty() && !p.cache_control.empty())
        control = p.cache_control;
    return to_.cache_control && to_.text_parts ? control : std::string_view{};
  }

  static bool starts_as_error(const std::vector<part>& content) {
    const auto first = std::ranges::find_if(content, is_text);
    return first != content.end() &&
           (first->text.starts_with("Error") || first->text.starts_with("error"));
  }

  static part in_words(std::string_view text) {
    auto p = part{};
    p.text = text;
    return p;
  }

  /// Joined by line ends; only "Error: " runs on into the line behind it.
  void write_lines(const std::vector<part>& texts) {
    if (texts.size() > 1 && texts.front().text == "Error: ") {
      const auto line = r_.keep("Error: " + std::string{texts[1].text});
      auto rest = std::vector<part>{texts.begin() + 1, texts.end()};
      rest.front().text = line;
      w_.joined(rest, "\\n");
    } else {
      w_.joined(texts, "\\n");
    }
  }

  void attach(const part& result, std::vector<part>& rest) {
    for (const auto& p : result.content) {
      if (is_text(p))
        continue;
      const auto* what = is_image(p) ? "Image" : "Document";
      auto caption = std::string{};
      append_json_string(
          caption, std::string{what} + " returned by tool call " + std::string{result.id} + ":");
      rest.push_back(in_words(r_.keep(caption.substr(1, caption.size() - 2))));
      rest.push_back(p);
    }
  }

  void write_parts(const std::vector<part>& parts) {
    w_.open_array();
    for (const auto& p : parts)
      write_part(p);
    w_.close_array();
  }

  void write_part(const part& p) {
    w_.open_object();
    if (p.kind == part_kind::image) {
      w_.text("type", "image_url").key("image_url").open_object().key("url");
      w_.data_url(p);
      if (const auto detail = known_detail(p.detail); !detail.empty())
        w_.text("detail", detail);
      w_.close_object();
    } else if (p.kind == part_kind::document) {
      w_.text("type", "file").key("file").open_object();
      w_.inside("filename", file_name(r_, p));
      w_.key("file_data");
      w_.data_url(p).close_object();
    } else {
      w_.text("type", "text");
      w_.inside("text", p.text);
      if (to_.cache_control && !p.cache_control.empty())
        w_.raw("cache_control", p.cache_control);
    }
    w_.close_object();
  }

  /// Only Responses has "original".
  static std::string_view known_detail(std::string_view detail) {
    if (detail == "original")
      return "high";
    return detail == "auto" || detail == "low" || detail == "high" ? detail : std::string_view{};
  }

  void write_assistant(const std::vector<part>& parts) {
    const auto has_calls = std::ranges::any_of(parts, is_call);
    w_.open_object().text("role", "assistant").key("content");
    if (std::ranges::any_of(parts, is_text))
      w_.joined(parts, "");
    else
      w_.null();
    write_thoughts(parts, has_calls);
    if (has_calls)
      write_calls(parts);
    w_.close_object();
  }

  void write_thoughts(const std::vector<part>& parts, bool has_calls) {
    auto texts = std::vector<part>{};
    for (const auto& p : parts)
      if (p.kind == part_kind::thought)
        texts.push_back(in_words(p.text));
    if (to_.reasoning == reasoning_form::reasoning_details)
      write_details(parts);
    if (to_.reasoning != reasoning_form::reasoning_content || (!has_calls && texts.empty()))
      return;
    // DeepSeek refuses calls without it, be it empty.
    w_.key("reasoning_content");
    w_.joined(texts, "\\n\\n");
  }

  void write_details(const std::vector<part>& parts) {
    if (std::ranges::none_of(parts, is_thought))
      return;
    w_.key("reasoning_details").open_array();
    auto index = std::size_t{0};
    for (const auto& p : parts) {
      if (!is_thought(p))
        continue;
      const auto is_sealed = p.kind == part_kind::sealed_thought;
      w_.open_object().text("type", is_sealed ? "reasoning.encrypted" : "reasoning.text");
      w_.inside(is_sealed ? "data" : "text", is_sealed ? p.data : p.text);
      if (!p.signature.empty())
        w_.inside("signature", p.signature);
      if (is_sealed || !p.signature.empty())
        w_.text("format", "anthropic-claude-v1");
      w_.number("index", index++).close_object();
    }
    w_.close_array();
  }

  void write_calls(const std::vector<part>& parts) {
    w_.key("tool_calls").open_array();
    for (const auto& p : parts)
      if (is_call(p)) {
        w_.open_object().text("id", p.id).text("type", "function").key("function").open_object();
        w_.text("name", p.name).key("arguments");
        w_.arguments_text(p).close_object().close_object();
      }
    w_.close_array();
  }

  // --- everything else ---

  void write_tools() {
    if (r_.tools.empty())
      return;
    w_.key("tools").open_array();
    for (const auto& t : r_.tools) {
      w_.open_object().text("type", "function").key("function").open_object();
      w_.text("name", t.name);
      if (!t.description.empty())
        w_.inside("description", t.description);
      w_.key("parameters");
      w_.tool_schema(t);
      if (to_.strict_tools && !t.strict.empty())
        w_.raw("strict", t.strict);
      w_.close_object().close_object();
    }
    w_.close_array();
    if (!to_.strict_tools)
      note_strict(r_);
    write_choice();
    if (!r_.parallel_calls && to_.parallel_tool_calls)
      w_.boolean("parallel_tool_calls", false);
    else if (!r_.parallel_calls)
      r_.drop("parallel_tool_calls");
  }

  void write_choice() {
    if (r_.choice == choice_kind::named)
      w_.key("tool_choice")
          .open_object()
          .text("type", "function")
          .key("function")
          .open_object()
          .text("name", r_.chosen)
          .close_object()
          .close_object();
    else if (r_.choice != choice_kind::unset)
      w_.text("tool_choice", r_.choice == choice_kind::none        ? "none"
                             : r_.choice == choice_kind::automatic ? "auto"
                                                                   : "required");
  }

  void write_limits() {
    if (const auto limit = output_limit(r_, to_))
      w_.number(to_.output_limit == output_limit_field::max_tokens ? "max_tokens"
                                                                   : "max_completion_tokens",
                *limit);
    // OpenAI's reasoning models refuse these.
    const auto thinks = to_.is_openai || !to_.sampling || r_.effort > effort_level::none;
    const auto takes_sampling = !to_.reasons || !thinks;
    write_sampling("temperature", r_.temperature, takes_sampling);
    write_sampling("top_p", r_.top_p, takes_sampling);
    write_stops();
  }

  void write_stops() {
    const auto taken = to_.stops ? std::min(r_.stop.size(), most_stops) : 0;
    if (r_.stop.size() > taken)
      r_.drop("stop_sequences");
    if (taken == 0)
      return;
    w_.key("stop").open_array();
    for (auto i = std::size_t{0}; i < taken; ++i)
      w_.inside(r_.stop[i]);
    w_.close_array();
  }

  void write_sampling(std::string_view name, std::string_view value, bool is_taken) {
    if (value.empty())
      return;
    if (is_taken)
      w_.raw(name, value);
    else
      r_.drop(name);
  }

  void write_effort() {
    if (r_.effort == effort_level::none && to_.thinking_switch) {
      w_.key("thinking").open_object().text("type", "disabled").close_object();
      return;
    }
    const auto given = possible_effort();
    if (given != effort_level::unset)
      w_.text("reasoning_effort", to_text(given));
    note_effort(r_, given);
  }

  effort_level possible_effort() const {
    if (!to_.reasons)
      return effort_level::unset;
    if (!to_.effort_beside_tools && !r_.tools.empty())
      return effort_level::none;
    const auto nearest = to_.efforts.nearest(r_.effort);
    return to_.is_openai ? nearest
                         : std::min(nearest, effort_level::high); // third parties know none above
  }

  void write_format() {
    if (r_.format == answer_format::unset || !to_.json_schema)
      return;
    w_.key("response_format").open_object();
    if (r_.format == answer_format::json_object) {
      w_.text("type", "json_object").close_object();
      return;
    }
    w_.text("type", "json_schema").key("json_schema").open_object();
    w_.inside("name", r_.format_name.empty() ? "output" : r_.format_name);
    if (!r_.format_description.empty())
      w_.inside("description", r_.format_description);
    w_.key("schema");
    w_.format_schema(r_.format_schema);
    if (!r_.format_strict.empty())
      w_.raw("strict", r_.format_strict);
    w_.close_object().close_object();
  }

  void write_rest() {
    if (takes_verbosity(r_, to_) && to_.is_openai)
      w_.inside("verbosity", r_.verbosity);
    else if (!r_.verbosity.empty())
      r_.drop("verbosity");
    if (!who_.end_user.empty() && to_.end_user)
      w_.text("user", who_.end_user);
    if (!who_.cache_key.empty())
      w_.text("prompt_cache_key", who_.cache_key);
    if (!r_.stream)
      return;
    w_.boolean("stream", true);
    if (to_.stream_options)
      w_.key("stream_options").open_object().boolean("include_usage", true).close_object();
  }

  neutral_request& r_;
  const upstream_traits& to_;
  const request_identity& who_;
  request_writer w_;
};

} // namespace

void write_chat_request(neutral_request& r, const upstream_traits& to, const request_identity& who,
                        std::string& out) {
  chat_writer{r, to, who, out}.write();
}

} // namespace axonhub::llm
