#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/shared_text.hpp"

namespace axonhub {

/// An opaque name of one kind of thing. Ids we make are at most 15 characters: two words, without a
/// pointer.
template <class Tag>
struct strong_id {
  shared_text text;

  bool empty() const { return text.empty(); }
  friend bool operator==(const strong_id&, const strong_id&) = default;
  friend auto operator<=>(const strong_id&, const strong_id&) = default;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, strong_id& x) {
    return f(x.text);
  }
};

using project_id = strong_id<struct project_tag>;
using key_id = strong_id<struct key_tag>;
using profile_id = strong_id<struct profile_tag>;
using channel_id = strong_id<struct channel_tag>;
using credential_id = strong_id<struct credential_tag>;
using trace_id = strong_id<struct trace_tag>;
using request_id = strong_id<struct request_tag>;

/// `prefix` and 12 random characters of [a-z2-7]: "ch_" gives ch_k3v6...
std::string make_id(std::string_view prefix);

/// `prefix` and 12 characters that depend on `text` alone: the same on every node and after a
/// restart.
std::string derive_id(std::string_view prefix, std::string_view text);

} // namespace axonhub

template <class Tag>
struct std::hash<axonhub::strong_id<Tag>> {
  std::size_t operator()(const axonhub::strong_id<Tag>& id) const noexcept {
    return id.text.hash();
  }
};
