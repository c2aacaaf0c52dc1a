#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "net/tls.hpp"
#include "policy/channel_url.hpp"
#include "policy/entities.hpp"

namespace axonhub::net {

/// Where one call of a channel goes: its base URL taken apart, once per change of the channel.
struct upstream_target {
  bool tls = true;
  std::string host; ///< A name or an address, without brackets.
  std::uint16_t port = 443;
  std::string authority; ///< For the Host field.
  std::string path;      ///< Without a query.
  std::string query;     ///< A query of the base URL's own; empty as a rule.
  bool allow_private = false;
  ssl_context_ptr trust; ///< Of a TLS target.
  std::string pool_key;  ///< Connections with the same key may serve each other.
};

using upstream_target_ptr = std::shared_ptr<const upstream_target>;

/// From a channel's configuration; fails with a text for the operator.
checked<upstream_target_ptr> make_upstream_target(const policy::channel& c, policy::endpoint e);

/// The targets of one thread, made anew when their channel changes.
class target_cache {
public:
  checked<upstream_target_ptr> find(const policy::channel& c, policy::endpoint e);

private:
  struct entry {
    std::uint64_t revision = 0;
    std::map<policy::endpoint, upstream_target_ptr> targets;
  };
  std::map<channel_id, entry> entries_;
};

} // namespace axonhub::net
