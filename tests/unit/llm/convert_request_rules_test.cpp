#include "tests/unit/llm/converting.hpp"

/// Requests that once came out wrong, and those that every release must get right.
namespace axonhub::llm {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

json function_tool(const std::string& name, const json& more = json::object()) {
  auto f = json{{"name", name}};
  f.update(more);
  return {{"type", "function"}, {"function", f}};
}

json flat_tool(const std::string& type, const std::string& name) {
  return {{"type", type}, {"name", name}};
}

json function_call(const std::string& id, const std::string& name = "run") {
  return {{"type", "function_call"}, {"call_id", id}, {"name", name}, {"arguments", "{}"}};
}

json output_of(const std::string& id, const json& output) {
  return {{"type", "function_call_output"}, {"call_id", id}, {"output", output}};
}

json item(const std::string& role, const json& content) {
  return {{"type", "message"}, {"role", role}, {"content", content}};
}

// --- what every release must get right ---

TEST(convert_request, answers_in_order_what_came_out_of_order) {
  const auto body = request(
      anthropic,
      messages({user("go"), assistant({tool_use("a"), tool_use("b"), tool_use("c")}),
                user({tool_result("c", "3"), tool_result("a", "1"), tool_result("b", "2")})}));
  const auto in_chat = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(in_chat[2], chat_result("a", "1"));
  EXPECT_EQ(in_chat[4], chat_result("c", "3"));
  const auto items = converted(anthropic, body, responses)["input"];
  EXPECT_EQ(items[4]["output"], "1");
  EXPECT_EQ(items[6]["output"], "3");
}

TEST(convert_request, drops_a_system_message_without_content) {
  const auto empty = json{
      {"role", "system"}, {"content", json::array()}, {"output_config", {{"effort", "medium"}}}};
  const auto body = request(anthropic, messages({user("hi"), empty}));
  const auto out = converted(anthropic, body, chat);
  EXPECT_EQ(out["messages"], list({user("hi")}));
  EXPECT_EQ(out["reasoning_effort"], "medium");
  EXPECT_EQ(converted(anthropic, body, responses)["input"].size(), 1u);
}

TEST(convert_request, shows_an_image_that_is_all_of_a_result) {
  const auto body = request(anthropic, messages({user("look"), assistant({tool_use("a")}),
                                                 user({tool_result("a", {image()})})}));
  const auto all = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(all[2], chat_result("a", "[image attached below]"));
  EXPECT_EQ(all[3]["content"][1]["type"], "image_url");
  EXPECT_EQ(converted(anthropic, body, responses)["input"][2]["output"][0]["type"], "input_image");
}

TEST(convert_request, sends_no_effort_with_disabled_thinking) {
  const auto body = request(
      anthropic, {{"thinking", {{"type", "disabled"}}}, {"output_config", {{"effort", "high"}}}});
  for (const auto reasons : {true, false}) {
    auto to = upstream(chat);
    to.thinking_switch = true;
    to.reasons = reasons;
    const auto out = converted(anthropic, body, to);
    EXPECT_EQ(out["thinking"], json({{"type", "disabled"}}));
    EXPECT_FALSE(out.contains("reasoning_effort"));
  }
}

TEST(convert_request, takes_the_dialect_out_of_schemas) {
  const auto schema = json{{"$schema", "http://json-schema.org/draft-07/schema#"},
                           {"type", "object"},
                           {"properties", {{"a", {{"type", "string"}}}}}};
  const auto function = function_tool("t", {{"parameters", schema}});
  const auto flat = json{{"type", "function"}, {"name", "t"}, {"parameters", schema}};
  const auto from_claude = request(anthropic, {{"tools", list({anthropic_tool("t", schema)})}});
  const auto from_chat = request(chat, {{"tools", list({function})}});
  const auto from_responses = request(responses, {{"tools", list({flat})}});
  EXPECT_FALSE(
      converted(anthropic, from_claude, chat)["tools"][0]["function"]["parameters"].contains(
          "$schema"));
  EXPECT_FALSE(
      converted(chat, from_chat, anthropic)["tools"][0]["input_schema"].contains("$schema"));
  EXPECT_FALSE(converted(responses, from_responses, anthropic)["tools"][0]["input_schema"].contains(
      "$schema"));
}

TEST(convert_request, refuses_more_than_one_choice) {
  for (const auto to : {anthropic, responses}) {
    EXPECT_THAT(refusal(chat, request(chat, {{"n", 2}}), to), HasSubstr("n: only 1"));
    converted(chat, request(chat, {{"n", 1}}), to);
  }
}

TEST(convert_request, clamps_128000_tokens_to_what_the_model_gives) {
  const auto body = request(anthropic, {{"max_tokens", 128000}});
  for (const auto to : {chat, responses}) {
    auto small = upstream(to);
    small.max_output_tokens = 8192;
    const auto field = to == chat ? "max_tokens" : "max_output_tokens";
    EXPECT_EQ(converted(anthropic, body, small)[field], 8192);
    EXPECT_EQ(converted(anthropic, body, to)[field], 128000);
  }
}

TEST(convert_request, leaks_no_part_of_a_user_id_of_either_form) {
  for (const auto* id : {R"({"device_id":"d3v","account_uuid":"acc","session_id":"5e55"})",
                         "user_d3v_account_acc_session_5e55"})
    for (const auto to : {chat, responses}) {
      const auto body = request(anthropic, {{"metadata", {{"user_id", id}}}});
      for (const auto* secret : {"d3v", "acc", "5e55"})
        EXPECT_THAT(converted(anthropic, body, to).dump(), Not(HasSubstr(secret)));
    }
}

// --- names and choices of tools ---

TEST(convert_request, shortens_the_long_names_of_openais_clients) {
  const auto name = std::string(65, 'n');
  const auto shortened = [](const converted_request& out) {
    EXPECT_EQ(out.memory.tools.size(), 1u);
    return out.memory.tools.begin()->first;
  };
  auto in_chat =
      request(chat, messages({user("x"), chat_call("1", "{}", name), chat_result("1", "r")}));
  in_chat["tools"] = list({function_tool(name)});
  in_chat["tool_choice"] = function_tool(name);
  auto items = request(responses, {{"input", list({function_call("1", name), output_of("1", "r")})},
                                   {"tools", list({flat_tool("function", name)})},
                                   {"tool_choice", flat_tool("function", name)}});
  for (const auto& [from, body] : {std::pair{chat, in_chat}, std::pair{responses, items}}) {
    const auto out = convert(from, body.dump(), upstream(anthropic)).value();
    const auto known = shortened(out);
    EXPECT_EQ(known.size(), 64u);
    const auto parsed = json::parse(out.body);
    EXPECT_EQ(parsed["tools"][0]["name"], known);
    EXPECT_EQ(parsed["tool_choice"]["name"], known);
    EXPECT_EQ(parsed["messages"][1]["content"][0]["name"], known);
    EXPECT_THAT(broken_rules(anthropic, parsed), IsEmpty());
  }
}

TEST(convert_request, shortens_long_names_in_namespaces) {
  const auto space = std::string(40, 's');
  const auto name = std::string(40, 'n');
  auto call = function_call("1", name);
  call["namespace"] = space;
  const auto body =
      request(responses, {{"tools", list({{{"type", "namespace"},
                                           {"name", space},
                                           {"tools", list({flat_tool("function", name)})}}})},
                          {"input", list({call, output_of("1", "r")})}});
  const auto out = convert(responses, body.dump(), upstream(chat)).value();
  ASSERT_EQ(out.memory.tools.size(), 1u);
  const auto& [known, alias] = *out.memory.tools.begin();
  EXPECT_EQ(alias.name, name);
  EXPECT_EQ(alias.name_space, space);
  const auto parsed = json::parse(out.body);
  EXPECT_EQ(parsed["tools"][0]["function"]["name"], known);
  EXPECT_EQ(parsed["messages"][0]["tool_calls"][0]["function"]["name"], known);
}

TEST(convert_request, leaves_only_the_tools_that_responses_allows) {
  const auto body = request(
      responses, {{"tools", list({flat_tool("function", "a"), flat_tool("custom", "b"),
                                  flat_tool("function", "c")})},
                  {"tool_choice",
                   {{"type", "allowed_tools"},
                    {"mode", "required"},
                    {"tools", list({flat_tool("custom", "b"), flat_tool("function", "c")})}}}});
  const auto out = converted(responses, body, anthropic);
  ASSERT_EQ(out["tools"].size(), 2u);
  EXPECT_EQ(out["tools"][0]["name"], "b");
  EXPECT_EQ(out["tool_choice"]["type"], "any");
}

TEST(convert_request, chooses_a_custom_tool) {
  const auto tools = list({flat_tool("custom", "patch"), flat_tool("function", "run")});
  const auto body =
      request(responses, {{"tools", tools}, {"tool_choice", flat_tool("custom", "patch")}});
  EXPECT_EQ(converted(responses, body, anthropic)["tool_choice"],
            json({{"type", "tool"}, {"name", "patch"}}));
  const auto in_chat =
      request(chat, {{"tools", list({{{"type", "custom"}, {"custom", {{"name", "patch"}}}}})},
                     {"tool_choice", {{"type", "custom"}, {"custom", {{"name", "patch"}}}}}});
  EXPECT_EQ(converted(chat, in_chat, anthropic)["tool_choice"]["name"], "patch");
}

TEST(convert_request, refuses_to_choose_what_is_not_offered) {
  const auto named = json{{"type", "tool"}, {"name", "gone"}};
  const auto tools = list({anthropic_tool("t")});
  EXPECT_THAT(
      refusal(anthropic, request(anthropic, {{"tools", tools}, {"tool_choice", named}}), chat),
      HasSubstr("tool_choice"));
  EXPECT_THAT(refusal(anthropic, request(anthropic, {{"tool_choice", named}}), responses),
              HasSubstr("tool_choice"));
  EXPECT_THAT(refusal(chat,
                      request(chat, {{"tools", list({function_tool("t")})},
                                     {"tool_choice", function_tool("gone")}}),
                      anthropic),
              HasSubstr("tool_choice"));
  EXPECT_THAT(refusal(responses,
                      request(responses, {{"tools", list({flat_tool("function", "t")})},
                                          {"tool_choice", flat_tool("function", "gone")}}),
                      anthropic),
              HasSubstr("tool_choice"));
}

TEST(convert_request, offers_once_what_was_loaded_twice) {
  const auto custom = flat_tool("custom", "patch");
  const auto shell = json{{"type", "local_shell"}};
  const auto loaded = json{{"type", "additional_tools"}, {"tools", list({custom, shell})}};
  const auto body = request(responses, {{"tools", list({custom, shell})},
                                        {"input", list({item("user", "x"), loaded, loaded})}});
  EXPECT_EQ(converted(responses, body, chat)["tools"].size(), 2u);
}

TEST(convert_request, tells_tools_of_one_name_and_two_shapes_apart) {
  const auto body =
      request(responses,
              {{"tools", list({flat_tool("function", "local_shell"), {{"type", "local_shell"}}})},
               {"input",
                list({function_call("1", "local_shell"),
                      output_of("1", "r"),
                      {{"type", "local_shell_call"},
                       {"call_id", "2"},
                       {"action", {{"type", "exec"}, {"command", {"ls"}}}}},
                      {{"type", "local_shell_call_output"}, {"call_id", "2"}, {"output", "r"}}})}});
  const auto out = convert(responses, body.dump(), upstream(anthropic)).value();
  const auto parsed = json::parse(out.body);
  EXPECT_THAT(broken_rules(anthropic, parsed), IsEmpty());
  EXPECT_EQ(parsed["tools"][0]["name"], "local_shell");
  const auto other = parsed["tools"][1]["name"].get<std::string>();
  EXPECT_EQ(out.memory.tools.at(other).call_type, "local_shell_call");
  EXPECT_EQ(parsed["messages"][1]["content"][0]["name"], "local_shell");
  EXPECT_EQ(parsed["messages"][3]["content"][0]["name"], other);
}

TEST(convert_request, finds_a_called_tool_that_has_another_shape_now) {
  const auto body = request(
      responses,
      {{"tools", list({flat_tool("function", "patch")})},
       {"input",
        list({{{"type", "custom_tool_call"}, {"call_id", "1"}, {"name", "patch"}, {"input", "x"}},
              {{"type", "custom_tool_call_output"}, {"call_id", "1"}, {"output", "r"}}})}});
  EXPECT_EQ(converted(responses, body, anthropic)["messages"][1]["content"][0]["name"], "patch");
}

// --- calls and results ---

TEST(convert_request, gives_every_call_of_a_conversation_its_own_id) {
  auto body = request(chat, messages({user("go")}));
  auto before = json::array();
  for (const auto* id : {"call_0", "call_0", "call_1", "call_0"}) {
    body["messages"].push_back(chat_call(id, "{}"));
    body["messages"].push_back(chat_result(id, "r"));
    const auto all = converted(chat, body, anthropic)["messages"]; // its rules demand it
    for (auto i = std::size_t{0}; i < before.size(); ++i)
      EXPECT_EQ(all[i], before[i]) << "a growing history stays";
    before = all;
  }
  const auto old_call =
      json{{"role", "assistant"}, {"function_call", {{"name", "f"}, {"arguments", "{}"}}}};
  const auto old_result = json{{"role", "function"}, {"name", "f"}, {"content", "r"}};
  const auto legacy = converted(
      chat, request(chat, messages({user("x"), old_call, old_result, old_call, old_result})),
      anthropic)["messages"];
  EXPECT_NE(legacy[1]["content"][0]["id"], legacy[3]["content"][0]["id"]);
}

TEST(convert_request, makes_ids_of_nine_letters_and_digits) {
  auto to = upstream(chat);
  to.short_ids = true;
  const auto body =
      request(anthropic, messages({user("go"),
                                   assistant({tool_use("toolu_1"), tool_use("abcDEF123"),
                                              tool_use("x"), tool_use("x")}),
                                   user({tool_result("toolu_1", "1"), tool_result("abcDEF123", "2"),
                                         tool_result("x", "3"), tool_result("x", "4")})}));
  const auto all = converted(anthropic, body, to)["messages"];
  for (auto i = 0; i < 4; ++i) {
    const auto id = all[1]["tool_calls"][i]["id"].get<std::string>();
    EXPECT_THAT(id, testing::MatchesRegex("[a-zA-Z0-9]{9}"));
    EXPECT_EQ(all[2 + i], chat_result(id, std::to_string(i + 1)));
  }
  EXPECT_EQ(all[1]["tool_calls"][1]["id"], "abcDEF123");
}

TEST(convert_request, says_that_a_patch_failed) {
  const auto call = json{{"type", "apply_patch_call"},
                         {"call_id", "1"},
                         {"operation", {{"type", "delete_file"}, {"path", "a"}}}};
  auto output = json{{"type", "apply_patch_call_output"}, {"call_id", "1"}, {"status", "failed"}};
  const auto with = [&] { return request(responses, {{"input", list({call, output})}}); };
  const auto block = converted(responses, with(), anthropic)["messages"][2]["content"][0];
  EXPECT_EQ(block["is_error"], true);
  EXPECT_EQ(block["content"], "Error: the call failed");
  EXPECT_EQ(converted(responses, with(), chat)["messages"][1]["content"], "Error: the call failed");
  output["output"] = "no such file";
  EXPECT_EQ(converted(responses, with(), chat)["messages"][1]["content"], "Error: no such file");
  output["status"] = "completed";
  EXPECT_EQ(converted(responses, with(), chat)["messages"][1]["content"], "no such file");
}

TEST(convert_request, drops_both_halves_of_what_the_provider_ran) {
  const auto shot =
      json{{"type", "computer_screenshot"}, {"image_url", "data:image/png;base64,QUFB"}};
  const auto body = request(
      responses,
      {{"input", list({item("user", "x"),
                       {{"type", "computer_call"}, {"call_id", "1"}, {"action", json::object()}},
                       {{"type", "computer_call_output"}, {"call_id", "1"}, {"output", shot}},
                       {{"type", "tool_search_call"},
                        {"call_id", nullptr},
                        {"execution", "server"},
                        {"id", "ts_1"},
                        {"arguments", json::object()}},
                       {{"type", "tool_search_output"},
                        {"call_id", nullptr},
                        {"execution", "server"},
                        {"tools", list({flat_tool("function", "found")})}}})}});
  for (const auto to : {anthropic, chat}) {
    const auto out = converted(responses, body, to);
    EXPECT_EQ(out["messages"].size(), 1u);
    EXPECT_THAT(out.dump(), Not(HasSubstr("QUFB")));
    EXPECT_EQ(out["tools"].size(), 1u) << "what it found is there";
    EXPECT_THAT(dropped(responses, body, upstream(to)),
                ElementsAre("input.computer_call", "input.computer_call_output",
                            "input.tool_search_call", "input.tool_search_output"));
  }
  EXPECT_THAT(
      refusal(responses, request(responses, {{"input", list({{{"type", "compaction_trigger"}}})}}),
              chat),
      HasSubstr("compaction_trigger"));
}

TEST(convert_request, refuses_an_answer_that_was_only_heard) {
  const auto heard = json{{"role", "assistant"}, {"content", nullptr}, {"audio", {{"id", "a"}}}};
  EXPECT_THAT(refusal(chat, request(chat, messages({user("x"), heard, user("y")})), anthropic),
              HasSubstr("audio"));
  auto written = heard;
  written["content"] = "said";
  const auto body = request(chat, messages({user("x"), written, user("y")}));
  EXPECT_EQ(converted(chat, body, anthropic)["messages"].size(), 3u);
  EXPECT_THAT(dropped(chat, body, upstream(anthropic)), ElementsAre("messages.audio"));
}

TEST(convert_request, lets_the_user_show_what_a_developer_has) {
  const auto picture = json{{"type", "input_image"}, {"image_url", "https://a/b"}};
  const auto words = json{{"type", "input_text"}, {"text", "rules"}};
  const auto body =
      request(responses, {{"input", list({item("developer", list({picture})), item("user", "x"),
                                          item("developer", list({words, picture}))})}});
  for (const auto to : {anthropic, chat}) {
    const auto out = converted(responses, body, to);
    const auto all = out.dump();
    EXPECT_EQ(all.find("https://a/b"),
              out["messages"].dump().find("https://a/b") + all.find(out["messages"].dump()));
    EXPECT_THAT(all, Not(HasSubstr(R"("content":"")")));
    EXPECT_THAT(all, HasSubstr("rules"));
    for (const auto& m : out["messages"])
      EXPECT_TRUE(m["role"] == "user" || m["content"].is_string()) << m.dump();
  }
}

TEST(convert_request, carries_images_of_outputs_with_their_detail) {
  const auto shown = [](const std::string& detail) {
    return json{{"type", "input_image"},
                {"image_url", "data:image/png;base64,iVBORw0KGgo="},
                {"detail", detail}};
  };
  const struct {
    std::string given;
    json expected;
  } cases[] = {
      {"original", "high"}, {"high", "high"}, {"low", "low"}, {"auto", "auto"}, {"odd", nullptr}};
  for (const auto& [given, expected] : cases) {
    const auto body = request(
        responses, {{"input", list({function_call("1"), output_of("1", list({shown(given)}))})}});
    const auto parts = converted(responses, body, chat)["messages"][2]["content"];
    EXPECT_EQ(parts[1]["image_url"].value("detail", json{}), expected) << given;
    const auto result = converted(responses, body, anthropic)["messages"][2]["content"][0];
    EXPECT_EQ(result["content"][0], image());
  }
}

TEST(convert_request, keeps_refusals_in_the_history) {
  const auto refused = list({{{"type", "refusal"}, {"refusal", "no"}}});
  const auto body = request(
      responses,
      {{"input", list({item("user", "x"), item("assistant", refused), item("user", "y")})}});
  EXPECT_EQ(converted(responses, body, chat)["messages"][1]["content"], "no");
  EXPECT_EQ(converted(responses, body, anthropic)["messages"][1]["content"][0], text("no"));
}

TEST(convert_request, keeps_thoughts_between_two_calls_in_their_place) {
  const auto thought = [](const std::string& words) {
    return json{{"type", "reasoning"},
                {"id", "rs"},
                {"summary", list({{{"type", "summary_text"}, {"text", words}}})},
                {"encrypted_content", "gwa1.s:c2ln"}};
  };
  const auto body = request(
      responses,
      {{"input", list({item("user", "x"), thought("one"), function_call("1"), thought("two"),
                       function_call("2"), output_of("1", "a"), output_of("2", "b")})}});
  const auto blocks = converted(responses, body, anthropic)["messages"][1]["content"];
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[0]["thinking"], "one");
  EXPECT_EQ(blocks[1]["id"], "1");
  EXPECT_EQ(blocks[2]["thinking"], "two");
  EXPECT_EQ(blocks[3]["id"], "2");
  auto deepseek = upstream(chat);
  deepseek.reasoning = reasoning_form::reasoning_content;
  const auto said = converted(responses, body, deepseek)["messages"][1];
  EXPECT_EQ(said["reasoning_content"], "one\n\ntwo");
  EXPECT_EQ(said["tool_calls"].size(), 2u);
}

