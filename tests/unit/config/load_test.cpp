#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace axonhub::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const auto here = machine{.cores = 6, .memory = 8ull << 30};
const auto at_home = environment{{"HOME", "/home/ann"}};

load_result load_text(std::string text, environment variables = at_home) {
  return load(config_file{"config.yml", std::move(text)}, variables, here);
}

std::vector<std::string> texts_of(const std::vector<notice>& notices) {
  auto texts = std::vector<std::string>{};
  for (const auto& n : notices)
    texts.push_back(to_string(n));
  return texts;
}

std::vector<std::string> errors_of(std::string text, environment variables = at_home) {
  const auto l = load_text(std::move(text), std::move(variables));
  return l ? std::vector<std::string>{} : texts_of(l.error());
}

std::vector<std::string> warnings_of(std::string text, environment variables = at_home) {
  const auto l = load_text(std::move(text), std::move(variables));
  return l ? texts_of(l->warnings) : std::vector<std::string>{"failed"};
}

TEST(load, needs_neither_file_nor_variables) {
  const auto l = load(std::nullopt, at_home, here);
  ASSERT_TRUE(l);
  EXPECT_EQ(l->settings.server.port, 8090);
  EXPECT_EQ(l->settings.server.host, "");
  EXPECT_TRUE(l->settings.server.trace.claude_code_trace_enabled);
  EXPECT_EQ(l->file, "");
  EXPECT_THAT(l->warnings, IsEmpty());
  EXPECT_THAT(l->set_by, IsEmpty());
}

TEST(load, reads_every_shape_of_value_from_a_file) {
  const auto l = load_text(R"(
server:
  host: "0.0.0.0"
  port: 9000
  half_close: yes
  limits: {body_bytes: 16MiB, header_timeout: 1m30s}
  trace:
    extra_trace_headers:
      - X-Session-Id
      - X-Conversation
    ttl:
upstream:
log: {level: warn}
db.path: /srv/axonhub
)");
  ASSERT_TRUE(l) << l.error().front().text;
  const auto& c = l->settings;
  EXPECT_EQ(c.server.host, "0.0.0.0");
  EXPECT_EQ(c.server.port, 9000);
  EXPECT_TRUE(c.server.half_close);
  EXPECT_EQ(c.server.limits.body_bytes, 16u << 20);
  EXPECT_EQ(c.server.limits.header_timeout, 90s);
  EXPECT_THAT(c.server.trace.extra_trace_headers, ElementsAre("X-Session-Id", "X-Conversation"));
  EXPECT_EQ(c.server.trace.ttl, 1h);
  EXPECT_EQ(c.log.level, log::level::warn);
  EXPECT_EQ(c.db.path, "/srv/axonhub");
}

TEST(load, lets_the_environment_beat_the_file_and_the_file_the_default) {
  const auto l = load_text("server:\n  port: 9000\n  threads: 3\n",
                           {{"HOME", "/home/ann"},
                            {"AXONHUB_SERVER_PORT", "7000"},
                            {"AXONHUB_SERVER_TRACE_EXTRA_TRACE_HEADERS", "X-A,X-B"},
                            {"AXONHUB_PROVIDER_QUOTA_CHECK_INTERVAL", "5m"},
                            {"AXONHUB_LOG_LEVEL", ""},
                            {"AXONHUB_ADMIN_TOKEN", "an-admin-token-of-ours"},
                            {"AXONHUB_MASTER_KEY", "open sesame"}});
  ASSERT_TRUE(l);
  const auto& c = l->settings;
  EXPECT_EQ(c.server.port, 7000);
  EXPECT_EQ(c.server.threads, 3u);
  EXPECT_THAT(c.server.trace.extra_trace_headers, ElementsAre("X-A", "X-B"));
  EXPECT_EQ(c.provider_quota.check_interval, 5min);
  EXPECT_EQ(c.log.level, log::level::info);
  EXPECT_EQ(c.admin.token.reveal(), "an-admin-token-of-ours");
  EXPECT_EQ(c.master_key.reveal(), "open sesame");
  EXPECT_EQ(l->set_by.at("server.port"), "AXONHUB_SERVER_PORT");
  EXPECT_EQ(l->set_by.at("server.threads"), "config.yml:3");
  EXPECT_THAT(l->warnings, IsEmpty());
}

TEST(load, names_file_line_and_key_of_every_error_at_once) {
  EXPECT_THAT(errors_of(R"(server:
  port: eighty
  prt: 80
  trace: [1, 2]
  limits:
    header_timeout: {}
    body_bytes: [1MiB]
    body_bytes: 2MiB
trace:
  trace_header: X
nonsense_of_mine: 1
)",
                        {{"HOME", "/home/ann"}, {"AXONHUB_LOG_LEVEL", "loud"}}),
              ElementsAre("config.yml:3: server.prt: no such key; did you mean server.port?",
                          "config.yml:4: server.trace: must be a section with keys below it",
                          "config.yml:6: server.limits.header_timeout: wants a value (duration), "
                          "not a section",
                          "config.yml:7: server.limits.body_bytes: wants one value (size), not a "
                          "list",
                          "config.yml:8: server.limits.body_bytes: is set twice",
                          "config.yml:9: trace: no such key; did you mean server.trace?",
                          "config.yml:11: nonsense_of_mine: no such key",
                          "config.yml:2: server.port: \"eighty\" is no such number; write digits "
                          "only, 0 to 65535",
                          "environment: AXONHUB_LOG_LEVEL: \"loud\" is no log level; write debug, "
                          "info, warn or error"));
}

