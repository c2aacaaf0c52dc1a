#include "config/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "config/keys.hpp"

namespace axonhub::config {
namespace {

using testing::HasSubstr;
using testing::Not;

load_result load_text(std::string text, environment variables = {}) {
  variables.emplace("AXONHUB_DB_PATH", "/srv/axonhub");
  return load(config_file{"config.yml", std::move(text)}, variables, {});
}

std::string read(const std::string& path) {
  auto file = std::ifstream{AXONHUB_FIXTURES "/../../" + path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(check, tells_errors_and_warnings) {
  const auto good = run_check(load_text("db: {dialect: mysql}\n"));
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.out, "config.yml: ok\n");
  EXPECT_THAT(good.err, HasSubstr("warning: config.yml:1: db.dialect: has no effect here"));

  const auto bad = run_check(load_text("server: {port: x}\nlog: {level: y}\n"));
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.out, "");
  EXPECT_THAT(bad.err, HasSubstr("config.yml:1: server.port: "));
  EXPECT_THAT(bad.err, HasSubstr("config.yml:2: log.level: "));
}

TEST(get, tells_the_value_in_effect) {
  const auto l = load_text("server: {port: 9000, trace: {extra_trace_headers: [X-A, X-B]}}\n");
  EXPECT_EQ(run_get(l, "server.port").out, "9000\n");
  EXPECT_EQ(run_get(l, "server.drain_timeout").out, "10m\n");
  EXPECT_EQ(run_get(l, "server.limits.body_bytes").out, "64MiB\n");
  EXPECT_EQ(run_get(l, "server.trace.extra_trace_headers").out, "X-A, X-B\n");
  EXPECT_EQ(run_get(load_text("server: 1\n"), "server.port").exit_code, 1);

  const auto unknown = run_get(l, "server.prt");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err, "server.prt: no such key; did you mean server.port?\n");
}

TEST(secrets, are_neither_told_nor_previewed) {
  const auto l =
      load_text("admin: {token: hush-hush-hush-hush}\n", {{"AXONHUB_MASTER_KEY", "hush"}});
  for (const auto name : {"admin.token", "master_key"}) {
    const auto told = run_get(l, name);
    EXPECT_EQ(told.exit_code, 2);
    EXPECT_EQ(told.out, "");
    EXPECT_EQ(told.err, std::string{name} + ": a secret that is set\n");
  }
  EXPECT_EQ(run_get(load_text(""), "admin.token").err, "admin.token: a secret that is not set\n");
  const auto preview = run_preview(l).out;
  EXPECT_THAT(preview, Not(HasSubstr("hush")));
  EXPECT_THAT(preview, HasSubstr("  token: \"***\" # config.yml:1\n"));
  EXPECT_THAT(preview, HasSubstr("\nmaster_key: \"***\" # AXONHUB_MASTER_KEY\n"));
}

TEST(preview, reads_back_as_the_same_configuration) {
  const auto l = load_text(
      "server: {port: 9000, host: \"::\", trace: {extra_trace_headers: [X-A, X-B]}}\n"
      "upstream: {max_silence: 61s}\nmaster_key_file: 'a \"quoted\" name: # x'\n");
  ASSERT_TRUE(l);
  const auto preview = run_preview(l);
  const auto again = load(config_file{"preview", preview.out}, {}, {});
  ASSERT_TRUE(again) << to_lines(again.error());
  for (const auto& k : keys())
    EXPECT_EQ(k.show(again->settings), k.show(l->settings)) << k.name;
  EXPECT_THAT(preview.out, HasSubstr("server:\n  host: \"::\" # config.yml:1\n"));
  EXPECT_THAT(preview.out, HasSubstr("\n  trace:\n    trace_header: \"AH-Trace-Id\"\n"));
}

TEST(docs_page, is_the_one_in_the_tree) {
  EXPECT_EQ(read("docs/configuration.md"), docs_page())
      << "run: axonhub config docs > docs/configuration.md";
}

TEST(docs_page, names_every_key) {
  const auto page = docs_page();
  for (const auto& k : keys())
    EXPECT_THAT(page, HasSubstr("| `" + std::string{k.name} + "` |"));
  for (const auto& foreign : foreign_keys())
    EXPECT_THAT(page, HasSubstr("| `" + std::string{foreign.name} + "` |"));
}

TEST(example, is_a_configuration_without_complaints) {
  const auto l = load_text(read("config.example.yml"));
  ASSERT_TRUE(l) << to_lines(l.error());
  EXPECT_EQ(to_lines(l->warnings), "");
  EXPECT_EQ(l->set_by.at("server.port").substr(0, 11), "config.yml:");
}

} // namespace
} // namespace axonhub::config
