#include "policy/catalog.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "policy/channel_traits.hpp"

namespace axonhub::policy {
namespace {

template <class Map, class Id>
auto find_in(const Map& map, const Id& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

} // namespace

std::string hash_client_key(const secret& hash_key, std::string_view key) {
  auto state = crypto_auth_hmacsha256_state{};
  const auto& with = hash_key.reveal();
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(with.data()),
                              with.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(key.data()),
                                key.size());
  auto hash = std::string(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(hash.data()));
  sodium_memzero(&state, sizeof(state));
  return hash;
}

catalog::catalog(catalog_data data, secret hash_key)
    : data_(std::move(data)), hash_key_(std::move(hash_key)), prices_(data_.prices) {
  index_keys();
  index_channels();
  index_credentials();
  for (const auto& [id, p] : data_.profiles)
    if (!p.model_mappings.empty())
      mappers_.emplace(id, model_mapper{p.model_mappings});
}

void catalog::index_keys() {
  for (const auto& [id, key] : data_.keys) {
    if (!key.previous_hash.empty())
      keys_by_hash_.try_emplace(key.previous_hash, &key);
    keys_by_hash_.insert_or_assign(key.hash, &key);
  }
}

void catalog::index_channels() {
  auto shown = std::set<std::string>{};
  for (const auto& [id, c] : data_.channels) {
    const auto models = upstream_models_of(c);
    for (const auto& [name, upstream] : models)
      known_models_.insert(name);
    has_other_dialects_ = has_other_dialects_ || dialect_of(c) != llm::dialect::anthropic;
    if (c.status != channel_status::enabled)
      continue;
    const auto rows = capability_finder{c.model_capabilities};
    for (const auto& [name, upstream] : models) {
      const auto* row = rows.find(upstream);
      auto can = capability_of(c, row);
      traits_[id].try_emplace(upstream, policy::traits_of(c, upstream, row));
      serving_[name].push_back({.channel = id,
                                .upstream_model = upstream,
                                .priority = c.priority,
                                .weight = c.weight,
                                .can = std::move(can)});
    }
    for (auto& name : model_names_of(c))
      shown.insert(std::move(name));
  }
  models_.assign(shown.begin(), shown.end());
}

void catalog::index_credentials() {
  for (const auto& [id, c] : data_.credentials)
    credentials_[c.channel].push_back(&c);
  for (auto& [id, all] : credentials_)
    std::ranges::stable_sort(all, {}, [](const credential* c) { return c->created_at; });
}

key_rules rules_of(const catalog_data& data, const api_key& key) {
  auto rules = key_rules{.limits = key.limits,
                         .budgets = key.budgets,
                         .active_profile = key.active_profile_id,
                         .quotas = {}};
  for (const auto& id : key.profile_ids)
    if (const auto* worn = find_in(data.profiles, id); worn != nullptr && worn->quota)
      rules.quotas.emplace(id, *worn->quota);
  return rules;
}

bool exists(const binding& b, const catalog_data& data) {
  return data.channels.contains(b.channel) && data.credentials.contains(b.credential);
}

std::map<std::string, std::size_t> benched_credentials(const catalog_data& data) {
  auto benched = std::map<std::string, std::size_t>{};
  for (const auto& [id, c] : data.channels)
    benched[c.name] = 0;
  for (const auto& [id, c] : data.credentials)
    if (const auto of = data.channels.find(c.channel); of != data.channels.end() && c.enabled)
      benched[of->second.name] += c.invalid_reason.empty() ? 0 : 1;
  return benched;
}

bool is_usable(const api_key& key, wall_time now) {
  return key.enabled && !(key.expires_at && *key.expires_at <= now);
}

const api_key* catalog::authenticate(std::string_view presented, wall_time now) const {
  static const auto nobody = api_key{};
  const auto hash = hash_of(presented);
  const auto found = keys_by_hash_.find(hash);
  const auto known = found != keys_by_hash_.end();
  const auto& key = known ? *found->second : nobody;
  const auto current = equal_in_constant_time(key.hash, hash);
  const auto previous = equal_in_constant_time(key.previous_hash, hash) && key.previous_until &&
                        *key.previous_until > now;
  const auto usable = is_usable(key, now);
  return known && (current || previous) && usable ? &key : nullptr;
}

const std::vector<candidate>& catalog::serving(const std::string& model) const {
  static const auto none = std::vector<candidate>{};
  const auto* found = find_in(serving_, model);
  return found == nullptr ? none : *found;
}

llm::upstream_traits catalog::traits_of(const channel_id& channel,
                                        const shared_text& upstream_model) const {
  if (const auto* models = find_in(traits_, channel))
    if (const auto* known = find_in(*models, upstream_model))
      return *known;
  const auto* c = find_channel(channel);
  return c == nullptr ? llm::upstream_traits{} : policy::traits_of(*c, upstream_model);
}

bool catalog::knows_model(const std::string& model) const { return known_models_.contains(model); }

std::vector<std::string> catalog::names_for(const profile* worn, const std::string& model) const {
  if (worn != nullptr)
    if (const auto* mapper = find_in(mappers_, worn->id))
      return mapper->names_for(model);
  return {model};
}

const channel* catalog::find_channel(const channel_id& id) const {
  return find_in(data_.channels, id);
}

const credential* catalog::find_credential(const credential_id& id) const {
  return find_in(data_.credentials, id);
}

const profile* catalog::active_profile(const api_key& key) const {
  return key.active_profile_id.empty() ? nullptr : find_in(data_.profiles, key.active_profile_id);
}

const std::vector<const credential*>& catalog::credentials_of(const channel_id& id) const {
  static const auto none = std::vector<const credential*>{};
  const auto* found = find_in(credentials_, id);
  return found == nullptr ? none : *found;
}

std::string catalog::hash_of(std::string_view key) const { return hash_client_key(hash_key_, key); }

} // namespace axonhub::policy
