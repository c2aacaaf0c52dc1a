#include "actors/channel_settings.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::actors {

std::map<channel_id, channel_settings_ptr> settings_of_channels(const policy::catalog& catalog) {
  auto all = std::map<channel_id, channel_settings_ptr>{};
  for (const auto& [id, channel] : catalog.data().channels) {
    if (channel.status == policy::channel_status::archived)
      continue;
    auto settings = std::make_shared<channel_settings>();
    settings->channel = channel;
    for (const auto* credential : catalog.credentials_of(id))
      settings->credentials.push_back(*credential);
    all.emplace(id, std::move(settings));
  }
  return all;
}

bool are_same(const channel_settings& a, const channel_settings& b) {
  return a.channel.revision == b.channel.revision &&
         std::ranges::equal(a.credentials, b.credentials, [](const auto& x, const auto& y) {
           return x.id == y.id && x.revision == y.revision;
         });
}

} // namespace axonhub::actors
