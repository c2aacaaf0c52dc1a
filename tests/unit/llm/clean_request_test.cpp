#include "llm/clean_request.hpp"

#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace axonhub::llm {
namespace {

using nlohmann::json;

std::optional<std::string> cut_billing(std::string_view text) {
  auto body = padded(text);
  const auto span = find_billing_line(body);
  if (!span)
    return {};
  return body.erase(span->offset, span->size);
}

TEST(find_billing_line, cuts_the_first_block_and_nothing_else) {
  const auto line = std::string{R"({"type":"text","text":"x-anthropic-billing-header: a;"})"};
  const auto other = std::string{R"({"type":"text","text":"you are"})"};
  const struct {
    std::string_view name;
    std::string given;
    std::optional<std::string> expected;
  } cases[] = {
      {"first of two", R"({"model":"m","system":[)" + line + "," + other + "]}",
       R"({"model":"m","system":[)" + other + "]}"},
      {"with blanks", R"({"system" : [ )" + line + " ,\n " + other + " ]}",
       R"({"system" : [ )" + other + " ]}"},
      {"alone", R"({"system":[)" + line + R"(],"model":"m"})", R"({"system":[],"model":"m"})"},
      {"second", R"({"system":[)" + other + "," + line + "]}", {}},
      {"a string", R"({"system":"x-anthropic-billing-header: a;"})", {}},
      {"in a message", R"({"messages":[)" + line + "]}", {}},
      {"the text comes first",
       R"({"system":[{"text":"x-anthropic-billing-header: a;","type":"text"},)" + other + "]}",
       R"({"system":[)" + other + "]}"},
      {"no text", R"({"system":[{"type":"text"}],"x":"x-anthropic-billing-header:"})", {}},
      {"malformed", R"({"system":[)" + line + "," + other + "}", {}},
  };
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(cut_billing(given), expected);
  }
}

TEST(find_billing_line, finds_it_in_what_claude_code_sends) {
  const auto given = fixture("requests/anthropic.json");
  const auto out = cut_billing(given);
  ASSERT_TRUE(out);
  auto expected = json::parse(given);
  expected["system"].erase(0);
  EXPECT_EQ(json::parse(*out), expected);
}

std::string thought(const std::string& signature) {
  return R"({"type":"thinking","thinking":"t","signature":")" + signature + "\"}";
}

const auto user = std::string{R"({"role":"user","content":"u"})"};
const auto call = std::string{R"({"type":"tool_use","id":"1","name":"n","input":{}})"};
const auto result = std::string{
    R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"r"}]})"};

std::string assistant(const std::string& blocks) {
  return R"({"role":"assistant","content":[)" + blocks + "]}";
}

std::string request(const std::string& messages, const std::string& rest = "") {
  return R"({"model":"m","messages":[)" + messages + "]" + rest + "}";
}

TEST(without_thoughts, cuts_blocks_and_keeps_every_other_byte) {
  const auto said = std::string{R"({"type":"text" , "text":"s"})"};
  const auto sealed = std::string{R"({"type":"redacted_thinking","data":"d"})"};
  const auto good = thought("c2ln");
  const auto empty = thought("");
  const auto ours = thought("gwr1.rs_1.ENC");
  const struct {
    std::string_view name;
    foreign_thoughts which;
    std::string given;
    std::optional<std::string> expected;
  } cases[] = {
      {"none", foreign_thoughts::all, request(user + "," + assistant(said)), {}},
      {"a provider's stays",
       foreign_thoughts::unsigned_ones,
       request(user + "," + assistant(good + "," + sealed + "," + said)),
       {}},
      {"an empty signature", foreign_thoughts::unsigned_ones,
       request(user + "," + assistant(empty + "," + said)), request(user + "," + assistant(said))},
      {"ours", foreign_thoughts::unsigned_ones,
       request(user + "," + assistant(good + ", " + ours + "," + said)),
       request(user + "," + assistant(good + "," + said))},
      {"all", foreign_thoughts::all,
       request(user + "," +
               assistant(good + "," + sealed + ",  " + said + "," + good + "," + call)),
       request(user + "," + assistant(said + "," + call))},
      {"the last", foreign_thoughts::all, request(user + "," + assistant(said + " , " + good)),
       request(user + "," + assistant(said))},
      {"a message of nothing else", foreign_thoughts::all,
       request(user + "," + assistant(good + "," + sealed) + "," + user),
       request(user + "," + user)},
      {"several messages", foreign_thoughts::all,
       request(assistant(good) + "," + assistant(good) + "," + user + "," + assistant(good)),
       request(user)},
      {"nothing would be left", foreign_thoughts::all, request(assistant(good)), {}},
      {"a user's words",
       foreign_thoughts::all,
       request(R"({"role":"user","content":[)" + good + "]}"),
       {}},
      {"malformed", foreign_thoughts::all, request(assistant(good)) + "}", {}},
  };
  for (const auto& [name, which, given, expected] : cases) {
    SCOPED_TRACE(name);
    const auto out = without_thoughts(padded(given), which);
    EXPECT_EQ(out, expected);
    if (out) {
      EXPECT_TRUE(json::accept(*out));
      EXPECT_GE(out->capacity() - out->size(), body_padding);
    }
  }
}

