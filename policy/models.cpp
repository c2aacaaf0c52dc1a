#include <algorithm>

#include "policy/catalog.hpp"

namespace axonhub::policy {
namespace {

bool lists(const channel& c, std::string_view model) {
  return std::ranges::find(c.supported_models, model) != c.supported_models.end();
}

/// A prefix as operators write it, "p" or "p/", without its slash.
std::string_view bare(std::string_view prefix) {
  while (prefix.ends_with('/'))
    prefix.remove_suffix(1);
  return prefix;
}

std::string with_prefix(std::string_view prefix, std::string_view model) {
  return std::string{prefix}.append("/").append(model);
}

/// What follows "prefix/"; nullopt when the name does not begin so or nothing follows.
std::optional<std::string_view> after_prefix(std::string_view name, std::string_view prefix) {
  if (prefix.empty() || name.size() <= prefix.size() + 1 || !name.starts_with(prefix) ||
      name[prefix.size()] != '/')
    return std::nullopt;
  return name.substr(prefix.size() + 1);
}

struct named_model {
  std::string name;     ///< What clients may ask for.
  std::string upstream; ///< What it stands for.
  bool listed = false;  ///< The upstream's own name.
  bool mapping = false; ///< From model_mappings.
};

/// Every name, in the order in which upstream_model_name() tries its rules.
std::vector<named_model> all_names(const channel& c) {
  auto names = std::vector<named_model>{};
  for (const auto& model : c.supported_models)
    names.push_back({.name = model, .upstream = model, .listed = true});
  if (const auto prefix = bare(c.extra_model_prefix); !prefix.empty())
    for (const auto& model : c.supported_models)
      names.push_back({.name = with_prefix(prefix, model), .upstream = model});
  for (const auto& prefix : c.auto_trimmed_model_prefixes)
    for (const auto& model : c.supported_models)
      if (const auto rest = after_prefix(model, bare(prefix)))
        names.push_back({.name = std::string{*rest}, .upstream = model});
  for (const auto& [from, to] : c.model_mappings)
    if (lists(c, to))
      names.push_back({.name = from, .upstream = to, .mapping = true});
  return names;
}

std::vector<std::string> sorted_and_unique(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

} // namespace

std::optional<std::string> upstream_model_name(const channel& c, std::string_view model) {
  if (lists(c, model))
    return std::string{model};
  if (const auto rest = after_prefix(model, bare(c.extra_model_prefix)); rest && lists(c, *rest))
    return std::string{*rest};
  for (const auto& prefix : c.auto_trimmed_model_prefixes)
    if (auto full = with_prefix(bare(prefix), model); !bare(prefix).empty() && lists(c, full))
      return full;
  for (const auto& [from, to] : c.model_mappings)
    if (from == model && lists(c, to))
      return to;
  return std::nullopt;
}

std::vector<std::string> model_names_of(const channel& c) {
  const auto is_target = [&](const std::string& model) {
    return std::ranges::find(c.model_mappings, model, &name_mapping::to) != c.model_mappings.end();
  };
  auto visible = std::vector<std::string>{};
  for (auto& n : all_names(c)) {
    const auto hidden = (c.hide_original_models && n.listed) ||
                        (c.hide_mapped_models && !n.mapping && is_target(n.upstream));
    if (!hidden)
      visible.push_back(std::move(n.name));
  }
  return sorted_and_unique(std::move(visible));
}

std::vector<std::string> requestable_names_of(const channel& c) {
  auto names = std::vector<std::string>{};
  for (auto& n : all_names(c))
    names.push_back(std::move(n.name));
  return sorted_and_unique(std::move(names));
}

} // namespace axonhub::policy
