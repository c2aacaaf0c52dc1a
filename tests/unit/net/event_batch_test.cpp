#include "net/event_batch.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "net/outgoing_body.hpp"

namespace axonhub::net {
namespace {

std::string whole(const event_batch& batch) {
  const auto parts = batch.parts();
  return std::string{parts[0]}.append(parts[1]);
}

TEST(event_batch, passes_untouched_events_as_one_view) {
  const auto bytes = std::string{"aaabbbccc"};
  auto batch = event_batch{bytes};
  const auto view = std::string_view{bytes};
  batch.show(view.substr(3, 3), 3, view.substr(3, 3));
  batch.show(view.substr(6, 3), 6, view.substr(6, 3));
  EXPECT_TRUE(batch.parts()[0].empty());
  EXPECT_EQ(batch.parts()[1].data(), bytes.data() + 3) << "no copy";
  EXPECT_EQ(whole(batch), "bbbccc");
}

TEST(event_batch, keeps_the_order_of_whatever_mixture) {
  for (auto seed = 1u; seed <= 500; ++seed) {
    auto dice = std::mt19937{seed};
    auto bytes = std::string{};
    for (auto i = 0; i < 10; ++i)
      bytes += std::string(1 + dice() % 4, static_cast<char>('a' + i));
    auto batch = event_batch{bytes};
    auto expected = std::string{};
    if (dice() % 2 == 0)
      batch.before = expected = "held ";
    for (auto at = std::size_t{0}; at < bytes.size();) {
      const auto size = bytes.find_first_not_of(bytes[at], at) == std::string::npos
                            ? bytes.size() - at
                            : bytes.find_first_not_of(bytes[at], at) - at;
      const auto event = std::string_view{bytes}.substr(at, size);
      switch (dice() % 3) {
        case 0:
          batch.show(event, at, event);
          expected += event;
          break;
        case 1:
          batch.show(event, at, "<other>");
          expected += "<other>";
          break;
        default: // the client does not get it
          break;
      }
      at += size;
    }
    ASSERT_EQ(whole(batch), expected) << "seed " << seed;
  }
}

TEST(outgoing_body, replaces_parts_without_copying_the_rest) {
  const auto text = std::string{R"({"a":1,"model":"x","b":2})"};
  auto body = outgoing_body{text};
  const auto joined = [&] {
    auto out = std::string{};
    for (const auto part : body.parts())
      out += part;
    EXPECT_EQ(out.size(), body.size());
    return out;
  };
  EXPECT_EQ(joined(), text);
  body.replace({text.find("2"), 1}, "22");
  body.replace({text.find("\"x\""), 3}, "\"longer\"");
  body.replace({1, 6}, "");
  EXPECT_EQ(joined(), R"({"model":"longer","b":22})");
  EXPECT_EQ(body.parts().back().data(), text.data() + text.size() - 1);
}

} // namespace
} // namespace axonhub::net
