#pragma once

#include "llm/conversion.hpp"
#include "llm/json_tree.hpp"
#include "llm/tool_names.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// What a request says, whatever dialect it came in. Made by the readers (request_readers.hpp) and
/// spelt out by the writers (request_writers.hpp). Texts are views: "inside" means what stands
/// between the quotes of a JSON string, "raw" a whole JSON value, "plain" a text without escapes.
/// They look into the body, into literals or into neutral_request::kept.
namespace axonhub::llm {

enum class part_kind : std::uint8_t {
  text,
  image,
  document,
  call,   ///< The assistant calls a tool.
  result, ///< The answer to a call.
  thought,
  sealed_thought, ///< Anthropic's redacted_thinking.
};

enum class argument_form : std::uint8_t {
  object,    ///< A raw JSON object.
  text,      ///< The inside of a string that holds JSON.
  free_text, ///< The inside of a string that is wrapped as {"input": ...}.
};

struct part {
  part_kind kind = part_kind::text;
  bool failed = false;      ///< A result that is an error.
  bool begins_item = false; ///< A text that was a message of its own before its neighbours joined.
  argument_form form = argument_form::object;
  std::string_view text;            ///< Inside: a text, a thought, a document's name.
  std::string_view media_type;      ///< Inside; of an image or document with data.
  std::string_view data;            ///< Inside: base64, or what a sealed thought holds.
  std::string_view url;             ///< Inside; in place of data.
  std::string_view detail;          ///< Inside: how closely to look at an image.
  std::string_view id;              ///< Plain: the id of a call, also in its result.
  std::string_view name;            ///< Plain: a tool as the upstream knows it.
  std::string_view arguments;       ///< See form.
  std::string_view signature;       ///< Inside: Anthropic's, of a thought.
  std::string_view item, encrypted; ///< Inside: a Responses item's id and content, of a thought.
  std::string_view cache_control;   ///< Raw.
  std::vector<part> content;        ///< Of a result: texts, images, documents.
};

inline bool is_thought(const part& p) {
  return p.kind == part_kind::thought || p.kind == part_kind::sealed_thought;
}

enum class speaker : std::uint8_t { system, user, assistant };

struct message {
  speaker role = speaker::user;
  std::vector<part> parts;
};

struct tool {
  std::string_view name;              ///< Plain: as the upstream knows it.
  std::string_view description;       ///< Inside.
  json_ref schema;                    ///< Opened one level; may be absent.
  std::string_view fixed_schema = {}; ///< Raw: ours, in place of `schema`.
  std::string_view strict = {};       ///< Raw.
};

enum class choice_kind : std::uint8_t { unset, none, automatic, required, named };
enum class answer_format : std::uint8_t { unset, json_object, json_schema };

struct neutral_request {
  std::vector<part> system; ///< What comes before the conversation.
  std::vector<message> messages;

  std::vector<tool> tools;
  std::unordered_set<std::string_view> offered; ///< The names of all that ever were in `tools`.
  choice_kind choice = choice_kind::unset;
  std::string_view chosen; ///< Plain: the tool's name.
  bool parallel_calls = true;

  std::optional<std::uint64_t> max_tokens;
  std::string_view temperature, top_p;       ///< Raw.
  std::vector<std::string_view> stop;        ///< Insides.
  effort_level effort = effort_level::unset; ///< `none`: no thinking.
  bool wants_thinking = false;               ///< To be shown, not just done.
  bool reads_thinking = false;               ///< Shows what comes, without having asked for it.

  answer_format format = answer_format::unset;
  json_ref format_schema;
  std::string_view format_name, format_description; ///< Insides.
  std::string_view format_strict;                   ///< Raw; empty: not said.
  std::string_view verbosity;                       ///< Inside.

  bool stream = false;
  bool include_usage = false;
  bool encrypted_reasoning = false;

  tool_names names;
  std::deque<std::string> kept; ///< What views point to that is not in the body.
  std::vector<std::string> dropped;
  std::string complaint; ///< The first reason to refuse, for the client.

  std::string_view keep(std::string text) { return kept.emplace_back(std::move(text)); }

  /// The first complaint counts. It may quote the client and is cut where that is too much.
  void refuse(std::string text);

  /// Notes that something was left out. What could not stand in a header is cut from its name.
  void drop(std::string_view what);
};

} // namespace axonhub::llm
