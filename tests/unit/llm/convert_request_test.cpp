#include "tests/unit/llm/converting.hpp"

namespace axonhub::llm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(convert_request, says_the_same_in_each_dialect) {
  const struct {
    dialect from;
    dialect to;
  } pairs[] = {{anthropic, chat}, {anthropic, responses}, {chat, anthropic},
               {chat, responses}, {responses, anthropic}, {responses, chat}};
  for (const auto& [from, to] : pairs) {
    const auto name = std::string{to_text(from)} + ".to_" + std::string{to_text(to)};
    SCOPED_TRACE(name);
    auto traits = upstream(to);
    traits.max_output_tokens = 32000;
    const auto out =
        convert(from, fixture("requests/" + std::string{to_text(from)} + ".json"), traits);
    ASSERT_TRUE(out) << out.error().message;
    const auto body = json::parse(out->body);
    EXPECT_EQ(body, json::parse(fixture("requests/" + name + ".json"))) << body.dump(2);
    EXPECT_THAT(broken_rules(to, body), IsEmpty());
  }
}

TEST(convert_request, tells_what_the_answer_needs) {
  const auto out = convert(responses, fixture("requests/openai_responses.json"), upstream(chat));
  ASSERT_TRUE(out);
  const auto& memory = out->memory;
  EXPECT_EQ(memory.client, responses);
  EXPECT_EQ(memory.upstream, chat);
  EXPECT_EQ(memory.client_model, "client-model");
  EXPECT_EQ(memory.answer_id, "id_1");
  EXPECT_EQ(memory.created, 1795330000);
  EXPECT_TRUE(memory.stream);
  EXPECT_TRUE(memory.encrypted_reasoning);
  ASSERT_EQ(memory.tools.size(), 2u);
  EXPECT_TRUE(memory.tools.at("apply_patch").is_custom);
  EXPECT_EQ(memory.tools.at("tool_search").call_type, "tool_search_call");
  EXPECT_THAT(out->dropped, ElementsAre("tools.web_search", "verbosity"));
  const auto other = convert(chat, fixture("requests/openai_chat.json"), upstream(anthropic));
  EXPECT_TRUE(other->memory.include_usage);
  EXPECT_THAT(other->memory.tools, IsEmpty());
}

TEST(convert_request, leaves_room_behind_the_body) {
  const auto out = convert(chat, request(chat).dump(), upstream(anthropic)).value();
  EXPECT_GE(out.body.capacity() - out.body.size(), body_padding);
}

// --- arguments and texts ---

TEST(convert_request, keeps_arguments_to_the_byte) {
  const std::string cases[] = {
      R"({"n":12345678901234567890123456789,"f":1.10,"e":1E400})",
      R"({"z":1,"a":2,"z2":{"y":[],"b":null}})",
      R"({"t":"a\"b\\c\/d\u00e9\ud83d\ude00\ud800 \n\t","u":"Grüße 🎈"})",
      "{ \"spaced\" :\n [ 1 , 2 ]\t}",
      R"({"path":"C:\\temp\\new","re":"\\d+\\\"x\\\""})",
      "{}",
  };
  for (const auto& arguments : cases) {
    SCOPED_TRACE(arguments);
    const auto history = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},)"
                         R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n",)"
                         R"("input":)" +
                         arguments + R"(}]}]})";
    const auto there = convert(anthropic, history, upstream(chat)).value();
    EXPECT_EQ(json::parse(there.body)["messages"][1]["tool_calls"][0]["function"]["arguments"],
              arguments);
    const auto back = convert(chat, there.body, upstream(anthropic)).value();
    EXPECT_THAT(back.body, HasSubstr(R"("name":"n","input":)" + arguments + "}"));
    const auto items = convert(chat, there.body, upstream(responses)).value();
    EXPECT_EQ(json::parse(items.body)["input"][1]["arguments"], arguments);
    const auto again = convert(responses, items.body, upstream(anthropic)).value();
    EXPECT_THAT(again.body, HasSubstr(R"("name":"n","input":)" + arguments + "}"));
  }
}

