#include "net/admin/profile_json.hpp"

#include <algorithm>
#include <array>

#include "net/admin/budget_json.hpp"
#include "net/admin/fields.hpp"
#include "policy/model_mapping.hpp"

namespace axonhub::net {
namespace {

constexpr auto fixed_fields = std::to_array<std::string_view>({"id", "created_at"});

json to_json(const policy::model_mapping& rule) {
  auto out = json::object();
  out["from"] = rule.from;
  if (rule.to.size() == 1)
    out["to"] = rule.to.front();
  else
    out["to"] = rule.to;
  if (rule.match != policy::match_kind::automatic)
    out["match"] = policy::to_text(rule.match);
  out["enabled"] = rule.enabled;
  return out;
}

template <class Enum>
void read_word(field_reader& fields, std::string_view name, Enum& to, const char* otherwise) {
  auto word = std::string{};
  if (!fields.read(name, word))
    return;
  const auto known = policy::from_text<Enum>(word);
  if (!known)
    refuse_field(fields.pointer_to(name), otherwise);
  to = *known;
}

policy::model_mapping read_rule(const json& item, const std::string& pointer) {
  auto rule = policy::model_mapping{};
  auto fields = field_reader{item, pointer};
  rule.from = fields.require("from");
  const auto* to = fields.find("to");
  if (to != nullptr && to->is_string())
    rule.to = {to->get<std::string>()};
  else
    fields.read("to", rule.to);
  read_word(fields, "match", rule.match, "must be exact or regex");
  fields.read("enabled", rule.enabled);
  fields.finish();
  if (const auto fine = policy::check(rule); !fine)
    refuse_field(pointer, fine.error().message);
  return rule;
}

} // namespace

json to_json(const policy::profile& p, const policy::catalog_data& data) {
  auto out = json::object();
  out["id"] = p.id.text;
  out["project"] = p.project.text;
  out["name"] = p.name;
  out["model_mappings"] = json::array();
  for (const auto& rule : p.model_mappings)
    out["model_mappings"].push_back(to_json(rule));
  out["channel_ids"] = json::array();
  for (const auto& id : p.channel_ids)
    out["channel_ids"].push_back(id.text);
  out["channel_tags"] = p.channel_tags;
  out["channel_tags_match"] = policy::to_text(p.channel_tags_match);
  out["model_ids"] = p.model_ids;
  out["quota"] = to_json(p.quota);
  out["used_by"] = json::array();
  for (const auto& [id, key] : data.keys)
    if (std::ranges::find(key.profile_ids, p.id) != key.profile_ids.end())
      out["used_by"].push_back(id.text);
  out["created_at"] = to_rfc3339(p.created_at);
  return out;
}

void read_profile(const json& whole, const json& shown, policy::profile& to) {
  auto fields = field_reader{whole};
  to.name = fields.require("name");
  fields.read("project", to.project.text);
  to.model_mappings.clear();
  for (const auto& [item, pointer] : fields.objects("model_mappings"))
    to.model_mappings.push_back(read_rule(*item, pointer));
  fields.read_ids("channel_ids", to.channel_ids);
  to.channel_tags.clear();
  fields.read("channel_tags", to.channel_tags);
  to.channel_tags_match = policy::tag_match::any;
  read_word(fields, "channel_tags_match", to.channel_tags_match, "must be any, all or none");
  to.model_ids.clear();
  fields.read("model_ids", to.model_ids);
  read_quota(fields, to.quota);
  for (const auto name : fixed_fields)
    fields.read_only(name, shown.is_null() ? json{} : shown.at(std::string{name}));
  fields.given("used_by", shown);
  fields.finish();
}

json warnings_of(const policy::profile& p) {
  auto out = json::array();
  for (auto i = std::size_t{0}; i < p.model_mappings.size(); ++i)
    if (const auto why = policy::suspicion(p.model_mappings[i])) {
      auto one = json::object();
      one["pointer"] = "/model_mappings/" + std::to_string(i) + "/from";
      one["detail"] = *why;
      out.push_back(std::move(one));
    }
  return out;
}

} // namespace axonhub::net
