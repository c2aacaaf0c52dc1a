#include "net/record_json.hpp"

#include "net/admin/views.hpp"

namespace axonhub::net {

std::string to_json_text(const policy::request_record& record) { return to_text(to_json(record)); }

} // namespace axonhub::net
