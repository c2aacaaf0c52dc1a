#include <gtest/gtest.h>

#include <functional>

#include "policy/catalog.hpp"
#include "policy/channel_types.hpp"

namespace axonhub::policy {
namespace {

class catalog_change_test : public testing::Test {
protected:
  catalog_change_test() {
    make(project_named("default", "Default"));
    make(project_named("pr_1", "Team"));
    make(profile_named("pf_1", "Fast", "pr_1"));
    make(key_named("ak_1", "hash-1", "pr_1"));
    make(channel_named("ch_1", "Main"));
    make(credential_for("cr_1", "ch_1"));
  }

  static project project_named(std::string id, std::string name) {
    auto p = project{};
    p.id = {std::move(id)};
    p.name = std::move(name);
    return p;
  }
  static api_key key_named(std::string id, std::string hash, std::string in) {
    auto k = api_key{};
    k.id = {std::move(id)};
    k.hash = std::move(hash);
    k.project = {std::move(in)};
    return k;
  }
  static profile profile_named(std::string id, std::string name, std::string in) {
    auto p = profile{};
    p.id = {std::move(id)};
    p.name = std::move(name);
    p.project = {std::move(in)};
    return p;
  }
  static channel channel_named(std::string id, std::string name) {
    auto c = channel{};
    c.id = {std::move(id)};
    c.name = std::move(name);
    c.type = "anthropic";
    c.supported_models = {"m"};
    return c;
  }
  static credential credential_for(std::string id, std::string in) {
    auto c = credential{};
    c.id = {std::move(id)};
    c.channel = {std::move(in)};
    c.value = secret{"sk"};
    return c;
  }

  /// Applies one edit; empty, or why it may not be.
  template <class Edit>
  std::string edit(Edit e, errc* code = nullptr) {
    auto applied = apply(data, {.edits = {std::move(e)}, .audit = {}});
    if (!applied) {
      if (code != nullptr)
        *code = applied.error().code;
      return applied.error().message;
    }
    data = applied->data;
    edits = applied->edits;
    return {};
  }
  template <class Entity>
  std::string make(Entity e, errc* code = nullptr) {
    return edit(put<Entity>{std::move(e)}, code);
  }
  /// Changes what is there and puts it back.
  template <class Table, class Change>
  std::string change(const Table& table, const typename Table::key_type& id, Change how) {
    auto value = table.at(id);
    how(value);
    return make(value);
  }