TEST(convert_request, makes_an_object_of_whatever_arguments_say) {
  const struct {
    std::string given;
    json expected;
  } cases[] = {
      {"", json::object()},
      {" \n ", json::object()},
      {"{\"a\":1}", {{"a", 1}}},
      {" {\"a\":1} ", {{"a", 1}}},
      {"{\"a\":", {{"_raw", "{\"a\":"}}},
      {"{\"a\":1}}", {{"_raw", "{\"a\":1}}"}}},
      {"{\"a\":01}", {{"_raw", "{\"a\":01}"}}},
      {"{\"a\":1,}", {{"_raw", "{\"a\":1,}"}}},
      {"{a:1}", {{"_raw", "{a:1}"}}},
      {"[1]", {{"_raw", "[1]"}}},
      {"plain \"text\"\n", {{"_raw", "plain \"text\"\n"}}},
      {"{\"a\":\"\x01\"}", {{"_raw", "{\"a\":\"\x01\"}"}}},
      {"{}, \"x\": {}", {{"_raw", "{}, \"x\": {}"}}},
  };
  for (const auto& [given, expected] : cases) {
    SCOPED_TRACE(given);
    const auto body =
        converted(chat, request(chat, messages({user("x"), chat_call("c", given)})), anthropic);
    EXPECT_EQ(body["messages"][1]["content"][0]["input"], expected);
  }
}

TEST(convert_request, keeps_texts_as_they_are_spelt) {
  const auto spelt = std::string{R"(\u0041\/ \"q\" \\ \ud83d\ude00 🎈 \b)"};
  const auto body = R"({"model":"m","max_tokens":9,"system":")" + spelt +
                    R"(","messages":[{"role":"user","content":")" + spelt + R"("}]})";
  for (const auto to : {chat, responses})
    EXPECT_THAT(convert(anthropic, body, upstream(to))->body, HasSubstr(spelt));
}

TEST(convert_request, refuses_what_is_no_json) {
  for (const std::string_view body :
       {"", "[]", "{", R"({"model":"m","messages":[{"role":tru}]})", R"({"messages":[1 2]})",
        R"({"model":"m","temperature":01})", R"({"model":"m"}{})", "{\"model\":\"\xE9\"}"}) {
    SCOPED_TRACE(body);
    const auto out = convert(chat, body, upstream(anthropic));
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::malformed_json);
  }
}

// --- system messages ---

TEST(convert_request, drops_the_billing_line_unless_told_to_keep_it) {
  const auto line = "x-anthropic-billing-header: cc_version=1;";
  const auto body = request(anthropic, {{"system", list({text(line), text("one"), text("two")})}});
  EXPECT_EQ(converted(anthropic, body, chat)["messages"][0]["content"], "one\n\ntwo");
  EXPECT_EQ(converted(anthropic, body, responses)["instructions"], "one\n\ntwo");
  auto keeping = upstream(chat);
  keeping.billing = billing_line::keep;
  EXPECT_EQ(converted(anthropic, body, keeping)["messages"][0]["content"],
            line + std::string{"\n\none\n\ntwo"});
  const auto second = request(anthropic, {{"system", list({text("one"), text(line)})}});
  EXPECT_THAT(converted(anthropic, second, chat)["messages"][0]["content"], HasSubstr(line));
  const auto whole = request(anthropic, {{"system", line + std::string{"\nprompt"}}});
  EXPECT_THAT(converted(anthropic, whole, chat)["messages"][0]["content"], HasSubstr("prompt"));
}

TEST(convert_request, puts_system_messages_where_they_are_taken) {
  const auto system = [](const json& content) {
    return json{{"role", "system"}, {"content", content}};
  };
  const auto body = request(
      anthropic,
      messages({user("one"), assistant({tool_use("t")}), system("late"),
                user({tool_result("t", "r"), text("two")}), system(json::array()), user("three")}));
  const auto late = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(late[2]["role"], "tool"); // never between a call and its result
  EXPECT_EQ(late[3]["content"], "late");
  EXPECT_EQ(late[3]["role"], "system");
  EXPECT_EQ(late[4]["content"], "two");
  EXPECT_EQ(late.size(), 6u); // the empty one is gone

  auto folding = upstream(chat);
  folding.late_system = false;
  folding.text_parts = false;
  const auto folded = converted(anthropic, body, folding)["messages"];
  EXPECT_EQ(folded[3]["role"], "user");
  EXPECT_EQ(folded[3]["content"], "<system-reminder>\nlate\n</system-reminder>\ntwo");

  auto developer = upstream(chat);
  developer.developer_role = true;
  EXPECT_EQ(converted(anthropic, body, developer)["messages"][3]["role"], "developer");
  EXPECT_EQ(converted(anthropic, body, responses)["input"][3]["role"], "developer");
}

