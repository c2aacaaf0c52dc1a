#include "store/master_key.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "store/durable_file.hpp"

namespace axonhub::store {
namespace {

constexpr std::size_t key_bytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t least_characters = 32;

std::string_view without_white_space_around(std::string_view text) {
  constexpr auto white_space = " \t\r\n";
  const auto from = text.find_first_not_of(white_space);
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(white_space) - from + 1);
}

std::string from_hex(std::string_view text) {
  auto bytes = std::string(text.size() / 2, '\0');
  auto size = std::size_t{0};
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                     text.size(), nullptr, &size, nullptr) != 0)
    return {};
  bytes.resize(size);
  return bytes;
}

secret derive(std::string_view text) {
  auto bytes = std::string(key_bytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return secret{std::move(bytes)};
}

checked<secret> read_key_file(const std::filesystem::path& file) {
  auto stream = std::ifstream{file, std::ios::binary};
  const auto text = secret{std::string{std::istreambuf_iterator<char>{stream}, {}}};
  if (!stream)
    return failure{errc::wrong_master_key,
                   "cannot read the master key from " + file.string() + ": " + system_error_text()};
  struct stat facts {};
  if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    log::warn("master_key_exposed", {{"file", file.string()}, {"advice", "chmod 600"}});
  auto key = parse_master_key(text.reveal());
  if (!key)
    return failure{key.error().code, file.string() + ": " + key.error().message};
  return key;
}

checked<secret> generate_key_file(const std::filesystem::path& file) {
  const auto key = secret{random_bytes(key_bytes)};
  const auto text = secret{to_hex(key.reveal()) + "\n"};
  if (auto made = make_private_file(file, text.reveal()); !made)
    return made.error();
  log::warn("master_key_generated",
            {{"file", file.string()},
             {"advice",
              "keep a copy apart from the store's backups; without it no stored "
              "credential can be read"}});
  return key;
}

} // namespace

checked<secret> parse_master_key(std::string_view text) {
  text = without_white_space_around(text);
  if (text.size() < least_characters)
    return failure{errc::invalid_argument,
                   "the master key is too short: give 32 random bytes as base64 or hex, or a text "
                   "of 32 characters or more"};
  if (auto bytes = from_hex(text); bytes.size() == key_bytes)
    return secret{std::move(bytes)};
  if (auto bytes = from_base64(text); bytes && bytes->size() == key_bytes)
    return secret{std::move(*bytes)};
  return derive(text);
}

checked<secret> find_master_key(const master_key_source& source) {
  if (!source.text.empty())
    return parse_master_key(source.text.reveal());
  if (!source.file.empty())
    return read_key_file(source.file);
  auto error = std::error_code{};
  if (std::filesystem::exists(source.own_file, error) || error)
    return read_key_file(source.own_file);
  if (source.may_generate)
    return generate_key_file(source.own_file);
  return failure{errc::wrong_master_key,
                 "the store is locked and its master key is not at hand: set AXONHUB_MASTER_KEY, "
                 "or put the key back at " +
                     source.own_file.string()};
}

} // namespace axonhub::store
