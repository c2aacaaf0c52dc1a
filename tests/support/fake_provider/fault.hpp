#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace axonhub::fake {

/// Everything a provider can do wrong.
enum class fault_kind : std::uint8_t {
  none,
  reset,          ///< A reset instead of an answer.
  close,          ///< The end of the connection instead of an answer.
  stale,          ///< A kept connection closes when its second request arrives.
  hang,           ///< Never answers.
  hang_head,      ///< A good head, then silence.
  drip,           ///< The body comes one byte at a time.
  cut,            ///< A stream ends after `number` events; an answer after half of its bytes.
  cut_bytes,      ///< The body ends after `number` bytes.
  error_event,    ///< A stream whose first event is an error.
  error_after,    ///< A stream with an error after `number` deltas.
  status,         ///< An error with that status.
  retry_after,    ///< The status in `status` with a retry-after of `number` seconds.
  retry_date,     ///< 429 with a retry-after date `number` seconds from now.
  garbage,        ///< Bytes that are no HTTP.
  html,           ///< 200 with a page.
  badjson,        ///< 200 with a broken JSON text.
  badlength,      ///< A length above what is sent, then the end.
  both_lengths,   ///< Content-Length and Transfer-Encoding.
  bigheader,      ///< A header line of 128 KiB.
  flood_1xx,      ///< A hundred interim answers.
  redirect,       ///< 307 to `number` on the same host, or to the status in `status`.
  notfound_model, ///< 404 that names the model.
  signature,      ///< 400 about thinking signatures while the request holds thinking blocks.
  slow_first,     ///< `number` milliseconds before the first byte.
  paced,          ///< `number` milliseconds between deltas.
  no_stop,        ///< A stream that ends in order but without its last event.
  sse_crlf,       ///< A good stream with CR LF line ends.
  gzip,           ///< A good answer, compressed although nobody asked.
};

/// One fault with its numbers.
struct fault {
  fault_kind kind = fault_kind::none;
  std::uint64_t number = 0;
  std::uint32_t status = 0;
  std::uint64_t times = 0; ///< How many requests it meets; 0 stands for every one.
};

/// Reads NAME, NAME-NUMBER or either with -xTIMES behind it: "cut-3", "status-529-x2",
/// "429-30". Nothing for an unknown name.
std::optional<fault> parse_fault(std::string_view text);

/// The fault behind the word "fault-" in a model name or a key, if any.
std::optional<fault> find_fault(std::string_view text);

} // namespace axonhub::fake
