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

policy::model_binding bound_for(std::uint64_t model, std::string channel, std::string credential) {
  auto b =
      policy::model_binding{.model = model, .name = "model " + std::to_string(model), .bound = {}};
  b.bound.channel = {std::move(channel)};
  b.bound.credential = {std::move(credential)};
  b.bound.last_used_at = from_unix_ms(static_cast<std::int64_t>(100 - model));
  return b;
}

std::string channels_of(const stored_binding& b) {
  auto text = std::string{};
  for (const auto& one : b.all())
    text += one.name + "@" + one.bound.channel.text + " ";
  return text;
}

TEST_F(bindings_test, are_kept_for_each_model) {
  auto several = used_at("a", 1);
  several.set({bound_for(1, "x", "c"), bound_for(~std::uint64_t{0}, "y", "c")});
  bind({several});
  const auto found = kept->find_binding({"a"})->value();
  EXPECT_EQ(channels_of(found), "model 1@x model 18446744073709551615@y ");
  EXPECT_EQ(found.all()[1].model, ~std::uint64_t{0});
}

TEST_F(bindings_test, go_with_their_channel_or_credential) {
  auto several = used_at("several", 1);
  several.set({bound_for(1, "x", "c"), bound_for(2, "y", "d"), bound_for(3, "z", "e")});
  auto one = used_at("one", 1);
  one.set({bound_for(1, "x", "c")});
  bind({several, one, used_at("other", 1)});
  auto batch = write_batch{};
  batch.edits.push_back(policy::erase<channel_id>{{"x"}});
  batch.edits.push_back(policy::erase<credential_id>{{"e"}});
  ASSERT_TRUE(kept->write(batch));
  EXPECT_EQ(ids(), "other several ");
  EXPECT_EQ(channels_of(*kept->find_binding({"several"}).value()), "model 2@y ");
  EXPECT_EQ(expire(200), 2u) << "their index has followed";
}

} // namespace
} // namespace axonhub::store