TEST(convert_request, folds_late_system_messages_for_anthropic) {
  const auto body = converted(chat,
                              request(chat, messages({{{"role", "system"}, {"content", "first"}},
                                                      user("one"),
                                                      {{"role", "developer"}, {"content", "late"}},
                                                      user("two"),
                                                      assistant("three"),
                                                      {{"role", "system"}, {"content", "last"}}})),
                              anthropic);
  EXPECT_EQ(body["system"][0]["text"], "first");
  EXPECT_EQ(body["messages"][0]["content"],
            json({text("one"), text("<system-reminder>\nlate\n</system-reminder>"), text("two")}));
  EXPECT_EQ(body["messages"][2]["content"][0]["text"],
            "<system-reminder>\nlast\n</system-reminder>");
}

TEST(convert_request, takes_the_newest_effort_even_from_an_empty_message) {
  auto body = request(anthropic, messages({user("one"),
                                           {{"role", "system"},
                                            {"content", json::array()},
                                            {"output_config", {{"effort", "low"}}}}}));
  body["output_config"] = {{"effort", "high"}};
  EXPECT_EQ(converted(anthropic, body, chat)["reasoning_effort"], "low");
}

// --- tools and their results ---

TEST(convert_request, answers_every_call_at_once) {
  const auto body = request(
      anthropic, messages({user("go"), assistant({tool_use("a"), tool_use("b"), tool_use("c")}),
                           user({text("words"), tool_result("c", "3"), tool_result("a", "1"),
                                 tool_result("gone", "0")}),
                           assistant("on"), user({tool_result("b", "late")})}));
  for (const auto to : {chat, responses}) {
    const auto all = converted(anthropic, body, to).dump();
    EXPECT_THAT(all, HasSubstr("late")); // found behind the next answer
    EXPECT_THAT(all, HasSubstr("Result of the tool call gone, which is not in this conversation"));
  }
  const auto missing = converted(
      anthropic,
      request(anthropic, messages({user("go"), assistant({tool_use("a")}), user("never mind")})),
      chat)["messages"];
  EXPECT_EQ(missing[2], chat_result("a", "(tool result missing)"));
  EXPECT_EQ(missing[3], user("never mind"));
}

TEST(convert_request, pairs_calls_whose_ids_come_again) {
  const auto body =
      request(chat, messages({user("go"), chat_call("0", "{}"), chat_result("0", "one"),
                              chat_call("0", "{}"), chat_result("0", "two")}));
  const auto all = converted(chat, body, anthropic)["messages"];
  EXPECT_EQ(all[2]["content"][0]["content"], "one");
  EXPECT_EQ(all[4]["content"][0]["content"], "two");
}

TEST(convert_request, takes_no_result_from_before_the_call) {
  const auto body = request(chat, messages({user("go"), chat_result("a", "early"), assistant("ok"),
                                            chat_call("a", "{}"), chat_result("a", "late")}));
  const auto all = converted(chat, body, anthropic)["messages"];
  EXPECT_THAT(all[0].dump(), HasSubstr("early"));
  EXPECT_EQ(all[2]["content"][0]["content"], "late");
}

TEST(convert_request, tells_calls_of_one_id_apart) {
  const auto body = request(
      anthropic, messages({user("go"), assistant({tool_use("a_2"), tool_use("a"), tool_use("a")}),
                           user({tool_result("a", "1"), tool_result("a", "2")})}));
  const auto all = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(all[2]["content"], "(tool result missing)");
  EXPECT_EQ(all[3], chat_result("a", "1"));
  EXPECT_EQ(all[4], chat_result("a_3", "2"));
}