TEST(load, refuses_texts_that_are_no_single_yaml_map) {
  EXPECT_THAT(errors_of("server: {port: 1\nlog: [\n"), testing::SizeIs(1));
  EXPECT_THAT(errors_of("just words"),
              ElementsAre("config.yml:1: must be a section with keys below it"));
  EXPECT_THAT(errors_of("log: {level: info}\n---\nlog: {level: debug}\n"),
              ElementsAre("config.yml:3: a second document; a file holds one"));
  EXPECT_THAT(errors_of("? [a, b]\n: 1\n"),
              ElementsAre("config.yml:1: a key must be a plain word"));
  EXPECT_THAT(errors_of(std::string(100'000, '[')), testing::SizeIs(1));
  EXPECT_THAT(errors_of(""), IsEmpty());
  EXPECT_THAT(errors_of("# nothing but a remark\n"), IsEmpty());
}

TEST(load, accepts_other_gateways_keys_with_one_warning_each) {
  EXPECT_THAT(warnings_of(R"(server:
  base_path: /api
  trace: {claude_code_trace_enabled: false}
db:
  dialect: postgres
  dsn: postgres://ann:hush@db/axonhub
cache:
  mode: redis
  redis:
    addrs: [redis:6379]
    password: hush
)"),
              ElementsAre("config.yml:2: server.base_path: has no effect here: let a reverse proxy "
                          "in front strip the path",
                          "config.yml:5: db.dialect: has no effect here: the store is built in; "
                          "set db.path",
                          "config.yml:6: db.dsn: has no effect here: the store is built in; set "
                          "db.path",
                          "config.yml:7: cache: has no effect here: the store needs no cache; see "
                          "server.trace.max_live"));
}

TEST(load, only_warns_of_variables_it_does_not_know) {
  EXPECT_THAT(warnings_of("", {{"HOME", "/home/ann"},
                               {"AXONHUB_CACHE_MODE", "redis"},
                               {"AXONHUB_CACHE_REDIS_ADDR", "redis:6379"},
                               {"AXONHUB_DB_DSN", "hush"},
                               {"AXONHUB_SERVER_PORT", "tcp://10.0.0.1:8090"},
                               {"AXONHUB_SERVER_PROT", "80"},
                               {"AXONHUB_SERVICE_HOST_OF_SOMETHING", "10.0.0.1"},
                               {"OTHER_SERVER_PORT", "x"}}),
              ElementsAre("environment: AXONHUB_CACHE_MODE: has no effect here: the store needs no "
                          "cache; see server.trace.max_live",
                          "environment: AXONHUB_DB_DSN: has no effect here: the store is built in; "
                          "set db.path",
                          "environment: AXONHUB_SERVER_PORT: is ignored: an address injected by "
                          "Kubernetes (see enableServiceLinks)",
                          "environment: AXONHUB_SERVER_PROT: is ignored: no such key; did you mean "
                          "AXONHUB_SERVER_PORT?",
                          "environment: AXONHUB_SERVICE_HOST_OF_SOMETHING: is ignored: no such "
                          "key"));
}

TEST(load, puts_the_store_where_this_machine_keeps_such_things) {
  struct {
    std::string_view name;
    environment variables;
    bool has_service_folder;
    std::string expected;
  } cases[] = {
      {"a user", {{"HOME", "/home/ann"}}, false, "/home/ann/.local/share/axonhub"},
      {"a user with own folders",
       {{"HOME", "/home/ann"}, {"XDG_DATA_HOME", "/data"}},
       false,
       "/data/axonhub"},
      {"root beside the service's folder", {{"HOME", "/root"}}, true, "/var/lib/axonhub"},
      {"a systemd unit", {{"STATE_DIRECTORY", "/var/lib/axonhub:/b"}}, false, "/var/lib/axonhub"},
      {"a key beats them all",
       {{"STATE_DIRECTORY", "/x"}, {"AXONHUB_DB_PATH", "/mine"}},
       true,
       "/mine"},
  };
  for (const auto& [name, variables, has_service_folder, expected] : cases) {
    SCOPED_TRACE(name);
    const auto l = load(std::nullopt, variables, {.has_service_folder = has_service_folder});
    ASSERT_TRUE(l);
    EXPECT_EQ(l->settings.db.path, expected);
  }
  const auto homeless = load(std::nullopt, {}, {});
  ASSERT_FALSE(homeless);
  EXPECT_EQ(homeless.error().front().key, "db.path");
}

TEST(load, fills_in_what_depends_on_the_machine) {
  const auto l = load_text("metrics: {port: 9100}\nserver: {host: 10.0.0.1}\n");
  ASSERT_TRUE(l);
  EXPECT_EQ(l->settings.server.threads, 6u);
  EXPECT_EQ(l->settings.server.limits.body_memory, 2ull << 30);
  EXPECT_EQ(l->settings.metrics.host, "10.0.0.1");
}

TEST(load, checks_rules_between_keys) {
  EXPECT_THAT(
      errors_of("server: {tls: {cert_file: a.pem}}\n"),
      ElementsAre("server.tls.key_file: is missing: TLS needs the certificate and its key"));
  EXPECT_THAT(errors_of("metrics: {port: 8090}\n"),
              ElementsAre("config.yml:1: metrics.port: is the same as server.port; 0 serves "
                          "/metrics there"));
  EXPECT_THAT(errors_of("server: {limits: {body_memory: 1MiB}}\n"),
              ElementsAre("config.yml:1: server.limits.body_memory: holds less than one "
                          "server.limits.body_bytes"));
  EXPECT_THAT(warnings_of("", {{"HOME", "/h"}, {"AXONHUB_ADMIN_TOKEN", "short"}}),
              ElementsAre("AXONHUB_ADMIN_TOKEN: admin.token: is short enough to guess; `openssl "
                          "rand -hex 24` makes one"));
}

} // namespace
} // namespace axonhub::config
