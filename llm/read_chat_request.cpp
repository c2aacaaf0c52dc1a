#include "llm/request_readers.hpp"
#include "llm/request_reading.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::llm {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class chat_reader {
public:
  chat_reader(json_ref root, const upstream_traits& to) : root_(root), to_(to) {}

  neutral_request read() {
    for (const auto entry : root_["tools"])
      read_tool(entry);
    for (const auto entry : root_["functions"])
      add_function(entry);
    for (const auto field : root_)
      if (field.is_given())
        read_field(field.key(), field);
    foreign_.judge(r_);
    return std::move(r_);
  }

private:
  void read_field(std::string_view key, json_ref value) {
    if (key == "messages")
      read_messages(value);
    else if (key == "max_tokens" || key == "max_completion_tokens")
      read_limits();
    else if (key == "temperature")
      r_.temperature = raw_number(value);
    else if (key == "top_p")
      r_.top_p = raw_number(value);
    else if (key == "stop")
      read_stop(r_, value);
    else if (key == "stream")
      r_.stream = value.is_true();
    else if (key == "stream_options")
      r_.include_usage = value["include_usage"].is_true();
    else if (key == "tool_choice" || key == "function_call")
      read_choice(value);
    else if (key == "parallel_tool_calls")
      r_.parallel_calls = value.raw() != "false";
    else if (key == "reasoning_effort")
      read_effort(value);
    else if (key == "reasoning")
      read_effort(value["effort"]);
    else if (key == "verbosity")
      r_.verbosity = value.inside();
    else if (key == "response_format")
      read_format(value);
    else if (key == "n" && value.raw() != "1")
      r_.refuse("n: only 1 is possible with the channel of this model: send several requests");
    else if (key == "audio" || (key == "modalities" && wants_audio(value)))
      r_.refuse(std::string{key} + ": the channel of this model answers in text only: remove it");
    else if (!is_one_of(key, {"model", "tools", "functions", "n", "modalities", "metadata", "store",
                              "user", "safety_identifier", "prompt_cache_key"}))
      r_.drop(key);
  }

  static bool wants_audio(json_ref modalities) {
    for (const auto entry : modalities)
      if (entry.says("audio"))
        return true;
    return false;
  }

  void read_limits() {
    const auto current = root_["max_completion_tokens"];
    read_limit(r_, current.is_given() ? current : root_["max_tokens"]);
  }

  void read_effort(json_ref value) {
    if (const auto effort = effort_from(value); effort != effort_level::unset)
      r_.effort = effort;
    r_.reads_thinking = r_.effort > effort_level::none;
  }

  void read_messages(json_ref list) {
    auto index = std::size_t{0};
    auto leading = true;
    for (const auto entry : list) {
      const auto role = entry["role"];
      const auto is_system = role.says("system") || role.says("developer");
      leading = leading && is_system;
      if (entry["name"].is_given() && !role.says("function"))
        r_.drop("messages.name");
      if (leading)
        read_content(entry["content"], r_.system);
      else if (is_system)
        read_content(entry["content"], add_message(speaker::system));
      else if (role.says("user"))
        read_content(entry["content"], add_message(speaker::user));
      else if (role.says("assistant"))
        read_assistant(entry);
      else if (role.says("tool"))
        read_result(entry, call_id(r_, to_, entry["tool_call_id"]));
      else if (role.says("function"))
        read_result(entry, legacy_id(entry["name"]));
      else
        r_.refuse("messages[" + std::to_string(index) +
                  "].role: must be system, developer, user, assistant or tool");
      ++index;
    }
  }

  std::vector<part>& add_message(speaker role) {
    auto& m = r_.messages.emplace_back();
    m.role = role;
    return m.parts;
  }

  void read_content(json_ref content, std::vector<part>& parts) {
    if (content.is_text())
      parts.push_back(text_part(content.inside()));
    for (const auto entry : content)
      read_part(entry, parts);
  }

  void read_part(json_ref entry, std::vector<part>& parts) {
    const auto type = entry["type"].inside();
    auto p = part{};
    if (type == "text") {
      p.text = entry["text"].inside();
    } else if (type == "refusal") {
      p.text = entry["refusal"].inside();
    } else if (type == "image_url") {
      const auto image = entry["image_url"];
      p = image_part(image.is_text() ? image.inside() : image["url"].inside());
      p.detail = image["detail"].inside();
    } else if (type == "file") {
      p = read_file(entry["file"]);
    } else {
      return r_.refuse("messages: a part of type \"" + std::string{type} +
                       "\" cannot be sent to the channel of this model: remove it");
    }
    if (const auto control = entry["cache_control"]; control.is_object())
      p.cache_control = control.raw();
    parts.push_back(std::move(p));
  }

  part read_file(json_ref file) {
    auto p = part{};
    p.kind = part_kind::document;
    p.text = file["filename"].inside();
    if (!split_data_url(file["file_data"].inside(), p.media_type, p.data))
      r_.refuse(
          "file: only file_data with a data: URL can be sent to the channel of this model, no "
          "file_id");
    return p;
  }

  /// What an assistant said aloud has an id that only its provider knows.
  void check_audio(json_ref entry) {
    if (!entry["audio"].is_given())
      return;
    if (!entry["content"].is_given() && !entry["tool_calls"].has_children())
      r_.refuse(
          "messages: the channel of this model knows no audio of earlier answers: send what "
          "was said as content");
    r_.drop("messages.audio");
  }

  void read_assistant(json_ref entry) {
    check_audio(entry);
    auto& parts = assistant_message(r_).parts;
    read_thoughts(entry, parts);
    const auto first = parts.size();
    read_content(entry["content"], parts);
    if (entry["refusal"].is_text())
      parts.push_back(text_part(entry["refusal"].inside()));
    if (first < parts.size())
      parts[first].begins_item = true;
    for (const auto call : entry["tool_calls"])
      read_call(call, parts);
    if (entry["function_call"].is_object())
      add_call(legacy_id(entry["function_call"]["name"]), entry["function_call"], parts);
  }

  void read_thoughts(json_ref entry, std::vector<part>& parts) {
    auto found = false;
    for (const auto detail : entry["reasoning_details"]) {
      auto p = part{};
      if (detail["type"].says("reasoning.text")) {
        p.kind = part_kind::thought;
        p.text = detail["text"].inside();
        if (!detail["format"].is_given() || is_of_anthropic(detail))
          p.signature = detail["signature"].inside();
      } else if (detail["type"].says("reasoning.encrypted") && is_of_anthropic(detail)) {
        p.kind = part_kind::sealed_thought;
        p.data = detail["data"].inside();
      } else {
        continue;
      }
      found = true;
      parts.push_back(p);
    }
    const auto content = entry["reasoning_content"];
    const auto text = content.is_text() ? content : entry["reasoning"];
    if (!found && text.is_text()) {
      parts.push_back(text_part(text.inside()));
      parts.back().kind = part_kind::thought;
    }
  }

  static bool is_of_anthropic(json_ref detail) {
    return detail["format"].inside().starts_with("anthropic-");
  }

  void read_call(json_ref call, std::vector<part>& parts) {
    const auto id = call_id(r_, to_, call["id"]);
    if (!call["type"].says("custom"))
      return add_call(id, call["function"], parts);
    auto p = part{};
    p.kind = part_kind::call;
    p.id = id;
    p.name = called_name(call["custom"]["name"], true);
    p.form = argument_form::free_text;
    p.arguments = call["custom"]["input"].inside();
    parts.push_back(p);
  }

  void add_call(std::string_view id, json_ref function, std::vector<part>& parts) {
    auto p = part{};
    p.kind = part_kind::call;
    p.id = id;
    p.name = called_name(function["name"], false);
    const auto arguments = function["arguments"];
    p.form = arguments.is_object() ? argument_form::object : argument_form::text;
    p.arguments = arguments.is_object() ? arguments.raw() : arguments.inside();
    parts.push_back(p);
  }

  void read_result(json_ref entry, std::string_view id) {
    auto p = part{};
    p.kind = part_kind::result;
    p.id = id;
    read_content(entry["content"], p.content);
    for (auto& inner : p.content) // the mark is the whole result's
      if (!inner.cache_control.empty())
        p.cache_control = std::exchange(inner.cache_control, {});
    if (const auto control = entry["cache_control"]; control.is_object())
      p.cache_control = control.raw();
    add_message(speaker::user).push_back(std::move(p));
  }

  /// The old form of function calls knows no ids: a name stands for its call.
  std::string_view legacy_id(json_ref name) {
    const auto id = fit_id("call_" + std::string{plain_text(r_, name)}, 40, true);
    return r_.keep(fit_call_id(id, to_));
  }

  tool_alias alias_of(json_ref name, bool is_custom) {
    auto alias = tool_alias{};
    alias.name = plain_text(r_, name);
    alias.is_custom = is_custom;
    return alias;
  }

  std::string_view upstream_name(json_ref name, bool is_custom = false) {
    return r_.names.to_upstream(alias_of(name, is_custom));
  }

  /// Of what the history calls, or the client chooses.
  std::string_view called_name(json_ref name, bool is_custom) {
    return r_.names.of_call(alias_of(name, is_custom));
  }

  void read_tool(json_ref entry) {
    const auto type = entry["type"];
    if (type.says("function") || (!type.is_given() && entry["function"].is_object()))
      add_function(entry["function"]);
    else if (type.says("custom"))
      add_custom_tool(r_, entry["custom"], upstream_name(entry["custom"]["name"], true));
    else
      foreign_.add(r_, type, plain_text(r_, entry["name"]));
  }

  void add_function(json_ref function) {
    auto t = tool{};
    t.name = upstream_name(function["name"]);
    t.description = function["description"].inside();
    t.schema = function["parameters"];
    if (function["strict"].kind() == json_kind::boolean)
      t.strict = function["strict"].raw();
    add_tool(r_, t);
  }

  void read_choice(json_ref value) {
    const auto type = value["type"].inside();
    if (value.is_text())
      r_.choice = choice_from(value);
    else if (type == "allowed_tools")
      read_allowed_tools(value["allowed_tools"]);
    else if (value.is_object())
      choose(type == "custom" ? value["custom"]["name"]
             : type.empty()   ? value["name"] // function_call
                              : value["function"]["name"],
             type == "custom");
  }

  void choose(json_ref name, bool is_custom) {
    r_.choice = choice_kind::named;
    r_.chosen = called_name(name, is_custom);
  }

  void read_allowed_tools(json_ref value) {
    r_.choice = choice_from(value["mode"]);
    auto allowed = std::vector<std::string_view>{};
    for (const auto entry : value["tools"])
      allowed.push_back(
          called_name(entry[entry["type"].inside()]["name"], entry["type"].says("custom")));
    keep_only(r_, allowed);
  }

  void read_format(json_ref format) {
    if (format["type"].says("json_schema"))
      read_schema_format(r_, format["json_schema"]);
    else if (format["type"].says("json_object"))
      r_.format = answer_format::json_object;
  }

  json_ref root_;
  const upstream_traits& to_;
  neutral_request r_;
  foreign_tools foreign_;
};

} // namespace

neutral_request read_chat_request(json_ref root, const upstream_traits& to) {
  return chat_reader{root, to}.read();
}

} // namespace axonhub::llm