TEST(convert_request, puts_images_of_results_behind_all_results) {
  const auto body = request(
      anthropic, messages({user("look"), assistant({tool_use("a"), tool_use("b")}),
                           user({tool_result("a", {image()}),
                                 tool_result("b", {text("two"), image()}), text("well?")})}));
  const auto all = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(all[2], chat_result("a", "[image attached below]"));
  EXPECT_EQ(all[3], chat_result("b", "two\n[image attached below]"));
  const auto& parts = all[4]["content"];
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0]["text"], "Image returned by tool call a:");
  EXPECT_EQ(parts[1]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
  EXPECT_EQ(parts[2]["text"], "Image returned by tool call b:");
  EXPECT_EQ(parts[4]["text"], "well?");

  const auto items = converted(anthropic, body, responses)["input"];
  EXPECT_EQ(items[3]["output"][0]["type"], "input_image");
  EXPECT_EQ(items[4]["output"][0]["text"], "two");

  auto blind = upstream(chat);
  blind.images = false;
  EXPECT_EQ(converted(anthropic, body, blind)["messages"][2], chat_result("a", "[image omitted]"));
}

TEST(convert_request, says_which_results_are_errors) {
  auto failed = tool_result("a", "no such file");
  failed["is_error"] = true;
  auto marked = tool_result("b", "Error: x");
  marked["is_error"] = true;
  auto silent = tool_result("c", json::array());
  silent["is_error"] = true;
  const auto body = request(
      anthropic,
      messages({user("x"), assistant({tool_use("a"), tool_use("b"), tool_use("c"), tool_use("d")}),
                user({failed, marked, silent, tool_result("d", "")})}));
  const auto all = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(all[2]["content"], "Error: no such file");
  EXPECT_EQ(all[3]["content"], "Error: x");
  EXPECT_EQ(all[4]["content"], "Error: (no output)");
  EXPECT_EQ(all[5]["content"], "(no output)");
  const auto items = converted(anthropic, body, responses)["input"];
  EXPECT_EQ(items[5]["output"], "Error: no such file");
  EXPECT_EQ(items[7]["output"], "Error");
}

TEST(convert_request, tells_of_tools_that_a_search_found) {
  const auto body = request(
      anthropic,
      messages({user("x"), assistant({tool_use("a")}),
                user({tool_result("a", {{{"type", "tool_reference"}, {"tool_name", "grep"}}})})}));
  EXPECT_EQ(converted(anthropic, body, chat)["messages"][2]["content"],
            "tool grep is now available");
}

TEST(convert_request, shortens_long_names_everywhere_alike) {
  const auto name = std::string(65, 'n');
  auto body = request(anthropic, messages({user("x"), assistant({tool_use("a")})}));
  body["messages"][1]["content"][0]["name"] = name;
  body["tools"] = {anthropic_tool(name), anthropic_tool(std::string(64, 'n'))};
  body["tool_choice"] = {{"type", "tool"}, {"name", name}};
  for (const auto to : {chat, responses}) {
    const auto out = convert(anthropic, body.dump(), upstream(to)).value();
    ASSERT_EQ(out.memory.tools.size(), 1u);
    const auto& [shortened, alias] = *out.memory.tools.begin();
    EXPECT_EQ(alias.name, name);
    EXPECT_EQ(shortened.size(), 64u);
    const auto parsed = json::parse(out.body);
    EXPECT_THAT(broken_rules(to, parsed), IsEmpty());
    const auto in_chat = to == chat;
    EXPECT_EQ(in_chat ? parsed["tools"][0]["function"]["name"] : parsed["tools"][0]["name"],
              shortened);
    EXPECT_EQ(in_chat ? parsed["messages"][1]["tool_calls"][0]["function"]["name"]
                      : parsed["input"][1]["name"],
              shortened);
    EXPECT_EQ(in_chat ? parsed["tool_choice"]["function"]["name"] : parsed["tool_choice"]["name"],
              shortened);
  }
}

