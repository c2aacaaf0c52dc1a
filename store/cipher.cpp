#include "store/cipher.hpp"

#include <sodium.h>

#include "base/random.hpp"

namespace axonhub::store {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

} // namespace

std::string cipher::seal(const secret& text, std::string_view purpose) const {
  const auto& plain = text.reveal();
  auto sealed = random_bytes(nonce_bytes);
  sealed.resize(nonce_bytes + plain.size() + tag_bytes);
  auto* bytes = bytes_of(sealed);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes + nonce_bytes, nullptr, bytes_of(std::string_view{plain}), plain.size(),
      bytes_of(purpose), purpose.size(), nullptr, bytes, bytes_of(std::string_view{key_.reveal()}));
  return sealed;
}

std::optional<secret> cipher::open(std::string_view sealed, std::string_view purpose) const {
  if (sealed.size() < nonce_bytes + tag_bytes)
    return std::nullopt;
  auto plain = std::string(sealed.size() - nonce_bytes - tag_bytes, '\0');
  const auto* bytes = bytes_of(sealed);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          bytes_of(plain), nullptr, nullptr, bytes + nonce_bytes, sealed.size() - nonce_bytes,
          bytes_of(purpose), purpose.size(), bytes, bytes_of(std::string_view{key_.reveal()})) != 0)
    return std::nullopt;
  return secret{std::move(plain)};
}

} // namespace axonhub::store
