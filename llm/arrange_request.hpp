#pragma once

#include "llm/neutral_request.hpp"

namespace axonhub::llm {

/// Puts the conversation into a shape that the upstream takes: leaves out what it cannot hold,
/// answers every call in the message behind it (a missing answer is made up, one without a call
/// becomes the user's text), folds late system messages into the user's where they are not taken.
/// For Anthropic roles alternate and the user begins. Refuses documents that the upstream does not
/// take.
void arrange(neutral_request& r, const upstream_traits& to);

} // namespace axonhub::llm
