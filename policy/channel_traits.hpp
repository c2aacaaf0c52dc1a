#pragma once

#include <string>

#include "llm/conversion.hpp"
#include "policy/capability.hpp"
#include "policy/entities.hpp"

/// What a channel is: its type's row, and what its operator says about it.
namespace axonhub::policy {

/// What a model of the channel takes; `upstream_model` is the upstream's name.
capability capability_of(const channel& c, const std::string& upstream_model);

/// The dialect of the channel's upstream.
llm::dialect dialect_of(const channel& c);

/// How the channel's upstream wants to be spoken to.
llm::upstream_traits traits_of(const channel& c, const std::string& upstream_model);

} // namespace axonhub::policy
