#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace axonhub::store {

/// Locks secrets for the disk: XChaCha20-Poly1305 with a random nonce.
class cipher {
public:
  /// `key` has 32 bytes.
  explicit cipher(secret key) : key_(std::move(key)) {}

  /// The locked text. It opens only with the same `purpose`, which says what it belongs to, so that
  /// one secret cannot be put in another's place.
  std::string seal(const secret& text, std::string_view purpose) const;

  /// nullopt: damaged, sealed with another key or for another purpose.
  std::optional<secret> open(std::string_view sealed, std::string_view purpose) const;

private:
  secret key_;
};

} // namespace axonhub::store
