#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace axonhub {

/// A text that never changes, in 16 bytes. Up to 15 characters lie in the object itself; a longer
/// one is shared by all its copies, on whichever threads they are. So copying one allocates
/// nothing, and comparing short ones looks at two words.
class shared_text {
public:
  static constexpr std::size_t most_inside = 15;

  shared_text() = default;
  shared_text(std::string_view text) {
    static_assert(std::endian::native == std::endian::little);
    if (text.size() > most_inside) {
      share(text);
      return;
    }
    auto bytes = unpacked{};
    std::copy_n(text.data(), text.size(), bytes.chars);
    bytes.unused = static_cast<std::uint8_t>(most_inside - text.size());
    words_ = std::bit_cast<packed>(bytes);
  }
  shared_text(const std::string& text) : shared_text(std::string_view{text}) {}
  shared_text(const char* text) : shared_text(std::string_view{text}) {}

  shared_text(const shared_text& other) noexcept : words_(other.words_) {
    if (is_shared())
      block_of(words_)->uses.fetch_add(1, std::memory_order_relaxed);
  }
  shared_text(shared_text&& other) noexcept : words_(std::exchange(other.words_, packed{})) {}
  shared_text& operator=(const shared_text& other) noexcept {
    auto copy = other;
    std::swap(words_, copy.words_);
    return *this;
  }
  shared_text& operator=(shared_text&& other) noexcept {
    std::swap(words_, other.words_);
    return *this;
  }
  ~shared_text() {
    if (is_shared())
      release();
  }

  std::size_t size() const {
    return is_shared() ? block_of(words_)->size : most_inside - (words_.last >> unused_shift);
  }
  bool empty() const { return words_.last == packed{}.last && words_.first == 0; }

  /// Ends with a NUL that does not count.
  const char* c_str() const {
    return is_shared() ? block_of(words_)->chars() : reinterpret_cast<const char*>(&words_);
  }
  const char* data() const { return c_str(); }
  const char* begin() const { return data(); }
  const char* end() const { return data() + size(); }
  char back() const { return data()[size() - 1]; }

  operator std::string_view() const { return {data(), size()}; }
  operator std::string() const { return std::string{std::string_view{*this}}; }

  bool starts_with(std::string_view text) const {
    return std::string_view{*this}.starts_with(text);
  }

  /// Spreads short texts over all bits.
  std::size_t hash() const {
    if (is_shared())
      return std::hash<std::string_view>{}(*this);
    __extension__ using wide = unsigned __int128;
    const auto product =
        wide{words_.first ^ 0x9e3779b97f4a7c15} * (words_.last ^ 0xbf58476d1ce4e5b9);
    return static_cast<std::size_t>(product >> 64 ^ product);
  }

  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const shared_text& a, const Text& b) {
    return std::string_view{a} == std::string_view{b};
  }
  friend bool operator==(const shared_text& a, const shared_text& b) {
    return (a.words_.first == b.words_.first && a.words_.last == b.words_.last) ||
           (a.is_shared() && b.is_shared() && std::string_view{a} == std::string_view{b});
  }
  friend std::strong_ordering operator<=>(const shared_text& a, const shared_text& b) {
    if (a.is_shared() || b.is_shared())
      return std::string_view{a} <=> std::string_view{b};
    if (a.words_.first != b.words_.first)
      return in_order(a.words_.first) <=> in_order(b.words_.first);
    // The last byte counts down as texts grow.
    return (in_order(a.words_.last) ^ most_inside) <=> (in_order(b.words_.last) ^ most_inside);
  }

  template <std::convertible_to<std::string_view> Text>
  friend std::string operator+(const shared_text& a, const Text& b) {
    return std::string{a}.append(std::string_view{b});
  }
  template <std::convertible_to<std::string_view> Text>
  requires(!std::same_as<Text, shared_text>) friend std::string operator+(const Text& a,
                                                                          const shared_text& b) {
    return std::string{std::string_view{a}}.append(std::string_view{b});
  }
  friend std::string operator+(const shared_text& a, char b) { return std::string{a} += b; }
  friend std::string operator+(char a, const shared_text& b) { return std::string{a} += b; }
  friend std::ostream& operator<<(std::ostream& out, const shared_text& text);

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, shared_text& x) {
    struct copy { // f reads it or writes it
      shared_text& of;
      std::string text;
      ~copy() { of = text; }
    };
    auto inspected = copy{x, x};
    return f(inspected.text);
  }

private:
  struct block {
    std::atomic<std::uint32_t> uses;
    std::uint32_t size;
    char* chars() { return reinterpret_cast<char*>(this + 1); }
  };

  static constexpr auto unused_shift = 56;

  /// Characters and then zeros; the last byte says how many of them are unused, so that the 15th
  /// character has a NUL behind it. Of a shared text: its block, and `shared`.
  struct unpacked {
    char chars[most_inside] = {};
    std::uint8_t unused = most_inside;
  };
  struct packed {
    std::uint64_t first = 0;
    std::uint64_t last = std::uint64_t{most_inside} << unused_shift;
  };
  static constexpr auto shared = std::uint64_t{0xff} << unused_shift;

  static block* block_of(const packed& words) { return reinterpret_cast<block*>(words.first); }
  static std::uint64_t in_order(std::uint64_t word) { return __builtin_bswap64(word); }

  bool is_shared() const { return words_.last == shared; }
  void share(std::string_view text);
  void release() noexcept;

  packed words_;
};

} // namespace axonhub

template <>
struct std::hash<axonhub::shared_text> {
  std::size_t operator()(const axonhub::shared_text& text) const noexcept { return text.hash(); }
};
