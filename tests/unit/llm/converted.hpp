#pragma once

#include "llm/sse.hpp"
#include "llm/stream_converter.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axonhub::llm {

/// What a conversion produced and reported.
struct converted {
  std::string stream;
  std::vector<event_kind> kinds; ///< Without `other`; the last one is finish()'s where it counted.
  usage tokens;
  std::string problem;
  upstream_error error;
};

/// Feeds a whole stream in pieces whose sizes `next_size` gives.
template <class NextSize>
converted convert_stream(const conversion_memory& memory, std::string_view stream,
                         NextSize next_size) {
  auto converter = stream_converter{memory};
  auto splitter = event_splitter{};
  auto result = converted{};
  auto pending = std::string{};
  const auto note = [&result](event_kind kind) {
    if (kind != event_kind::other)
      result.kinds.push_back(kind);
  };
  while (!stream.empty()) {
    const auto piece = stream.substr(0, next_size());
    stream.remove_prefix(piece.size());
    pending += piece;
    pending.erase(0, splitter.feed(pending, [&](std::string_view event) {
      note(converter.convert(event, result.stream));
    }));
  }
  note(converter.finish(result.stream));
  result.tokens = converter.seen();
  result.problem = converter.problem();
  result.error = converter.error();
  return result;
}

inline converted convert_stream(const conversion_memory& memory, std::string_view stream) {
  return convert_stream(memory, stream, [&] { return stream.size(); });
}

} // namespace axonhub::llm
