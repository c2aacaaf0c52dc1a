#include "policy/session.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/text.hpp"

namespace axonhub::policy {
namespace {

using headers = std::map<std::string_view, std::string_view>;

constexpr auto uuid = "0b7e8f3a-1c2d-4e5f-8a9b-0c1d2e3f4a5b";

session_identity identify(const headers& sent, body_session_facts body = {},
                          const config::trace_settings& rules = {}) {
  const auto find = [&](std::string_view name) {
    for (const auto& [given, value] : sent)
      if (equals_ignoring_case(given, name))
        return value;
    return std::string_view{};
  };
  return identify_session(find, body, rules);
}

TEST(identify_session, takes_the_first_source_that_speaks) {
  auto everything =
      headers{{"AH-Trace-Id", "ours"},          {"X-First", "first"},
              {"X-Second", "second"},           {"x-claude-code-session-id", "claude"},
              {"Session_id", "codex-old"},      {"session-id", "codex"},
              {"thread-id", "codex-thread"},    {"conversation_id", "codex-older"},
              {"x-codex-window-id", "window:7"}};
  auto body = body_session_facts{.user_id = "user_ab_account__session_body",
                                 .prompt_cache_key = "cache-key"};
  auto rules = config::trace_settings{};
  rules.extra_trace_headers = {"X-Second", "X-First"};
  const auto expect_next = [&](std::string_view expected, std::string_view then_remove) {
    EXPECT_EQ(identify(everything, body, rules).external_id, expected);
    everything.erase(then_remove);
  };
  expect_next("ours", "AH-Trace-Id");
  expect_next("second", "X-Second");
  expect_next("first", "X-First");
  expect_next("claude", "x-claude-code-session-id");
  expect_next("body", "");
  body.user_id = {};
  expect_next("codex", "session-id");
  expect_next("codex-old", "Session_id");
  expect_next("codex-thread", "thread-id");
  expect_next("codex-older", "conversation_id");
  expect_next("window", "x-codex-window-id");
  expect_next("cache-key", "");
  body.prompt_cache_key = {};
  expect_next("", "");
}

TEST(identify_session, ignores_claude_codes_header_and_user_id_alike_when_told) {
  auto rules = config::trace_settings{};
  rules.claude_code_trace_enabled = false;
  const auto found = identify({{"x-claude-code-session-id", "a"},
                               {"x-claude-code-agent-id", "b"},
                               {"x-claude-code-parent-agent-id", "c"}},
                              {.user_id = R"({"session_id":"d"})"}, rules);
  EXPECT_EQ(found.external_id, "");
  EXPECT_EQ(found.agent_id, "");
  EXPECT_EQ(found.parent_agent, "");
}

TEST(identify_session, ignores_codexs_headers_and_prompt_cache_key_alike_when_told) {
  auto rules = config::trace_settings{};
  rules.codex_trace_enabled = false;
  const auto found =
      identify({{"session-id", "a"}, {"Session_id", "b"}}, {.prompt_cache_key = "c"}, rules);
  EXPECT_EQ(found.external_id, "");
}

TEST(identify_session, follows_renamed_headers) {
  auto rules = config::trace_settings{};
  rules.trace_header = "X-Conversation";
  rules.thread_header = "X-Project";
  const auto found =
      identify({{"AH-Trace-Id", "old"}, {"x-conversation", "new"}, {"x-project", "p"}}, {}, rules);
  EXPECT_EQ(found.external_id, "new");
  EXPECT_EQ(found.thread, "p");
}

TEST(identify_session, knows_subagents_and_threads) {
  const auto found = identify({{"X-Claude-Code-Session-Id", uuid},
                               {"x-claude-code-agent-id", "a0123456789abcdef"},
                               {"x-claude-code-parent-agent-id", "afedcba9876543210"},
                               {"AH-Thread-Id", "thread 1"}});
  EXPECT_EQ(found.external_id, uuid);
  EXPECT_EQ(found.agent_id, "a0123456789abcdef");
  EXPECT_EQ(found.parent_agent, "afedcba9876543210");
  EXPECT_EQ(found.thread, "thread 1");
}

TEST(identify_session, passes_over_texts_that_are_not_fit) {
  EXPECT_EQ(identify({{"AH-Trace-Id", "  "}, {"session-id", "b"}}).external_id, "b");
  EXPECT_EQ(identify({{"AH-Trace-Id", "a\nb"}, {"session-id", "b"}}).external_id, "b");
  EXPECT_EQ(identify({{"AH-Trace-Id", "a\x7f"}}).external_id, "");
  EXPECT_EQ(identify({}, {.user_id = R"({"session_id":"a\u0000b"})"}).external_id, "");
  EXPECT_EQ(identify({{"AH-Trace-Id", " kept \t"}}).external_id, "kept");
}

TEST(identify_session, shortens_long_texts_and_keeps_different_ones_apart) {
  const auto longest = std::string(256, 'x');
  EXPECT_EQ(identify({{"AH-Trace-Id", longest}}).external_id, longest);
  const auto a = identify({{"AH-Trace-Id", longest + "a"}}).external_id;
  const auto b = identify({{"AH-Trace-Id", longest + "b"}}).external_id;
  EXPECT_EQ(a.size(), 200u + 1 + 32);
  EXPECT_NE(a, b);
  EXPECT_EQ(a, identify({{"AH-Trace-Id", longest + "a"}}).external_id);
  auto accents = std::string{"x"};
  for (auto i = 0; i < 200; ++i)
    accents += "é";
  EXPECT_TRUE(is_valid_utf8(identify({{"AH-Trace-Id", accents}}).external_id));
}

TEST(session_in_user_id, reads_both_forms_of_claude_code) {
  const auto old_empty = std::string{"user_"} + std::string(64, 'a') + "_account__session_" + uuid;
  const auto old_filled =
      std::string{"user_"} + std::string(64, 'a') + "_account_" + uuid + "_session_" + uuid;
  const auto json =
      std::string{R"({"device_id":"ab","account_uuid":"","session_id":")"} + uuid + R"("})";
  struct {
    std::string_view name;
    std::string given;
    std::string_view expected;
  } cases[] = {
      {"old, no account", old_empty, uuid},
      {"old, with account", old_filled, uuid},
      {"the last mark counts", "x_session_a_session_b", "b"},
      {"json", json, uuid},
      {"json with blanks around", " " + json + " ", uuid},
      {"json in another order", R"({"session_id":"s","device_id":"d"})", "s"},
      {"json with escapes", R"({"session\u005fid":"\u0073"})", "s"},
      {"json without session", R"({"device_id":"_session_x"})", ""},
      {"json with a session that is no text", R"({"session_id":7})", ""},
      {"broken json", R"({"session_id)", ""},
      {"any other text", "user-12345", ""},
      {"nothing after the mark", "user_session_", ""},
      {"nothing", "", ""},
      {"beyond any use", "_session_" + std::string(20'000, 'x'), ""},
  };
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(session_in_user_id(given), expected);
  }
}

TEST(trace_id_of, depends_on_project_and_text_alone) {
  const auto id = trace_id_of({"pr_a"}, "s");
  EXPECT_EQ(id, trace_id_of({"pr_a"}, "s"));
  EXPECT_TRUE(id.text.starts_with("tr_"));
  EXPECT_NE(id, trace_id_of({"pr_b"}, "s"));
  EXPECT_NE(id, trace_id_of({"pr_a"}, "t"));
  EXPECT_NE(trace_id_of({"a"}, "bc"), trace_id_of({"ab"}, "c"));
}

} // namespace
} // namespace axonhub::policy
