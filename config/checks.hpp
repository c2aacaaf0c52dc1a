#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

/// What a single value must be like beyond its kind; a failure's text says what to write.
namespace axonhub::config {

template <class T>
using check = checked<void> (*)(const T&);

/// An address or a host name, without port, scheme or brackets; or empty.
checked<void> is_host(const std::string& host);

/// A token of RFC 9110.
checked<void> is_header_name(const std::string& name);
checked<void> are_header_names(const std::vector<std::string>& names);

/// Something that fits in an Authorization header.
checked<void> is_token(const secret& token);

checked<void> is_some_time(const milliseconds& time);
checked<void> is_positive(const std::uint64_t& number);
checked<void> is_thread_count(const std::uint32_t& threads);
checked<void> is_body_size(const std::uint64_t& bytes);
checked<void> is_map_size(const std::uint64_t& bytes);

} // namespace axonhub::config