// --- texts and files ---

TEST(convert_request, mends_half_pairs_but_not_in_arguments) {
  const auto body = std::string{
      R"({"model":"m","max_tokens":9,"system":"\ud800","messages":[{"role":"user","content":)"
      R"("a\ud83d\ude00b\uDC00c\\ud800d"},{"role":"assistant","content":[{"type":"tool_use",)"
      R"("id":"1","name":"run","input":{"t":"\ud800"}}]}]})"};
  for (const auto to : {chat, responses}) {
    const auto out = convert(anthropic, body, upstream(to)).value();
    EXPECT_THAT(out.body, HasSubstr(R"("a\ud83d\ude00b\ufffdc\\ud800d")")); // as long as before
    EXPECT_THAT(out.body, HasSubstr(R"("\ufffd")"));
    EXPECT_THAT(out.body, HasSubstr(R"({\"t\":\"\\ud800\"})"));
    EXPECT_TRUE(json::accept(out.body)) << "which half a pair would not be";
  }
}

TEST(convert_request, takes_a_document_whose_type_is_spelt_with_escapes) {
  const auto body = std::string{
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":)"
      R"("a.pdf","file_data":"data:application\/pdf;base64,JVBERi0="}}]}]})"};
  const auto out = convert(chat, body, upstream(anthropic));
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(json::parse(out->body)["messages"][0]["content"][0]["source"]["media_type"],
            "application/pdf");
}

