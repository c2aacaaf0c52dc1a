#include "llm/request_writers.hpp"
#include "llm/request_writing.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

constexpr auto least_output = std::uint64_t{16}; // OpenAI refuses less

class responses_writer {
public:
  responses_writer(neutral_request& r, const upstream_traits& to, const request_identity& who,
                   std::string& out)
      : r_(r), to_(to), who_(who), w_(out) {}

  void write() {
    w_.open_object().text("model", who_.upstream_model);
    if (!r_.system.empty()) {
      w_.key("instructions");
      w_.joined(r_.system, "\\n\\n");
    }
    w_.key("input").open_array();
    for (const auto& m : r_.messages)
      write_message(m);
    w_.close_array();
    write_tools();
    write_limits();
    write_reasoning();
    write_text_options();
    write_rest();
    w_.close_object();
  }

private:
  // --- items ---

  void write_message(const message& m) {
    // Parts that belong into one message item; what is an item by itself stands between.
    auto run = std::vector<part>{};
    for (auto at = m.parts.begin(); at != m.parts.end(); ++at) {
      if (at->kind != part_kind::call && at->kind != part_kind::result &&
          at->kind != part_kind::thought) {
        run.push_back(*at);
        continue;
      }
      flush(run, m.role);
      if (at->kind == part_kind::call)
        write_call(*at);
      else if (at->kind == part_kind::result)
        write_result(*at);
      else if (std::any_of(at, m.parts.end(), is_said))
        write_thought(*at); // an item of thought must be followed by what came of it
    }
    flush(run, m.role);
  }

  static bool is_said(const part& p) { return p.kind != part_kind::thought; }

  void flush(std::vector<part>& run, speaker role) {
    if (run.empty())
      return;
    const auto is_assistant = role == speaker::assistant;
    w_.open_object().text("type", "message");
    w_.text("role", is_assistant ? "assistant" : role == speaker::system ? "developer" : "user");
    write_content(run, is_assistant ? "output_text" : "input_text");
    w_.close_object();
    run.clear();
  }

  void write_content(const std::vector<part>& parts, std::string_view text_type,
                     std::string_view key = "content") {
    w_.key(key).open_array();
    for (const auto& p : parts)
      write_part(p, text_type);
    w_.close_array();
  }

  void write_part(const part& p, std::string_view text_type) {
    w_.open_object();
    if (p.kind == part_kind::image) {
      w_.text("type", "input_image").key("image_url");
      w_.data_url(p);
      if (!p.detail.empty())
        w_.inside("detail", p.detail);
    } else if (p.kind == part_kind::document) {
      write_file(p);
    } else {
      w_.text("type", text_type);
      w_.inside("text", p.text);
    }
    w_.close_object();
  }

  void write_file(const part& p) {
    w_.text("type", "input_file");
    if (p.data.empty()) {
      w_.inside("file_url", p.url);
      return;
    }
    w_.inside("filename", file_name(r_, p));
    w_.key("file_data");
    w_.data_url(p);
  }

  void write_call(const part& p) {
    w_.open_object().text("type", "function_call").text("call_id", p.id).text("name", p.name);
    w_.key("arguments");
    w_.arguments_text(p).close_object();
  }

  void write_result(const part& p) {
    w_.open_object().text("type", "function_call_output").text("call_id", p.id);
    if (p.failed)
      write_output(marked_as_error(p));
    else
      write_output(p.content);
    w_.close_object();
  }

  void write_output(const std::vector<part>& content) {
    const auto is_text = [](const part& c) { return c.kind == part_kind::text; };
    if (!std::ranges::all_of(content, is_text)) {
      write_content(content, "input_text", "output");
    } else if (content.empty()) {
      w_.text("output", "(no output)");
    } else {
      w_.key("output");
      w_.joined(content, "\\n");
    }
  }

  std::vector<part> marked_as_error(const part& result) {
    auto content = result.content;
    const auto first = std::ranges::find(content, part_kind::text, &part::kind);
    const auto text = first == content.end() ? std::string_view{} : first->text;
    if (text.starts_with("Error") || text.starts_with("error"))
      return content;
    if (first != content.end()) {
      first->text = r_.keep("Error: " + std::string{text});
      return content;
    }
    auto p = part{};
    p.text = "Error";
    content.insert(content.begin(), p);
    return content;
  }

