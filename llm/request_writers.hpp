#pragma once

#include "llm/neutral_request.hpp"

#include <cstdint>
#include <string>

namespace axonhub::llm {

/// Who a request is from and how its answer will be named.
struct request_identity {
  std::string upstream_model; ///< What the upstream is asked for.
  std::string client_model;   ///< What the client asked for; the answer names it.
  std::string answer_id;      ///< In the client's dialect, for the whole answer.
  std::int64_t created = 0;   ///< Seconds since 1970.
  std::string end_user;       ///< A hash that tells the provider users apart; empty: not told.
  std::string cache_key;      ///< prompt_cache_key for upstreams that know it; empty: not told.
};

/// Each spells an arranged request out in its dialect, behind what `out` holds.
void write_anthropic_request(neutral_request& r, const upstream_traits& to,
                             const request_identity& who, std::string& out);
void write_chat_request(neutral_request& r, const upstream_traits& to, const request_identity& who,
                        std::string& out);
void write_responses_request(neutral_request& r, const upstream_traits& to,
                             const request_identity& who, std::string& out);

} // namespace axonhub::llm
