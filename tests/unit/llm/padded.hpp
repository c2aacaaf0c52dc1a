#pragma once

#include "llm/peek.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// A body as net/ holds it: with free bytes behind its end.
inline std::string padded(std::string_view text) {
  auto body = std::string{};
  body.reserve(text.size() + body_padding);
  body = text; // returned by name: a copy would have no room to spare
  return body;
}

inline std::string fixture(const std::string& name) {
  auto file = std::ifstream{std::string{AXONHUB_FIXTURES} + "/llm/" + name, std::ios::binary};
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace axonhub::llm
