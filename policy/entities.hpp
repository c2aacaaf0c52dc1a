#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "llm/conversion.hpp"
#include "policy/budget.hpp"
#include "policy/capability.hpp"
#include "policy/rate_gate.hpp"

/// What an operator configures: plain values, kept in the store, changed through the admin API and
/// read by every decision through the catalog.
namespace axonhub::policy {

/// The project that exists from the start, and that keys belong to unless told otherwise. It stays.
inline constexpr std::string_view default_project = "default";

/// Isolates keys, traces and requests.
struct project {
  project_id id;
  std::string name;
  wall_time created_at;
  std::uint64_t revision = 0; ///< Counts its changes; the ETag of the admin API.
};

/// A client's credential. The key itself is known only to the client: here is its keyed hash.
/// What becomes of a stream under way whose client has gone.
enum class client_gone : std::uint8_t {
  cancel, ///< The upstream is cancelled at once; what the rest would have cost is not known.
  drain,  ///< Read to its end, for a minute at most, for the sake of its usage.
};

struct api_key {
  key_id id;
  project_id project;
  std::string name;
  std::string prefix;        ///< First characters of the key, for people to tell keys apart.
  std::string hash;          ///< See store/secrets.hpp: keyed hash of the whole key.
  std::string previous_hash; ///< Still accepted after a rotation, until `previous_until`.
  std::optional<wall_time> previous_until;
  bool enabled = true;
  std::vector<profile_id> profile_ids;
  profile_id active_profile_id; ///< Empty: no profile acts.
  gate_limits limits;
  std::vector<budget> budgets;
  std::map<std::string, std::string> labels;
  std::optional<wall_time> expires_at;
  wall_time created_at;
  std::uint64_t revision = 0;
  client_gone on_client_gone = client_gone::cancel;
};

/// How a mapping's `from` is read.
enum class match_kind : std::uint8_t { automatic, exact, regex };

struct model_mapping {
  std::string from;
  std::vector<std::string> to; ///< A fallback chain.
  match_kind match = match_kind::automatic;
  bool enabled = true;

  friend bool operator==(const model_mapping&, const model_mapping&) = default;
};

enum class tag_match : std::uint8_t { any, all, none };

/// Model mapping and limits that a key wears.
struct profile {
  profile_id id;
  project_id project;
  std::string name;
  std::vector<model_mapping> model_mappings;
  std::vector<channel_id> channel_ids;
  std::vector<std::string> channel_tags;
  tag_match channel_tags_match = tag_match::any;
  std::vector<std::string> model_ids;
  std::optional<profile_quota> quota;
  wall_time created_at;
  std::uint64_t revision = 0;
};

/// How a credential travels to the upstream.
enum class auth_scheme : std::uint8_t { automatic, bearer, x_api_key };

/// One of a channel's keys or tokens. It cools down and dies alone.
struct credential {
  credential_id id;
  channel_id channel;
  std::string name;
  secret value;
  auth_scheme auth = auth_scheme::automatic;
  bool enabled = true;
  std::string invalid_reason; ///< Why the upstream refused it; empty while it is good.
  std::optional<wall_time> invalid_since;
  std::optional<wall_time> expires_at;
  wall_time created_at;
  std::uint64_t revision = 0;
};

enum class channel_status : std::uint8_t { enabled, disabled, archived };

struct name_mapping {
  std::string from;
  std::string to;

  friend bool operator==(const name_mapping&, const name_mapping&) = default;
};

/// Deadlines that a channel sets for itself; the configuration has the others.
struct channel_timeouts {
  std::optional<milliseconds> connect;
  std::optional<milliseconds> first_byte;  ///< From the last request byte to the head (streams).
  std::optional<milliseconds> first_event; ///< ... to the first content event (streams).
  std::optional<milliseconds> max_silence; ///< Between two bytes of a committed stream.
  std::optional<milliseconds> total;

  friend bool operator==(const channel_timeouts&, const channel_timeouts&) = default;
};

inline constexpr auto longest_queue_timeout = std::chrono::seconds{30};

/// How much a channel is given, and who may wait for a place.
struct channel_limits {
  gate_limits rate;
  std::uint32_t queue_size = 100;
  milliseconds queue_timeout{2000};

  friend bool operator==(const channel_limits&, const channel_limits&) = default;
};

/// What an operator says about an upstream's dialect; what is not set is the channel type's.
struct compatibility_switches {
  std::optional<llm::billing_line> billing_line;
  std::optional<llm::output_limit_field> max_tokens_field;
  std::optional<llm::reasoning_form> reasoning;
  std::optional<std::uint64_t> default_max_tokens;
  std::optional<bool> files;
  std::optional<bool> reasoning_effort;
  std::optional<bool> adaptive_thinking;
  std::optional<bool> developer_role;
  std::optional<bool> late_system;
  std::optional<bool> text_parts;
  std::optional<bool> stream_options;
  std::optional<bool> parallel_tool_calls;
  std::optional<bool> strict_tools;
  std::optional<bool> json_schema;
  std::optional<bool> cache_control;
  std::optional<bool> thinking_switch;

  friend bool operator==(const compatibility_switches&, const compatibility_switches&) = default;
};

/// The outcome of the last test of a channel, as the admin API shows it.
struct channel_test {
  wall_time at;
  bool ok = false;
  std::string reason;
};

/// One upstream account at one provider.
struct channel {
  channel_id id;
  std::string name;
  std::string type; ///< A row of policy/channel_types.hpp.
  channel_status status = channel_status::disabled;
  std::string status_reason;
  std::string base_url;
  std::vector<std::string> supported_models;
  std::vector<name_mapping> model_mappings; ///< Exact names, client side to upstream side.
  std::string extra_model_prefix;
  std::vector<std::string> auto_trimmed_model_prefixes;
  bool hide_original_models = false;
  bool hide_mapped_models = false;
  std::vector<std::string> tags;
  std::int32_t priority = 0;  ///< Lower is tried first.
  std::uint32_t weight = 100; ///< 1..1000
  std::string default_test_model;
  std::vector<model_capability> model_capabilities;
  compatibility_switches compatibility;
  channel_timeouts timeouts;
  channel_limits limits;
  bool allow_private_network = false;
  std::string ca_certificates; ///< PEM; trusted in addition to the system's.
  std::string remark;
  std::optional<channel_test> last_test;
  wall_time created_at;
  wall_time updated_at;
  std::uint64_t revision = 0;
};

/// The words that the admin API uses: "auto", "any", "x_api_key", "enabled", ...
std::string_view to_text(match_kind match);
std::string_view to_text(tag_match match);
std::string_view to_text(client_gone what);
std::string_view to_text(auth_scheme auth);
std::string_view to_text(channel_status status);

/// The reverse of to_text() for each of the four; nullopt for any other text.
template <class Enum>
std::optional<Enum> from_text(std::string_view text);
template <>
std::optional<match_kind> from_text(std::string_view text);
template <>
std::optional<tag_match> from_text(std::string_view text);
template <>
std::optional<auth_scheme> from_text(std::string_view text);
template <>
std::optional<client_gone> from_text(std::string_view text);
template <>
std::optional<channel_status> from_text(std::string_view text);

} // namespace axonhub::policy