TEST(convert_request, names_documents_so_that_openai_knows_what_they_are) {
  const auto named = [](const json& title, dialect to) {
    auto document = json{
        {"type", "document"},
        {"source", {{"type", "base64"}, {"media_type", "application/pdf"}, {"data", "JVBERi0="}}}};
    if (!title.is_null())
      document["title"] = title;
    auto reading = upstream(to);
    reading.files = true;
    const auto out =
        converted(anthropic, request(anthropic, messages({user({document})})), reading);
    return to == chat ? out["messages"][0]["content"][0]["file"]["filename"]
                      : out["input"][0]["content"][0]["filename"];
  };
  for (const auto to : {chat, responses}) {
    EXPECT_EQ(named("Annual report", to), "Annual report.pdf");
    EXPECT_EQ(named("a.PDF", to), "a.PDF");
    EXPECT_EQ(named(nullptr, to), "document.pdf");
  }
}

// --- caches ---

TEST(convert_request, keeps_the_cache_mark_of_a_result) {
  const auto mark = json{{"type", "ephemeral"}};
  auto part = text("r");
  part["cache_control"] = mark;
  const auto body =
      request(chat, messages({user("x"), chat_call("1", "{}"), chat_result("1", list({part}))}));
  const auto result = converted(chat, body, anthropic)["messages"][2]["content"][0];
  EXPECT_EQ(result["cache_control"], mark);
  EXPECT_EQ(result["content"], "r");

  auto claude = request(
      anthropic, messages({user("x"), assistant({tool_use("1")}), user({tool_result("1", "r")})}));
  claude["messages"][2]["content"][0]["cache_control"] = mark;
  auto openrouter = upstream(chat);
  openrouter.cache_control = true;
  EXPECT_EQ(converted(anthropic, claude, openrouter)["messages"][2]["content"], list({part}));
  EXPECT_EQ(converted(anthropic, claude, chat)["messages"][2]["content"], "r");
}

