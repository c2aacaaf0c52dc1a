#include "llm/clean_request.hpp"

#include "llm/json_scan.hpp"
#include "llm/json_tree.hpp"
#include "llm/thought_carriers.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace axonhub::llm {
namespace {

constexpr auto carriers = std::string_view{"gwa1."}; // both of thought_carriers.hpp
static_assert(signature_carrier.starts_with(carriers) && redacted_carrier.starts_with(carriers));

constexpr auto billing_start = std::string_view{"x-anthropic-billing-header:"};

bool is_thought(json_ref block) {
  return block["type"].says("thinking") || block["type"].says("redacted_thinking");
}

bool is_unsigned(std::string_view signature) {
  return signature.empty() || signature.starts_with(responses_carrier);
}

/// Takes the first block of the list if that is its line, up to the second one.
json_error read_billing_block(json_value& system, const char* base,
                              std::optional<byte_span>& found) {
  simdjson::ondemand::array blocks;
  if (system.get_array().get(blocks))
    return simdjson::SUCCESS; // one string: nothing to cut
  for (auto entry : blocks) {
    json_value block;
    if (const auto e = entry.get(block))
      return e;
    const auto at = static_cast<std::size_t>(block.raw_json_token().data() - base);
    if (found) {
      found->size = at - found->offset;
      return simdjson::SUCCESS;
    }
    simdjson::ondemand::object object;
    auto raw = std::string_view{};
    auto text = std::string_view{};
    if (block.get_object().get(object) || object.raw_json().get(raw) || object.reset().error() ||
        object.find_field_unordered("text").get_string().get(text) ||
        !text.starts_with(billing_start))
      return simdjson::SUCCESS;
    found = to_span(base, raw);
  }
  return simdjson::SUCCESS;
}

class thought_cutter {
public:
  thought_cutter(const std::string& body, json_ref root, foreign_thoughts which)
      : body_(body), root_(root), which_(which) {}

  std::optional<std::string> cut() {
    auto doomed = std::vector<bool>{};
    for (const auto m : root_["messages"])
      doomed.push_back(cut_blocks(m));
    if (std::ranges::find(doomed, false) == doomed.end())
      return {};
    cut_entries(root_["messages"], doomed);
    const auto is_refused = which_ == foreign_thoughts::all;
    if (edits_.empty() && !is_refused)
      return {};
    if (root_["thinking"]["type"].says("enabled") && lacks_thought_in_loop())
      disable_thinking();
    if (edits_.empty())
      return {};
    return apply();
  }

  /// The same for the items of a Responses request.
  std::optional<std::string> cut_items() {
    auto doomed = std::vector<bool>{};
    for (const auto item : root_["input"])
      doomed.push_back(is_foreign_item(item));
    if (!any(doomed) || std::ranges::find(doomed, false) == doomed.end())
      return {};
    cut_entries(root_["input"], doomed);
    return apply();
  }

private:
  struct edit {
    std::size_t from = 0, to = 0;
    std::string_view replacement;
  };

  static bool any(const std::vector<bool>& flags) {
    return std::ranges::find(flags, true) != flags.end();
  }

  bool is_foreign(json_ref block) const {
    if (!is_thought(block))
      return false;
    return which_ == foreign_thoughts::all ||
           (block["type"].says("thinking") && is_unsigned(block["signature"].inside()));
  }

  bool is_foreign_item(json_ref item) const {
    return item["type"].says("reasoning") &&
           (which_ == foreign_thoughts::all ||
            item["encrypted_content"].inside().starts_with(carriers));
  }

  /// True if nothing would be left of the message, which then is not touched yet.
  bool cut_blocks(json_ref m) {
    if (!m["role"].says("assistant") || !m["content"].is_array())
      return false;
    auto doomed = std::vector<bool>{};
    for (const auto block : m["content"])
      doomed.push_back(is_foreign(block));
    if (!any(doomed))
      return false;
    if (std::ranges::find(doomed, false) == doomed.end())
      return true;
    cut_entries(m["content"], doomed);
    return false;
  }

  std::size_t offset(std::string_view raw) const {
    return static_cast<std::size_t>(raw.data() - body_.data());
  }
  std::size_t end(json_ref value) const { return offset(value.raw()) + value.raw().size(); }

