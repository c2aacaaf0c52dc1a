#include "llm/json_raw.hpp"
#include "llm/request_readers.hpp"
#include "llm/request_reading.hpp"
#include "llm/thought_carriers.hpp"

#include <algorithm>
#include <array>

namespace axonhub::llm {
namespace {

/// The tools that Responses has of its own and the client runs: what calls them, and as what
/// function another model sees them.
struct built_in {
  std::string_view tool;
  std::string_view call;  ///< The item that calls it.
  std::string_view field; ///< Where that item keeps the arguments.
  std::string_view description;
  std::string_view schema;
};

constexpr auto built_ins = std::array<built_in, 4>{{
    {"tool_search", "tool_search_call", "arguments", "Search for more tools.",
     R"({"type":"object","properties":{"query":{"type":"string"}},"required":["query"]})"},
    {"local_shell", "local_shell_call", "action", "Run a command on the user's machine.",
     R"({"type":"object","properties":{"type":{"type":"string","enum":["exec"]},"command":{"type":)"
     R"("array","items":{"type":"string"}},"working_directory":{"type":"string"},"timeout_ms":)"
     R"({"type":"integer"},"env":{"type":"object"}},"required":["type","command","env"]})"},
    {"shell", "shell_call", "action", "Run commands in the user's shell.",
     R"({"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},)"
     R"("timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},)"
     R"("required":["commands"]})"},
    {"apply_patch", "apply_patch_call", "operation", "Create, change or delete one file.",
     R"({"type":"object","properties":{"type":{"type":"string","enum":["create_file",)"
     R"("update_file","delete_file"]},"path":{"type":"string"},"diff":{"type":"string"}},)"
     R"("required":["type","path"]})"},
}};

