#include "policy/catalog.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/text.hpp"

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

const auto hash_key = secret{std::string(32, 'k')};
constexpr auto now = wall_time{24h * 365};

api_key key_for(std::string_view id, std::string_view text) {
  auto key = api_key{};
  key.id = {std::string{id}};
  key.project = {"default"};
  key.hash = hash_client_key(hash_key, text);
  return key;
}

channel channel_of(std::string_view id, std::vector<std::string> models,
                   channel_status status = channel_status::enabled) {
  auto c = channel{};
  c.id = {std::string{id}};
  c.name = id;
  c.type = "anthropic";
  c.status = status;
  c.supported_models = std::move(models);
  return c;
}

TEST(hash_client_key, is_a_keyed_hash) {
  // RFC 4231, test cases 1 and 2.
  EXPECT_EQ(to_hex(hash_client_key(secret{std::string(20, '\x0b')}, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hash_client_key(secret{"Jefe"}, "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(hash_client_key(hash_key, "a"), hash_client_key(hash_key, "b"));
}

TEST(catalog, authenticates_keys_that_are_enabled_and_in_time) {
  struct {
    std::string_view name;
    std::function<void(api_key&)> change;
    bool expected;
  } cases[] = {
      {"as made", [](api_key&) {}, true},
      {"disabled", [](api_key& k) { k.enabled = false; }, false},
      {"expires later", [](api_key& k) { k.expires_at = now + 1ms; }, true},
      {"expired now", [](api_key& k) { k.expires_at = now; }, false},
      {"another hash", [](api_key& k) { k.hash = hash_client_key(hash_key, "other"); }, false},
      {"rotated, old one within its overlap",
       [](api_key& k) {
         k.previous_hash = std::exchange(k.hash, hash_client_key(hash_key, "new"));
         k.previous_until = now + 1ms;
       },
       true},
      {"rotated, overlap over",
       [](api_key& k) {
         k.previous_hash = std::exchange(k.hash, hash_client_key(hash_key, "new"));
         k.previous_until = now;
       },
       false},
      {"rotated without overlap",
       [](api_key& k) {
         k.previous_hash = std::exchange(k.hash, hash_client_key(hash_key, "new"));
       },
       false},
      {"rotated, disabled",
       [](api_key& k) {
         k.previous_hash = std::exchange(k.hash, hash_client_key(hash_key, "new"));
         k.previous_until = now + 1h;
         k.enabled = false;
       },
       false},
  };
  for (const auto& [name, change, expected] : cases) {
    SCOPED_TRACE(name);
    auto data = catalog_data{};
    auto key = key_for("ak_1", "ah-secret");
    change(key);
    data.keys.emplace(key.id, key);
    const auto tested = catalog{data, hash_key};
    const auto* found = tested.authenticate("ah-secret", now);
    ASSERT_EQ(found != nullptr, expected);
    EXPECT_EQ(found == nullptr ? key_id{} : found->id, expected ? key.id : key_id{});
    EXPECT_EQ(tested.authenticate("", now), nullptr);
    EXPECT_EQ(tested.authenticate("ah-secre", now), nullptr);
  }
}

TEST(catalog, knows_which_enabled_channels_serve_a_model) {
  auto data = catalog_data{};
  auto b = channel_of("ch_b", {"v/m"});
  b.auto_trimmed_model_prefixes = {"v"};
  b.priority = 3;
  b.weight = 7;
  auto shy = channel_of("ch_c", {"shy"});
  shy.hide_original_models = true;
  for (const auto& c : {channel_of("ch_a", {"m"}), b, shy,
                        channel_of("ch_off", {"m", "only-off"}, channel_status::disabled)})
    data.channels.emplace(c.id, c);
  const auto tested = catalog{data, hash_key};

  const auto& serving = tested.serving("m");
  ASSERT_EQ(serving.size(), 2u);
  EXPECT_EQ(serving[0].channel, channel_id{"ch_a"});
  EXPECT_EQ(serving[0].upstream_model, "m");
  EXPECT_EQ(serving[1].channel, channel_id{"ch_b"});
  EXPECT_EQ(serving[1].upstream_model, "v/m");
  EXPECT_EQ(serving[1].priority, 3);
  EXPECT_EQ(serving[1].weight, 7u);

  EXPECT_EQ(tested.models(), (std::vector<std::string>{"m", "v/m"}));
  EXPECT_EQ(tested.serving("shy").size(), 1u) << "hidden, not gone";
  EXPECT_TRUE(tested.serving("only-off").empty());
  EXPECT_TRUE(tested.knows_model("only-off"));
  EXPECT_FALSE(tested.knows_model("nobody-has-it"));
}

TEST(catalog, finds_entities_and_lists_credentials_in_the_order_of_their_creation) {
  auto data = catalog_data{};
  data.channels.emplace(channel_id{"ch_a"}, channel_of("ch_a", {"m"}));
  for (const auto& [id, at] : {std::pair{"cr_1", 30}, {"cr_2", 10}, {"cr_3", 20}}) {
    auto c = credential{};
    c.id = {id};
    c.channel = {"ch_a"};
    c.created_at = from_unix_ms(at);
    data.credentials.emplace(c.id, c);
  }
  auto worn = profile{};
  worn.id = {"pf_1"};
  data.profiles.emplace(worn.id, worn);
  const auto tested = catalog{data, hash_key};

  auto order = std::string{};
  for (const auto* c : tested.credentials_of({"ch_a"}))
    order += c->id.text.back();
  EXPECT_EQ(order, "231");
  EXPECT_TRUE(tested.credentials_of({"ch_z"}).empty());
  EXPECT_EQ(tested.find_credential({"cr_3"})->id, credential_id{"cr_3"});
  EXPECT_EQ(tested.find_channel({"ch_z"}), nullptr);

  auto key = key_for("ak_1", "x");
  EXPECT_EQ(tested.active_profile(key), nullptr);
  key.active_profile_id = {"pf_1"};
  EXPECT_EQ(tested.active_profile(key)->id, worn.id);
}

} // namespace
} // namespace axonhub::policy
