#pragma once

#include "llm/dialect.hpp"
#include "llm/effort.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the three converters of one request share: those of the request, of its whole answer and of
/// its stream.
namespace axonhub::llm {

/// Where the text of a thought goes in OpenAI Chat, and is read from.
enum class reasoning_form : std::uint8_t {
  none,              ///< The upstream knows no such field: history's thoughts are left out.
  reasoning_content, ///< DeepSeek and many others.
  reasoning_details, ///< OpenRouter: with signatures.
};

enum class output_limit_field : std::uint8_t { max_completion_tokens, max_tokens };

/// How one of Anthropic's models is told not to think.
enum class thinking_off : std::uint8_t {
  disabled,
  between_tools, ///< Not at first, that is. Refused together with an effort above high.
  never,         ///< It always thinks; a low effort comes nearest.
};

/// The first system block of Claude Code changes with every request and would spoil prefix caches.
enum class billing_line : std::uint8_t { keep, drop };

/// What an upstream takes beyond its dialect's name: from the channel type's preset, the operator's
/// switches and the model's capabilities.
struct upstream_traits {
  dialect speaks = dialect::anthropic;
  bool is_anthropic = false; ///< Anthropic itself: ids and signatures are checked there.
  bool is_openai = false;    ///< OpenAI itself: it knows what compatible servers do not.
  billing_line billing = billing_line::drop;
  std::optional<std::uint64_t> max_output_tokens{}; ///< More is clamped to this.
  std::uint64_t default_max_tokens =
      8192;               ///< Where the dialect demands one and the client had none.
  bool images = true;     ///< Otherwise "[image omitted]" stands in their place.
  bool files = false;     ///< PDF documents, as file parts.
  bool reasons = true;    ///< Takes an effort (Chat, Responses) or thinking (Anthropic).
  effort_range efforts{}; ///< Those that it takes; of Anthropic's, with adaptive thinking.
  bool thoughts = true;   ///< Those of the history; else they are left out.
  bool sampling = true;   ///< temperature and top_p, where it does not think.
  // Anthropic's:
  bool adaptive_thinking = true; ///< `thinking: adaptive` and `effort`, not budgets.
  thinking_off off = thinking_off::disabled;
  bool shows_thoughts = true; ///< Unasked; else `display` must ask for their text.
  bool forced_tools = true;   ///< tool_choice `any` and `tool`; else the prompt asks for a call.
  bool thinks_when_forced = false; ///< Else a forced call switches thinking off.
  bool sampling_pair = true;       ///< Both of them at once.
  bool cache_marks = false; ///< Caches up to marks alone; they are set for clients that know none.
  // OpenAI's:
  bool stops = true;             ///< `stop`
  bool verbosity = true;         ///< Any, not only `medium`.
  bool prompt_cache_key = false; ///< Chat, Responses: knows the field of that name.
  // OpenAI Chat's dialects:
  output_limit_field output_limit = output_limit_field::max_tokens;
  reasoning_form reasoning = reasoning_form::none;
  bool developer_role = false;     ///< `developer` in place of `system`.
  bool late_system = true;         ///< System messages in the middle; else folded into the user's.
  bool user_after_results = true;  ///< Else the assistant says a word between the two.
  bool text_parts = true;          ///< Arrays as content; else plain strings where no image is.
  bool stream_options = true;      ///< stream_options.include_usage
  bool parallel_tool_calls = true; ///< The switch of that name.
  bool strict_tools = false;       ///< function.strict
  bool json_schema = true;         ///< response_format json_schema; else an instruction in words.
  bool cache_control = false;      ///< Text parts keep it (OpenRouter with Claude).
  bool thinking_switch = false;    ///< `thinking: {type: disabled}` instead of effort none.
  bool effort_beside_tools = true; ///< Else tools come with effort none.
  bool end_user = true;            ///< `user`
  bool short_ids = false;          ///< Ids of calls are nine letters and digits.
};

/// A tool of the client as the upstream knows it.
struct tool_alias {
  std::string name;       ///< As the client calls it.
  std::string name_space; ///< Of a Responses namespace tool; empty: none.
  bool is_custom = false; ///< A Responses custom tool, wrapped: one string `input`.
  /// Of a tool that Responses knows by itself: the type of the item that calls it
  /// ("tool_search_call", "local_shell_call"); empty: function_call or custom_tool_call.
  std::string call_type = {};
};

/// What the answer's converter must know of the request that it belongs to.
struct conversion_memory {
  dialect client = dialect::anthropic;
  dialect upstream = dialect::anthropic;
  std::string client_model; ///< The answer names this one.
  bool stream = false;
  bool include_usage = false;       ///< Chat client: stream_options.include_usage.
  bool encrypted_reasoning = false; ///< Responses client: reasoning.encrypted_content.
  std::map<std::string, tool_alias, std::less<>>
      tools;                ///< By the upstream's name; only those that differ.
  std::string answer_id;    ///< In the client's dialect: "msg_...", ...
  std::int64_t created = 0; ///< Seconds since 1970, for `created` fields.
};

/// A request in the upstream's dialect.
struct converted_request {
  std::string body;
  conversion_memory memory;
  std::vector<std::string> dropped; ///< Names of what was left out, for x-axonhub-dropped.
  bool holds_thoughts = false;      ///< Of the history.
};

} // namespace axonhub::llm
