#pragma once

#include <string_view>

namespace axonhub::net {

/// The parts of a request target; views into it.
struct target_parts {
  std::string_view target; // without the authority of an absolute-form
  std::string_view path;
  std::string_view query;
  std::string_view authority; // of an absolute-form, otherwise empty
};

/// Takes a request target apart: an origin-form, an absolute-form of http or https, or "*" when
/// `method` is OPTIONS. Returns what is wrong with it, static text for humans; empty when nothing.
std::string_view parse_target(std::string_view method, std::string_view target, target_parts& out);

/// Whether `text` is a plain host or host:port: a name, an IPv4 or a bracketed IPv6 address; no
/// user, no escapes, a port from 1 to 65535.
bool is_valid_host(std::string_view text);

} // namespace axonhub::net
