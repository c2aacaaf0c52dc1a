#pragma once

#include "llm/neutral_request.hpp"

namespace axonhub::llm {

/// Each reads a body of its dialect. What cannot be said to an upstream like `to` is refused (see
/// neutral_request::complaint) or noted as dropped. `names` and ids are those for `to` already.
neutral_request read_anthropic_request(json_ref root, const upstream_traits& to);
neutral_request read_chat_request(json_ref root, const upstream_traits& to);
neutral_request read_responses_request(json_ref root, const upstream_traits& to);

} // namespace axonhub::llm