  catalog_data data;
  std::vector<catalog_edit> edits;
};

TEST_F(catalog_change_test, counts_revisions_up_and_refuses_lost_updates) {
  EXPECT_EQ(data.channels.at({"ch_1"}).revision, 1u);
  auto read = data.channels.at({"ch_1"});
  read.remark = "first";
  EXPECT_EQ(make(read), "");
  EXPECT_EQ(data.channels.at({"ch_1"}).revision, 2u);
  EXPECT_EQ(std::get<put<channel>>(edits.at(0)).value.revision, 2u);
  auto code = errc{};
  EXPECT_EQ(make(read, &code), "the channel has changed since it was read; read it again");
  EXPECT_EQ(code, errc::precondition_failed);
  auto gone = channel_named("ch_new", "New");
  gone.revision = 4;
  EXPECT_EQ(make(gone, &code), "the channel has changed since it was read; read it again");
}

TEST_F(catalog_change_test, refuses_names_and_keys_that_are_taken) {
  auto code = errc{};
  EXPECT_EQ(make(project_named("pr_2", "TEAM"), &code), "another project is called \"TEAM\"");
  EXPECT_EQ(code, errc::already_exists);
  EXPECT_EQ(make(channel_named("ch_2", "main")), "another channel is called \"main\"");
  EXPECT_EQ(make(profile_named("pf_2", "fast", "pr_1")),
            "another profile of this project is called \"fast\"");
  EXPECT_EQ(make(profile_named("pf_2", "fast", "default")), "") << "another project's is free";
  EXPECT_EQ(make(key_named("ak_2", "hash-1", "default"), &code),
            "this key is in use already; choose another");
  EXPECT_EQ(code, errc::already_exists);
  EXPECT_EQ(change(data.keys, {"ak_1"}, [](api_key& k) { k.previous_hash = "hash-0"; }), "");
  EXPECT_EQ(make(key_named("ak_2", "hash-0", "default")),
            "this key is in use already; choose another");
  EXPECT_EQ(make(key_named("ak_2", "hash-2", "default")), "");
}

TEST_F(catalog_change_test, refuses_references_to_what_is_not_there) {
  EXPECT_EQ(make(key_named("ak_9", "h", "pr_9")), "there is no project \"pr_9\"");
  EXPECT_EQ(make(profile_named("pf_9", "P", "pr_9")), "there is no project \"pr_9\"");
  EXPECT_EQ(make(credential_for("cr_9", "ch_9")), "there is no channel \"ch_9\"");
  const auto wear = [](std::string id) { return [id](api_key& k) { k.profile_ids = {{id}}; }; };
  EXPECT_EQ(change(data.keys, {"ak_1"}, wear("pf_9")), "there is no profile \"pf_9\"");
  make(profile_named("pf_2", "Other", "default"));
  EXPECT_EQ(change(data.keys, {"ak_1"}, wear("pf_2")),
            "profile \"Other\" belongs to another project");
  EXPECT_EQ(change(data.keys, {"ak_1"}, [](api_key& k) { k.active_profile_id = {"pf_1"}; }),
            "the active profile must be one of the key's profiles");
  EXPECT_EQ(change(data.profiles, {"pf_1"}, [](profile& p) { p.channel_ids = {{"ch_9"}}; }),
            "there is no channel \"ch_9\"");
}

TEST_F(catalog_change_test, refuses_values_that_cannot_work) {
  const auto no_gopher = require_channel_type("gopher").error().message;
  struct {
    std::string_view expected;
    std::function<void(channel&)> how;
  } cases[] = {
      {"a channel needs a name", [](channel& c) { c.name = " "; }},
      {no_gopher, [](channel& c) { c.type = "gopher"; }},
      {"base_url must begin with https:// or http://", [](channel& c) { c.base_url = "x"; }},
      {"weight must be between 1 and 1000", [](channel& c) { c.weight = 0; }},
      {"weight must be between 1 and 1000", [](channel& c) { c.weight = 1001; }},
      {"model_mappings: from must not be empty",
       [](channel& c) {
         c.model_mappings = {{"", "m"}};
       }},
      {"model_mappings: \"n\" is not in supported_models",
       [](channel& c) {
         c.model_mappings = {{"a", "n"}};
       }},
      {"",
       [](channel& c) {
         c.model_mappings = {{"a", "m"}};
       }},
  };
  for (const auto& [expected, how] : cases)
    EXPECT_EQ(change(data.channels, {"ch_1"}, how), expected);
  EXPECT_EQ(make(project_named("", "x")), "a project needs an id");
  EXPECT_EQ(make(project_named("pr_3", "")), "a project needs a name");
  EXPECT_EQ(make(key_named("ak_3", "", "default")), "a key needs its hash");
  EXPECT_EQ(change(data.credentials, {"cr_1"}, [](credential& c) { c.value = {}; }),
            "a credential needs its value");
  EXPECT_EQ(edit(put_setting{"", "1"}), "a setting needs a name");
}

TEST_F(catalog_change_test, keeps_dependents_where_they_belong) {
  make(channel_named("ch_2", "Second"));
  EXPECT_EQ(change(data.credentials, {"cr_1"}, [](credential& c) { c.channel = {"ch_2"}; }),
            "a credential stays with its channel");
  EXPECT_EQ(change(data.profiles, {"pf_1"}, [](profile& p) { p.project = {"default"}; }),
            "a profile stays in its project; make a new one there");
}

TEST_F(catalog_change_test, deletes_a_channel_with_its_credentials) {
  make(channel_named("ch_2", "Second"));
  make(credential_for("cr_2", "ch_2"));
  EXPECT_EQ(edit(erase<channel_id>{{"ch_1"}}), "");
  EXPECT_FALSE(data.channels.contains({"ch_1"}));
  EXPECT_FALSE(data.credentials.contains({"cr_1"}));
  EXPECT_TRUE(data.credentials.contains({"cr_2"}));
  ASSERT_EQ(edits.size(), 2u) << "the store hears of both";
  EXPECT_EQ(std::get<erase<credential_id>>(edits[0]).id, credential_id{"cr_1"});
  EXPECT_EQ(std::get<erase<channel_id>>(edits[1]).id, channel_id{"ch_1"});
}

TEST_F(catalog_change_test, does_not_widen_a_profile_whose_channel_goes) {
  EXPECT_EQ(change(data.profiles, {"pf_1"}, [](profile& p) { p.channel_ids = {{"ch_1"}}; }), "");
  EXPECT_EQ(edit(erase<channel_id>{{"ch_1"}}), "");
  EXPECT_EQ(data.profiles.at({"pf_1"}).channel_ids.size(), 1u);
  EXPECT_EQ(change(data.profiles, {"pf_1"}, [](profile& p) { p.name = "Slow"; }), "")
      << "and the profile can still be changed";
}

TEST_F(catalog_change_test, deletes_no_project_or_profile_that_keys_use) {
  auto code = errc{};
  EXPECT_EQ(edit(erase<project_id>{{"default"}}, &code),
            "the default project stays; rename it instead");
  EXPECT_EQ(code, errc::precondition_failed);
  EXPECT_EQ(edit(erase<project_id>{{"pr_1"}}),
            "keys of the project: 1; delete them or give them to another project first");
  change(data.keys, {"ak_1"}, [](api_key& k) { k.profile_ids = {{"pf_1"}}; });
  EXPECT_EQ(edit(erase<profile_id>{{"pf_1"}}),
            "keys that wear the profile: 1; take it from them first");
  EXPECT_EQ(edit(erase<key_id>{{"ak_1"}}), "");
  EXPECT_EQ(edit(erase<project_id>{{"pr_1"}}), "");
  EXPECT_TRUE(data.profiles.empty()) << "its profiles went with it";
}

TEST_F(catalog_change_test, says_what_is_not_there_to_delete) {
  auto code = errc{};
  EXPECT_EQ(edit(erase<key_id>{{"ak_9"}}, &code), "there is no key \"ak_9\"");
  EXPECT_EQ(code, errc::not_found);
}

TEST_F(catalog_change_test, applies_all_edits_or_none) {
  const auto change = catalog_change{
      .edits = {put<channel>{channel_named("ch_2", "Second")},
                put<credential>{credential_for("cr_2", "ch_2")}, put_setting{"theme", "\"dark\""}},
      .audit = {}};
  const auto applied = apply(data, change);
  ASSERT_TRUE(applied) << "a later edit may build on an earlier one";
  EXPECT_EQ(applied->edits.size(), 3u);
  EXPECT_EQ(applied->data.settings.at("theme"), "\"dark\"");
  EXPECT_FALSE(data.channels.contains({"ch_2"})) << "the data it came from is untouched";
}

TEST_F(catalog_change_test, replaces_prices_as_a_whole_and_by_their_revision) {
  auto row = price{};
  row.model = "m";
  EXPECT_EQ(edit(put_prices{{.rows = {row}, .revision = 0}}), "");
  EXPECT_EQ(data.prices.revision, 1u);
  auto code = errc{};
  EXPECT_EQ(edit(put_prices{{.rows = {}, .revision = 0}}, &code),
            "the prices have changed since they were read; read them again");
  EXPECT_EQ(code, errc::precondition_failed);
  EXPECT_EQ(edit(put_prices{{.rows = {row, row}, .revision = 1}}),
            "items/1: the model has this price twice");
  row.channel = {"ch_9"};
  EXPECT_EQ(edit(put_prices{{.rows = {row}, .revision = 1}}),
            "items/0: there is no channel \"ch_9\"");
  EXPECT_EQ(data.prices.rows.size(), 1u);
  EXPECT_EQ(edit(put_prices{{.rows = {}, .revision = 1}}), "");
  EXPECT_TRUE(data.prices.rows.empty());
}

TEST_F(catalog_change_test, refuses_budgets_and_quotas_that_make_no_sense) {
  auto key = data.keys.at({"ak_1"});
  key.budgets = {{.counter = "a", .amount = decimal{1}}, {.counter = "b", .amount = decimal{2}}};
  EXPECT_EQ(make(key), "budgets/0: another budget has the same unit and period");
  key.budgets = {{.counter = "a"}};
  EXPECT_EQ(make(key), "budgets/0: the amount must be above zero and at most 10^12");
  auto worn = data.profiles.at({"pf_1"});
  worn.quota = profile_quota{};
  EXPECT_EQ(make(worn), "quota: a quota needs requests, total_tokens or cost");
}

} // namespace
} // namespace axonhub::policy
