#include <algorithm>
#include <unordered_set>

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
  const auto listed =
      std::unordered_set<std::string_view>{c.supported_models.begin(), c.supported_models.end()};
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
    if (listed.contains(to))
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
  auto targets = std::unordered_set<std::string_view>{};
  for (const auto& mapping : c.model_mappings)
    targets.insert(mapping.to);
  auto visible = std::vector<std::string>{};
  for (auto& n : all_names(c)) {
    const auto hidden = (c.hide_original_models && n.listed) ||
                        (c.hide_mapped_models && !n.mapping && targets.contains(n.upstream));
    if (!hidden)
      visible.push_back(std::move(n.name));
  }
  return sorted_and_unique(std::move(visible));
}

std::map<std::string, std::string> upstream_models_of(const channel& c) {
  auto models = std::map<std::string, std::string>{};
  for (auto& n : all_names(c))
    models.try_emplace(std::move(n.name), std::move(n.upstream)); // the first rule's
  return models;
}

} // namespace axonhub::policy
