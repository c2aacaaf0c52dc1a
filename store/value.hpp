#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/codec.hpp"

/// What stands in a table under a key: a version byte, the encoded fields, and a checksum of both
/// and the key, so that a damaged or misplaced value is noticed.
namespace axonhub::store {

std::string wrap_value(std::string_view key, std::uint8_t version, std::string_view fields);

struct unwrapped_value {
  std::uint8_t version = 0;
  std::string_view fields;
};

/// nullopt: too short, or the checksum does not fit.
std::optional<unwrapped_value> unwrap_value(std::string_view key, std::string_view stored);

template <has_layout T>
std::string encode_value(std::string_view key, const T& x) {
  auto fields = writer{};
  fields.put(x);
  return wrap_value(key, layout<T>::version, fields.take());
}

/// nullopt: damaged, or of a version that this release does not know.
template <has_layout T>
std::optional<T> decode_value(std::string_view key, std::string_view stored) {
  const auto unwrapped = unwrap_value(key, stored);
  if (!unwrapped || unwrapped->version == 0 || unwrapped->version > layout<T>::version)
    return std::nullopt;
  auto fields = reader{unwrapped->fields, unwrapped->version};
  auto x = T{};
  fields.get(x);
  if (fields.failed() || !fields.at_end())
    return std::nullopt;
  return x;
}

} // namespace axonhub::store
