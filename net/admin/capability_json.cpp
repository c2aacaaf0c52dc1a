#include "net/admin/capability_json.hpp"

#include <algorithm>
#include <array>

#include "policy/model_mapping.hpp"

namespace axonhub::net {
namespace {

using policy::compatibility_switches;

constexpr auto most_tokens = std::int64_t{1} << 40;

template <class Enum>
struct word {
  std::string_view text;
  Enum value;
};

constexpr auto billing_words = std::to_array<word<llm::billing_line>>(
    {{"keep", llm::billing_line::keep}, {"drop", llm::billing_line::drop}});
constexpr auto limit_words = std::to_array<word<llm::output_limit_field>>(
    {{"max_tokens", llm::output_limit_field::max_tokens},
     {"max_completion_tokens", llm::output_limit_field::max_completion_tokens}});
constexpr auto reasoning_words = std::to_array<word<llm::reasoning_form>>(
    {{"none", llm::reasoning_form::none},
     {"reasoning_content", llm::reasoning_form::reasoning_content},
     {"reasoning_details", llm::reasoning_form::reasoning_details}});

struct named_switch {
  std::string_view name;
  std::optional<bool> compatibility_switches::*member;
};

constexpr auto switches = std::to_array<named_switch>({
    {"files", &compatibility_switches::files},
    {"reasoning_effort", &compatibility_switches::reasoning_effort},
    {"adaptive_thinking", &compatibility_switches::adaptive_thinking},
    {"developer_role", &compatibility_switches::developer_role},
    {"late_system", &compatibility_switches::late_system},
    {"text_parts", &compatibility_switches::text_parts},
    {"stream_options", &compatibility_switches::stream_options},
    {"parallel_tool_calls", &compatibility_switches::parallel_tool_calls},
    {"strict_tools", &compatibility_switches::strict_tools},
    {"json_schema", &compatibility_switches::json_schema},
    {"cache_control", &compatibility_switches::cache_control},
    {"thinking_switch", &compatibility_switches::thinking_switch},
});

template <class Enum, std::size_t N>
void show(json& out, const char* name, const std::optional<Enum>& said,
          const std::array<word<Enum>, N>& words) {
  if (said)
    out[name] = std::ranges::find(words, *said, &word<Enum>::value)->text;
}

/// One of the words, or "auto", which says nothing.
template <class Enum, std::size_t N>
void read_choice(field_reader& fields, std::string_view name, std::optional<Enum>& to,
                 const std::array<word<Enum>, N>& words) {
  auto text = std::string{};
  if (!fields.read(name, text) || text == "auto")
    return;
  const auto known = std::ranges::find(words, text, &word<Enum>::text);
  if (known == words.end()) {
    auto choices = std::string{"must be auto"};
    for (const auto& w : words)
      choices.append(" or ").append(w.text);
    refuse_field(fields.pointer_to(name), choices);
  }
  to = known->value;
}

void read_tokens(field_reader& fields, std::string_view name, std::optional<std::uint64_t>& to) {
  if (auto number = std::uint64_t{0}; fields.read(name, number, 1, most_tokens))
    to = number;
}

void read_switch(field_reader& fields, std::string_view name, std::optional<bool>& to) {
  if (auto on = false; fields.read(name, on))
    to = on;
}

/// RFC 6901.
std::string to_pointer_token(std::string_view name) {
  auto out = std::string{};
  for (const auto c : name)
    out += c == '~' ? std::string{"~0"} : c == '/' ? std::string{"~1"} : std::string{c};
  return out;
}

policy::model_capability read_row(const std::string& model, const json& item,
                                  const std::string& pointer) {
  const auto as_rule = policy::model_mapping{.from = model, .to = {"x"}};
  if (const auto fine = policy::check(as_rule); !fine)
    refuse_field(pointer, fine.error().message);
  auto row = policy::model_capability{.model = model};
  auto fields = field_reader{item, pointer};
  read_tokens(fields, "max_context_tokens", row.max_context_tokens);
  read_tokens(fields, "max_output_tokens", row.max_output_tokens);
  read_switch(fields, "images", row.images);
  if (auto tools = std::vector<std::string>{}; fields.read("server_tools", tools))
    row.server_tools = std::move(tools);
  read_switch(fields, "reasoning_effort", row.reasoning_effort);
  read_switch(fields, "adaptive_thinking", row.adaptive_thinking);
  fields.finish();
  return row;
}

} // namespace

json to_json(const std::vector<policy::model_capability>& rows) {
  auto out = json::object();
  for (const auto& row : rows) {
    auto& one = out[row.model] = json::object();
    if (row.max_context_tokens)
      one["max_context_tokens"] = *row.max_context_tokens;
    if (row.max_output_tokens)
      one["max_output_tokens"] = *row.max_output_tokens;
    if (row.images)
      one["images"] = *row.images;
    if (row.server_tools)
      one["server_tools"] = *row.server_tools;
    if (row.reasoning_effort)
      one["reasoning_effort"] = *row.reasoning_effort;
    if (row.adaptive_thinking)
      one["adaptive_thinking"] = *row.adaptive_thinking;
  }
  return out;
}

json to_json(const compatibility_switches& said) {
  auto out = json::object();
  show(out, "billing_line", said.billing_line, billing_words);
  show(out, "max_tokens_field", said.max_tokens_field, limit_words);
  show(out, "reasoning", said.reasoning, reasoning_words);
  if (said.default_max_tokens)
    out["default_max_tokens"] = *said.default_max_tokens;
  for (const auto& [name, member] : switches)
    if (said.*member)
      out[std::string{name}] = *(said.*member);
  return out;
}

void read_capabilities(field_reader& channel, std::vector<policy::model_capability>& to) {
  to.clear();
  const auto* object = channel.find("model_capabilities");
  if (object == nullptr)
    return;
  const auto pointer = channel.pointer_to("model_capabilities");
  if (!object->is_object())
    refuse_field(pointer, "must be an object: what holds for each model or pattern");
  for (const auto& [model, item] : object->items())
    to.push_back(read_row(model, item, pointer + '/' + to_pointer_token(model)));
}

void read_compatibility(field_reader& channel, compatibility_switches& to) {
  to = {};
  const auto* object = channel.find("compatibility");
  if (object == nullptr)
    return;
  auto fields = field_reader{*object, channel.pointer_to("compatibility")};
  read_choice(fields, "billing_line", to.billing_line, billing_words);
  read_choice(fields, "max_tokens_field", to.max_tokens_field, limit_words);
  read_choice(fields, "reasoning", to.reasoning, reasoning_words);
  read_tokens(fields, "default_max_tokens", to.default_max_tokens);
  for (const auto& [name, member] : switches)
    read_switch(fields, name, to.*member);
  fields.finish();
}

} // namespace axonhub::net