  void write_thought(const part& p) {
    w_.open_object().text("type", "reasoning");
    w_.inside("id", p.item);
    w_.key("summary").open_array();
    if (!p.text.empty()) {
      w_.open_object().text("type", "summary_text");
      w_.inside("text", p.text).close_object();
    }
    w_.close_array();
    w_.inside("encrypted_content", p.encrypted).close_object();
  }

  // --- everything else ---

  void write_tools() {
    if (r_.tools.empty())
      return;
    w_.key("tools").open_array();
    for (const auto& t : r_.tools) {
      w_.open_object().text("type", "function").text("name", t.name);
      if (!t.description.empty())
        w_.inside("description", t.description);
      w_.key("parameters");
      w_.tool_schema(t);
      w_.raw("strict", t.strict.empty() ? "false" : t.strict); // absent would mean true
      w_.close_object();
    }
    w_.close_array();
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
          .text("name", r_.chosen)
          .close_object();
    else if (r_.choice != choice_kind::unset)
      w_.text("tool_choice", r_.choice == choice_kind::none        ? "none"
                             : r_.choice == choice_kind::automatic ? "auto"
                                                                   : "required");
  }

  void write_limits() {
    if (const auto limit = output_limit(r_, to_))
      w_.number("max_output_tokens", std::max(*limit, least_output));
    write_sampling("temperature", r_.temperature);
    write_sampling("top_p", r_.top_p);
    if (!r_.stop.empty())
      r_.drop("stop_sequences");
  }

  /// Models that reason refuse these.
  void write_sampling(std::string_view name, std::string_view value) {
    if (value.empty())
      return;
    if (to_.reasons)
      r_.drop(name);
    else
      w_.raw(name, value);
  }

  void write_reasoning() {
    const auto given = to_.reasons ? to_.efforts.nearest(r_.effort) : effort_level::unset;
    note_effort(r_, given);
    if (!to_.reasons || (given == effort_level::unset && !r_.wants_thinking))
      return;
    w_.key("reasoning").open_object();
    if (given != effort_level::unset)
      w_.text("effort", to_text(given));
    if (r_.wants_thinking)
      w_.text("summary", "auto");
    w_.close_object();
  }

  void write_text_options() {
    const auto has_verbosity = takes_verbosity(r_, to_);
    if (!has_verbosity && !r_.verbosity.empty())
      r_.drop("verbosity");
    if (r_.format == answer_format::unset && !has_verbosity)
      return;
    w_.key("text").open_object();
    if (r_.format != answer_format::unset)
      write_format();
    if (has_verbosity)
      w_.inside("verbosity", r_.verbosity);
    w_.close_object();
  }

  void write_format() {
    w_.key("format").open_object();
    if (r_.format == answer_format::json_object) {
      w_.text("type", "json_object").close_object();
      return;
    }
    w_.text("type", "json_schema");
    w_.inside("name", r_.format_name.empty() ? "output" : r_.format_name);
    if (!r_.format_description.empty())
      w_.inside("description", r_.format_description);
    w_.key("schema");
    w_.format_schema(r_.format_schema);
    if (!r_.format_strict.empty())
      w_.raw("strict", r_.format_strict);
    w_.close_object();
  }

  void write_rest() {
    w_.boolean("store", false);
    if (to_.reasons)
      w_.key("include").open_array().text("reasoning.encrypted_content").close_array();
    if (!who_.end_user.empty())
      w_.text("safety_identifier", who_.end_user);
    if (!who_.cache_key.empty())
      w_.text("prompt_cache_key", who_.cache_key);
    if (r_.stream)
      w_.boolean("stream", true);
  }

  neutral_request& r_;
  const upstream_traits& to_;
  const request_identity& who_;
  request_writer w_;
};

} // namespace

void write_responses_request(neutral_request& r, const upstream_traits& to,
                             const request_identity& who, std::string& out) {
  responses_writer{r, to, who, out}.write();
}

} // namespace axonhub::llm