TEST(without_thoughts, disables_thinking_where_a_tool_loop_lost_its_own) {
  const auto enabled = std::string{R"(,"thinking":{"type":"enabled","budget_tokens":2048})"};
  const auto edits = std::string{
      R"(,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"},)"
      R"({"type":"clear_tool_uses_20250919"}]})"};
  const auto loop = user + "," + assistant(thought("c2ln") + "," + call) + "," + result;
  const auto cut_loop = user + "," + assistant(call) + "," + result;
  EXPECT_EQ(without_thoughts(padded(request(loop, enabled + edits)), foreign_thoughts::all),
            request(cut_loop, R"(,"thinking":{"type":"disabled"},"context_management":{"edits":[)"
                              R"({"type":"clear_tool_uses_20250919"}]})"));
  EXPECT_EQ(without_thoughts(padded(request(loop + "," + user, enabled)), foreign_thoughts::all),
            request(cut_loop + "," + user, enabled));
  // Another provider led the loop, without any.
  EXPECT_EQ(without_thoughts(padded(request(cut_loop, enabled)), foreign_thoughts::all),
            request(cut_loop, R"(,"thinking":{"type":"disabled"})"));
  EXPECT_EQ(without_thoughts(padded(request(cut_loop, enabled)), foreign_thoughts::unsigned_ones),
            std::nullopt);
  const auto adaptive = std::string{R"(,"thinking":{"type":"adaptive"})"};
  EXPECT_EQ(without_thoughts(padded(request(loop, adaptive)), foreign_thoughts::all),
            request(cut_loop, adaptive));
}

TEST(without_thoughts, lets_a_tool_loop_think_that_still_begins_with_a_thought) {
  const auto enabled = std::string{R"(,"thinking":{"type":"enabled","budget_tokens":2048})"};
  const auto stray = assistant(thought("gwr1.rs_1.E") + "," + call) + "," + result;
  const auto cut_stray = assistant(call) + "," + result;
  const auto begun = user + "," + assistant(thought("c2ln") + "," + call) + "," + result + ",";
  const auto foreign = foreign_thoughts::unsigned_ones;
  const auto clean = [&](const std::string& messages) {
    return without_thoughts(padded(request(messages, enabled)), foreign);
  };
  EXPECT_EQ(clean(begun + stray), request(begun + cut_stray, enabled));
  EXPECT_EQ(clean(user + "," + stray + "," + begun + cut_stray),
            request(user + "," + cut_stray + "," + begun + cut_stray, enabled));
  EXPECT_EQ(
      clean(user + "," + stray + "," + cut_stray),
      request(user + "," + cut_stray + "," + cut_stray, R"(,"thinking":{"type":"disabled"})"));
}

TEST(without_reasoning, cuts_items_and_keeps_every_other_byte) {
  const auto message = std::string{R"({"type":"message" , "role":"user","content":"u"})"};
  const auto sealed = [](const std::string& content) {
    return R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":)" + content + "}";
  };
  const auto theirs = sealed(R"("gAAA")");
  const auto carried = sealed(R"("gwa1.s:c2ln")");
  const auto input = [](const std::string& items) {
    return R"({"model":"m","input":[)" + items + R"(],"store":false})";
  };
  const struct {
    std::string_view name;
    foreign_thoughts which;
    std::string given;
    std::optional<std::string> expected;
  } cases[] = {
      {"none", foreign_thoughts::all, input(message), {}},
      {"all", foreign_thoughts::all, input(theirs + "," + message + ", " + carried),
       input(message)},
      {"without a seal", foreign_thoughts::all, input(message + "," + sealed("null")),
       input(message)},
      {"ours", foreign_thoughts::unsigned_ones, input(theirs + "," + carried + "," + message),
       input(theirs + "," + message)},
      {"a redacted one of ours", foreign_thoughts::unsigned_ones,
       input(message + "," + sealed(R"("gwa1.r:ZA")")), input(message)},
      {"theirs stay", foreign_thoughts::unsigned_ones, input(theirs + "," + message), {}},
      {"nothing would be left", foreign_thoughts::all, input(theirs), {}},
      {"a text", foreign_thoughts::all, R"({"model":"m","input":"reasoning"})", {}},
      {"malformed", foreign_thoughts::all, input(theirs + "," + message) + "}", {}},
  };
  for (const auto& [name, which, given, expected] : cases) {
    SCOPED_TRACE(name);
    const auto out = without_reasoning(padded(given), which);
    EXPECT_EQ(out, expected);
    if (out) {
      EXPECT_GE(out->capacity() - out->size(), body_padding);
    }
  }
  EXPECT_TRUE(may_hold_carried_reasoning(input(carried)));
  EXPECT_FALSE(may_hold_carried_reasoning(input(theirs)));
}

TEST(may_hold_unsigned_thoughts, looks_only_at_signatures) {
  const struct {
    std::string given;
    bool expected;
  } cases[] = {
      {request(assistant(thought(""))), true},
      {request(assistant(thought("gwr1.rs.x"))), true},
      {R"({"signature" : ""})", true},
      {request(assistant(thought("c2ln"))), false},
      {request(R"({"role":"user","content":"say \"signature\":\"\" or gwr1."})"), false},
      {R"({"x":["signature"]})", false},
      {R"({"signature")", false},
      {R"({"signature":)", false},
  };
  for (const auto& [given, expected] : cases)
    EXPECT_EQ(may_hold_unsigned_thoughts(padded(given)), expected) << given;
}

} // namespace
} // namespace axonhub::llm
