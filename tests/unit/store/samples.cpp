#include "tests/unit/store/samples.hpp"

#include <tuple>

namespace axonhub::store::samples {

policy::project full_project() {
  return {{"pr_full"}, "Müller & Söhne", from_unix_ms(1'795'000'000'001), 3};
}

policy::api_key full_key() {
  auto x = policy::api_key{};
  x.id = {"key_full"};
  x.project = {"pr_full"};
  x.name = "laptop";
  x.prefix = "ah-1234";
  x.hash = std::string{"\0hash", 5};
  x.previous_hash = "older";
  x.previous_until = from_unix_ms(1'795'000'000'002);
  x.enabled = false;
  x.profile_ids = {{"pf_1"}, {"pf_full"}};
  x.active_profile_id = {"pf_full"};
  x.labels = {{"team", "infra"}, {"cost", ""}};
  x.expires_at = from_unix_ms(1'795'000'000'003);
  x.created_at = from_unix_ms(1'795'000'000'004);
  x.revision = 1'000'000'000'000;
  return x;
}

policy::profile full_profile() {
  auto x = policy::profile{};
  x.id = {"pf_full"};
  x.project = {"pr_full"};
  x.name = "cheap";
  x.model_mappings = {{"claude-.*", {"a", "b"}, policy::match_kind::regex, false},
                      {"x", {}, policy::match_kind::exact, true}};
  x.channel_ids = {{"ch_1"}, {"ch_full"}};
  x.channel_tags = {"eu", "fast"};
  x.channel_tags_match = policy::tag_match::none;
  x.model_ids = {"m1", "m2"};
  x.created_at = from_unix_ms(1'795'000'000'005);
  x.revision = 5;
  return x;
}

policy::channel full_channel() {
  auto x = policy::channel{};
  x.id = {"ch_full"};
  x.name = "main account";
  x.type = "anthropic";
  x.status = policy::channel_status::archived;
  x.status_reason = "moved";
  x.base_url = "https://api.example.com/v1";
  x.supported_models = {"m1", "m2"};
  x.model_mappings = {{"small", "m1"}, {"big", "m2"}};
  x.extra_model_prefix = "acme/";
  x.auto_trimmed_model_prefixes = {"acme/", "corp/"};
  x.hide_original_models = true;
  x.hide_mapped_models = true;
  x.tags = {"eu"};
  x.priority = -7;
  x.weight = 1000;
  x.default_test_model = "m1";
  x.timeouts = {milliseconds{1}, milliseconds{2}, milliseconds{3}, milliseconds{4},
                milliseconds{600'000}};
  x.allow_private_network = true;
  x.ca_certificates = "-----BEGIN CERTIFICATE-----";
  x.remark = "pays until May";
  x.last_test = policy::channel_test{from_unix_ms(1'795'000'000'006), true, "200"};
  x.created_at = from_unix_ms(1'795'000'000'007);
  x.updated_at = from_unix_ms(1'795'000'000'008);
  x.revision = 9;
  return x;
}

policy::credential full_credential() {
  auto x = policy::credential{};
  x.id = {"cr_full"};
  x.channel = {"ch_full"};
  x.name = "first";
  x.value = secret{"sk-planted-provider-secret"};
  x.auth = policy::auth_scheme::x_api_key;
  x.enabled = false;
  x.invalid_reason = "401";
  x.invalid_since = from_unix_ms(1'795'000'000'009);
  x.expires_at = from_unix_ms(1'795'000'000'010);
  x.created_at = from_unix_ms(1'795'000'000'011);
  x.revision = 2;
  return x;
}

policy::audit_entry full_audit() {
  return {from_unix_ms(1'795'000'000'012), "token", "127.0.0.1", "channel.create", "ch_full",
          R"({"name":"main account"})"};
}

stored_binding full_binding() {
  return {{"tr_full"},
          {"pr_full"},
          "session 1",
          {{"ch_full"},
           {"cr_full"},
           from_unix_ms(1'795'000'000'013),
           from_unix_ms(1'795'000'000'014),
           from_unix_ms(1'795'000'000'015),
           123'456}};
}

write_batch full_batch() {
  return {
      {policy::put<policy::project>{full_project()}, policy::put<policy::api_key>{full_key()},
       policy::put<policy::profile>{full_profile()}, policy::put<policy::channel>{full_channel()},
       policy::put<policy::credential>{full_credential()},
       policy::put_setting{"admin.password", R"("argon2")"}},
      {full_audit()},
      {full_binding()},
      {}};
}

bool same(const policy::project& x, const policy::project& y) {
  const auto fields = [](const policy::project& p) {
    const auto& [f1, f2, f3, f4] = p;
    return std::tie(f1, f2, f3, f4);
  };
  return fields(x) == fields(y);
}

bool same(const policy::api_key& x, const policy::api_key& y) {
  const auto fields = [](const policy::api_key& k) {
    const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17] = k;
    return std::tuple_cat(
        std::tie(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f12, f13, f14, f15, f16, f17),
        std::tie(f11.max_concurrent, f11.rpm, f11.tpm));
  };
  return fields(x) == fields(y);
}

bool same(const policy::profile& x, const policy::profile& y) {
  const auto fields = [](const policy::profile& p) {
    const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = p;
    return std::tie(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
  };
  return fields(x) == fields(y);
}

bool same(const policy::channel& x, const policy::channel& y) {
  const auto test = [](const std::optional<policy::channel_test>& t) {
    return t ? std::tuple{true, t->at, t->ok, t->reason}
             : std::tuple{false, wall_time{}, false, std::string{}};
  };
  const auto fields = [&test](const policy::channel& c) {
    const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, can,
                 switches, limits, f19, f20, f21, last_test, f23, f24, f25] = c;
    return std::tuple_cat(std::tie(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15,
                                   f16, f17, f19, f20, f21, f23, f24, f25),
                          std::tie(limits.rate.max_concurrent, limits.rate.rpm, limits.rate.tpm,
                                   limits.queue_size, limits.queue_timeout),
                          test(last_test));
  };
  return fields(x) == fields(y);
}

bool same(const policy::credential& x, const policy::credential& y) {
  const auto fields = [](const policy::credential& c) {
    const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = c;
    return std::tie(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
  };
  return fields(x) == fields(y);
}

bool same(const policy::audit_entry& x, const policy::audit_entry& y) {
  const auto fields = [](const policy::audit_entry& a) {
    const auto& [f1, f2, f3, f4, f5, f6] = a;
    return std::tie(f1, f2, f3, f4, f5, f6);
  };
  return fields(x) == fields(y);
}

bool same(const stored_binding& x, const stored_binding& y) {
  const auto fields = [](const stored_binding& b) {
    const auto& [f1, f2, f3, bound, f10, f11, others] = b;
    const auto& [f4, f5, f6, f7, f8, f9, not_stored] = bound;
    return std::tie(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
  };
  return fields(x) == fields(y);
}

void expect_full_batch(const store& in) {
  const auto data = in.load_catalog();
  ASSERT_TRUE(data) << data.error().message();
  EXPECT_TRUE(same(data->projects.at({"pr_full"}), full_project()));
  EXPECT_TRUE(same(data->keys.at({"key_full"}), full_key()));
  EXPECT_TRUE(same(data->profiles.at({"pf_full"}), full_profile()));
  EXPECT_TRUE(same(data->channels.at({"ch_full"}), full_channel()));
  EXPECT_TRUE(same(data->credentials.at({"cr_full"}), full_credential()));
  EXPECT_EQ(data->settings.at("admin.password"), R"("argon2")");
  const auto bound = in.find_binding({"tr_full"});
  ASSERT_TRUE(bound && *bound);
  EXPECT_TRUE(same(**bound, full_binding()));
  const auto audit = in.list_audit("", 10);
  ASSERT_TRUE(audit);
  ASSERT_EQ(audit->first.size(), 1u);
  EXPECT_TRUE(same(audit->first.front(), full_audit()));
}

store_config config_in(const std::filesystem::path& folder) {
  auto config = store_config{};
  config.folder = folder;
  config.map_size = std::size_t{64} << 20;
  config.sync = false;
  config.master_key = secret{"a master key for tests, 32 characters"};
  return config;
}

std::unique_ptr<store> opened(const store_config& config) { return store::open(config).value(); }

} // namespace axonhub::store::samples
