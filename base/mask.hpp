#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace axonhub {

/// `text` without the secret and without what looks like one ("sk-...", "Bearer ..."): what
/// somebody else wrote passes through here before it reaches a log, a record or an answer.
std::string masked(std::string_view text, const secret& hidden = {});

} // namespace axonhub