TEST(convert_request, marks_nothing_unless_the_upstream_caches_by_marks) {
  const auto body = request(responses, {{"instructions", "s"}});
  EXPECT_THAT(converted(responses, body, anthropic).dump(), Not(HasSubstr("cache_control")));
  auto marking = upstream(anthropic);
  marking.cache_marks = true;
  const auto out = converted(responses, body, marking);
  EXPECT_TRUE(out["system"][0].contains("cache_control"));
  EXPECT_TRUE(out["messages"][0]["content"][0].contains("cache_control"));
}

// --- formats ---

json format_of(const json& schema, const json& strict = nullptr) {
  auto format = json{{"name", "n"}, {"schema", schema}};
  if (!strict.is_null())
    format["strict"] = strict;
  return {{"response_format", {{"type", "json_schema"}, {"json_schema", format}}}};
}

TEST(convert_request, is_as_strict_about_formats_as_the_client) {
  const auto open = json{{"type", "object"}, {"properties", {{"a", {{"type", "string"}}}}}};
  for (const auto& strict : {json(nullptr), json(true), json(false)}) {
    const auto body = request(chat, format_of(open, strict));
    const auto format = converted(chat, body, responses)["text"]["format"];
    EXPECT_EQ(format.value("strict", json{}), strict);
    auto items = request(responses, {{"text", {{"format", format}}}});
    EXPECT_EQ(
        converted(responses, items, chat)["response_format"]["json_schema"].value("strict", json{}),
        strict);
  }
}

