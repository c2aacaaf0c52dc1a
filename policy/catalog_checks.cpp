#include "policy/catalog_checks.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/channel_types.hpp"
#include "policy/channel_url.hpp"

namespace axonhub::policy {
namespace {

constexpr std::size_t most_prices = 1000;

failure invalid(std::string text) { return {errc::invalid_argument, std::move(text)}; }

failure taken(std::string text) { return {errc::already_exists, std::move(text)}; }

failure refused(std::string text) { return {errc::precondition_failed, std::move(text)}; }

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

/// Another entity than `self` in the table for which `matches` holds.
template <class Entity, class Table, class Predicate>
bool any_other(const Table& table, const Entity& self, Predicate matches) {
  return std::ranges::any_of(
      table, [&](const auto& row) { return row.first != self.id && matches(row.second); });
}

bool holds_hash(const api_key& key, const std::string& hash) {
  return !hash.empty() && (key.hash == hash || key.previous_hash == hash);
}

checked<void> check_budgets(const std::vector<budget>& budgets) {
  for (auto i = std::size_t{0}; i < budgets.size(); ++i) {
    const auto& b = budgets[i];
    if (const auto fine = check(b); !fine)
      return invalid("budgets/" + std::to_string(i) + ": " + fine.error().message);
    const auto same = [&b](const budget& other) {
      return other.unit == b.unit && other.period == b.period;
    };
    if (std::count_if(budgets.begin(), budgets.end(), same) > 1)
      return invalid("budgets/" + std::to_string(i) +
                     ": another budget has the same unit and period");
  }
  return {};
}

} // namespace

checked<void> check(const catalog_data& data, const project& p) {
  if (trimmed(p.name).empty())
    return invalid("a project needs a name");
  const auto same = [&](const project& other) { return equals_ignoring_case(other.name, p.name); };
  if (any_other(data.projects, p, same))
    return taken("another project is called " + quoted(p.name));
  return {};
}

checked<void> check(const catalog_data& data, const api_key& key) {
  if (!data.projects.contains(key.project))
    return invalid("there is no project " + quoted(key.project.text));
  if (key.hash.empty())
    return invalid("a key needs its hash");
  const auto same = [&](const api_key& other) {
    return holds_hash(other, key.hash) || holds_hash(other, key.previous_hash);
  };
  if (any_other(data.keys, key, same))
    return taken("this key is in use already; choose another");
  for (const auto& id : key.profile_ids) {
    const auto found = data.profiles.find(id);
    if (found == data.profiles.end())
      return invalid("there is no profile " + quoted(id.text));
    if (found->second.project != key.project)
      return invalid("profile " + quoted(found->second.name) + " belongs to another project");
  }
  if (!key.active_profile_id.empty() &&
      std::ranges::find(key.profile_ids, key.active_profile_id) == key.profile_ids.end())
    return invalid("the active profile must be one of the key's profiles");
  return check_budgets(key.budgets);
}

checked<void> check(const catalog_data& data, const profile& p) {
  if (!data.projects.contains(p.project))
    return invalid("there is no project " + quoted(p.project.text));
  if (trimmed(p.name).empty())
    return invalid("a profile needs a name");
  const auto same = [&](const profile& other) {
    return other.project == p.project && equals_ignoring_case(other.name, p.name);
  };
  if (any_other(data.profiles, p, same))
    return taken("another profile of this project is called " + quoted(p.name));
  const auto before = data.profiles.find(p.id);
  const auto known_before = [&](const channel_id& id) {
    return before != data.profiles.end() &&
           std::ranges::find(before->second.channel_ids, id) != before->second.channel_ids.end();
  };
  if (before != data.profiles.end() && before->second.project != p.project)
    return invalid("a profile stays in its project; make a new one there");
  if (p.quota)
    if (const auto fine = check(*p.quota); !fine)
      return invalid("quota: " + fine.error().message);
  for (auto i = std::size_t{0}; i < p.model_mappings.size(); ++i)
    if (const auto fine = check(p.model_mappings[i]); !fine)
      return invalid("model_mappings/" + std::to_string(i) + ": " + fine.error().message);
  // A deleted channel stays in the profile's list: dropping the last would lift the limit.
  for (const auto& id : p.channel_ids)
    if (!data.channels.contains(id) && !known_before(id))
      return invalid("there is no channel " + quoted(id.text));
  return {};
}

checked<void> check(const catalog_data& data, const channel& c) {
  if (trimmed(c.name).empty())
    return invalid("a channel needs a name");
  const auto same = [&](const channel& other) { return equals_ignoring_case(other.name, c.name); };
  if (any_other(data.channels, c, same))
    return taken("another channel is called " + quoted(c.name));
  if (const auto type = require_channel_type(c.type); !type)
    return type.error();
  if (const auto url = check_base_url(c.base_url); !url)
    return url.error();
  if (c.weight < 1 || c.weight > 1000)
    return invalid("weight must be between 1 and 1000");
  for (const auto& [from, to] : c.model_mappings) {
    if (from.empty())
      return invalid("model_mappings: from must not be empty");
    if (std::ranges::find(c.supported_models, to) == c.supported_models.end())
      return invalid("model_mappings: " + quoted(to) + " is not in supported_models");
  }
  return {};
}

checked<void> check(const catalog_data& data, const credential& c) {
  if (!data.channels.contains(c.channel))
    return invalid("there is no channel " + quoted(c.channel.text));
  if (c.value.empty())
    return invalid("a credential needs its value");
  const auto before = data.credentials.find(c.id);
  if (before != data.credentials.end() && before->second.channel != c.channel)
    return invalid("a credential stays with its channel");
  return {};
}

checked<void> check(const catalog_data& data, const price_table& value) {
  const auto known_before = [&](const channel_id& id) {
    return std::ranges::any_of(data.prices.rows, [&](const price& r) { return r.channel == id; });
  };
  if (value.rows.size() > most_prices)
    return invalid("there may be at most 1000 prices");
  for (auto i = std::size_t{0}; i < value.rows.size(); ++i) {
    const auto& row = value.rows[i];
    const auto wrong = [i](const std::string& text) {
      return invalid("items/" + std::to_string(i) + ": " + text);
    };
    if (const auto fine = check(row); !fine)
      return wrong(fine.error().message);
    if (!row.channel.empty() && !data.channels.contains(row.channel) && !known_before(row.channel))
      return wrong("there is no channel " + quoted(row.channel.text));
    const auto same = [&row](const price& other) {
      return other.model == row.model && other.channel == row.channel &&
             other.effective_from == row.effective_from && other.tier_above == row.tier_above;
    };
    if (std::any_of(value.rows.begin(), value.rows.begin() + static_cast<std::ptrdiff_t>(i), same))
      return wrong("the model has this price twice");
  }
  return {};
}

checked<void> check_unused(const catalog_data& data, const project_id& id) {
  if (id.text == default_project)
    return refused("the default project stays; rename it instead");
  const auto keys =
      std::ranges::count_if(data.keys, [&](const auto& row) { return row.second.project == id; });
  if (keys > 0)
    return refused("keys of the project: " + std::to_string(keys) +
                   "; delete them or give them to another project first");
  return {};
}

checked<void> check_unused(const catalog_data& data, const profile_id& id) {
  const auto keys = std::ranges::count_if(data.keys, [&](const auto& row) {
    return std::ranges::find(row.second.profile_ids, id) != row.second.profile_ids.end();
  });
  if (keys > 0)
    return refused("keys that wear the profile: " + std::to_string(keys) +
                   "; take it from them first");
  return {};
}

} // namespace axonhub::policy