TEST(convert_request, fits_ids_to_the_upstream) {
  const auto odd = std::string{"call_abc|fc_1:xyz"};
  const auto body =
      request(chat, messages({user("x"), chat_call(odd, "{}"), chat_result(odd, "r")}));
  const auto strict = converted(chat, body, anthropic)["messages"];
  EXPECT_THAT(strict[1]["content"][0]["id"], HasSubstr("call_abc_fc_1_xyz_"));
  EXPECT_EQ(strict[1]["content"][0]["id"], strict[2]["content"][0]["tool_use_id"]);
  auto lenient = upstream(anthropic);
  lenient.is_anthropic = false;
  EXPECT_EQ(
      json::parse(convert(chat, body.dump(), lenient)->body)["messages"][1]["content"][0]["id"],
      odd);
  const auto long_id = std::string(41, 'i');
  const auto other =
      converted(anthropic,
                request(anthropic, messages({user("x"), assistant({tool_use(long_id)}),
                                             user({tool_result(long_id, "r")})})),
                chat)["messages"];
  EXPECT_EQ(other[1]["tool_calls"][0]["id"].get<std::string>().size(), 40u);
}

TEST(convert_request, gives_schemas_what_backends_want) {
  const struct {
    json given, expected;
  } cases[] = {
      {{{"$schema", "x"}, {"type", "object"}, {"properties", {{"a", {{"$schema", "kept"}}}}}},
       {{"type", "object"}, {"properties", {{"a", {{"$schema", "kept"}}}}}}},
      {json::object(), {{"type", "object"}, {"properties", json::object()}}},
      {nullptr, {{"type", "object"}, {"properties", json::object()}}},
      {{{"type", "object"}}, {{"type", "object"}, {"properties", json::object()}}},
      {{{"properties", json::object()}, {"required", {"a"}}},
       {{"type", "object"}, {"properties", json::object()}, {"required", {"a"}}}},
      {{{"type", nullptr}, {"x\"y", 1}},
       {{"type", "object"}, {"properties", json::object()}, {"x\"y", 1}}},
  };
  for (const auto& [given, expected] : cases) {
    const auto body = request(anthropic, {{"tools", list({anthropic_tool("t", given)})}});
    EXPECT_EQ(converted(anthropic, body, chat)["tools"][0]["function"]["parameters"], expected);
    EXPECT_EQ(converted(anthropic, body, responses)["tools"][0]["parameters"], expected);
  }
}

TEST(convert_request, drops_what_tools_of_others_cannot_say) {
  auto tool = anthropic_tool("t");
  tool.update({{"cache_control", {{"type", "ephemeral"}}},
               {"defer_loading", true},
               {"strict", true},
               {"type", "custom"},
               {"input_examples", json::array()}});
  const auto placeholder = anthropic_tool("DeferredToolPlaceholder");
  const auto body = request(anthropic, {{"tools", list({tool, placeholder})}});
  const auto function = converted(anthropic, body, chat)["tools"];
  ASSERT_EQ(function.size(), 1u);
  EXPECT_EQ(function[0]["function"].size(), 2u) << function.dump();
  auto strict = upstream(chat);
  strict.strict_tools = true;
  EXPECT_EQ(converted(anthropic, body, strict)["tools"][0]["function"]["strict"], true);
  EXPECT_EQ(converted(anthropic, body, responses)["tools"][0]["strict"], true);
}

TEST(convert_request, drops_server_tools_only_when_merely_offered) {
  const auto search = json{{"type", "web_search_20250305"}, {"name", "web_search"}};
  const auto forced = json{{"type", "tool"}, {"name", "web_search"}};
  const auto offered = request(anthropic, {{"tools", list({search, anthropic_tool("t")})}});
  EXPECT_THAT(dropped(anthropic, offered, upstream(chat)),
              ElementsAre("tools.web_search_20250305"));
  EXPECT_EQ(converted(anthropic, offered, chat)["tools"].size(), 1u);
  EXPECT_THAT(refusal(anthropic, request(anthropic, {{"tools", list({search})}}), chat),
              HasSubstr("web_search_20250305"));
  auto both = offered;
  both["tool_choice"] = forced;
  EXPECT_THAT(refusal(anthropic, both, responses), HasSubstr("tool_choice"));
  const auto hosted = json{{"type", "web_search"}};
  EXPECT_THAT(refusal(responses, request(responses, {{"tools", list({hosted})}}), chat),
              HasSubstr("web_search"));
}