TEST(convert_request, holds_answers_to_the_schemas_that_can_be_held) {
  const auto closed = [](json properties, json required) {
    return json{{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)},
                {"additionalProperties", false}};
  };
  const auto word = json{{"type", "string"}};
  const auto open = json{{"type", "object"}, {"properties", {{"a", word}}}, {"required", {"a"}}};
  const struct {
    std::string name;
    json schema;
    bool strict_for_openai, held_by_anthropic;
  } cases[] = {
      {"closed and complete", closed({{"a", word}}, {"a"}), true, true},
      {"a property may be missing", closed({{"a", word}}, json::array()), false, true},
      {"open", open, false, false},
      {"open inside", closed({{"a", open}}, {"a"}), false, false},
      {"open in a list", closed({{"a", {{"type", "array"}, {"items", open}}}}, {"a"}), false,
       false},
      {"open in a choice", closed({{"a", {{"anyOf", list({word, open})}}}}, {"a"}), false, false},
      {"open in a definition",
       [&] {
         auto schema = closed({{"a", {{"$ref", "#/$defs/x"}}}}, {"a"});
         schema["$defs"] = {{"x", open}};
         return schema;
       }(),
       false, false},
      {"a property of a telling name",
       closed({{"required", word}, {"maximum", word}}, {"required", "maximum"}), true, true},
      {"limits", closed({{"a", {{"type", "integer"}, {"maximum", 9}}}}, {"a"}), true, false},
  };
  for (const auto& [name, schema, strict_for_openai, held_by_anthropic] : cases) {
    SCOPED_TRACE(name);
    const auto claude =
        request(anthropic,
                {{"output_config", {{"format", {{"type", "json_schema"}, {"schema", schema}}}}}});
    const auto in_chat = converted(anthropic, claude, chat)["response_format"]["json_schema"];
    EXPECT_EQ(in_chat.value("strict", false), strict_for_openai);
    const auto out = converted(chat, request(chat, format_of(schema)), anthropic);
    EXPECT_EQ(out.contains("output_config"), held_by_anthropic);
    EXPECT_EQ(out.contains("system"), !held_by_anthropic);
  }
}

