#include "net/chunked.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "net/http_chars.hpp"

namespace axonhub::net {

std::string_view chunk_decoder::take(std::string_view& in) {
  while (!in.empty() && state_ != state::done && state_ != state::failed) {
    if (state_ == state::data) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
      const auto piece = in.substr(0, size);
      in.remove_prefix(size);
      left_ -= size;
      if (left_ > 0)
        return piece;
      state_ = state::data_cr;
      if (in.starts_with(chunk_end)) {
        in.remove_prefix(chunk_end.size());
        state_ = state::size_start;
      }
      return piece;
    }
    if (state_ == state::size_start && take_size_line(in))
      continue;
    step(in.front());
    if (state_ != state::failed)
      in.remove_prefix(1);
  }
  return {};
}

void chunk_decoder::step(char c) {
  switch (state_) {
    case state::size_start:
    case state::size:
      return step_size(c);
    case state::extension_name_start:
    case state::extension_name:
    case state::extension_value_start:
    case state::extension_value:
      return step_extension(c);
    case state::size_lf:
      return expect(c, '\n', left_ > 0 ? state::data : state::trailer_start,
                    "a chunk size line does not end in CR LF");
    case state::data_cr:
      return expect(c, '\r', state::data_lf, "a chunk has more or fewer bytes than it said");
    case state::data_lf:
      return expect(c, '\n', state::size_start, "a chunk has more or fewer bytes than it said");
    case state::trailer_start:
    case state::trailer_name:
    case state::trailer_value:
      return step_trailer(c);
    case state::trailer_lf:
      return expect(c, '\n', state::trailer_start, "a trailer line does not end in CR LF");
    case state::last_lf:
      return expect(c, '\n', state::done, "the chunked body does not end in CR LF");
    case state::data:
    case state::done:
    case state::failed:
      return; // take() never brings one here
  }
}

// Most chunks begin with a whole plain size line: it is read at once. Anything else goes step by
// step.
bool chunk_decoder::take_size_line(std::string_view& in) {
  constexpr auto most_digits = std::size_t{7};
  auto size = std::uint64_t{0};
  auto at = std::size_t{0};
  for (auto digit = 0; at < in.size() && at <= most_digits; ++at, size = size * 16 + digit)
    if (digit = hex_digit(in[at]); digit < 0)
      break;
  if (at == 0 || at > most_digits || size == 0 || !in.substr(at).starts_with("\r\n"))
    return false;
  left_ = size;
  state_ = state::data;
  in.remove_prefix(at + 2);
  return true;
}

void chunk_decoder::step_size(char c) {
  constexpr auto max_digits = 16;
  constexpr auto max_size = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (const auto digit = hex_digit(c); digit >= 0) {
    if (state_ == state::size_start)
      left_ = digits_ = 0;
    if (++digits_ > max_digits)
      return fail("a chunk size has too many digits");
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    state_ = state::size;
    if (left_ > max_size)
      fail("a chunk size is too large");
    return;
  }
  if (state_ == state::size && c == '\r')
    state_ = state::size_lf;
  else if (state_ == state::size && c == ';')
    state_ = state::extension_name_start;
  else
    fail("a chunk size is not a plain hexadecimal number");
}

// ";name" or ";name=value", tokens only: a quoted value could hide a line's end.
void chunk_decoder::step_extension(char c) {
  if (++extension_bytes_ > max_extension_bytes)
    return fail("too many chunk extensions");
  const auto at_start =
      state_ == state::extension_name_start || state_ == state::extension_value_start;
  if (is_token_char(c)) {
    if (at_start)
      state_ =
          state_ == state::extension_name_start ? state::extension_name : state::extension_value;
  } else if (!at_start && c == '\r') {
    state_ = state::size_lf;
  } else if (!at_start && c == ';') {
    state_ = state::extension_name_start;
  } else if (state_ == state::extension_name && c == '=') {
    state_ = state::extension_value_start;
  } else {
    fail("a chunk extension is not a plain name or name=value");
  }
}

void chunk_decoder::step_trailer(char c) {
  if (++trailer_bytes_ > max_trailer_bytes)
    return fail("the trailers are too large");
  if (state_ == state::trailer_value) {
    if (c == '\r')
      state_ = state::trailer_lf;
    else if (is_forbidden_in_value(c))
      fail("a trailer has a control character");
  } else if (is_token_char(c)) {
    state_ = state::trailer_name;
  } else if (state_ == state::trailer_name && c == ':') {
    state_ = state::trailer_value;
  } else if (state_ == state::trailer_start && c == '\r') {
    state_ = state::last_lf;
  } else {
    fail("a trailer line has no name, or a byte that no name has before its colon");
  }
}

void chunk_decoder::expect(char c, char wanted, state next, std::string_view otherwise) {
  if (c == wanted)
    state_ = next;
  else
    fail(otherwise);
}

void chunk_decoder::fail(std::string_view reason) {
  state_ = state::failed;
  error_ = reason;
}

void append_chunk_header(std::string& out, std::uint64_t size) {
  if (size == 0)
    return;
  char digits[16];
  const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, size, 16);
  out.append(digits, end);
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty())
    return;
  append_chunk_header(out, data.size());
  out += data;
  out += chunk_end;
}

} // namespace axonhub::net
