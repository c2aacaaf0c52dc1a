#include "net/upstream_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <mutex>
#include <utility>

#include "base/ids.hpp"

namespace axonhub::net {

namespace {

/// One context for all channels with the same extra roots: making one reads the system's.
checked<ssl_context_ptr> shared_trust(const std::string& extra_ca_pem) {
  static auto mutex = std::mutex{};
  static auto known = std::map<std::string, std::weak_ptr<SSL_CTX>>{};
  const auto lock = std::scoped_lock{mutex};
  if (auto alive = known[extra_ca_pem].lock())
    return alive;
  auto made = make_client_context(extra_ca_pem);
  if (made)
    known[extra_ca_pem] = *made;
  return made;
}

} // namespace

checked<upstream_target_ptr> make_upstream_target(const policy::channel& c, policy::endpoint e) {
  const auto text = policy::upstream_url(c.base_url, c.type, e);
  if (!text)
    return failure{errc::invalid_argument, "The channel's base_url has no address for this call"};
  const auto url = boost::urls::parse_uri(*text);
  if (url.has_error())
    return failure{errc::invalid_argument, "The channel's base_url is not a URL: " + *text};
  auto target = std::make_shared<upstream_target>();
  target->tls = url->scheme() == "https";
  if (!target->tls && url->scheme() != "http")
    return failure{errc::invalid_argument, "The channel's base_url must start with http or https"};
  target->host = url->host_address();
  target->port = url->has_port() && url->port_number() != 0 ? url->port_number()
                 : target->tls                              ? 443
                                                            : 80;
  target->authority = std::string{url->encoded_host_and_port()};
  target->path = std::string{url->encoded_path()};
  target->query = std::string{url->encoded_query()};
  target->allow_private = c.allow_private_network;
  target->pool_key = (target->tls ? "https " : "http ") + target->authority;
  if (target->tls) {
    auto trust = shared_trust(c.ca_certificates);
    if (!trust)
      return trust.error();
    target->trust = *trust;
    target->pool_key += ' ' + derive_id("", c.ca_certificates);
  }
  if (target->allow_private)
    target->pool_key += " private";
  return upstream_target_ptr{std::move(target)};
}

checked<upstream_target_ptr> target_cache::find(const policy::channel& c, policy::endpoint e) {
  auto& entry = entries_[c.id];
  if (entry.revision != c.revision)
    entry = {.revision = c.revision, .targets = {}};
  if (const auto known = entry.targets.find(e); known != entry.targets.end())
    return known->second;
  auto made = make_upstream_target(c, e);
  if (made)
    entry.targets[e] = *made;
  return made;
}

} // namespace axonhub::net
