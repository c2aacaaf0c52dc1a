#include "policy/profiles.hpp"

#include <algorithm>

namespace axonhub::policy {
namespace {

bool tags_match(const profile& p, const channel& c) {
  const auto has = [&](const std::string& tag) {
    return std::ranges::find(c.tags, tag) != c.tags.end();
  };
  switch (p.channel_tags_match) {
    case tag_match::any:
      return std::ranges::any_of(p.channel_tags, has);
    case tag_match::all:
      return std::ranges::all_of(p.channel_tags, has);
    case tag_match::none:
      return std::ranges::none_of(p.channel_tags, has);
  }
  return false;
}

} // namespace

bool allows_channel(const profile& p, const channel& c) {
  if (p.channel_ids.empty() && p.channel_tags.empty())
    return true;
  if (std::ranges::find(p.channel_ids, c.id) != p.channel_ids.end())
    return true;
  return !p.channel_tags.empty() && tags_match(p, c);
}

bool allows_model(const profile& p, std::string_view model) {
  return p.model_ids.empty() || std::ranges::find(p.model_ids, model) != p.model_ids.end();
}

} // namespace axonhub::policy
