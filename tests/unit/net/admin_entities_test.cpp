#include <gtest/gtest.h>

#include "net/admin/channel_json.hpp"
#include "net/admin/key_json.hpp"
#include "net/admin/patch.hpp"
#include "net/admin/problem.hpp"

namespace axonhub::net {
namespace {

constexpr auto now = wall_time{std::chrono::hours{24 * 365}};

/// The first field that is refused; empty when none is.
template <class Entity, class Read>
std::string refused_field(Read read, std::string_view body) {
  auto to = Entity{};
  try {
    read(parse_object(body), json(nullptr), to);
  } catch (const problem& p) {
    return p.errors.empty() ? p.detail : p.errors.front().pointer;
  }
  return {};
}

constexpr auto read_new_channel_json = [](const json& whole, const json& shown,
                                          policy::channel& to) { read_channel(whole, shown, to); };
constexpr auto read_new_key_json = [](const json& whole, const json& shown, policy::api_key& to) {
  read_key(whole, shown, to);
};

TEST(read_channel, refuses_by_the_field) {
  struct {
    std::string_view more;
    std::string_view expected;
  } cases[] = {
      {R"("weight":7)", ""},
      {R"("type":"claudecode")", ""},
      {R"("limits":{},"request_overrides":{"headers":[],"body":[]},"quota":{},"clients":"any")",
       ""},
      {R"("timeouts":{"connect_ms":500})", ""},
      {R"("type":"no-such-type")", "/type"},
      {R"("base_url":"ftp://x")", "/base_url"},
      {R"("base_url":"http://user@x")", "/base_url"},
      {R"("base_urll":"http://x")", "/base_urll"},
      {R"("weight":"heavy")", "/weight"},
      {R"("weight":0)", "/weight"},
      {R"("weight":1001)", "/weight"},
      {R"("supported_models":[""])", "/supported_models"},
      {R"("model_mappings":[{"from":"a"}])", "/model_mappings/0/to"},
      {R"("timeouts":{"connect_ms":0})", "/timeouts/connect_ms"},
      {R"("timeouts":{"conect_ms":5})", "/timeouts/conect_ms"},
      {R"("ca_certificates":"no certificate")", "/ca_certificates"},
      {R"("limits":{"rpm":0})", "/limits/rpm"},
      {R"("limits":{"speed":5})", "/limits/speed"},
      {R"("clients":"claude-code")", "/clients"},
      {R"("request_overrides":{"headers":[{"op":"set"}]})", "/request_overrides"},
      {R"("quota":{"soft_threshold":0.5})", "/quota"},
      {R"("model_capabilities":{"a":{"images":false,"max_context_tokens":5}})", ""},
      {R"("model_capabilities":{"a":{"reasoning_effort":false,"adaptive_thinking":true}})", ""},
      {R"("model_capabilities":{"a":{"adaptive_thinking":1}})",
       "/model_capabilities/a/adaptive_thinking"},
      {R"("model_capabilities":[])", "/model_capabilities"},
      {R"("model_capabilities":{"a":{"image":true}})", "/model_capabilities/a/image"},
      {R"("model_capabilities":{"a(":{}})", "/model_capabilities/a("},
      {R"("model_capabilities":{"a":{"max_output_tokens":0}})",
       "/model_capabilities/a/max_output_tokens"},
      {R"("compatibility":{"billing_line":"drop","late_system":false})", ""},
      {R"("compatibility":{"billing_line":"auto"})", ""},
      {R"("compatibility":{"reasoning":"loud"})", "/compatibility/reasoning"},
      {R"("compatibility":{"a":true})", "/compatibility/a"},
      {R"("billing":"subscription")", "/billing"},
      {R"("status":"enabled")", "/status"},
      {R"("id":"ch_mine")", "/id"},
  };
  for (const auto& [more, expected] : cases) {
    const auto has_type = more.starts_with("\"type\"");
    const auto body = std::string{R"({"name":"c",)"} + (has_type ? "" : R"("type":"anthropic",)") +
                      std::string{more} + "}";
    EXPECT_EQ(refused_field<policy::channel>(read_new_channel_json, body), expected) << body;
  }
  EXPECT_EQ(refused_field<policy::channel>(read_new_channel_json, R"({"type":"anthropic"})"),
            "/name");
}

TEST(read_channel, reads_what_was_shown) {
  auto c = policy::channel{};
  c.id.text = "ch_1";
  c.name = "main";
  c.type = "anthropic";
  c.base_url = "https://api.example";
  c.supported_models = {"a", "b"};
  c.model_mappings = {{"x", "a"}};
  c.tags = {"fast"};
  c.priority = -2;
  c.weight = 7;
  c.timeouts.first_byte = milliseconds{500};
  c.allow_private_network = true;
  c.last_test = policy::channel_test{now, true, "ok"};
  const auto shown = to_json(c, {}, {}, now);
  auto again = policy::channel{};
  read_channel(shown, shown, again);
  EXPECT_EQ(settings_to_json(again), settings_to_json(c));
  auto changed = c;
  read_channel(patched(shown, parse_object(R"({"weight":9,"tags":null})")), shown, changed);
  EXPECT_EQ(changed.weight, 9u);
  EXPECT_TRUE(changed.tags.empty());
  EXPECT_EQ(changed.supported_models, c.supported_models);
  EXPECT_EQ(changed.id, c.id);
}

TEST(credential, shows_its_state_and_never_its_value) {
  auto c = policy::credential{};
  c.id.text = "cr_1";
  c.value = secret{"sk-ant-planted-secret-1234"};
  auto health = policy::health_view{};
  EXPECT_EQ(to_json(c, health, now)["status"], "ok");
  EXPECT_EQ(to_json(c, health, now)["hint"], "1234");
  EXPECT_EQ(to_text(to_json(c, health, now)).find("planted"), std::string::npos);

  auto& rest = health.cooldowns.emplace_back();
  rest.credential = c.id;
  rest.why = policy::reason::credential_cooling;
  rest.until = now + milliseconds{1};
  EXPECT_EQ(to_json(c, health, now)["status"], "cooling");
  EXPECT_EQ(to_json(c, health, now)["until"], to_rfc3339(*rest.until));
  c.invalid_reason = "HTTP 401";
  EXPECT_EQ(to_json(c, health, now)["status"], "invalid");
  c.expires_at = now;
  EXPECT_EQ(to_json(c, health, now)["status"], "expired");
}

TEST(read_credential_value, refuses_what_cannot_travel_in_a_header) {
  EXPECT_EQ(read_credential_value(" sk-good ", "/value").reveal(), "sk-good");
  for (const auto& wrong : {json(""), json("a b"), json("a\r\nx: y"), json("\xc3\xa9"), json(5),
                            json(std::string(8000, 'x'))})
    EXPECT_THROW(read_credential_value(wrong, "/value"), problem) << wrong;
}

TEST(read_key, refuses_what_nothing_enforces) {
  struct {
    std::string_view body;
    std::string_view expected;
  } cases[] = {
      {R"({"name":"a"})", ""},
      {R"({"name":"a","labels":{"team":"x"},"expires_at":"2030-01-01T00:00:00Z"})", ""},
      {R"({"name":"a","limits":{},"budgets":[],"allowed_ips":[],"profile_ids":[]})", ""},
      {R"({"name":"a","store_bodies":"off","on_client_gone":"cancel"})", ""},
      {R"({})", "/name"},
      {R"({"name":"  "})", "/name"},
      {R"({"name":"a","enbled":true})", "/enbled"},
      {R"({"name":"a","limits":{"rpm":1}})", ""},
      {R"({"name":"a","limits":{"rpm":0}})", "/limits/rpm"},
      {R"({"name":"a","budgets":[{"amount":1}]})", "/budgets/0/unit"},
      {R"({"name":"a","allowed_ips":["10.0.0.1"]})", "/allowed_ips"},
      {R"({"name":"a","store_bodies":"all"})", "/store_bodies"},
      {R"({"name":"a","on_client_gone":"drain"})", ""},
      {R"({"name":"a","on_client_gone":"wait"})", "/on_client_gone"},
      {R"({"name":"a","profile_ids":["p"],"active_profile_id":"p"})", ""},
      {R"({"name":"a","profile_ids":"p"})", "/profile_ids"},
      {R"({"name":"a","labels":{"team":5}})", "/labels/team"},
      {R"({"name":"a","prefix":"ah-"})", "/prefix"},
  };
  for (const auto& [body, expected] : cases)
    EXPECT_EQ(refused_field<policy::api_key>(read_new_key_json, body), expected) << body;
}

TEST(key, shows_no_secret) {
  auto key = policy::api_key{};
  key.id.text = "key_1";
  key.hash = "planted-hash";
  key.previous_hash = "planted-older-hash";
  EXPECT_EQ(to_text(to_json(key)).find("planted"), std::string::npos);
}

} // namespace
} // namespace axonhub::net
