#include "net/http_target.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text.hpp"
#include "net/http_chars.hpp"

namespace axonhub::net {

namespace {

// The byte that "%XX" at the front of `text` stands for, or -1.
int unescape(std::string_view text) {
  if (text.size() < 3 || text[0] != '%' || hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0)
    return -1;
  return hex_digit(text[1]) * 16 + hex_digit(text[2]);
}

// The size of the escaped UTF-8 character of several bytes at the front of `text`, or 0.
std::size_t escaped_character_size(std::string_view text) {
  char bytes[4];
  const auto lead = unescape(text);
  const auto count = lead >= 0xf0 ? std::size_t{4} : lead >= 0xe0 ? std::size_t{3} : std::size_t{2};
  for (auto i = std::size_t{0}; i < count; ++i) {
    const auto byte = i * 3 < text.size() ? unescape(text.substr(i * 3)) : -1;
    if (byte < 0x80)
      return 0;
    bytes[i] = static_cast<char>(byte);
  }
  return is_valid_utf8({bytes, count}) ? count * 3 : 0;
}

// What a path must not have is looked for behind its escapes too: a slash or a dot is one,
// however it is written, since somebody behind us may decode before they compare.
class path_rules {
public:
  bool allow(char c) {
    const auto doubled = (c == '/' || c == '.') && c == last_;
    const auto ends_dot_segment = c == '/' && last_ == '.' && before_ == '/';
    before_ = last_;
    last_ = c;
    return !doubled && !ends_dot_segment;
  }

  bool may_end() const { return !(last_ == '.' && before_ == '/'); }

private:
  char before_ = 0;
  char last_ = 0;
};

std::string_view check_target(std::string_view target) {
  auto rules = path_rules{};
  auto in_path = true;
  for (auto i = std::size_t{0}; i < target.size();) {
    auto c = target[i];
    if (!is_visible_ascii(c))
      return "the request target has a byte that must be escaped";
    if (c == '#' || c == '\\')
      return "the request target has a '#' or a backslash";
    if (c == '?')
      in_path = false;
    auto size = std::size_t{1};
    if (c == '%') {
      const auto byte = unescape(target.substr(i));
      if (byte < 0x20 || byte == 0x7f)
        return "the request target has a broken escape or an escaped control character";
      if (byte == '\\' && in_path)
        return "the path has an escaped backslash";
      size = byte < 0x80 ? 3 : escaped_character_size(target.substr(i));
      if (size == 0)
        return "the request target has escapes that are not UTF-8";
      c = static_cast<char>(byte);
    }
    if (in_path && !rules.allow(c))
      return "the path has '//', '..' or a '.' segment";
    i += size;
  }
  if (!rules.may_end())
    return "the path has '//', '..' or a '.' segment";
  return {};
}

bool is_valid_port(std::string_view port) {
  auto number = 0u;
  for (const auto c : port) {
    if (c < '0' || c > '9')
      return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return !port.empty() && port.size() <= 5 && port[0] != '0' && number <= 65535;
}

bool is_host_char(char c) {
  return hex_digit(c) >= 0 || (to_lower(c) >= 'g' && to_lower(c) <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

} // namespace

std::string_view parse_target(std::string_view method, std::string_view target, target_parts& out) {
  if (target == "*") {
    out = {target, target, {}, {}};
    return method == "OPTIONS" ? std::string_view{} : "'*' is a target of OPTIONS only";
  }
  out.authority = {};
  if (!target.starts_with('/')) {
    const auto scheme = starts_with_ignoring_case(target, "http://")    ? 7
                        : starts_with_ignoring_case(target, "https://") ? 8
                                                                        : 0;
    if (scheme == 0)
      return "the request target must start with '/'";
    target.remove_prefix(static_cast<std::size_t>(scheme));
    out.authority = target.substr(0, target.find_first_of("/?#\\"));
    if (!is_valid_host(out.authority))
      return "the authority in the request target is not a host";
    target.remove_prefix(out.authority.size());
    if (target.empty())
      target = "/";
    else if (target[0] != '/')
      return "the request target has no path";
  }
  if (const auto wrong = check_target(target); !wrong.empty())
    return wrong;
  const auto mark = target.find('?');
  out.target = target;
  out.path = target.substr(0, mark);
  out.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  return {};
}

bool is_valid_host(std::string_view text) {
  auto host = text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return false;
    host = text.substr(1, end - 1);
    if (std::ranges::count(host, ':') < 2 || host.size() > 45 ||
        !std::ranges::all_of(host,
                             [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; }))
      return false;
    text.remove_prefix(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    if (host.empty() || host.size() > 255 || !std::ranges::all_of(host, is_host_char))
      return false;
    text.remove_prefix(host.size());
  }
  return text.empty() || (text[0] == ':' && is_valid_port(text.substr(1)));
}

} // namespace axonhub::net