  /// Each with the comma before it, or behind it while nothing before it stays.
  void cut_entries(json_ref list, const std::vector<bool>& doomed) {
    auto index = std::size_t{0};
    auto has_kept = false;
    auto previous_end = std::size_t{0};
    auto open = false; // the last cut waits for the next entry's beginning
    for (const auto entry : list) {
      if (open)
        edits_.back().to = offset(entry.raw());
      open = false;
      if (!doomed[index++]) {
        has_kept = true;
      } else if (has_kept) {
        edits_.push_back({previous_end, end(entry), {}});
      } else {
        edits_.push_back({offset(entry.raw()), end(entry), {}});
        open = true;
      }
      previous_end = end(entry);
    }
  }

  /// Whether the running tool loop would not begin with a thought.
  bool lacks_thought_in_loop() const {
    auto lacks = false;
    auto has_begun = false;
    for (const auto m : root_["messages"]) {
      if (m["role"].says("user") && !is_all_results(m["content"]))
        lacks = has_begun = false;
      if (has_begun || !m["role"].says("assistant"))
        continue;
      const auto first = first_kept(m["content"]);
      has_begun = first.is_given(); // else nothing is left: the message goes
      lacks = has_begun && !is_thought(first);
    }
    return lacks;
  }

  static bool is_all_results(json_ref content) {
    for (const auto block : content)
      if (!block["type"].says("tool_result"))
        return false;
    return content.has_children();
  }

  json_ref first_kept(json_ref content) const {
    if (!content.is_array())
      return content;
    for (const auto block : content)
      if (!is_foreign(block))
        return block;
    return {};
  }

  void disable_thinking() {
    replace(root_["thinking"], R"({"type":"disabled"})");
    const auto edits = root_["context_management"]["edits"];
    auto doomed = std::vector<bool>{};
    for (const auto entry : edits)
      doomed.push_back(entry["type"].inside().starts_with("clear_thinking"));
    cut_entries(edits, doomed);
  }

  void replace(json_ref value, std::string_view with) {
    edits_.push_back({offset(value.raw()), end(value), with});
  }

  std::string apply() {
    std::ranges::sort(edits_, {}, &edit::from);
    auto out = std::string{};
    out.reserve(body_.size() + body_padding);
    auto at = std::size_t{0};
    for (const auto& e : edits_) {
      out.append(body_, at, e.from - at).append(e.replacement);
      at = e.to;
    }
    out.append(body_, at);
    out.reserve(out.size() + body_padding);
    return out;
  }

  const std::string& body_;
  json_ref root_;
  foreign_thoughts which_;
  std::vector<edit> edits_;
};

} // namespace

std::optional<byte_span> find_billing_line(const std::string& body) {
  if (memmem(body.data(), body.size(), billing_start.data(), billing_start.size()) == nullptr)
    return {};
  auto found = std::optional<byte_span>{};
  auto lent = lent_parser{};
  const auto e =
      scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) -> json_error {
        return key == "system" ? read_billing_block(value, body.data(), found) : simdjson::SUCCESS;
      });
  return e ? std::nullopt : found;
}

bool may_hold_unsigned_thoughts(const std::string& body) {
  constexpr auto name = std::string_view{"\"signature\""};
  constexpr auto blanks = std::string_view{" \t\r\n"};
  auto rest = std::string_view{body};
  while (const auto* at = memmem(rest.data(), rest.size(), name.data(), name.size())) {
    rest.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(at) - rest.data()) +
                       name.size());
    const auto colon = rest.find_first_not_of(blanks);
    if (colon == std::string_view::npos || rest[colon] != ':')
      continue;
    const auto value = rest.find_first_not_of(blanks, colon + 1);
    if (value == std::string_view::npos)
      return false;
    const auto text = rest.substr(value);
    if (text.starts_with("\"\"") || text.substr(1).starts_with(responses_carrier))
      return true;
  }
  return false;
}

std::optional<std::string> without_thoughts(const std::string& body, foreign_thoughts which) {
  auto lent = lent_parser{};
  const auto tree = json_tree::read(lent, body);
  if (!tree)
    return {};
  return thought_cutter{body, tree->root(), which}.cut();
}

bool may_hold_carried_reasoning(const std::string& body) {
  constexpr auto start = std::string_view{"\"gwa1."};
  return memmem(body.data(), body.size(), start.data(), start.size()) != nullptr;
}

std::optional<std::string> without_reasoning(const std::string& body, foreign_thoughts which) {
  auto lent = lent_parser{};
  const auto tree = json_tree::read(lent, body);
  if (!tree)
    return {};
  return thought_cutter{body, tree->root(), which}.cut_items();
}

} // namespace axonhub::llm
