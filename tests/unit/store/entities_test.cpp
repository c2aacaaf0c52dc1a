#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

class entities_test : public testing::Test {
protected:
  void reopen() {
    kept.reset();
    kept = samples::opened(samples::config_in(folder.path()));
  }

  policy::catalog_data load() { return kept->load_catalog().value(); }

  tests::temp_folder folder;
  std::unique_ptr<store> kept = samples::opened(samples::config_in(folder.path()));
};

TEST_F(entities_test, keep_every_field) {
  ASSERT_TRUE(kept->write(samples::full_batch()));
  samples::expect_full_batch(*kept);
}

TEST_F(entities_test, are_there_after_reopening) {
  ASSERT_TRUE(kept->write(samples::full_batch()));
  const auto hash_key = kept->hash_key();
  reopen();
  samples::expect_full_batch(*kept);
  EXPECT_EQ(kept->hash_key(), hash_key);
}

TEST_F(entities_test, with_defaults_only_are_kept_too) {
  auto key = policy::api_key{};
  key.id = {"key_1"};
  auto channel = policy::channel{};
  channel.id = {"ch_1"};
  auto credential = policy::credential{};
  credential.id = {"cr_1"};
  ASSERT_TRUE(
      kept->write({{policy::put<policy::api_key>{key}, policy::put<policy::channel>{channel},
                    policy::put<policy::credential>{credential}},
                   {},
                   {},
                   {}}));
  const auto data = load();
  EXPECT_TRUE(samples::same(data.keys.at({"key_1"}), key));
  EXPECT_TRUE(samples::same(data.channels.at({"ch_1"}), channel));
  EXPECT_TRUE(samples::same(data.credentials.at({"cr_1"}), credential));
}

TEST_F(entities_test, are_replaced_by_their_id) {
  ASSERT_TRUE(kept->write(samples::full_batch()));
  auto changed = samples::full_channel();
  changed.name = "renamed";
  changed.last_test.reset();
  ASSERT_TRUE(kept->write(
      {{policy::put<policy::channel>{changed}, policy::put_setting{"admin.password", "null"}},
       {},
       {},
       {}}));
  const auto data = load();
  EXPECT_EQ(data.channels.size(), 1u);
  EXPECT_TRUE(samples::same(data.channels.at({"ch_full"}), changed));
  EXPECT_EQ(data.settings.at("admin.password"), "null");
}

TEST_F(entities_test, go_when_they_are_erased) {
  ASSERT_TRUE(kept->write(samples::full_batch()));
  ASSERT_TRUE(
      kept->write({{policy::erase<project_id>{{"pr_full"}}, policy::erase<key_id>{{"key_full"}},
                    policy::erase<profile_id>{{"pf_full"}}, policy::erase<channel_id>{{"ch_full"}},
                    policy::erase<credential_id>{{"cr_full"}},
                    policy::erase<credential_id>{{"cr_never_there"}}},
                   {},
                   {},
                   {}}));
  reopen();
  const auto data = load();
  EXPECT_EQ(data.projects.size(), 1u) << "the default one";
  EXPECT_TRUE(data.keys.empty());
  EXPECT_TRUE(data.profiles.empty());
  EXPECT_TRUE(data.channels.empty());
  EXPECT_TRUE(data.credentials.empty());
}

TEST_F(entities_test, of_a_batch_that_fails_leave_no_trace) {
  auto batch = samples::full_batch();
  batch.bindings.push_back({}); // no id: it cannot be stored
  const auto done = kept->write(batch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), errc::invalid_argument);
  EXPECT_TRUE(load().channels.empty());
  EXPECT_TRUE(kept->list_audit("", 10)->first.empty());
  EXPECT_TRUE(kept->write(samples::full_batch())) << "and the next batch is none the worse";
}

TEST_F(entities_test, have_ids_of_at_most_511_bytes) {
  auto project = policy::project{};
  project.id = {std::string(511, 'p')};
  EXPECT_TRUE(kept->write({{policy::put<policy::project>{project}}, {}, {}, {}}));
  project.id = {std::string(512, 'p')};
  EXPECT_EQ(kept->write({{policy::put<policy::project>{project}}, {}, {}, {}}).error(),
            errc::invalid_argument);
}

TEST_F(entities_test, can_be_far_larger_than_a_page) {
  auto channel = samples::full_channel();
  channel.ca_certificates = std::string(1 << 20, 'c');
  ASSERT_TRUE(kept->write({{policy::put<policy::channel>{channel}}, {}, {}, {}}));
  EXPECT_TRUE(samples::same(load().channels.at({"ch_full"}), channel));
}

} // namespace
} // namespace axonhub::store
