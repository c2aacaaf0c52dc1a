#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace axonhub {

/// A text that must never be seen: it cannot be printed, logged, compared for order or turned into
/// JSON. Only reveal() gives the text, at the place that sends it. Wiped when it goes.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}
  secret(const secret&) = default;
  secret(secret&&) noexcept = default;
  secret& operator=(const secret& other);
  secret& operator=(secret&& other) noexcept;
  ~secret();

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  /// The last four characters, for people to tell secrets apart; nothing of a short one.
  std::string hint() const;

  /// Takes the same time wherever the texts differ.
  friend bool operator==(const secret& a, const secret& b);

private:
  void wipe() noexcept;

  std::string text_;
};

/// Compares in time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace axonhub
