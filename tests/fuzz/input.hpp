#pragma once

#include "llm/dialect.hpp"
#include "llm/peek.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// What the fuzz targets share.
namespace axonhub::fuzz {

/// The bytes that libFuzzer made up: one that chooses the case ('0' is the first, so that seeds can
/// be written by hand), one that chooses where the text is cut, and the text.
struct input {
  std::size_t choice = 0;
  unsigned char cuts = 0;
  std::string_view text;

  input(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
      return;
    choice = static_cast<unsigned char>(data[0] - '0');
    cuts = data[1];
    text = {reinterpret_cast<const char*>(data) + 2, size - 2};
  }
};

/// Makes a broken promise a finding: the process dies, and libFuzzer keeps the input.
inline void demand(bool holds, std::string_view promise, std::string_view shown = {}) {
  if (holds)
    return;
  std::cerr << "broken promise: " << promise << '\n' << shown << '\n';
  std::abort();
}

/// Whether `part` lies inside `whole`; an empty one lies anywhere.
inline bool is_inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Gives a text in pieces to `take`, which returns how many of the bytes pending it is done with.
/// `cuts` 0: in one piece; 1: byte by byte; else in random ones of that seed.
template <class F>
std::string feed_in_pieces(std::string_view text, unsigned char cuts, F&& take) {
  auto random = std::minstd_rand{cuts};
  auto pending = std::string{};
  while (!text.empty()) {
    const auto size = cuts == 0 ? text.size() : cuts == 1 ? 1 : 1 + random() % (cuts * 2);
    const auto piece = text.substr(0, size);
    text.remove_prefix(piece.size());
    pending += piece;
    // An exact copy: what reads beyond the pending bytes is seen.
    const auto exact = std::vector<char>(pending.begin(), pending.end());
    pending.erase(0, take(std::string_view{exact.data(), exact.size()}));
  }
  return pending;
}

struct dialect_pair {
  llm::dialect from, to;
};

/// Which conversion a choice means.
inline dialect_pair to_pair(std::size_t choice) {
  using enum llm::dialect;
  constexpr auto pairs = std::array{
      dialect_pair{anthropic, openai_chat},      dialect_pair{anthropic, openai_responses},
      dialect_pair{openai_chat, anthropic},      dialect_pair{openai_chat, openai_responses},
      dialect_pair{openai_responses, anthropic}, dialect_pair{openai_responses, openai_chat},
  };
  return pairs[choice % pairs.size()];
}

/// Which variation of a pair a choice means; 0 is the plain one.
inline std::size_t to_variation(std::size_t choice) { return choice / 6; }

/// A body as net/ holds it: with free bytes behind its end.
inline std::string padded(std::string_view text) {
  auto body = std::string{};
  body.reserve(text.size() + llm::body_padding);
  body = text;
  return body;
}

} // namespace axonhub::fuzz
