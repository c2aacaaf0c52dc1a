#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace axonhub::net {

/// One field line. Views into the bytes that were parsed; the value has no outer blanks.
struct header {
  std::string_view name;
  std::string_view value;
};

struct head_limits {
  std::size_t fields = 100;
  std::size_t field_bytes = 8 * 1024; // of one line, the first one included
  std::size_t total_bytes = 64 * 1024;
  std::size_t method_bytes = 32;
};

/// How the end of a message's body is known. `length` may be 0.
enum class body_kind : std::uint8_t { none, length, chunked, until_close };

/// Why a head is refused. After one the connection must close: where the next message starts is
/// not certain any more.
struct head_error {
  int status = 400;        // what a client gets; every error from an upstream is a 502
  std::string_view reason; // static text for humans
};

/// What requests and responses have in common. All views point into the parsed bytes, which the
/// caller keeps. Reuse one object for message after message: then parsing allocates nothing.
struct message_head {
  std::vector<header> fields;
  std::vector<std::string_view> connection_options; // each name in Connection
  body_kind body = body_kind::none;
  std::uint64_t content_length = 0; // of a body of kind `length`, otherwise 0
  bool keep_alive = false;
  int minor_version = 1; // HTTP/1.0 or HTTP/1.1

  /// The first value of a field, ignoring case; empty when there is none.
  std::string_view find(std::string_view name) const;

  /// Whether a field ends at this hop: is_hop_by_hop(), and what this message's Connection names.
  bool is_dropped(std::string_view name) const;

protected:
  void clear_common();
};

struct request_head : message_head {
  std::string_view method;
  std::string_view target;      // as it came, without the authority of an absolute-form
  std::string_view path;        // the target up to '?'; "*" for OPTIONS *
  std::string_view query;       // behind '?', without it
  std::string_view host;        // host or host:port; empty only in HTTP/1.0
  bool expect_continue = false; // the client waits for 100 Continue before its body

  /// Forgets the message and keeps the capacity.
  void clear();
};

struct response_head : message_head {
  int status = 0;
  std::string_view reason;

  /// A 1xx, after which the real response is still to come.
  bool is_interim() const { return status < 200; }

  /// Forgets the message and keeps the capacity.
  void clear();
};

/// The most interim responses to accept before a final one; one more is a flood.
constexpr int max_interim_responses = 8;

/// Where the search for a head's end stands. A fresh one for each message.
struct head_progress {
  std::size_t size = 0;    // of the whole head with its blank line; 0 while it is incomplete
  std::size_t checked = 0; // bytes that need not be looked at again
  std::size_t line_start = 0;
  std::size_t lines = 0;
};

/// Looks for the end of the head at the front of `bytes`. Call again with more bytes (the same
/// ones first; they may have moved) while `progress.size` stays 0. Fails as soon as it is certain
/// that no head follows: too large, a bare CR or LF, no letter first. Serves both directions.
std::optional<head_error> find_head(std::string_view bytes, const head_limits& limits,
                                    head_progress& progress);

/// Parses a whole head, its blank line included, into `out`. Accepts only what every HTTP/1.1
/// implementation reads in the same way. After an error `out` holds nothing of use.
std::optional<head_error> parse_request_head(std::string_view head, const head_limits& limits,
                                             request_head& out);

/// The same for the response to a request with `request_method`, which decides with the status
/// whether there is a body.
std::optional<head_error> parse_response_head(std::string_view head, const head_limits& limits,
                                              std::string_view request_method, response_head& out);

/// The fields that concern one connection only, whatever Connection says.
bool is_hop_by_hop(std::string_view name);

} // namespace axonhub::net
