#include "llm/json_check.hpp"

#include "base/text.hpp"
#include "llm/json_raw.hpp"

#include <string>

namespace axonhub::llm {
namespace {

constexpr auto most_levels = 512;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Walks over JSON text; every function moves behind what it names or says false.
class cursor {
public:
  explicit cursor(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool take(char c) {
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_string(std::string_view& inner) {
    if (!take('"'))
      return false;
    auto end = std::size_t{0};
    while (end < rest_.size() && rest_[end] != '"') {
      if (static_cast<unsigned char>(rest_[end]) < 0x20)
        return false;
      end += rest_[end] == '\\' ? 2 : 1;
    }
    if (end >= rest_.size())
      return false;
    inner = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return has_valid_escapes(inner);
  }

  bool take_value(int levels) {
    if (levels == 0 || rest_.empty())
      return false;
    auto inner = std::string_view{};
    switch (rest_.front()) {
      case '{':
        return take_object(levels, [](std::string_view, std::string_view) { return true; });
      case '[':
        return take_array(levels, [](std::string_view) {});
      case '"':
        return take_string(inner);
      case 't':
        return take_word("true");
      case 'f':
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        return take_number();
    }
  }

  /// Calls on_field(raw key, raw value) until it says false.
  template <class F>
  bool take_object(int levels, F&& on_field) {
    if (!take('{'))
      return false;
    skip_blanks();
    if (take('}'))
      return true;
    do {
      auto key = std::string_view{};
      skip_blanks();
      if (!take_string(key))
        return false;
      skip_blanks();
      if (!take(':'))
        return false;
      skip_blanks();
      const auto before = rest_;
      if (!take_value(levels - 1))
        return false;
      if (!on_field(key, before.substr(0, before.size() - rest_.size())))
        return true;
      skip_blanks();
    } while (take(','));
    return take('}');
  }

  /// Calls on_entry(raw value) for each.
  template <class F>
  bool take_array(int levels, F&& on_entry) {
    if (!take('['))
      return false;
    skip_blanks();
    if (take(']'))
      return true;
    do {
      skip_blanks();
      const auto before = rest_;
      if (!take_value(levels - 1))
        return false;
      on_entry(before.substr(0, before.size() - rest_.size()));
      skip_blanks();
    } while (take(','));
    return take(']');
  }

private:
  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool take_digits() {
    if (rest_.empty() || !is_digit(rest_.front()))
      return false;
    while (!rest_.empty() && is_digit(rest_.front()))
      rest_.remove_prefix(1);
    return true;
  }
  bool take_number() {
    take('-');
    if (!take('0') && !take_digits())
      return false;
    if (take('.') && !take_digits())
      return false;
    if (!take('e') && !take('E'))
      return true;
    if (!take('+'))
      take('-');
    return take_digits();
  }

  std::string_view rest_;
};

} // namespace

bool is_json_object(std::string_view text) {
  auto at = cursor{text};
  at.skip_blanks();
  if (!at.take_object(most_levels, [](std::string_view, std::string_view) { return true; }))
    return false;
  at.skip_blanks();
  return at.rest().empty() && is_valid_utf8(text);
}

std::string_view find_field(std::string_view object, std::string_view key) {
  auto at = cursor{object};
  auto found = std::string_view{};
  at.skip_blanks();
  at.take_object(most_levels, [&](std::string_view name, std::string_view value) {
    if (name != key)
      return true;
    found = value;
    return false;
  });
  return found;
}

void for_each_field(std::string_view object,
                    const std::function<void(std::string_view, std::string_view)>& visit) {
  auto at = cursor{object};
  at.skip_blanks();
  at.take_object(most_levels, [&visit](std::string_view name, std::string_view value) {
    visit(name, value);
    return true;
  });
}

void for_each_entry(std::string_view list, const std::function<void(std::string_view)>& visit) {
  auto at = cursor{list};
  at.skip_blanks();
  at.take_array(most_levels, visit);
}

} // namespace axonhub::llm
