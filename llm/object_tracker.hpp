#pragma once

#include "llm/json_raw.hpp"

#include <cstddef>
#include <string>

namespace axonhub::llm {

/// Follows a JSON text that comes in pieces, to know when it is one whole object. It counts braces
/// and checks nothing else.
class object_tracker {
public:
  /// The next piece, which splits no escape.
  void feed(raw_text piece) {
    for (const auto c : unescaped(piece).value_or(std::string{}))
      take(c);
  }

  bool is_whole() const { return has_begun_ && depth_ == 0 && !is_spoilt_; }

private:
  void take(char c) {
    if (in_text_) {
      in_text_ = is_escaped_ || c != '"';
      is_escaped_ = !is_escaped_ && c == '\\';
      return;
    }
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
      return;
    is_spoilt_ |= depth_ == 0 && (has_begun_ || c != '{');
    has_begun_ = true;
    in_text_ = c == '"';
    if (c == '{' || c == '[')
      ++depth_;
    else if ((c == '}' || c == ']') && depth_ > 0)
      --depth_;
  }

  std::size_t depth_ = 0;
  bool has_begun_ = false;
  bool in_text_ = false;
  bool is_escaped_ = false; // the next character of the text
  bool is_spoilt_ = false;  // something else is there
};

} // namespace axonhub::llm
