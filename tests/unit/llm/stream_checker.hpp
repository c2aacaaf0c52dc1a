#pragma once

#include "llm/dialect.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace axonhub::llm {

/// One event of a produced stream. `data` is null for [DONE].
struct parsed_event {
  std::string name;
  nlohmann::json data;

  friend bool operator==(const parsed_event&, const parsed_event&) = default;
};

/// The events of a stream that have data; comments are left out.
std::vector<parsed_event> parse_stream(std::string_view stream);

/// The meaning of an answer, the same in every dialect.
struct answer_meaning {
  struct call {
    std::string id, name, arguments;
    friend bool operator==(const call&, const call&) = default;
  };
  std::string text, reasoning;
  std::vector<call> calls;
  std::string stop; ///< In Chat's words.
  std::uint64_t prompt = 0, cached = 0, output = 0;
  bool is_error = false;

  friend bool operator==(const answer_meaning&, const answer_meaning&) = default;
};

void PrintTo(const answer_meaning& m, std::ostream* out);

/// Checks a whole produced stream against its dialect's grammar by parsing everything in it. Every
/// breach becomes one sentence; an empty list is a proper stream.
std::vector<std::string> check_stream(dialect d, std::string_view stream);

/// What a client of the dialect would make of a proper stream.
answer_meaning understand(dialect d, std::string_view stream);

} // namespace axonhub::llm
