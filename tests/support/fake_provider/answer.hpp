#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/fake_provider/fault.hpp"
#include "tests/support/fake_provider/script.hpp"

namespace axonhub::fake {

using std::chrono::milliseconds;

/// What becomes of the connection after an answer.
enum class ending : std::uint8_t { keep, close, reset, silence };

/// One answer on its way: `bytes` at once, then either `dripped` byte by byte or `events` one by
/// one, each in its own chunk.
struct answer {
  std::string bytes = {};
  std::string dripped = {};
  std::optional<script> events = {};
  std::size_t next_event = 0;
  std::size_t end_event = 0; ///< Where the events stop, which may be before their end.
  std::string tail = {};     ///< After the last event.
  milliseconds delay{0};     ///< Before the first byte.
  milliseconds pace{0};      ///< Between deltas or dripped bytes.
  ending end = ending::keep;
};

/// What an answer may be built from.
struct answer_order {
  reply what;
  fault wrong = {};
  milliseconds delay{0};
  milliseconds pace{0};
  std::string_view extra_headers = {}; ///< Complete lines.
};

/// The answer to a call of messages, chat or responses.
answer build_answer(const answer_order& order);

/// An answer with the JSON text `body`, for the other endpoints.
answer build_json_answer(const answer_order& order, const std::string& body);

/// A complete answer with a length. `body` is left out of an answer to HEAD.
std::string whole_answer(std::uint32_t status, std::string_view type, std::string_view body,
                         std::string_view extra_headers = {}, bool to_head = false);

/// The error body of `status` in the endpoint's dialect.
std::string error_body(api endpoint, std::uint32_t status, std::string_view message);

/// Appends `payload` as one chunk.
void append_chunk(std::string& out, std::string_view payload);

} // namespace axonhub::fake