TEST(convert_request, puts_a_schema_that_is_missing_or_endless_into_words) {
  auto deep = std::string{};
  for (auto i = 0; i < 40; ++i)
    deep += R"({"type":"array","items":)";
  deep += "{}" + std::string(40, '}');
  for (const auto& schema : {std::string{"null"}, deep}) {
    const auto body =
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"response_format":)"
        R"({"type":"json_schema","json_schema":{"name":"n","schema":)" +
        schema + "}}}";
    const auto out = convert(chat, body, upstream(anthropic)).value();
    EXPECT_FALSE(json::parse(out.body).contains("output_config"));
    EXPECT_THAT(out.body, HasSubstr("Answer with one JSON object"));
  }
}

// --- sampling, and what is said of it ---

TEST(convert_request, samples_where_thinking_is_off) {
  const auto off =
      request(anthropic, {{"temperature", 0.25}, {"thinking", {{"type", "disabled"}}}});
  EXPECT_EQ(converted(anthropic, off, chat)["temperature"], 0.25);
  EXPECT_THAT(dropped(anthropic, off, upstream(chat)), IsEmpty());
}

TEST(convert_request, keeps_the_temperature_within_anthropics_scale) {
  const struct {
    double given;
    json expected;
  } cases[] = {{0, 0.0}, {0.7, 0.7}, {1, 1.0}, {1.0001, 1}, {2, 1}};
  for (const auto& [given, expected] : cases)
    EXPECT_EQ(converted(chat, request(chat, {{"temperature", given}}), anthropic)["temperature"],
              expected);
  EXPECT_THAT(dropped(chat, request(chat, {{"temperature", 2}}), upstream(anthropic)),
              ElementsAre("temperature"));
  auto newest = upstream(anthropic);
  newest.sampling = false;
  EXPECT_FALSE(
      converted(chat, request(chat, {{"temperature", 0.7}}), newest).contains("temperature"));
}

