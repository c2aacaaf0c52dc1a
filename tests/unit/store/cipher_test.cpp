#include "store/cipher.hpp"

#include <gtest/gtest.h>

namespace axonhub::store {
namespace {

const auto locked = cipher{secret{std::string(32, 'k')}};

TEST(cipher, opens_what_it_sealed) {
  for (const auto* text : {"", "sk-ant-123"}) {
    const auto opened = locked.open(locked.seal(secret{text}, "p"), "p");
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), text);
  }
}

TEST(cipher, seals_the_same_text_differently_each_time) {
  EXPECT_NE(locked.seal(secret{"text"}, "p"), locked.seal(secret{"text"}, "p"));
}

TEST(cipher, opens_with_its_own_key_and_purpose_only) {
  const auto sealed = locked.seal(secret{"text"}, "credential/cr_1");
  EXPECT_FALSE(locked.open(sealed, "credential/cr_2"));
  EXPECT_FALSE(cipher{secret{std::string(32, 'x')}}.open(sealed, "credential/cr_1"));
}

TEST(cipher, refuses_damaged_text) {
  const auto sealed = locked.seal(secret{"text"}, "p");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(locked.open(changed, "p")) << i;
    EXPECT_FALSE(locked.open(sealed.substr(0, i), "p")) << i;
  }
}

} // namespace
} // namespace axonhub::store
