#pragma once

#include <string>

#include "net/admin/call.hpp"
#include "net/admin/page.hpp"

/// What the handlers for requests and traces share.
namespace axonhub::net::admin {

/// The records of every journal shard, newest first. A shard that does not answer is left out.
task<actors::record_list> collect_records(admin_call& call, actors::journal_query wanted);

/// A time in the query: RFC 3339; nullopt when it is not there. Throws a problem.
std::optional<wall_time> query_time(const admin_call& call, std::string_view name);

/// A page of records as {"items": ..., "next_cursor": ...}.
json records_page(const admin_call& call, const actors::record_list& records, page_order order);

} // namespace axonhub::net::admin
