#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "config/config.hpp"

/// The kinds of values a key may have: how each is read, written and called. A failure's text says
/// what the value should look like; it repeats the value, except a secret's.
namespace axonhub::config {

struct text_kind {
  using type = std::string;
  static constexpr std::string_view name = "text";
  static checked<type> parse(std::string_view text) { return std::string{text}; }
  static std::string show(const type& value) { return value; }
};

/// true, yes, on, 1 and their opposites, in any case.
struct flag_kind {
  using type = bool;
  static constexpr std::string_view name = "true or false";
  static checked<type> parse(std::string_view text);
  static std::string show(type value) { return value ? "true" : "false"; }
};

template <class Unsigned>
struct number_kind {
  using type = Unsigned;
  static constexpr std::string_view name = "number";
  static checked<type> parse(std::string_view text);
  static std::string show(type value) { return std::to_string(value); }
};

/// Bytes, as 4096, 64MiB or 1GB.
struct size_kind {
  using type = std::uint64_t;
  static constexpr std::string_view name = "size";
  static checked<type> parse(std::string_view text);
  static std::string show(type value);
};

/// 500ms, 20m, 1h30m; at most ten years. Only 0 needs no unit.
struct duration_kind {
  using type = milliseconds;
  static constexpr std::string_view name = "duration";
  static checked<type> parse(std::string_view text);
  static std::string show(type value);
};

/// Names with commas between them.
struct list_kind {
  using type = std::vector<std::string>;
  static constexpr std::string_view name = "list";
  static checked<type> parse(std::string_view text);
  static std::string show(const type& value);
};

struct level_kind {
  using type = log::level;
  static constexpr std::string_view name = "debug, info, warn or error";
  static checked<type> parse(std::string_view text);
  static std::string show(type value);
};

struct sync_kind {
  using type = db_sync;
  static constexpr std::string_view name = "full or off";
  static checked<type> parse(std::string_view text);
  static std::string show(type value) { return value == db_sync::full ? "full" : "off"; }
};

/// Shown as ***, or nothing when empty.
struct secret_kind {
  using type = secret;
  static constexpr std::string_view name = "secret";
  static checked<type> parse(std::string_view text) { return secret{std::string{text}}; }
  static std::string show(const type& value) { return value.empty() ? "" : "***"; }
};

} // namespace axonhub::config