TEST(convert_request, says_what_it_takes_away) {
  auto plain = upstream(chat);
  plain.parallel_tool_calls = false;
  auto tool = anthropic_tool("t");
  tool["strict"] = true;
  const auto max =
      json{{"thinking", {{"type", "adaptive"}}}, {"output_config", {{"effort", "max"}}}};
  const auto serial =
      json{{"tools", list({tool})},
           {"tool_choice", {{"type", "auto"}, {"disable_parallel_tool_use", true}}}};
  auto blunt = upstream(chat);
  blunt.reasons = false;
  auto named = request(chat);
  named["messages"][0]["name"] = "alice";
  auto strict = function_tool("t", {{"strict", true}});
  const struct {
    std::string what;
    dialect from;
    json body;
    upstream_traits to;
    std::vector<std::string> expected;
  } cases[] = {
      {"one by one",
       anthropic,
       request(anthropic, serial),
       plain,
       {"tools.strict", "parallel_tool_calls"}},
      {"less effort", anthropic, request(anthropic, max), upstream(chat), {"effort"}},
      {"less effort", anthropic, request(anthropic, max), upstream(responses), {"effort"}},
      {"no effort", anthropic, request(anthropic, max), blunt, {"effort"}},
      {"as much", chat, request(chat, {{"reasoning_effort", "high"}}), upstream(responses), {}},
      {"verbosity",
       chat,
       request(chat, {{"verbosity", "low"}}),
       upstream(anthropic),
       {"verbosity"}},
      {"verbosity",
       responses,
       request(responses, {{"text", {{"verbosity", "low"}}}}),
       upstream(chat),
       {"verbosity"}},
      {"a name", chat, named, upstream(anthropic), {"messages.name"}},
      {"a prefill",
       chat,
       request(chat, messages({user("x"), assistant("{")})),
       upstream(anthropic),
       {"prefill"}},
      {"strict",
       chat,
       request(chat, {{"tools", list({strict})}}),
       upstream(anthropic),
       {"tools.strict"}},
      {"thinking beside a forced tool",
       chat,
       request(chat, {{"tools", list({function_tool("t")})},
                      {"tool_choice", "required"},
                      {"reasoning_effort", "high"}}),
       upstream(anthropic),
       {"effort"}},
  };
  for (const auto& [what, from, body, to, expected] : cases) {
    SCOPED_TRACE(what);
    EXPECT_EQ(dropped(from, body, to), expected);
  }
}

TEST(convert_request, believes_no_signature_of_another_provider) {
  const auto with = [](const json& format) {
    auto detail = json{{"type", "reasoning.text"}, {"text", "hm"}, {"signature", "c2ln"}};
    if (!format.is_null())
      detail["format"] = format;
    return request(
        chat,
        messages({user("x"),
                  {{"role", "assistant"}, {"content", "a"}, {"reasoning_details", list({detail})}},
                  user("y")}));
  };
  EXPECT_EQ(converted(chat, with(nullptr), anthropic)["messages"][1]["content"].size(), 2u);
  EXPECT_EQ(
      converted(chat, with("anthropic-claude-v1"), anthropic)["messages"][1]["content"].size(), 2u);
  EXPECT_EQ(converted(chat, with("google-gemini-v1"), anthropic)["messages"][1]["content"].size(),
            1u);
}

} // namespace
} // namespace axonhub::llm
