#include <gtest/gtest.h>

#include "store/environment.hpp"
#include "store/tables.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

stored_binding used_at(std::string id, std::int64_t ms) {
  auto b = samples::full_binding();
  b.trace = {std::move(id)};
  b.bound.last_used_at = from_unix_ms(ms);
  return b;
}

class bindings_test : public testing::Test {
protected:
  void bind(std::vector<stored_binding> bindings) {
    ASSERT_TRUE(kept->write({{}, {}, std::move(bindings), {}}));
  }

  std::string ids(const std::string& after = {}, std::size_t limit = 100) {
    auto text = std::string{};
    for (const auto& b : kept->list_bindings({after}, limit).value())
      text += b.trace.text + " ";
    return text;
  }

  std::size_t expire(std::int64_t limit, std::size_t count = 100) {
    return kept->expire_bindings(from_unix_ms(limit), count).value();
  }

  tests::temp_folder folder;
  store_config config = samples::config_in(folder.path());
  std::unique_ptr<store> kept = samples::opened(config);
};

TEST_F(bindings_test, are_found_by_their_trace) {
  bind({used_at("a", 1), used_at("b", 2)});
  EXPECT_TRUE(samples::same(kept->find_binding({"b"})->value(), used_at("b", 2)));
  EXPECT_FALSE(*kept->find_binding({"c"}));
}

TEST_F(bindings_test, are_listed_page_by_page_in_the_order_of_ids) {
  bind({used_at("c", 1), used_at("a", 2), used_at("b", 3), used_at("d", 4)});
  EXPECT_EQ(ids(), "a b c d ");
  EXPECT_EQ(ids("", 2), "a b ");
  EXPECT_EQ(ids("b", 2), "c d ");
  EXPECT_EQ(ids("bb", 1), "c ") << "a trace that has gone still says where to go on";
  EXPECT_EQ(ids("d"), "");
  EXPECT_EQ(ids("", 0), "");
}

TEST_F(bindings_test, go_when_they_are_cleared) {
  bind({used_at("a", 1), used_at("b", 1)});
  ASSERT_TRUE(kept->write({{}, {}, {}, {{"a"}, {"never_there"}}}));
  EXPECT_EQ(ids(), "b ");
  EXPECT_EQ(expire(100), 1u) << "and are not counted again";
}

TEST_F(bindings_test, expire_by_their_last_use_the_oldest_first) {
  bind({used_at("new", 30), used_at("old", 10), used_at("mid", 20)});
  EXPECT_EQ(expire(10), 0u) << "the limit itself is not before the limit";
  EXPECT_EQ(expire(30, 1), 1u);
  EXPECT_EQ(ids(), "mid new ");
  EXPECT_EQ(expire(30), 1u);
  EXPECT_EQ(ids(), "new ");
  EXPECT_EQ(expire(30), 0u);
}

TEST_F(bindings_test, that_are_used_again_live_on) {
  bind({used_at("a", 10)});
  bind({used_at("a", 50)});
  bind({used_at("a", 50)});
  EXPECT_EQ(expire(50), 0u);
  EXPECT_EQ(ids(), "a ");
  bind({used_at("a", 5)}); // a clock that went back
  EXPECT_EQ(expire(6), 1u);
  EXPECT_EQ(ids(), "");
}

TEST_F(bindings_test, that_are_damaged_can_be_bound_anew_and_expire) {
  bind({used_at("a", 10), used_at("b", 10)});
  kept.reset();
  {
    const auto env = environment::open({config.folder / "state", config.map_size, false}).value();
    ASSERT_TRUE(write_durably(*env, [](write_transaction& to) -> result<void> {
      const auto t = open_tables(to).value();
      return to.put(t.bindings, "a", "damaged");
    }));
  }
  kept = samples::opened(config);
  EXPECT_EQ(kept->find_binding({"a"}).error(), errc::store_corrupt);
  bind({used_at("a", 20)});
  EXPECT_EQ(expire(15), 1u) << "b; the index entry that a left behind only goes";
  EXPECT_EQ(ids(), "a ");
}

} // namespace
} // namespace axonhub::store
