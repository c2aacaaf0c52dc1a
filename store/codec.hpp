#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "policy/decimal.hpp"

/// The compact encoding of stored values. One list of fields per type, layout<T>::fields(), serves
/// both directions. A `secret` has no encoding here, on purpose: it is sealed first.
namespace axonhub::store {

/// Specialised beside each table: `version`, and `fields(x)` that answers list(x.a, x.b, ...).
template <class T>
struct layout;

/// The last enumerator, so that a reader refuses what lies beyond it.
template <class Enum>
constexpr Enum last_of = Enum{};

template <class T>
concept has_layout = requires(T& x) {
  layout<T>::fields(x);
};

template <class... Fields>
std::tuple<Fields...> list(Fields&&... fields) {
  return std::tuple<Fields...>{std::forward<Fields>(fields)...};
}

/// A field that a later version of the layout has appended.
template <class Field>
struct appended {
  std::uint8_t version;
  Field& field;
};

/// Values of an older version leave the field as it was made.
template <class Field>
appended<Field> since(std::uint8_t version, Field& field) {
  return {version, field};
}

class writer {
public:
  void put(bool x) { bytes_.push_back(x ? 1 : 0); }
  void put(std::unsigned_integral auto x) { put_varint(x); }
  void put(std::signed_integral auto x) {
    const auto wide = static_cast<std::int64_t>(x); // zigzag: small magnitudes are short
    put_varint(static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63));
  }
  void put(std::string_view x);
  void put(milliseconds x) { put(std::int64_t{x.count()}); }
  void put(wall_time x) { put(to_unix_ms(x)); }
  void put(policy::decimal x) {
    put(static_cast<std::int64_t>(x.units() >> 64));
    put(static_cast<std::uint64_t>(x.units()));
  }

  template <class Enum>
  requires std::is_enum_v<Enum>
  void put(Enum x) { put_varint(static_cast<std::uint64_t>(x)); }
  template <class Tag>
  void put(const strong_id<Tag>& x) {
    put(x.text);
  }
  template <class T>
  void put(const std::optional<T>& x) {
    put(x.has_value());
    if (x)
      put(*x);
  }
  template <class T>
  void put(const std::vector<T>& xs) {
    put_varint(xs.size());
    for (const auto& x : xs)
      put(x);
  }
  template <class Key, class T>
  void put(const std::map<Key, T>& xs) {
    put_varint(xs.size());
    for (const auto& [key, x] : xs) {
      put(key);
      put(x);
    }
  }
  template <class Field>
  void put(const appended<Field>& x) {
    put(x.field);
  }
  template <has_layout T>
  void put(const T& x) {
    std::apply([this](const auto&... fields) { (put(fields), ...); }, layout<T>::fields(x));
  }

  std::string take() { return std::move(bytes_); }

private:
  void put_varint(std::uint64_t x);

  std::string bytes_;
};

/// Reads what writer wrote. Any bytes are safe to read: after the first that does not fit, failed()
/// is true and what is read is meaningless.
class reader {
public:
  reader(std::string_view bytes, std::uint8_t version) : left_(bytes), version_(version) {}

  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }

  void get(bool& x) { x = get_varint(1) != 0; }
  template <std::unsigned_integral T>
  void get(T& x) {
    x = static_cast<T>(get_varint(std::numeric_limits<T>::max()));
  }
  template <std::signed_integral T>
  void get(T& x) {
    const auto coded = get_varint(std::numeric_limits<std::make_unsigned_t<T>>::max());
    x = static_cast<T>(static_cast<std::int64_t>(coded >> 1 ^ (0 - (coded & 1))));
  }
  void get(std::string& x);
  void get(shared_text& x);
  void get(milliseconds& x);
  void get(wall_time& x);
  void get(policy::decimal& x);

  template <class Enum>
  requires std::is_enum_v<Enum>
  void get(Enum& x) {
    x = static_cast<Enum>(get_varint(static_cast<std::uint64_t>(last_of<Enum>)));
  }
  template <class Tag>
  void get(strong_id<Tag>& x) {
    get(x.text);
  }
  template <class T>
  void get(std::optional<T>& x) {
    auto there = false;
    get(there);
    x.reset();
    if (there)
      get(x.emplace());
  }
  template <class T>
  void get(std::vector<T>& xs) {
    xs.clear();
    for (auto count = get_count(); count > 0 && !failed_; --count)
      get(xs.emplace_back());
  }
  template <class Key, class T>
  void get(std::map<Key, T>& xs) {
    xs.clear();
    for (auto count = get_count(); count > 0 && !failed_; --count) {
      auto key = Key{};
      get(key);
      get(xs[std::move(key)]);
    }
  }
  template <class Field>
  void get(const appended<Field>& x) {
    if (version_ >= x.version)
      get(x.field);
  }
  template <has_layout T>
  void get(T& x) {
    std::apply([this](auto&&... fields) { (get(fields), ...); }, layout<T>::fields(x));
  }

private:
  std::uint64_t get_varint(std::uint64_t most);
  /// Of elements to come: each takes a byte or more of what is left behind the count.
  std::uint64_t get_count();
  std::uint64_t fail();

  std::string_view left_;
  std::uint8_t version_;
  bool failed_ = false;
};

} // namespace axonhub::store
