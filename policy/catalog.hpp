#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "policy/entities.hpp"
#include "policy/key_ledger.hpp"
#include "policy/model_mapping.hpp"
#include "policy/price.hpp"
#include "policy/route.hpp"

/// The whole configuration that lives in the store, as one value, and the index that requests read.
namespace axonhub::policy {

/// Every entity by its id.
struct catalog_data {
  std::map<project_id, project> projects;
  std::map<key_id, api_key> keys;
  std::map<profile_id, profile> profiles;
  std::map<channel_id, channel> channels;
  std::map<credential_id, credential> credentials;
  std::map<std::string, std::string> settings; ///< JSON text by name.
  price_table prices;                          ///< The operator's.
};

/// Replaces an entity, or makes it.
template <class Entity>
struct put {
  Entity value;
};

/// Deletes an entity; what depends on it goes with it (a channel's credentials).
template <class Id>
struct erase {
  Id id;
};

struct put_setting {
  std::string name;
  std::string json;
};

/// Replaces the operator's prices.
struct put_prices {
  price_table value;
};

using catalog_edit =
    std::variant<put<project>, put<api_key>, put<profile>, put<channel>, put<credential>,
                 erase<project_id>, erase<key_id>, erase<profile_id>, erase<channel_id>,
                 erase<credential_id>, put_setting, put_prices>;

/// Who changed what: one line of the audit.
struct audit_entry {
  wall_time at;
  std::string actor;  ///< "token", "setup-token", "system"
  std::string from;   ///< Address of the caller.
  std::string action; ///< "channel.create"
  std::string target; ///< Id of the entity.
  std::string detail; ///< JSON, secrets masked.
};

/// Edits that become durable and visible together, or not at all. `revision` of an entity that is
/// put must be the one that the caller read (0 for a new one); applying counts it up.
struct catalog_change {
  std::vector<catalog_edit> edits;
  audit_entry audit;
};

/// The edits in full, as they are to be stored: revisions counted up, dependents included.
struct applied_change {
  catalog_data data;
  std::vector<catalog_edit> edits;
};

/// Applies a change, or says why it may not be: an unknown entity (errc::not_found), a value or
/// reference that is not allowed (errc::invalid_argument), a name or key that is taken
/// (errc::already_exists), a lost update or something that still uses what is to be deleted
/// (errc::precondition_failed).
checked<applied_change> apply(const catalog_data& data, const catalog_change& change);

/// What a key may do: its limits, its budgets, and the quotas of its profiles.
key_rules rules_of(const catalog_data& data, const api_key& key);

/// Whether what a session is bound to is still configured.
bool exists(const binding& b, const catalog_data& data);

/// How many credentials of each channel, by its name, their upstream refuses.
std::map<std::string, std::size_t> benched_credentials(const catalog_data& data);

/// Enabled and not expired.
bool is_usable(const api_key& key, wall_time now);

/// What requests read: immutable, shared by every thread until the next change.
class catalog {
public:
  catalog(catalog_data data, secret hash_key);
  catalog(const catalog&) = delete; // The index points into the data.
  catalog& operator=(const catalog&) = delete;

  const catalog_data& data() const { return data_; }

  /// The key that a client presented, unless it is unknown, disabled or expired. Takes the same
  /// path for each of these.
  const api_key* authenticate(std::string_view presented, wall_time now) const;

  /// The enabled channels that serve `model`, with the upstream's name for
  /// it, in the order of their ids. Empty when none does.
  const std::vector<candidate>& serving(const std::string& model) const;

  /// True when any channel, enabled or not, serves the model: then a request for it is refused as
  /// unavailable, not as unknown.
  bool knows_model(const std::string& model) const;

  /// How a channel's upstream wants to be spoken to about one of its models.
  llm::upstream_traits traits_of(const channel_id& channel,
                                 const shared_text& upstream_model) const;

  /// Whether some channel, enabled or not, speaks another dialect than Anthropic's.
  bool has_other_dialects() const { return has_other_dialects_; }

  /// Names that clients may ask for, sorted: those that the enabled channels show.
  const std::vector<std::string>& models() const { return models_; }

  const channel* find_channel(const channel_id& id) const;
  const credential* find_credential(const credential_id& id) const;
  /// The profile that acts on a key's requests; nullptr when none does.
  const profile* active_profile(const api_key& key) const;
  /// What a profile (or none) makes of a requested name: the names to look for, in order.
  std::vector<std::string> names_for(const profile* worn, const std::string& model) const;
  /// A channel's credentials in the order of their creation.
  const std::vector<const credential*>& credentials_of(const channel_id& id) const;

  /// The operator's prices and those that the gateway brings along.
  const price_book& prices() const { return prices_; }

  /// The keyed hash under which a client key is stored.
  std::string hash_of(std::string_view key) const;

private:
  void index_keys();
  void index_channels();
  void index_credentials();

  catalog_data data_;
  secret hash_key_;
  std::unordered_map<std::string, const api_key*> keys_by_hash_;
  std::unordered_map<std::string, std::vector<candidate>> serving_;
  std::unordered_set<std::string> known_models_;
  std::unordered_map<channel_id, std::vector<const credential*>> credentials_;
  std::unordered_map<profile_id, model_mapper> mappers_;
  price_book prices_;
  std::vector<std::string> models_;
  std::unordered_map<channel_id, std::unordered_map<shared_text, llm::upstream_traits>> traits_;
  bool has_other_dialects_ = false;
};

using catalog_ptr = std::shared_ptr<const catalog>;

/// The keyed hash (HMAC-SHA-256, 32 bytes) under which a client key is stored.
std::string hash_client_key(const secret& hash_key, std::string_view key);

/// How a client's model name reaches one channel's upstream: the first that matches of a listed
/// model, `extra_model_prefix`, `auto_trimmed_model_prefixes`, `model_mappings`. nullopt: the
/// channel does not serve it.
std::optional<std::string> upstream_model_name(const channel& c, std::string_view model);

/// The names under which a channel's models are shown to clients, sorted. hide_original_models
/// leaves out the listed names, hide_mapped_models every name of a model that a mapping leads to
/// but the mapping's own. What is hidden can still be asked for.
std::vector<std::string> model_names_of(const channel& c);

/// Every name that upstream_model_name() knows for the channel, hidden or not, with what it says.
std::map<std::string, std::string> upstream_models_of(const channel& c);

} // namespace axonhub::policy
