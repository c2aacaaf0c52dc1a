#include "llm/request_writing.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "llm/json_check.hpp"
#include "llm/json_raw.hpp"
#include "llm/request_reading.hpp"

#include <algorithm>
#include <array>

namespace axonhub::llm {

request_writer& request_writer::joined(const std::vector<part>& parts, std::string_view separator) {
  auto text = string_writer{*this, out_};
  auto is_first = true;
  for (const auto& p : parts) {
    if (p.kind != part_kind::text)
      continue;
    if (!is_first)
      text.inside(p.begins_item ? "\\n\\n" : separator);
    text.inside(p.text);
    is_first = false;
  }
  return *this;
}

request_writer& request_writer::arguments_object(const part& call) {
  if (call.form == argument_form::object) {
    raw(call.arguments);
  } else if (call.form == argument_form::free_text) {
    open_object();
    inside("input", call.arguments);
    close_object();
  } else if (is_blank(call.arguments)) {
    raw("{}");
  } else if (const auto text = unescaped(call.arguments); text && is_json_object(*text)) {
    raw(*text);
  } else {
    open_object();
    inside("_raw", call.arguments);
    close_object();
  }
  return *this;
}

request_writer& request_writer::arguments_text(const part& call) {
  auto text = string_writer{*this, out_};
  if (call.form == argument_form::object) {
    append_escaped(out_, call.arguments);
  } else if (call.form == argument_form::free_text) {
    text.inside(R"({\"input\":\")");
    append_escaped(out_, call.arguments);
    text.inside(R"(\"})");
  } else {
    text.inside(is_blank(call.arguments) ? "{}" : call.arguments);
  }
  return *this;
}

request_writer& request_writer::tool_schema(const tool& t) {
  if (!t.fixed_schema.empty())
    raw(t.fixed_schema);
  else if (t.schema.is_object())
    object_without_dialect(t.schema, true);
  else
    raw(R"({"type":"object","properties":{}})");
  return *this;
}

request_writer& request_writer::format_schema(json_ref schema) {
  if (!schema.is_object())
    raw(R"({"type":"object"})");
  else
    object_without_dialect(schema, false);
  return *this;
}

request_writer& request_writer::object_without_dialect(json_ref object, bool for_tool) {
  const auto type = object["type"];
  const auto lacks_type = for_tool && !type.is_given();
  const auto lacks_properties =
      for_tool && (lacks_type || type.says("object")) && !object["properties"].is_object();
  if (!lacks_type && !lacks_properties && object["$schema"].kind() == json_kind::absent) {
    raw(object.raw());
    return *this;
  }
  open_object();
  if (lacks_type)
    text("type", "object");
  if (lacks_properties)
    key("properties").raw("{}");
  for (const auto field : object) {
    const auto name = field.key();
    if (name == "$schema" || (lacks_type && name == "type") ||
        (lacks_properties && name == "properties"))
      continue;
    auto quoted = std::string{};
    append_json_string(quoted, name);
    raw(quoted + ':');
    raw(field.raw());
  }
  close_object();
  return *this;
}

request_writer& request_writer::data_url(const part& p) {
  auto text = string_writer{*this, out_};
  if (p.data.empty())
    text.inside(p.url);
  else
    text.inside("data:").inside(p.media_type).inside(";base64,").base64(p.data);
  return *this;
}

std::string_view to_text(effort_level effort) {
  constexpr auto names = std::array<std::string_view, 8>{"",       "none", "minimal", "low",
                                                         "medium", "high", "xhigh",   "max"};
  return names[static_cast<std::size_t>(effort)];
}

std::optional<std::uint64_t> output_limit(const neutral_request& r, const upstream_traits& to) {
  auto limit = r.max_tokens;
  if (limit && to.max_output_tokens)
    limit = std::min(*limit, *to.max_output_tokens);
  return limit;
}

void note_effort(neutral_request& r, effort_level given) {
  const auto lowered = given < r.effort && r.effort > effort_level::none;
  const auto raised = given > r.effort && r.effort != effort_level::unset;
  if (lowered || raised)
    r.drop("effort");
}

bool takes_verbosity(const neutral_request& r, const upstream_traits& to) {
  return !r.verbosity.empty() && (to.verbosity || r.verbosity == "medium");
}

void note_strict(neutral_request& r) {
  if (std::ranges::any_of(r.tools, [](const tool& t) { return t.strict == "true"; }))
    r.drop("tools.strict");
}

std::string_view file_name(neutral_request& r, const part& document) {
  constexpr auto suffix = std::string_view{".pdf"};
  const auto name = document.text;
  if (name.empty())
    return "document.pdf";
  const auto has_suffix = name.size() >= suffix.size() &&
                          equals_ignoring_case(name.substr(name.size() - suffix.size()), suffix);
  if (has_suffix || !is_pdf(document.media_type))
    return name;
  return r.keep(std::string{name}.append(suffix));
}

void put_format_in_words(neutral_request& r) {
  auto text =
      std::string{"Answer with one JSON object and nothing else: no code fence, no comment."};
  if (r.format == answer_format::json_schema && r.format_schema.is_object()) {
    text += " It must be valid by this JSON schema:\\n";
    append_escaped(text, r.format_schema.raw());
  }
  auto p = part{};
  p.text = r.keep(std::move(text));
  r.system.push_back(p);
}

void put_choice_in_words(neutral_request& r) {
  auto text = std::string{"Answer with a call of "};
  if (r.choice == choice_kind::named) {
    text += "the tool ";
    append_escaped(text, r.chosen);
  } else {
    text += "one of the tools";
  }
  auto p = part{};
  p.text = r.keep(text + " and nothing else.");
  if (r.messages.empty() || r.messages.back().role != speaker::user)
    r.messages.emplace_back();
  r.messages.back().parts.push_back(p);
  r.choice = choice_kind::automatic;
  r.drop("tool_choice");
}

} // namespace axonhub::llm
