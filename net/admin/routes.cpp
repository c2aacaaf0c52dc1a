#include "net/admin/routes.hpp"

namespace axonhub::net {

std::span<const route> admin_routes() { return {}; }
std::string_view query_names(const route&) { return {}; }

} // namespace axonhub::net
