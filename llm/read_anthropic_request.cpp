#include "base/text.hpp"
#include "llm/format_schema.hpp"
#include "llm/request_readers.hpp"
#include "llm/request_reading.hpp"
#include "llm/thought_carriers.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

constexpr auto placeholder_tool = std::string_view{"DeferredToolPlaceholder"};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class anthropic_reader {
public:
  anthropic_reader(json_ref root, const upstream_traits& to) : root_(root), to_(to) {}

  neutral_request read() {
    read_tools(root_["tools"]);
    for (const auto field : root_)
      if (field.is_given())
        read_field(field.key(), field);
    foreign_.judge(r_);
    read_thinking();
    return std::move(r_);
  }

private:
  void read_field(std::string_view key, json_ref value) {
    if (key == "system")
      read_system(value);
    else if (key == "messages")
      read_messages(value);
    else if (key == "max_tokens")
      read_limit(r_, value);
    else if (key == "temperature")
      r_.temperature = raw_number(value);
    else if (key == "top_p")
      r_.top_p = raw_number(value);
    else if (key == "stop_sequences")
      read_stop(r_, value);
    else if (key == "tool_choice")
      read_choice(value);
    else if (key == "stream")
      r_.stream = value.is_true();
    else if (key == "output_config")
      read_output_config(value);
    else if (key == "output_format")
      read_format(value);
    else if (key == "mcp_servers" && value.has_children())
      r_.refuse(
          "mcp_servers: the channel of this model cannot reach MCP servers: remove them, or "
          "let the client call their tools");
    else if (!is_one_of(key,
                        {"model", "tools", "thinking", "metadata", "cache_control", "mcp_servers"}))
      r_.drop(key);
  }

  void read_system(json_ref value) {
    auto first = true;
    add_texts(value, [this, &first](json_ref block, std::string_view text) {
      const auto is_billing =
          first && block.is_object() && text.starts_with("x-anthropic-billing-header:");
      first = false;
      if (!text.empty() && !(is_billing && to_.billing == billing_line::drop))
        r_.system.push_back(with_cache_control(text_part(text), block));
    });
  }

  /// Calls add(block, inside) for a string, or for each text block of a list.
  template <class F>
  void add_texts(json_ref value, F&& add) {
    if (value.is_text())
      add(json_ref{}, value.inside());
    for (const auto block : value)
      if (block["type"].says("text"))
        add(block, block["text"].inside());
      else
        r_.drop(block["type"].inside());
  }

  static part with_cache_control(part p, json_ref block) {
    if (const auto control = block["cache_control"]; control.is_object())
      p.cache_control = control.raw();
    return p;
  }

  void read_messages(json_ref list) {
    auto index = std::size_t{0};
    for (const auto entry : list) {
      const auto role = entry["role"];
      if (role.says("user"))
        read_user(entry["content"]);
      else if (role.says("assistant"))
        read_assistant(entry["content"]);
      else if (role.says("system"))
        read_late_system(entry);
      else
        r_.refuse("messages." + std::to_string(index) +
                  ".role: must be \"user\", \"assistant\" or \"system\"");
      ++index;
    }
  }

  void read_late_system(json_ref entry) {
    if (const auto effort = effort_from(entry["output_config"]["effort"]);
        effort != effort_level::unset)
      late_effort_ = effort;
    auto& m = r_.messages.emplace_back();
    m.role = speaker::system;
    add_texts(entry["content"], [&m](json_ref block, std::string_view text) {
      m.parts.push_back(with_cache_control(text_part(text), block));
    });
  }

  void read_user(json_ref content) {
    auto& m = r_.messages.emplace_back();
    if (content.is_text())
      m.parts.push_back(text_part(content.inside()));
    for (const auto block : content)
      if (block["type"].says("tool_result"))
        read_result(block, m.parts);
      else
        read_content(block, m.parts);
  }

  void read_result(json_ref block, std::vector<part>& parts) {
    auto p = with_cache_control({}, block);
    p.kind = part_kind::result;
    p.id = call_id(r_, to_, block["tool_use_id"]);
    p.failed = block["is_error"].is_true();
    const auto content = block["content"];
    if (content.is_text())
      p.content.push_back(text_part(content.inside()));
    for (const auto inner : content)
      read_content(inner, p.content);
    parts.push_back(std::move(p));
  }

  /// What users and results of tools may hold.
  void read_content(json_ref block, std::vector<part>& parts) {
    const auto type = block["type"].inside();
    if (type == "text")
      parts.push_back(with_cache_control(text_part(block["text"].inside()), block));
    else if (type == "image")
      read_image(block["source"], parts);
    else if (type == "document")
      read_document(block, parts);
    else if (type == "search_result")
      read_search_result(block, parts);
    else if (type == "tool_reference")
      parts.push_back(text_part(
          r_.keep("tool " + std::string{block["tool_name"].inside()} + " is now available")));
    else
      r_.drop(type);
  }

  void read_image(json_ref source, std::vector<part>& parts) {
    auto p = part{};
    p.kind = part_kind::image;
    if (source["type"].says("base64")) {
      p.media_type = source["media_type"].inside();
      p.data = source["data"].inside();
    } else if (source["type"].says("url")) {
      p.url = source["url"].inside();
    } else {
      return r_.refuse("image: a source of type \"" + std::string{source["type"].inside()} +
                       "\" cannot be sent to the channel of this model: send base64 or a url");
    }
    parts.push_back(p);
  }

  void read_document(json_ref block, std::vector<part>& parts) {
    const auto source = block["source"];
    const auto type = source["type"].inside();
    if (type == "text") {
      parts.push_back(text_part(source["data"].inside()));
    } else if (type == "content") {
      if (source["content"].is_text())
        parts.push_back(text_part(source["content"].inside()));
      for (const auto inner : source["content"])
        read_content(inner, parts);
    } else if (type == "base64" || type == "url") {
      auto p = part{};
      p.kind = part_kind::document;
      p.text = block["title"].inside();
      p.media_type = source["media_type"].inside();
      p.data = source["data"].inside();
      p.url = source["url"].inside();
      parts.push_back(p);
    } else {
      r_.refuse("document: a source of type \"" + std::string{type} +
                "\" cannot be sent to the channel of this model: send its text, or base64");
    }
  }

  void read_search_result(json_ref block, std::vector<part>& parts) {
    auto text = std::string{block["title"].inside()};
    text.append("\\n").append(block["source"].inside());
    for (const auto inner : block["content"])
      text.append("\\n").append(inner["text"].inside());
    parts.push_back(text_part(r_.keep(std::move(text))));
  }

  void read_assistant(json_ref content) {
    auto& parts = assistant_message(r_).parts;
    if (content.is_text())
      parts.push_back(text_part(content.inside()));
    for (const auto block : content)
      read_assistant_block(block, parts);
  }

  void read_assistant_block(json_ref block, std::vector<part>& parts) {
    const auto type = block["type"].inside();
    auto p = with_cache_control({}, block);
    if (type == "text") {
      p.text = block["text"].inside();
    } else if (type == "tool_use") {
      p.kind = part_kind::call;
      p.id = call_id(r_, to_, block["id"]);
      p.name = upstream_name(block["name"]);
      p.arguments = block["input"].is_object() ? block["input"].raw() : "{}";
    } else if (type == "thinking") {
      p = thought_from_signature(block["thinking"].inside(), block["signature"].inside());
    } else if (type == "redacted_thinking") {
      p.kind = part_kind::sealed_thought;
      p.data = block["data"].inside();
    } else if (type.ends_with("_tool_result")) {
      p.text = summary_of(block);
    } else {
      return r_.drop(type);
    }
    parts.push_back(std::move(p));
  }

  /// What the provider's own tool found, in a line: titles and addresses.
  std::string_view summary_of(json_ref block) {
    auto text = "[" + std::string{block["type"].inside()};
    auto separator = std::string_view{": "};
    for (const auto entry : block["content"])
      if (entry["title"].is_text() || entry["url"].is_text()) {
        text.append(separator).append(entry["title"].inside()).append(" ");
        text.append(entry["url"].inside());
        separator = "; ";
      }
    return r_.keep(text + "]");
  }

  std::string_view upstream_name(json_ref name) {
    auto alias = tool_alias{};
    alias.name = plain_text(r_, name);
    return r_.names.to_upstream(alias);
  }

  void read_tools(json_ref list) {
    for (const auto entry : list) {
      const auto type = entry["type"];
      if (type.is_text() && !type.says("custom")) {
        foreign_.add(r_, type, plain_text(r_, entry["name"]));
      } else if (!entry["name"].says(placeholder_tool)) {
        auto t = tool{};
        t.name = upstream_name(entry["name"]);
        t.description = entry["description"].inside();
        t.schema = entry["input_schema"];
        if (entry["strict"].kind() == json_kind::boolean)
          t.strict = entry["strict"].raw();
        add_tool(r_, t);
      }
    }
  }

  void read_choice(json_ref value) {
    const auto type = value["type"].inside();
    if (type == "auto")
      r_.choice = choice_kind::automatic;
    else if (type == "any")
      r_.choice = choice_kind::required;
    else if (type == "none")
      r_.choice = choice_kind::none;
    else if (type == "tool") {
      r_.choice = choice_kind::named;
      r_.chosen = upstream_name(value["name"]);
    }
    r_.parallel_calls = !value["disable_parallel_tool_use"].is_true();
  }

  void read_output_config(json_ref value) {
    r_.effort = effort_from(value["effort"]);
    if (value["format"].is_given())
      read_format(value["format"]);
    for (const auto field : value)
      if (field.is_given() && field.key() != "effort" && field.key() != "format")
        r_.drop("output_config." + std::string{field.key()});
  }

  /// Anthropic holds every answer to its schema. OpenAI does so when told to, and only to schemas
  /// that require all they name.
  void read_format(json_ref format) {
    if (!format["type"].says("json_schema"))
      return;
    read_schema_format(r_, format);
    const auto facts = look_at_schema(r_.format_schema.raw());
    r_.format_strict = facts.is_closed && facts.is_complete ? "true" : "";
  }

  /// Effort and thinking become one thing, whatever order they came in.
  void read_thinking() {
    if (late_effort_ != effort_level::unset)
      r_.effort = late_effort_;
    const auto thinking = root_["thinking"];
    if (thinking["type"].says("disabled")) {
      r_.effort = effort_level::none;
    } else if (thinking.is_object()) {
      r_.wants_thinking = true;
      const auto budget = parse_budget(thinking["budget_tokens"]);
      if (thinking["type"].says("enabled") && r_.effort == effort_level::unset)
        r_.effort = budget < 4000    ? effort_level::low
                    : budget < 16000 ? effort_level::medium
                                     : effort_level::high;
    }
  }

  static std::uint64_t parse_budget(json_ref value) {
    // Absent or odd counts as much: Claude Code's is close to max_tokens.
    return parse_decimal<std::uint64_t>(value.raw()).value_or(16000);
  }

  json_ref root_;
  const upstream_traits& to_;
  neutral_request r_;
  foreign_tools foreign_;
  effort_level late_effort_ = effort_level::unset;
};

} // namespace

neutral_request read_anthropic_request(json_ref root, const upstream_traits& to) {
  return anthropic_reader{root, to}.read();
}

} // namespace axonhub::llm
