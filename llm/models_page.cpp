#include "llm/models_page.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::llm {
namespace {

constexpr auto largest_page = std::size_t{1000};

struct page {
  std::span<const model_entry> models;
  bool has_more = false;
};

/// The entries right behind `after_id`, or right before `before_id`.
page cut_page(std::span<const model_entry> all, const models_query& query) {
  const auto limit = std::clamp(query.limit, std::size_t{1}, largest_page);
  const auto find = [all](const std::string& id) {
    return static_cast<std::size_t>(std::ranges::find(all, id, &model_entry::id) - all.begin());
  };
  if (query.after_id.empty() && !query.before_id.empty()) {
    const auto end = find(query.before_id);
    if (end == all.size())
      return {};
    const auto count = std::min(limit, end);
    return {all.subspan(end - count, count), count < end};
  }
  auto from = std::size_t{0};
  if (!query.after_id.empty())
    from = std::min(find(query.after_id) + 1, all.size());
  const auto count = std::min(limit, all.size() - from);
  return {all.subspan(from, count), from + count < all.size()};
}

void append_anthropic(std::string& out, const model_entry& m) {
  out += R"({"type":"model","id":)";
  append_json_string(out, m.id);
  out += R"(,"display_name":)";
  append_json_string(out, m.display_name.empty() ? m.id : m.display_name);
  out += R"(,"created_at":)";
  append_json_string(out, to_rfc3339(m.created_at));
  out += '}';
}

void append_openai(std::string& out, const model_entry& m) {
  out += R"({"id":)";
  append_json_string(out, m.id);
  out += R"(,"object":"model","created":)";
  out += std::to_string(to_unix_ms(m.created_at) / 1000);
  out += R"(,"owned_by":"axonhub"})";
}

template <class Append>
void append_list(std::string& out, std::span<const model_entry> models, Append append) {
  out += R"("data":[)";
  for (auto first = true; const auto& m : models) {
    if (!std::exchange(first, false))
      out += ',';
    append(out, m);
  }
  out += ']';
}

void append_id(std::string& out, std::string_view name, std::span<const model_entry> one_or_none) {
  out += name;
  if (one_or_none.empty())
    out += "null";
  else
    append_json_string(out, one_or_none.front().id);
}

} // namespace

std::string models_page(dialect d, std::span<const model_entry> models, const models_query& query) {
  auto out = std::string{};
  if (d != dialect::anthropic) {
    out += R"({"object":"list",)";
    append_list(out, models, append_openai);
    return out += '}';
  }
  const auto cut = cut_page(models, query);
  out += '{';
  append_list(out, cut.models, append_anthropic);
  out += cut.has_more ? R"(,"has_more":true)" : R"(,"has_more":false)";
  append_id(out, R"(,"first_id":)", cut.models.first(cut.models.empty() ? 0 : 1));
  append_id(out, R"(,"last_id":)", cut.models.last(cut.models.empty() ? 0 : 1));
  return out += '}';
}

std::string model_page(dialect d, const model_entry& model) {
  auto out = std::string{};
  if (d == dialect::anthropic)
    append_anthropic(out, model);
  else
    append_openai(out, model);
  return out;
}

} // namespace axonhub::llm
