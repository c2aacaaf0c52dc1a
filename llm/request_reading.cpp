#include "llm/request_reading.hpp"

#include "base/text.hpp"
#include "llm/json_raw.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace axonhub::llm {
namespace {

// OpenAI's limits, which third parties copied; Anthropic has a pattern only.
constexpr auto longest_chat_id = std::size_t{40};
constexpr auto longest_responses_id = std::size_t{64};
constexpr auto longest_anthropic_id = std::size_t{256};

constexpr auto longest_complaint = std::size_t{1000};
constexpr auto most_dropped = std::size_t{32};
constexpr auto longest_dropped = std::size_t{64};

} // namespace

void neutral_request::refuse(std::string text) {
  if (!complaint.empty())
    return;
  complaint = std::move(text);
  if (complaint.size() > longest_complaint)
    complaint.resize(longest_complaint);
}

void neutral_request::drop(std::string_view what) {
  auto name = std::string{what.substr(0, longest_dropped)};
  std::erase_if(name,
                [](char c) { return c <= ' ' || c > '~' || c == ',' || c == '"' || c == '\\'; });
  if (!name.empty() && dropped.size() < most_dropped &&
      std::find(dropped.begin(), dropped.end(), name) == dropped.end())
    dropped.push_back(std::move(name));
}

std::string_view plain_text(neutral_request& r, std::string_view inside) {
  if (inside.find('\\') == std::string_view::npos)
    return inside;
  auto text = unescaped(inside);
  return text ? r.keep(std::move(*text)) : std::string_view{};
}

std::string_view plain_text(neutral_request& r, json_ref value) {
  return plain_text(r, value.inside());
}

std::string fit_call_id(std::string_view id, const upstream_traits& to) {
  if (to.short_ids)
    return short_id(id);
  const auto longest = to.speaks == dialect::openai_chat        ? longest_chat_id
                       : to.speaks == dialect::openai_responses ? longest_responses_id
                                                                : longest_anthropic_id;
  return fit_id(id, longest, to.speaks == dialect::anthropic && to.is_anthropic);
}

std::string_view call_id(neutral_request& r, const upstream_traits& to, json_ref value) {
  const auto id = plain_text(r, value);
  auto fit = fit_call_id(id, to);
  return fit == id ? id : r.keep(std::move(fit));
}

part text_part(std::string_view inside) {
  auto out = part{};
  out.text = inside;
  return out;
}

std::string_view sniffed_media_type(std::string_view base64) {
  struct magic {
    std::string_view start, type;
  };
  constexpr auto known = std::array<magic, 6>{{{"iVBOR", "image/png"},
                                               {"/9j/", "image/jpeg"},
                                               {"\\/9j\\/", "image/jpeg"},
                                               {"R0lGOD", "image/gif"},
                                               {"UklGR", "image/webp"},
                                               {"JVBERi", "application/pdf"}}};
  for (const auto& [start, type] : known)
    if (base64.starts_with(start))
      return type;
  return {};
}

bool is_pdf(std::string_view media_type) {
  constexpr auto pdf = std::string_view{"application/pdf"};
  if (media_type.find('\\') == std::string_view::npos)
    return equals_ignoring_case(media_type, pdf);
  const auto plain = unescaped(media_type);
  return plain && equals_ignoring_case(*plain, pdf);
}

bool split_data_url(std::string_view url, std::string_view& media_type, std::string_view& data) {
  constexpr auto longest_head = std::size_t{128};
  constexpr auto mark = std::string_view{";base64,"};
  const auto head = url.substr(0, longest_head);
  if (!starts_with_ignoring_case(head, "data:"))
    return false;
  const auto at = head.find(mark);
  if (at == std::string_view::npos)
    return false;
  media_type = head.substr(5, std::min(at, head.find(';')) - 5);
  data = url.substr(at + mark.size());
  return true;
}

part image_part(std::string_view url) {
  auto out = part{};
  out.kind = part_kind::image;
  if (!split_data_url(url, out.media_type, out.data))
    out.url = url;
  else if (const auto type = sniffed_media_type(out.data); !type.empty())
    out.media_type = type;
  return out;
}

