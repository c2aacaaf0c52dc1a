#include "policy/route.hpp"

namespace axonhub::policy {

std::string_view to_text(reason r) {
  using enum reason;
  switch (r) {
    case bound:
      return "bound";
    case preferred:
      return "preferred";
    case moved:
      return "moved";
    case last_resort:
      return "last_resort";
    case channel_disabled:
      return "channel_disabled";
    case model_not_served:
      return "model_not_served";
    case not_allowed_by_profile:
      return "not_allowed_by_profile";
    case no_credential:
      return "no_credential";
    case credential_invalid:
      return "credential_invalid";
    case credential_cooling:
      return "credential_cooling";
    case cooling:
      return "cooling";
    case breaker_open:
      return "breaker_open";
    case model_absent:
      return "model_absent";
    case already_failed:
      return "already_failed";
    case full:
      return "full";
    case rate_limit:
      return "rate_limit";
    case context_too_small:
      return "context_too_small";
    case capability_missing:
      return "capability_missing";
    case retry_budget:
      return "retry_budget";
    case stopping:
      return "stopping";
  }
  return "unknown";
}

} // namespace axonhub::policy
