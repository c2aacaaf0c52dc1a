#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http_head.hpp"

namespace axonhub::net {

/// What the fields say about the message itself, gathered while they are read.
struct framing {
  bool has_length = false;
  bool is_chunked = false;
  bool has_host = false;
  bool has_expect = false;
  bool asks_close = false;
  bool asks_keep_alive = false;
  std::uint64_t length = 0;
  std::string_view host;
  std::string_view expect;
};

/// Reads the field lines in `text` and the blank line, which must be its end, into `out` and
/// `seen`.
std::optional<head_error> read_fields(std::string_view text, const head_limits& limits,
                                      framing& seen, message_head& out);

} // namespace axonhub::net