message& assistant_message(neutral_request& r) {
  if (r.messages.empty() || r.messages.back().role != speaker::assistant)
    r.messages.emplace_back().role = speaker::assistant;
  return r.messages.back();
}

effort_level effort_from(json_ref value) {
  constexpr auto names = std::array<std::string_view, 8>{"",       "none", "minimal", "low",
                                                         "medium", "high", "xhigh",   "max"};
  for (auto i = std::size_t{1}; i < names.size(); ++i)
    if (value.says(names[i]))
      return static_cast<effort_level>(i);
  return effort_level::unset;
}

void read_limit(neutral_request& r, json_ref value) {
  if (!value.is_number())
    return;
  const auto count = parse_decimal<std::uint64_t>(value.raw());
  if (!count || *count == 0)
    return r.refuse(std::string{value.key()} + ": must be a whole number above 0");
  r.max_tokens = *count;
}

void read_stop(neutral_request& r, json_ref value) {
  if (value.is_text() && !value.inside().empty())
    r.stop.push_back(value.inside());
  for (const auto entry : value)
    if (entry.is_text() && !entry.inside().empty())
      r.stop.push_back(entry.inside());
}

std::string_view raw_number(json_ref value) {
  return value.is_number() ? value.raw() : std::string_view{};
}

void read_schema_format(neutral_request& r, json_ref format) {
  r.format = answer_format::json_schema;
  r.format_schema = format["schema"];
  r.format_name = format["name"].inside();
  r.format_description = format["description"].inside();
  if (format["strict"].kind() == json_kind::boolean)
    r.format_strict = format["strict"].raw();
}

choice_kind choice_from(json_ref value) {
  return value.says("none")       ? choice_kind::none
         : value.says("auto")     ? choice_kind::automatic
         : value.says("required") ? choice_kind::required
                                  : choice_kind::unset;
}

void keep_only(neutral_request& r, const std::vector<std::string_view>& allowed) {
  const auto names = std::unordered_set<std::string_view>(allowed.begin(), allowed.end());
  std::erase_if(r.tools, [&names](const tool& t) { return !names.contains(t.name); });
}

void add_tool(neutral_request& r, const tool& t) {
  if (r.offered.insert(t.name).second)
    r.tools.push_back(t);
}

void add_custom_tool(neutral_request& r, json_ref custom, std::string_view name) {
  auto t = tool{};
  t.name = name;
  t.description = custom["description"].inside();
  const auto format = custom["format"];
  // Chat nests the grammar once more.
  const auto grammar = format["grammar"].is_object() ? format["grammar"] : format;
  if (const auto definition = grammar["definition"]; definition.is_text())
    t.description = r.keep(std::string{t.description} + "\\n\\nThe input follows this " +
                           std::string{grammar["syntax"].inside()} + " grammar:\\n" +
                           std::string{definition.inside()});
  t.fixed_schema = R"({"type":"object","properties":{"input":{"type":"string"}},)"
                   R"("required":["input"],"additionalProperties":false})";
  add_tool(r, t);
}

void foreign_tools::add(neutral_request& r, json_ref type, std::string_view name) {
  auto plain = std::string{plain_text(r, type)};
  seen_.push_back({plain, name.empty() ? plain : std::string{name}});
}

void foreign_tools::judge(neutral_request& r) const {
  for (const auto& [type, name] : seen_) {
    const auto forced = r.choice == choice_kind::named && r.chosen == name;
    if (forced || (r.tools.empty() && r.choice != choice_kind::none))
      return r.refuse("tools: \"" + type +
                      "\" is run by the provider of another API, and the channel of this model "
                      "cannot run it: remove the tool" +
                      (forced ? " and the tool_choice that forces it" : "") +
                      ", or use a model whose channel speaks your API natively");
  }
  for (const auto& [type, name] : seen_)
    r.drop("tools." + type);
  if (r.choice == choice_kind::named &&
      std::ranges::find(r.tools, r.chosen, &tool::name) == r.tools.end())
    r.refuse(
        "tool_choice: the request offers no tool of that name: offer it in tools, or choose "
        "another");
}

} // namespace axonhub::llm
