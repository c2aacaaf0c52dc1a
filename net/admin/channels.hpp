#pragma once

#include "net/admin/call.hpp"
#include "net/admin/json.hpp"

/// What the handlers for channels share.
namespace axonhub::net::admin {

/// The channel that the call's path names; throws 404.
const policy::channel& find_channel(const admin_call& call);

/// A channel's health now; a healthy one when its actor does not answer.
task<policy::health_view> health_of(admin_call& call, channel_id id);

/// A channel of the call's world as shown.
task<json> show(admin_call& call, channel_id id);

/// Reads a new channel with its credentials, as POST sends it. Ids and times are set.
struct new_channel {
  policy::channel channel;
  std::vector<policy::credential> credentials;
};
new_channel read_new_channel(json whole);

} // namespace axonhub::net::admin
