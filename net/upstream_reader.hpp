#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/chunked.hpp"
#include "net/connection.hpp"
#include "net/http_head.hpp"

namespace axonhub::net {

/// Takes an upstream's answer apart: its head, then its body without the transfer framing. It never
/// waits; the caller does.
class upstream_reader {
public:
  enum class state : std::uint8_t {
    more,   ///< There are fresh bytes.
    wait,   ///< Nothing to read now.
    done,   ///< The body is complete.
    cut,    ///< The connection ended before the message did.
    broken, ///< The message breaks HTTP's rules; fault() says how.
  };

  /// Reads on until the head is complete: then `more`. Interim answers are skipped.
  state read_head(connection& from, char* scratch, std::size_t room);
  const response_head& head() const { return head_; }
  /// Whether any byte of an answer has come.
  bool has_begun() const { return begun_; }

  /// Puts the next bytes of the body into `scratch`; `fresh` shows them there.
  state read_body(connection& from, char* scratch, std::size_t room, std::string_view& fresh);

  /// The answer has been read to its end on the wire.
  bool is_complete() const { return complete_; }
  /// The connection may serve another request.
  bool is_reusable() const { return complete_ && head_.keep_alive && ahead_.empty(); }
  std::string_view fault() const { return fault_; }

private:
  state parse_head(std::string_view bytes);
  state decode(char* bytes, std::size_t size, std::string_view& fresh);
  state fail(std::string_view why);

  response_head head_;
  std::string head_bytes_; ///< What head_ looks into.
  std::string ahead_;      ///< Read with the head: the body's start.
  head_progress progress_;
  chunk_decoder chunks_;
  std::uint64_t left_ = 0; ///< Of a body with a length.
  int interim_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  std::string_view fault_;
};

} // namespace axonhub::net
