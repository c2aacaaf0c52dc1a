#pragma once

#include <string>

namespace axonhub::policy {
struct request_record;
}

namespace axonhub::net {

/// A request as the admin API and its events show it: one JSON object.
std::string to_json_text(const policy::request_record& record);

} // namespace axonhub::net
