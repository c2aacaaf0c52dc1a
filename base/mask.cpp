#include "base/mask.hpp"

#include <algorithm>
#include <array>

namespace axonhub {
namespace {

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '*'; // some show a part of a key
}

} // namespace

std::string masked(std::string_view text, const secret& hidden) {
  constexpr auto marks = std::to_array<std::string_view>({"sk-", "ah-", "Bearer "});
  constexpr std::size_t shortest_secret = 12;
  auto out = std::string{text};
  const auto& value = hidden.reveal();
  if (!value.empty())
    for (auto at = out.find(value); at != out.npos; at = out.find(value, at))
      out.replace(at, value.size(), "***");
  for (const auto mark : marks)
    for (auto at = out.find(mark); at != out.npos; at = out.find(mark, at + mark.size())) {
      const auto from = out.begin() + static_cast<std::ptrdiff_t>(at + mark.size());
      auto to = std::find_if_not(from, out.end(), is_key_char);
      while (to != from && *(to - 1) == '.') // ends a sentence
        --to;
      if (to - from >= static_cast<std::ptrdiff_t>(shortest_secret))
        out.replace(from, to, "***");
    }
  return out;
}

} // namespace axonhub
