#include "llm/tool_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace axonhub::llm {
namespace {

constexpr auto longest_name = std::size_t{64};
constexpr auto hash_digits = std::size_t{8};

constexpr bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// FNV-1a: names must come out alike in every process and release.
std::uint64_t hash_of(std::string_view text) {
  auto hash = std::uint64_t{14695981039346656037u};
  for (const auto c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211u;
  }
  return hash;
}

std::string short_hash(std::string_view text) {
  auto hash = hash_of(text);
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  auto out = std::string(hash_digits, '0');
  for (auto& c : out) {
    c = digits[hash >> 60];
    hash <<= 4;
  }
  return out;
}

/// A fit name that starts like `text` and ends with a hash of `whole`.
std::string with_hash(std::string_view text, std::string_view whole, std::size_t longest) {
  auto out = std::string{text.substr(0, longest - hash_digits - 1)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_plain(c); }, '_');
  return out + '_' + short_hash(whole);
}

bool is_fit(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), is_plain);
}

std::string name_key(const tool_alias& known) { return known.name_space + '\n' + known.name; }

/// Tools of one name and several shapes are several tools.
std::string key_of(const tool_alias& known) {
  const auto shape = known.is_custom ? std::string{"custom"} : known.call_type;
  return shape.empty() ? name_key(known) : name_key(known) + '\n' + shape;
}

} // namespace

std::string_view tool_names::to_upstream(const tool_alias& known) {
  auto client_key = key_of(known);
  if (const auto at = by_client_.find(client_key); at != by_client_.end())
    return at->second;
  auto name = known.name_space.empty() ? known.name : known.name_space + "__" + known.name;
  if (!is_fit(name, longest_name) || by_upstream_.contains(name))
    name = with_hash(name, client_key, longest_name);
  by_upstream_.emplace(name, known);
  return by_client_.emplace(std::move(client_key), std::move(name)).first->second;
}

std::string_view tool_names::of_call(const tool_alias& called) {
  if (const auto same = by_client_.find(key_of(called)); same != by_client_.end())
    return same->second;
  const auto name = name_key(called);
  const auto shaped = name + '\n';
  if (const auto plain = by_client_.find(name); plain != by_client_.end())
    return plain->second;
  if (const auto at = by_client_.lower_bound(shaped);
      at != by_client_.end() && at->first.starts_with(shaped))
    return at->second;
  return to_upstream(called);
}

std::map<std::string, tool_alias, std::less<>> tool_names::to_memory() const {
  auto out = std::map<std::string, tool_alias, std::less<>>{};
  for (const auto& [upstream, alias] : by_upstream_)
    if (upstream != alias.name || !alias.name_space.empty() || alias.is_custom ||
        !alias.call_type.empty())
      out.emplace(upstream, alias);
  return out;
}

std::string fit_id(std::string_view id, std::size_t longest, bool strict) {
  const auto fit = strict ? is_fit(id, longest) : !id.empty() && id.size() <= longest;
  return fit ? std::string{id} : with_hash(id, id, longest);
}

std::string short_id(std::string_view id) {
  constexpr auto digits = std::string_view{"0123456789abcdefghijklmnopqrstuvwxyz"};
  constexpr auto length = std::size_t{9};
  const auto is_digit = [](char c) { return is_plain(c) && c != '_' && c != '-'; };
  if (id.size() == length && std::all_of(id.begin(), id.end(), is_digit))
    return std::string{id};
  auto hash = hash_of(id);
  auto out = std::string(length, '0');
  for (auto& c : out) {
    c = digits[hash % digits.size()];
    hash /= digits.size();
  }
  return out;
}

} // namespace axonhub::llm