const built_in* find_built_in(std::string_view name, std::string_view built_in::*field) {
  for (const auto& b : built_ins)
    if (b.*field == name)
      return &b;
  return nullptr;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class responses_reader {
public:
  responses_reader(json_ref root, const upstream_traits& to) : root_(root), to_(to) {}

  neutral_request read() {
    read_tools(root_["tools"], {});
    read_loaded_tools();
    if (const auto instructions = root_["instructions"]; instructions.is_text())
      r_.system.push_back(text_part(instructions.inside()));
    for (const auto field : root_)
      if (field.is_given())
        read_field(field.key(), field);
    foreign_.judge(r_);
    return std::move(r_);
  }

private:
  void read_field(std::string_view key, json_ref value) {
    if (key == "input")
      read_input(value);
    else if (key == "max_output_tokens")
      read_limit(r_, value);
    else if (key == "temperature")
      r_.temperature = raw_number(value);
    else if (key == "top_p")
      r_.top_p = raw_number(value);
    else if (key == "stream")
      r_.stream = value.is_true();
    else if (key == "tool_choice")
      read_choice(value);
    else if (key == "parallel_tool_calls")
      r_.parallel_calls = value.raw() != "false";
    else if (key == "reasoning")
      read_reasoning(value);
    else if (key == "text")
      read_text_options(value);
    else if (key == "include")
      read_include(value);
    else if (is_one_of(key, {"previous_response_id", "conversation", "prompt"}))
      refuse_state_unless_empty(value);
    else if (key == "background" && value.is_true())
      refuse_state(key);
    else if (!is_one_of(
                 key, {"model", "tools", "instructions", "metadata", "store", "user",
                       "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
                       "prompt_cache_options", "client_metadata", "stream_options", "background"}))
      r_.drop(key);
  }

  void refuse_state_unless_empty(json_ref value) {
    if (!value.is_text() || !value.inside().empty())
      refuse_state(value.key());
  }

  void refuse_state(std::string_view what) {
    r_.refuse(std::string{what} +
              ": the gateway keeps no state for the channel of this model: "
              "send the whole conversation in input, without " +
              std::string{what});
  }

  void read_input(json_ref input) {
    if (input.is_text())
      add_message(speaker::user).push_back(text_part(input.inside()));
    for (const auto item : input)
      read_item(item);
  }

  void read_item(json_ref item) {
    const auto type = item["type"].inside();
    if (ran_at_the_provider(item))
      return r_.drop("input." + std::string{type});
    if (type.empty() || type == "message")
      read_message(item);
    else if (type == "function_call")
      add_call(item, r_.names.of_call(alias_of(item)), item["arguments"]);
    else if (type == "custom_tool_call")
      add_custom_call(item);
    else if (const auto* own = find_built_in(type, &built_in::call))
      add_call(item, own_name(*own), item[own->field]);
    else if (is_output(type))
      read_result(item);
    else if (type == "reasoning")
      read_thought(item);
    else if (type == "item_reference")
      refuse_state("item_reference");
    else if (type == "compaction_trigger")
      r_.refuse(
          "input: the channel of this model cannot compact a conversation: send it without "
          "compaction_trigger, or use a model whose channel speaks your API natively");
    else if (type != "additional_tools")
      r_.drop("input." + std::string{type});
  }

  /// A search for tools that the provider made itself: its call and its output have no call_id.
  static bool ran_at_the_provider(json_ref item) {
    const auto type = item["type"];
    return (type.says("tool_search_call") || type.says("tool_search_output")) &&
           (item["execution"].says("server") || !item["call_id"].is_given());
  }

  /// What answers a call that another model can have made.
  static bool is_output(std::string_view type) {
    constexpr auto suffix = std::string_view{"_output"};
    if (!type.ends_with(suffix))
      return false;
    const auto call = type.substr(0, type.size() - suffix.size());
    return is_one_of(call, {"function_call", "custom_tool_call", "tool_search"}) ||
           find_built_in(call, &built_in::call) != nullptr;
  }

  std::vector<part>& add_message(speaker role) {
    auto& m = r_.messages.emplace_back();
    m.role = role;
    return m.parts;
  }

  void read_message(json_ref item) {
    const auto role = item["role"];
    if (role.says("user")) {
      read_content(item["content"], add_message(speaker::user));
    } else if (role.says("assistant")) {
      auto& parts = assistant_message(r_).parts;
      const auto first = parts.size();
      read_content(item["content"], parts);
      if (first < parts.size())
        parts[first].begins_item = true;
    } else if (role.says("system") || role.says("developer")) {
      read_content(item["content"], r_.messages.empty() ? r_.system : add_message(speaker::system));
    } else {
      r_.refuse("input: the role of a message must be user, assistant, system or developer");
    }
  }

  void read_content(json_ref content, std::vector<part>& parts) {
    if (content.is_text())
      parts.push_back(text_part(content.inside()));
    for (const auto entry : content)
      read_part(entry, parts);
  }

  void read_part(json_ref entry, std::vector<part>& parts) {
    const auto type = entry["type"].inside();
    if (is_one_of(type, {"input_text", "output_text", "text"})) {
      parts.push_back(text_part(entry["text"].inside()));
    } else if (type == "refusal") {
      parts.push_back(text_part(entry["refusal"].inside()));
    } else if (type == "input_image" && entry["image_url"].is_text()) {
      parts.push_back(image_part(entry["image_url"].inside()));
      parts.back().detail = entry["detail"].inside();
    } else if (type == "input_file") {
      read_file(entry, parts);
    } else {
      r_.refuse("input: a part of type \"" + std::string{type} + "\"" +
                (entry["file_id"].is_given() ? " with a file_id" : "") +
                " cannot be sent to the channel of this model: send its data, or remove it");
    }
  }

  void read_file(json_ref entry, std::vector<part>& parts) {
    auto p = part{};
    p.kind = part_kind::document;
    p.text = entry["filename"].inside();
    if (!split_data_url(entry["file_data"].inside(), p.media_type, p.data))
      p.url = entry["file_url"].inside();
    if (p.data.empty() && p.url.empty())
      r_.refuse(
          "input_file: only file_data with a data: URL, or file_url, can be sent to the "
          "channel of this model");
    parts.push_back(p);
  }

  void add_call(json_ref item, std::string_view name, json_ref arguments) {
    auto p = part{};
    p.kind = part_kind::call;
    p.id = id_of(item);
    p.name = name;
    p.form = arguments.is_object() ? argument_form::object : argument_form::text;
    p.arguments = arguments.is_object() ? arguments.raw() : arguments.inside();
    assistant_message(r_).parts.push_back(p);
  }

  void add_custom_call(json_ref item) {
    add_call(item, r_.names.of_call(alias_of(item, {}, true)), {});
    auto& p = assistant_message(r_).parts.back();
    p.form = argument_form::free_text;
    p.arguments = item["input"].inside();
  }

  std::string_view id_of(json_ref item) {
    const auto id = item["call_id"];
    return call_id(r_, to_, id.is_text() ? id : item["id"]);
  }

  void read_result(json_ref item) {
    auto p = part{};
    p.kind = part_kind::result;
    p.id = id_of(item);
    const auto output = item["output"];
    if (output.is_text() || is_content(output))
      read_content(output, p.content);
    else if (const auto other = output.is_given() ? output : item["tools"]; other.is_given())
      p.content.push_back(text_part(r_.keep(escaped(other.raw()))));
    p.failed = item["status"].says("failed");
    if (p.failed && p.content.empty())
      p.content.push_back(text_part("Error: the call failed"));
    add_message(speaker::user).push_back(std::move(p));
  }

  /// Not what a shell puts out: {"stdout":...} and the like, which travel as JSON.
  static bool is_content(json_ref output) {
    for (const auto entry : output)
      if (!is_one_of(entry["type"].inside(), {"input_text", "input_image", "input_file"}))
        return false;
    return output.is_array();
  }

  static std::string escaped(std::string_view raw) {
    auto out = std::string{};
    append_escaped(out, raw);
    return out;
  }

  void read_thought(json_ref item) {
    auto text = std::string{};
    auto first = std::string_view{};
    auto count = 0;
    for (const auto list : {item["summary"], item["content"]})
      for (const auto entry : list) {
        if (count++ == 0)
          first = entry["text"].inside();
        text.append(count > 1 ? "\\n\\n" : "").append(entry["text"].inside());
      }
    const auto joined = count > 1 ? r_.keep(std::move(text)) : first;
    assistant_message(r_).parts.push_back(
        thought_from_item(joined, item["id"].inside(), item["encrypted_content"].inside()));
  }

  tool_alias alias_of(json_ref entry, std::string_view name_space = {}, bool is_custom = false) {
    auto alias = tool_alias{};
    alias.name = plain_text(r_, entry["name"]);
    alias.name_space = name_space.empty() ? plain_text(r_, entry["namespace"]) : name_space;
    alias.is_custom = is_custom;
    return alias;
  }

  std::string_view own_name(const built_in& own) {
    auto alias = tool_alias{};
    alias.name = own.tool;
    alias.call_type = own.call;
    return r_.names.to_upstream(alias);
  }

  void read_tools(json_ref list, std::string_view name_space) {
    for (const auto entry : list)
      read_tool(entry, name_space);
  }

  void read_tool(json_ref entry, std::string_view name_space) {
    const auto type = entry["type"];
    if (type.says("function"))
      add_function(entry, r_.names.to_upstream(alias_of(entry, name_space)));
    else if (type.says("custom"))
      add_custom_tool(r_, entry, r_.names.to_upstream(alias_of(entry, name_space, true)));
    else if (type.says("namespace"))
      read_tools(entry["tools"], plain_text(r_, entry["name"]));
    else if (const auto* own = find_built_in(type.inside(), &built_in::tool);
             own && !entry["execution"].says("server"))
      add_built_in(entry, *own);
    else
      foreign_.add(r_, type, plain_text(r_, entry["name"]));
  }

  void add_function(json_ref entry, std::string_view name) {
    auto t = tool{};
    t.name = name;
    t.description = entry["description"].inside();
    t.schema = entry["parameters"];
    if (entry["strict"].kind() == json_kind::boolean)
      t.strict = entry["strict"].raw();
    add_tool(r_, t);
  }

  void add_built_in(json_ref entry, const built_in& own) {
    auto t = tool{};
    t.name = own_name(own);
    t.description =
        entry["description"].is_text() ? entry["description"].inside() : own.description;
    t.schema = entry["parameters"];
    if (!t.schema.is_object())
      t.fixed_schema = own.schema;
    add_tool(r_, t);
  }

  /// Tools that came into the conversation later.
  void read_loaded_tools() {
    for (const auto item : root_["input"])
      if (item["type"].says("additional_tools") || item["type"].says("tool_search_output"))
        read_tools(item["tools"], {});
  }

  void read_choice(json_ref value) {
    const auto type = value["type"].inside();
    if (value.is_text()) {
      r_.choice = choice_from(value);
    } else if (type == "allowed_tools") {
      r_.choice = choice_from(value["mode"]);
      auto allowed = std::vector<std::string_view>{};
      for (const auto entry : value["tools"])
        allowed.push_back(chosen_name(entry));
      keep_only(r_, allowed);
    } else if (value.is_object()) {
      r_.choice = choice_kind::named;
      r_.chosen = chosen_name(value);
    }
  }

  std::string_view chosen_name(json_ref entry) {
    if (entry["name"].is_text())
      return r_.names.of_call(alias_of(entry, {}, entry["type"].says("custom")));
    const auto* own = find_built_in(entry["type"].inside(), &built_in::tool);
    return own ? own_name(*own) : plain_text(r_, entry["type"]);
  }

  void read_reasoning(json_ref value) {
    r_.effort = effort_from(value["effort"]);
    r_.wants_thinking = r_.effort != effort_level::none &&
                        (r_.effort != effort_level::unset || value["summary"].is_given());
  }

  void read_text_options(json_ref value) {
    r_.verbosity = value["verbosity"].inside();
    const auto format = value["format"];
    if (format["type"].says("json_schema"))
      read_schema_format(r_, format);
    else if (format["type"].says("json_object"))
      r_.format = answer_format::json_object;
  }

  void read_include(json_ref value) {
    for (const auto entry : value)
      if (entry.says("reasoning.encrypted_content"))
        r_.encrypted_reasoning = true;
      else
        r_.drop("include." + std::string{entry.inside()});
  }

  json_ref root_;
  const upstream_traits& to_;
  neutral_request r_;
  foreign_tools foreign_;
};

} // namespace

neutral_request read_responses_request(json_ref root, const upstream_traits& to) {
  return responses_reader{root, to}.read();
}

} // namespace axonhub::llm
