#pragma once

#include "net/admin/call.hpp"
#include "net/admin/trace_book.hpp"

/// What the handlers for traces, bindings and routing share.
namespace axonhub::net::admin {

/// The traces that live in every directory shard.
task<std::vector<actors::trace_view>> live_traces(admin_call& call);

/// Every trace that is known; of the stored bindings at most 10000.
task<trace_book> read_traces(admin_call& call);

/// The one trace that a text names: our id, or the client's text within `project` (empty: any).
/// nullopt when none is known; throws a problem when the client's text names several.
task<std::optional<trace_summary>> find_trace(admin_call& call, std::string text,
                                              std::string project);

} // namespace axonhub::net::admin
