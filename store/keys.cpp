#include "store/keys.hpp"

namespace axonhub::store {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr auto sign_bit = std::uint64_t{1} << 63; // flipped, so that negative times sort first

template <class Unsigned>
void append_big_endian(std::string& key, Unsigned x) {
  for (auto shift = static_cast<int>(sizeof(x)) * 8 - 8; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(x >> shift));
}

template <class Unsigned>
Unsigned read_big_endian(std::string_view bytes) {
  auto x = Unsigned{0};
  for (const auto byte : bytes.substr(0, sizeof(x)))
    x = x << 8 | static_cast<unsigned char>(byte);
  return x;
}

wall_time read_time(std::string_view key) {
  return from_unix_ms(static_cast<std::int64_t>(read_big_endian<std::uint64_t>(key) ^ sign_bit));
}

} // namespace

std::string time_key(wall_time t) {
  auto key = std::string{};
  append_big_endian(key, static_cast<std::uint64_t>(to_unix_ms(t)) ^ sign_bit);
  return key;
}

std::string numbered_time_key(wall_time t, std::uint32_t number) {
  auto key = time_key(t);
  append_big_endian(key, number);
  return key;
}

std::string named_time_key(wall_time t, std::string_view name) { return time_key(t).append(name); }

std::optional<named_time> parse_named_time_key(std::string_view key) {
  if (key.size() < time_bytes)
    return std::nullopt;
  return named_time{read_time(key), key.substr(time_bytes)};
}

std::optional<numbered_time> parse_numbered_time_key(std::string_view key) {
  if (key.size() != time_bytes + sizeof(std::uint32_t))
    return std::nullopt;
  return numbered_time{read_time(key), read_big_endian<std::uint32_t>(key.substr(time_bytes))};
}

} // namespace axonhub::store
