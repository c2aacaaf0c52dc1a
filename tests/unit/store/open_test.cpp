#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "store/environment.hpp"
#include "store/meta_table.hpp"
#include "store/migrations.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

/// Changes the tables behind the store's back.
void tamper(const store_config& config,
            const std::function<result<void>(write_transaction&, const tables&)>& change) {
  const auto env = environment::open({config.folder / "state", config.map_size, false}).value();
  ASSERT_TRUE(write_durably(
      *env, [&](write_transaction& to) { return change(to, open_tables(to).value()); }));
}

void plant_schema(const store_config& config, std::uint64_t version) {
  tamper(config, [version](write_transaction& to, const tables& t) {
    return write_schema_version(to, t, version);
  });
}

class open_test : public testing::Test {
protected:
  failure refusal_of(const store_config& c) {
    const auto refused = store::open(c);
    return refused ? failure{errc{}, "it opened"} : refused.error();
  }

  tests::temp_folder folder;
  store_config config = samples::config_in(folder.path() / "new" / "store");
};

TEST_F(open_test, makes_a_store_with_the_default_project) {
  const auto data = samples::opened(config)->load_catalog().value();
  ASSERT_EQ(data.projects.size(), 1u);
  const auto& first = data.projects.at({"default"});
  EXPECT_EQ(first.name, "default");
  EXPECT_EQ(first.revision, 1u);
  EXPECT_GT(first.created_at, wall_now() - std::chrono::minutes{1});
}

TEST_F(open_test, keeps_everything_from_other_users) {
  config.master_key = {};
  samples::opened(config);
  EXPECT_EQ(mode_of(folder.path() / "new"), 0700u);
  EXPECT_EQ(mode_of(config.folder), 0700u);
  EXPECT_EQ(mode_of(config.folder / "state"), 0700u);
  EXPECT_EQ(mode_of(config.folder / "master.key"), 0600u);
  for (const auto* file : {"data.mdb", "lock.mdb", "open.lock"})
    EXPECT_EQ(mode_of(config.folder / "state" / file), 0600u) << file;
}

TEST_F(open_test, keeps_the_hash_key_and_makes_another_for_another_store) {
  const auto first = samples::opened(config)->hash_key();
  EXPECT_EQ(first.reveal().size(), 32u);
  EXPECT_EQ(samples::opened(config)->hash_key(), first);
  EXPECT_FALSE(samples::opened(samples::config_in(folder.path() / "other"))->hash_key() == first);
}

TEST_F(open_test, refuses_a_wrong_master_key_and_changes_nothing) {
  ASSERT_TRUE(samples::opened(config)->write(samples::full_batch()));
  auto wrong = config;
  wrong.master_key = secret{"another master key, of 32 characters"};
  const auto refused = refusal_of(wrong);
  EXPECT_EQ(refused.code, errc::wrong_master_key);
  EXPECT_NE(refused.message.find("AXONHUB_MASTER_KEY"), std::string::npos) << refused.message;
  samples::expect_full_batch(*samples::opened(config));
}

TEST_F(open_test, refuses_a_lost_master_key_without_making_a_new_one) {
  config.master_key = {};
  samples::opened(config);
  std::filesystem::remove(config.folder / "master.key");
  EXPECT_EQ(refusal_of(config).code, errc::wrong_master_key);
  EXPECT_FALSE(std::filesystem::exists(config.folder / "master.key"));
}

TEST_F(open_test, opens_with_the_key_that_it_generated) {
  config.master_key = {};
  ASSERT_TRUE(samples::opened(config)->write(samples::full_batch()));
  samples::expect_full_batch(*samples::opened(config));
}

TEST_F(open_test, takes_schema_0_forward_and_keeps_what_is_there) {
  ASSERT_TRUE(samples::opened(config)->write(samples::full_batch()));
  tamper(config, [](write_transaction& to, const tables& t) -> result<void> {
    if (auto done = to.erase(t.projects, "default"); !done)
      return done;
    return write_schema_version(to, t, 0);
  });
  const auto migrated = samples::opened(config);
  samples::expect_full_batch(*migrated);
  EXPECT_TRUE(migrated->load_catalog()->projects.contains({"default"}));
}

TEST_F(open_test, migrates_once) {
  auto data = samples::opened(config)->load_catalog().value();
  ASSERT_TRUE(
      samples::opened(config)->write({{policy::erase<project_id>{{"default"}}}, {}, {}, {}}));
  EXPECT_FALSE(samples::opened(config)->load_catalog()->projects.contains({"default"}));
}

TEST_F(open_test, refuses_the_store_of_a_later_release) {
  ASSERT_TRUE(samples::opened(config)->write(samples::full_batch()));
  plant_schema(config, current_schema() + 1);
  const auto refused = refusal_of(config);
  EXPECT_EQ(refused.code, errc::store_too_new);
  EXPECT_NE(refused.message.find("schema 2"), std::string::npos) << refused.message;
  plant_schema(config, current_schema());
  samples::expect_full_batch(*samples::opened(config));
}

TEST_F(open_test, refuses_a_second_opening_until_the_first_ends) {
  auto first = samples::opened(config);
  const auto refused = refusal_of(config);
  EXPECT_EQ(refused.code, errc::already_exists);
  EXPECT_NE(refused.message.find(config.folder.string()), std::string::npos) << refused.message;
  EXPECT_TRUE(first->write(samples::full_batch())) << "the first is none the worse";
  first.reset();
  samples::expect_full_batch(*samples::opened(config));
}

TEST_F(open_test, refuses_a_folder_that_is_a_file) {
  std::ofstream{folder.path() / "new"} << "text";
  const auto refused = refusal_of(config);
  EXPECT_EQ(refused.code, errc::store_failed);
  EXPECT_NE(refused.message.find((folder.path() / "new").string()), std::string::npos)
      << refused.message;
}

TEST_F(open_test, refuses_a_file_that_is_not_lmdb) {
  std::filesystem::create_directories(config.folder / "state");
  std::ofstream{config.folder / "state" / "data.mdb"} << std::string(8192, 'x');
  EXPECT_EQ(refusal_of(config).code, errc::store_corrupt);
}

TEST_F(open_test, names_a_damaged_value_as_corrupt) {
  samples::opened(config);
  tamper(config, [](write_transaction& to, const tables& t) {
    return to.put(t.channels, "ch_1", "\x01 not what we wrote");
  });
  EXPECT_EQ(samples::opened(config)->load_catalog().error(), errc::store_corrupt);
}

TEST_F(open_test, notices_sealed_secrets_that_changed_places) {
  auto first = samples::full_credential();
  auto second = first;
  second.id = {"cr_second"};
  ASSERT_TRUE(samples::opened(config)->write(
      {{policy::put<policy::credential>{first}, policy::put<policy::credential>{second}},
       {},
       {},
       {}}));
  tamper(config, [](write_transaction& to, const tables& t) {
    const auto other = std::string{to.get(t.credentials, "cr_second").value()};
    return to.put(t.credentials, "cr_full", other);
  });
  EXPECT_EQ(samples::opened(config)->load_catalog().error(), errc::store_corrupt);
}

} // namespace
} // namespace axonhub::store