TEST(convert_request, maps_tool_choice) {
  const auto tools = json::array({anthropic_tool("t")});
  const struct {
    json given, to_chat, to_responses;
  } cases[] = {
      {{{"type", "auto"}}, "auto", "auto"},
      {{{"type", "any"}}, "required", "required"},
      {{{"type", "none"}}, "none", "none"},
      {{{"type", "tool"}, {"name", "t"}},
       {{"type", "function"}, {"function", {{"name", "t"}}}},
       {{"type", "function"}, {"name", "t"}}},
  };
  for (const auto& [given, to_chat, to_responses] : cases) {
    auto body = request(anthropic, {{"tools", tools}, {"tool_choice", given}});
    EXPECT_EQ(converted(anthropic, body, chat)["tool_choice"], to_chat);
    EXPECT_EQ(converted(anthropic, body, responses)["tool_choice"], to_responses);
    const auto there = converted(anthropic, body, chat);
    EXPECT_EQ(converted(chat, there, anthropic)["tool_choice"], given);
    EXPECT_EQ(converted(chat, there, responses)["tool_choice"], to_responses);
    const auto items = converted(anthropic, body, responses);
    EXPECT_EQ(converted(responses, items, anthropic)["tool_choice"], given);
    EXPECT_EQ(converted(responses, items, chat)["tool_choice"], to_chat);
    body.erase("tools");
    if (given["type"] != "tool") {
      EXPECT_FALSE(converted(anthropic, body, chat).contains("tool_choice"));
    }
  }
}

TEST(convert_request, passes_on_that_calls_come_one_by_one) {
  const auto body = request(
      anthropic, {{"tools", list({anthropic_tool("t")})},
                  {"tool_choice", {{"type", "auto"}, {"disable_parallel_tool_use", true}}}});
  EXPECT_EQ(converted(anthropic, body, chat)["parallel_tool_calls"], false);
  EXPECT_EQ(converted(anthropic, body, responses)["parallel_tool_calls"], false);
  auto old = upstream(chat);
  old.parallel_tool_calls = false;
  EXPECT_FALSE(converted(anthropic, body, old).contains("parallel_tool_calls"));
  auto back = converted(anthropic, body, chat);
  back.erase("tool_choice");
  EXPECT_EQ(converted(chat, back, anthropic)["tool_choice"], body["tool_choice"]);
}

TEST(convert_request, leaves_only_the_allowed_tools) {
  const auto function = [](const std::string& name) {
    return json{{"type", "function"}, {"function", {{"name", name}}}};
  };
  const auto body = request(
      chat, {{"tools", list({function("a"), function("b")})},
             {"tool_choice",
              {{"type", "allowed_tools"},
               {"allowed_tools", {{"mode", "required"}, {"tools", list({function("b")})}}}}}});
  const auto out = converted(chat, body, anthropic);
  EXPECT_EQ(out["tools"].size(), 1u);
  EXPECT_EQ(out["tools"][0]["name"], "b");
  EXPECT_EQ(out["tool_choice"]["type"], "any");
}

TEST(convert_request, understands_the_old_function_calls) {
  const auto call =
      json{{"role", "assistant"}, {"function_call", {{"name", "f"}, {"arguments", "{\"a\":1}"}}}};
  auto body = request(
      chat, messages({user("x"), call, {{"role", "function"}, {"name", "f"}, {"content", "r"}}}));
  body["functions"] = {{{"name", "f"}, {"parameters", {{"type", "object"}}}}};
  body["function_call"] = {{"name", "f"}};
  const auto out = converted(chat, body, anthropic);
  EXPECT_EQ(out["tools"][0]["name"], "f");
  EXPECT_EQ(out["tool_choice"]["name"], "f");
  EXPECT_EQ(out["messages"][2]["content"][0]["content"], "r");
}

// --- Responses' own tools ---

TEST(convert_request, flattens_namespaces) {
  const auto function = json{{"type", "function"}, {"name", "find"}};
  const auto body = request(
      responses,
      {{"tools", list({{{"type", "namespace"}, {"name", "docs"}, {"tools", list({function})}},
                       {{"type", "function"}, {"name", "docs__find"}}})},
       {"input", list({{{"type", "function_call"},
                        {"call_id", "1"},
                        {"namespace", "docs"},
                        {"name", "find"},
                        {"arguments", "{}"}}})}});
  const auto out = convert(responses, body.dump(), upstream(chat)).value();
  const auto parsed = json::parse(out.body);
  EXPECT_THAT(broken_rules(chat, parsed), IsEmpty());
  EXPECT_EQ(parsed["tools"][0]["function"]["name"], "docs__find");
  EXPECT_EQ(parsed["messages"][0]["tool_calls"][0]["function"]["name"], "docs__find");
  EXPECT_THAT(parsed["tools"][1]["function"]["name"], HasSubstr("docs__find_"));
  EXPECT_EQ(out.memory.tools.at("docs__find").name_space, "docs");
  EXPECT_EQ(out.memory.tools.at("docs__find").name, "find");
}

