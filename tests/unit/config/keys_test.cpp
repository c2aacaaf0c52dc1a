#include "config/keys.hpp"

#include <gtest/gtest.h>

#include <set>

namespace axonhub::config {
namespace {

TEST(keys, have_one_name_and_one_variable_each) {
  auto names = std::set<std::string_view>{};
  auto variables = std::set<std::string>{};
  for (const auto& k : keys()) {
    EXPECT_TRUE(names.insert(k.name).second) << k.name;
    EXPECT_TRUE(variables.insert(to_variable(k.name)).second) << k.name;
    EXPECT_EQ(find_key(k.name), &k);
    EXPECT_FALSE(is_section(k.name)) << k.name << " is both a value and a section";
    EXPECT_EQ(find_foreign_key(k.name), nullptr) << k.name;
    EXPECT_FALSE(k.help.empty()) << k.name;
  }
}

TEST(keys, accept_the_defaults_they_show) {
  const auto defaults = config{};
  for (const auto& k : keys()) {
    SCOPED_TRACE(k.name);
    auto copy = config{};
    const auto done = k.assign(copy, k.show(defaults));
    EXPECT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(k.show(copy), k.show(defaults));
  }
}

TEST(keys, refuse_unsound_values_and_keep_the_old_one) {
  struct {
    std::string_view name;
    std::string_view text;
  } cases[] = {
      {"server.host", "127.0.0.1:8090"},
      {"server.host", "http://gateway"},
      {"server.host", "[::1]"},
      {"server.host", "*"},
      {"server.port", "70000"},
      {"server.threads", "5000"},
      {"server.trace.trace_header", "Trace Id"},
      {"server.trace.trace_header", "Trace:"},
      {"server.trace.extra_trace_headers", "X-Good,X Bad"},
      {"server.trace.max_live", "0"},
      {"server.limits.body_bytes", "10"},
      {"server.limits.header_timeout", "0"},
      {"upstream.total_timeout", "600"},
      {"db.map_size", "1KiB"},
      {"db.sync", "sometimes"},
      {"log.level", "loud"},
      {"admin.token", "two words"},
  };
  for (const auto& [name, text] : cases) {
    SCOPED_TRACE(std::string{name} + ": " + std::string{text});
    auto c = config{};
    const auto* k = find_key(name);
    ASSERT_NE(k, nullptr);
    const auto done = k->assign(c, text);
    ASSERT_FALSE(done.has_value());
    EXPECT_FALSE(done.error().message.empty());
    EXPECT_EQ(k->show(c), k->show(config{}));
  }
}

TEST(keys, accept_every_form_of_address) {
  for (const auto host : {"", "0.0.0.0", "::", "::1", "fe80::1%eth0", "gateway.internal"}) {
    auto c = config{};
    EXPECT_TRUE(find_key("server.host")->assign(c, host)) << host;
    EXPECT_EQ(c.server.host, host);
  }
}

TEST(keys, never_repeat_a_secret_in_a_complaint) {
  auto c = config{};
  const auto done = find_key("admin.token")->assign(c, "hush hush");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().message.find("hush"), std::string::npos);
}

TEST(foreign_keys, cover_whole_sections) {
  for (const auto path : {"cache", "cache.mode", "cache.redis.addr", "db.dsn", "log.file.path"})
    EXPECT_NE(find_foreign_key(path), nullptr) << path;
  for (const auto path : {"caches", "db", "db.dsn.x", "log", "server"})
    EXPECT_EQ(find_foreign_key(path), nullptr) << path;
}

TEST(suggestions, find_what_was_probably_meant) {
  struct {
    std::string_view written;
    std::string_view meant;
  } cases[] = {
      {"server.prt", "server.port"},
      {"Server", "server"},
      {"sever.port", "server.port"},
      {"trace", "server.trace"},
      {"trace_header", "server.trace.trace_header"},
      {"server.trace_header", "server.trace.trace_header"},
      {"server.trace.trace_headers", "server.trace.trace_header"},
      {"log.levle", "log.level"},
      {"limits", "server.limits"},
      {"server.something_quite_different", ""},
  };
  for (const auto& [written, meant] : cases)
    EXPECT_EQ(suggest_name(written), meant) << written;
  EXPECT_EQ(suggest_variable("AXONHUB_SERVER_PROT"), "AXONHUB_SERVER_PORT");
}

} // namespace
} // namespace axonhub::config
