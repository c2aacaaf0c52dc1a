#include "config/validate.hpp"

namespace axonhub::config {

std::vector<finding> find_errors(const config& c) {
  auto found = std::vector<finding>{};
  const auto& tls = c.server.tls;
  if (tls.cert_file.empty() != tls.key_file.empty())
    found.push_back({tls.cert_file.empty() ? "server.tls.cert_file" : "server.tls.key_file",
                     "is missing: TLS needs the certificate and its key"});
  if (c.metrics.port != 0 && c.metrics.port == c.server.port)
    found.push_back({"metrics.port", "is the same as server.port; 0 serves /metrics there"});
  if (c.server.limits.body_memory < c.server.limits.body_bytes)
    found.push_back({"server.limits.body_memory", "holds less than one server.limits.body_bytes"});
  if (c.db.path.empty())
    found.push_back({"db.path", "is not set, and there is no $HOME to put the store in"});
  return found;
}

std::vector<finding> find_oddities(const config& c) {
  auto found = std::vector<finding>{};
  constexpr auto short_token = std::size_t{16};
  if (!c.admin.token.empty() && c.admin.token.reveal().size() < short_token)
    found.push_back({"admin.token", "is short enough to guess; `openssl rand -hex 24` makes one"});
  if (!c.metrics.host.empty() && c.metrics.port == 0)
    found.push_back({"metrics.host", "has no effect without metrics.port"});
  if (c.db.sync == db_sync::off)
    found.push_back({"db.sync", "is off: a power loss may take acknowledged changes"});
  return found;
}

} // namespace axonhub::config
