#pragma once

#include <string>
#include <string_view>

#include "net/http_head.hpp"
#include "net/upstream_target.hpp"
#include "policy/entities.hpp"

namespace axonhub::net {

/// The head of the upstream's request for a client's of dialect `from`: its end-to-end fields that
/// the provider may need (none that only another dialect knows), the channel's credential in place
/// of the client's, and no compression, so that streams stay readable.
std::string upstream_request_head(const request_head& client, llm::dialect from, bool stream,
                                  const upstream_target& target, const policy::channel& c,
                                  const policy::credential& key, std::uint64_t body_size);

/// Fields of an upstream's answer that the client gets, as field lines: of one in another dialect
/// only how long to wait.
std::string forwarded_fields(const response_head& upstream, bool same_dialect);

/// The id that an upstream of dialect `d` gave its answer; some only know the other dialect's name.
std::string_view upstream_request_id(const response_head& upstream, llm::dialect d);

} // namespace axonhub::net