TEST(convert_request, shows_built_in_tools_as_functions) {
  const auto body = request(
      responses,
      {{"tools", list({{{"type", "local_shell"}}, {{"type", "apply_patch"}}})},
       {"input",
        list({{{"type", "local_shell_call"},
               {"call_id", "1"},
               {"action", {{"type", "exec"}, {"command", {"ls"}}}}},
              {{"type", "local_shell_call_output"}, {"call_id", "1"}, {"output", "a.txt"}},
              {{"type", "shell_call"}, {"call_id", "2"}, {"action", {{"commands", {"ls"}}}}},
              {{"type", "shell_call_output"},
               {"call_id", "2"},
               {"output", list({{{"stdout", "b.txt"}}})}}})}});
  const auto out = converted(responses, body, anthropic);
  EXPECT_EQ(out["tools"][0]["name"], "local_shell");
  EXPECT_EQ(out["messages"][1]["content"][0]["input"]["command"][0], "ls");
  EXPECT_EQ(out["messages"][2]["content"][0]["content"], "a.txt");
  EXPECT_EQ(out["messages"][4]["content"][0]["content"], R"([{"stdout":"b.txt"}])");
}

TEST(convert_request, offers_tools_that_were_loaded_later) {
  const auto found = json{{"type", "function"}, {"name", "found"}};
  const auto body = request(
      responses,
      {{"tools", list({{{"type", "tool_search"}, {"execution", "client"}}})},
       {"input",
        list({{{"type", "message"}, {"role", "user"}, {"content", "x"}},
              {{"type", "tool_search_call"}, {"call_id", "1"}, {"arguments", {{"query", "q"}}}},
              {{"type", "tool_search_output"},
               {"call_id", "1"},
               {"tools", list({found, found})}}})}});
  const auto out = converted(responses, body, chat);
  ASSERT_EQ(out["tools"].size(), 2u);
  EXPECT_EQ(out["tools"][1]["function"]["name"], "found");
  EXPECT_EQ(out["messages"][1]["tool_calls"][0]["function"]["arguments"], R"({"query":"q"})");
}

TEST(convert_request, refuses_what_needs_a_memory) {
  for (const auto to : {anthropic, chat}) {
    EXPECT_THAT(refusal(responses, request(responses, {{"previous_response_id", "r"}}), to),
                HasSubstr("previous_response_id"));
    EXPECT_THAT(refusal(responses, request(responses, {{"conversation", "c"}}), to),
                HasSubstr("conversation"));
    EXPECT_THAT(refusal(responses, request(responses, {{"prompt", {{"id", "p"}}}}), to),
                HasSubstr("prompt"));
    EXPECT_THAT(refusal(responses, request(responses, {{"background", true}}), to),
                HasSubstr("background"));
    EXPECT_THAT(
        refusal(responses,
                request(responses, {{"input", list({{{"type", "item_reference"}, {"id", "x"}}})}}),
                to),
        HasSubstr("item_reference"));
  }
  converted(responses,
            request(responses,
                    {{"previous_response_id", nullptr}, {"conversation", ""}, {"store", true}}),
            chat);
  converted(responses, request(responses, {{"previous_response_id", ""}}), anthropic);
}

TEST(convert_request, drops_the_compaction_of_another_provider) {
  const auto body =
      request(responses,
              {{"input", list({{{"type", "compaction"}, {"encrypted_content", "x"}},
                               {{"role", "user"},
                                {"content", list({{{"type", "input_text"}, {"text", "hi"}}})}}})}});
  EXPECT_THAT(dropped(responses, body, upstream(chat)), ElementsAre("input.compaction"));
}

} // namespace
} // namespace axonhub::llm
