#include "config/checks.hpp"

#include <algorithm>

namespace axonhub::config {

namespace {

checked<void> unless(bool sound, const char* complaint) {
  if (sound)
    return {};
  return failure{errc::invalid_argument, complaint};
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

} // namespace

checked<void> is_host(const std::string& host) {
  if (std::ranges::count(host, ':') == 1)
    return failure{errc::invalid_argument, "holds a port; that goes to the key port beside it"};
  return unless(host.find_first_of("/[]* \t") == std::string::npos,
                "must be one address or host name, as 127.0.0.1, :: or gateway.internal");
}

checked<void> is_header_name(const std::string& name) {
  return unless(!name.empty() && std::ranges::all_of(name, is_token_character),
                "must be the name of a header: letters, digits and dashes");
}

checked<void> are_header_names(const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (auto sound = is_header_name(name); !sound)
      return sound;
  return {};
}

checked<void> is_token(const secret& token) {
  const auto& text = token.reveal();
  return unless(std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }),
                "must be printable ASCII without blanks");
}

checked<void> is_some_time(const milliseconds& time) {
  return unless(time.count() > 0, "must be more than 0");
}

checked<void> is_positive(const std::uint64_t& number) {
  return unless(number > 0, "must be at least 1");
}

checked<void> is_thread_count(const std::uint32_t& threads) {
  return unless(threads <= 1024, "must be at most 1024");
}

checked<void> is_body_size(const std::uint64_t& bytes) {
  return unless(bytes >= 1024 && bytes <= (4ull << 30), "must be between 1KiB and 4GiB");
}

checked<void> is_map_size(const std::uint64_t& bytes) {
  return unless(bytes >= (1ull << 20) && bytes <= (64ull << 40), "must be between 1MiB and 64TiB");
}

} // namespace axonhub::config
