#include "tests/unit/llm/converting.hpp"

namespace axonhub::llm {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// --- thoughts ---

json thinking(const std::string& thought, const std::string& signature) {
  return {{"type", "thinking"}, {"thinking", thought}, {"signature", signature}};
}

TEST(convert_request, gives_thoughts_the_form_that_the_upstream_reads) {
  const auto body = request(
      anthropic,
      messages({user("x"), assistant({thinking("hm", "c2ln"), text("a"), tool_use("1")}),
                user({tool_result("1", "r")}), assistant({thinking("", "c2ln"), tool_use("2")})}));
  EXPECT_THAT(converted(anthropic, body, chat).dump(), Not(HasSubstr("reason")));

  auto deepseek = upstream(chat);
  deepseek.reasoning = reasoning_form::reasoning_content;
  const auto one = converted(anthropic, body, deepseek)["messages"];
  EXPECT_EQ(one[1]["reasoning_content"], "hm");
  EXPECT_EQ(one[3]["reasoning_content"], "");

  auto openrouter = upstream(chat);
  openrouter.reasoning = reasoning_form::reasoning_details;
  const auto detail = converted(anthropic, body, openrouter)["messages"][1]["reasoning_details"];
  EXPECT_EQ(detail, list({{{"type", "reasoning.text"},
                           {"text", "hm"},
                           {"signature", "c2ln"},
                           {"format", "anthropic-claude-v1"},
                           {"index", 0}}}));
  const auto back = request(
      chat, messages({user("x"),
                      {{"role", "assistant"}, {"content", "a"}, {"reasoning_details", detail}},
                      user("y")}));
  EXPECT_EQ(converted(chat, back, anthropic)["messages"][1]["content"][0], thinking("hm", "c2ln"));
}

TEST(convert_request, restores_thoughts_that_travelled_through_another_dialect) {
  const auto through_anthropic = request(
      anthropic, messages({user("x"), assistant({thinking("sum", "gwr1.rs_1.EN.C"), tool_use("1")}),
                           user({tool_result("1", "r")}),
                           assistant({thinking("", "gwr1.rs_2.E2"), text("a")}), user("y")}));
  const auto items = converted(anthropic, through_anthropic, responses)["input"];
  EXPECT_EQ(items[1], json({{"type", "reasoning"},
                            {"id", "rs_1"},
                            {"summary", list({{{"type", "summary_text"}, {"text", "sum"}}})},
                            {"encrypted_content", "EN.C"}}));
  EXPECT_EQ(items[4]["summary"], json::array());

  const auto item = [](const std::string& summary, const std::string& encrypted) {
    return json{{"type", "reasoning"},
                {"id", "rs_1"},
                {"summary", list({{{"type", "summary_text"}, {"text", summary}}})},
                {"encrypted_content", encrypted}};
  };
  const auto call =
      json{{"type", "function_call"}, {"call_id", "1"}, {"name", "run"}, {"arguments", "{}"}};
  const auto through_responses =
      request(responses, {{"input", list({item("hm", "gwa1.s:c2ln"), item("", "gwa1.r:ZGF0YQ"),
                                          item("foreign", "ENC"), call})}});
  const auto blocks = converted(responses, through_responses, anthropic)["messages"][1]["content"];
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0], thinking("hm", "c2ln"));
  EXPECT_EQ(blocks[1], json({{"type", "redacted_thinking"}, {"data", "ZGF0YQ"}}));
  EXPECT_EQ(blocks[2]["type"], "tool_use");
}

TEST(convert_request, drops_thoughts_of_others_and_messages_of_nothing_else) {
  const auto body = request(
      anthropic, messages({user("x"), assistant({thinking("hm", "c2ln"), text("a")}), user("y"),
                           assistant({thinking("hm", "gwr1.rs_1.E")}), user("z")}));
  EXPECT_EQ(converted(anthropic, body, responses)["input"].size(), 4u);
  EXPECT_EQ(converted(anthropic, body, chat)["messages"].size(), 4u);
  EXPECT_THAT(converted(chat,
                        request(chat, messages({user("x"),
                                                {{"role", "assistant"},
                                                 {"content", "a"},
                                                 {"reasoning_content", "secret"}},
                                                user("y")})),
                        anthropic)
                  .dump(),
              Not(HasSubstr("secret")));
}

TEST(convert_request, cuts_the_thought_that_an_answer_was_broken_off_in) {
  const auto item = [](const std::string& signature) {
    return json{{"type", "reasoning"},
                {"id", "rs_" + signature},
                {"summary", json::array()},
                {"encrypted_content", "gwa1.s:" + signature}};
  };
  const auto said = [](const std::string& role, const std::string& words) {
    return json{{"type", "message"}, {"role", role}, {"content", words}};
  };
  const auto body =
      request(responses, {{"input", list({said("user", "x"), item("YQ"), said("assistant", "a"),
                                          item("Yg"), item("Yw"), said("user", "y")})}});
  const auto out = converted(responses, body, anthropic)["messages"];
  EXPECT_EQ(out[1], assistant({thinking("", "YQ"), text("a")}));
}

// --- limits, effort, sampling ---

TEST(convert_request, keeps_the_output_within_the_upstreams_limit) {
  auto to = upstream(chat);
  to.max_output_tokens = 8000;
  EXPECT_EQ(converted(anthropic, request(anthropic, {{"max_tokens", 128000}}), to)["max_tokens"],
            8000);
  EXPECT_EQ(converted(anthropic, request(anthropic, {{"max_tokens", 10}}), to)["max_tokens"], 10);
  to.output_limit = output_limit_field::max_completion_tokens;
  EXPECT_EQ(converted(anthropic, request(anthropic), to)["max_completion_tokens"], 100);
  EXPECT_EQ(
      converted(anthropic, request(anthropic, {{"max_tokens", 3}}), responses)["max_output_tokens"],
      16);

  auto claude = upstream(anthropic);
  EXPECT_EQ(converted(chat, request(chat), claude)["max_tokens"], 8192);
  claude.max_output_tokens = 4096;
  EXPECT_EQ(converted(chat, request(chat), claude)["max_tokens"], 4096);
  EXPECT_EQ(converted(chat, request(chat, {{"max_tokens", 7}, {"max_completion_tokens", 9}}),
                      claude)["max_tokens"],
            9);
  EXPECT_EQ(
      converted(responses, request(responses, {{"max_output_tokens", 50}}), claude)["max_tokens"],
      50);
  EXPECT_FALSE(converted(responses, request(responses), chat).contains("max_tokens"));
  EXPECT_THAT(refusal(chat, request(chat, {{"max_tokens", 0}}), anthropic),
              HasSubstr("max_tokens"));
}

TEST(convert_request, turns_thinking_into_effort) {
  const struct {
    json thinking, config, expected;
  } cases[] = {
      {nullptr, nullptr, nullptr},
      {nullptr, "low", "low"},
      {{{"type", "adaptive"}}, nullptr, nullptr},
      {{{"type", "adaptive"}}, "medium", "medium"},
      {{{"type", "adaptive"}}, "max", "high"},
      {{{"type", "enabled"}, {"budget_tokens", 2000}}, nullptr, "low"},
      {{{"type", "enabled"}, {"budget_tokens", 4000}}, nullptr, "medium"},
      {{{"type", "enabled"}, {"budget_tokens", 31999}}, nullptr, "high"},
      {{{"type", "disabled"}}, "high", "none"},
  };
  for (const auto& [thought, config, expected] : cases) {
    const auto body =
        request(anthropic, {{"thinking", thought}, {"output_config", {{"effort", config}}}});
    SCOPED_TRACE(body.dump());
    EXPECT_EQ(converted(anthropic, body, chat).value("reasoning_effort", json{}), expected);
    auto plain = upstream(chat);
    plain.reasons = false;
    EXPECT_FALSE(converted(anthropic, body, plain).contains("reasoning_effort"));
  }
  const auto off = request(
      anthropic, {{"thinking", {{"type", "disabled"}}}, {"output_config", {{"effort", "high"}}}});
  auto switched = upstream(chat);
  switched.thinking_switch = true;
  const auto out = converted(anthropic, off, switched);
  EXPECT_EQ(out["thinking"]["type"], "disabled");
  EXPECT_FALSE(out.contains("reasoning_effort"));
  EXPECT_EQ(converted(anthropic, off, responses)["reasoning"], json({{"effort", "none"}}));
  auto thinker = upstream(responses); // one that cannot but think
  thinker.efforts = {effort_level::low, effort_level::high};
  EXPECT_EQ(converted(anthropic, off, thinker)["reasoning"], json({{"effort", "low"}}));
  EXPECT_THAT(dropped(anthropic, off, thinker), ElementsAre("effort"));
  const auto most = request(
      anthropic, {{"thinking", {{"type", "adaptive"}}}, {"output_config", {{"effort", "max"}}}});
  EXPECT_EQ(converted(anthropic, most, responses)["reasoning"],
            json({{"effort", "xhigh"}, {"summary", "auto"}}));
  EXPECT_EQ(converted(anthropic, most, thinker)["reasoning"],
            json({{"effort", "high"}, {"summary", "auto"}}));
}

TEST(convert_request, turns_effort_into_thinking) {
  auto budgets = upstream(anthropic);
  budgets.adaptive_thinking = false;
  budgets.max_output_tokens = 32000;
  const auto with = [](const std::string& effort, const json& more = json::object()) {
    auto body = request(chat, {{"reasoning_effort", effort}, {"temperature", 0.5}});
    body.update(more);
    return body;
  };
  const auto adaptive = converted(chat, with("minimal"), anthropic);
  EXPECT_EQ(adaptive["thinking"]["type"], "adaptive");
  EXPECT_EQ(adaptive["output_config"]["effort"], "low");
  EXPECT_FALSE(adaptive.contains("temperature"));
  EXPECT_EQ(converted(chat, with("xhigh"), anthropic)["output_config"]["effort"], "xhigh");
  const auto off = converted(chat, with("none"), anthropic);
  EXPECT_EQ(off["thinking"]["type"], "disabled");
  EXPECT_FALSE(off.contains("output_config"));
  EXPECT_EQ(off["temperature"], 0.5);
  EXPECT_FALSE(converted(chat, request(chat), anthropic).contains("thinking"));

  const auto medium = converted(chat, with("medium"), budgets);
  EXPECT_EQ(medium["thinking"]["budget_tokens"], 8192);
  EXPECT_EQ(medium["max_tokens"], 8192 + 8192);
  EXPECT_EQ(converted(chat, with("high"), budgets)["max_tokens"], 32000);
  const auto small = converted(chat, with("high", {{"max_tokens", 4000}}), budgets);
  EXPECT_EQ(small["thinking"]["budget_tokens"], 2000);
  EXPECT_EQ(small["max_tokens"], 4000);
  EXPECT_EQ(converted(chat, with("high", {{"max_tokens", 1000}}), budgets)["thinking"]["type"],
            "disabled");
}

TEST(convert_request, thinks_only_where_anthropic_allows_it) {
  const auto tools = list({{{"type", "function"}, {"function", {{"name", "run"}}}}});
  auto forced =
      request(chat, {{"reasoning_effort", "high"}, {"tools", tools}, {"tool_choice", "required"}});
  EXPECT_EQ(converted(chat, forced, anthropic)["thinking"]["type"], "disabled");
  auto budgets = upstream(anthropic);
  budgets.adaptive_thinking = false;
  auto loop = request(chat, messages({user("x"), chat_call("1", "{}"), chat_result("1", "r")}));
  loop["reasoning_effort"] = "high";
  EXPECT_EQ(converted(chat, loop, budgets)["thinking"]["type"], "disabled");
  EXPECT_EQ(converted(chat, loop, anthropic)["thinking"]["type"], "adaptive");
  loop["messages"].push_back(user("y"));
  EXPECT_EQ(converted(chat, loop, budgets)["thinking"]["type"], "enabled");
}

TEST(convert_request, forces_a_tool_as_the_model_allows_it) {
  const auto tools = list({{{"type", "function"}, {"function", {{"name", "run"}}}}});
  const auto with = [&tools](const json& choice) {
    return request(chat, {{"reasoning_effort", "high"}, {"tools", tools}, {"tool_choice", choice}});
  };
  auto thinker = upstream(anthropic);
  thinker.thinks_when_forced = true;
  const auto forced = converted(chat, with("required"), thinker);
  EXPECT_EQ(forced["thinking"]["type"], "adaptive");
  EXPECT_EQ(forced["tool_choice"]["type"], "any");

  auto unforced = thinker;
  unforced.forced_tools = false;
  const auto named = with({{"type", "function"}, {"function", {{"name", "run"}}}});
  const auto asked = converted(chat, named, unforced);
  EXPECT_EQ(asked["thinking"]["type"], "adaptive");
  EXPECT_EQ(asked["tool_choice"]["type"], "auto");
  EXPECT_EQ(asked["messages"][0]["content"],
            list({text("hello"), text("Answer with a call of the tool run and nothing else.")}));
  EXPECT_THAT(dropped(chat, named, unforced), ElementsAre("tool_choice"));
  EXPECT_EQ(converted(chat, with("required"), unforced)["messages"][0]["content"][1],
            text("Answer with a call of one of the tools and nothing else."));
  EXPECT_THAT(dropped(chat, with("auto"), unforced), IsEmpty());
}

TEST(convert_request, switches_thinking_off_as_far_as_the_model_allows_it) {
  const auto body = request(chat, {{"reasoning_effort", "none"}});
  auto claude = upstream(anthropic);
  claude.off = thinking_off::between_tools;
  EXPECT_EQ(converted(chat, body, claude)["thinking"], json({{"type", "between_tools"}}));
  EXPECT_THAT(dropped(chat, body, claude), IsEmpty());
  claude.off = thinking_off::never;
  const auto out = converted(chat, body, claude);
  EXPECT_EQ(out["thinking"], json({{"type", "adaptive"}}));
  EXPECT_EQ(out["output_config"]["effort"], "low");
  EXPECT_THAT(dropped(chat, body, claude), ElementsAre("effort"));
}

TEST(convert_request, asks_to_see_thoughts_where_they_are_hidden) {
  auto claude = upstream(anthropic);
  claude.shows_thoughts = false;
  const auto shown = json({{"type", "adaptive"}, {"display", "summarized"}});
  const auto in_chat = request(chat, {{"reasoning_effort", "high"}});
  EXPECT_EQ(converted(chat, in_chat, claude)["thinking"], shown);
  EXPECT_FALSE(converted(chat, in_chat, anthropic)["thinking"].contains("display"));
  const auto summary = request(responses, {{"reasoning", {{"summary", "auto"}}}});
  const auto out = converted(responses, summary, claude);
  EXPECT_EQ(out["thinking"], shown);
  EXPECT_FALSE(out.contains("output_config"));
}

TEST(convert_request, asks_claude_for_an_effort_that_it_knows) {
  auto claude = upstream(anthropic);
  claude.efforts = {.least = effort_level::low, .most = effort_level::max, .has_xhigh = false};
  const auto with = [](const std::string& effort) {
    return request(responses, {{"reasoning", {{"effort", effort}}}});
  };
  EXPECT_EQ(converted(responses, with("xhigh"), claude)["output_config"]["effort"], "high");
  EXPECT_THAT(dropped(responses, with("xhigh"), claude), ElementsAre("effort"));
  EXPECT_EQ(converted(responses, with("max"), claude)["output_config"]["effort"], "max");
}

TEST(convert_request, lets_a_tool_loop_think_that_began_with_a_thought) {
  auto budgets = upstream(anthropic);
  budgets.adaptive_thinking = false;
  const auto call = [](const std::string& id) {
    return json{{"type", "function_call"}, {"call_id", id}, {"name", "run"}, {"arguments", "{}"}};
  };
  const auto output = [](const std::string& id) {
    return json{{"type", "function_call_output"}, {"call_id", id}, {"output", "r"}};
  };
  const auto thought = json{{"type", "reasoning"},
                            {"id", "rs_1"},
                            {"summary", json::array()},
                            {"encrypted_content", "gwa1.s:c2ln"}};
  const auto ask = json{{"type", "message"}, {"role", "user"}, {"content", "x"}};
  const auto with = [](std::initializer_list<json> input) {
    return request(responses, {{"input", list(input)}, {"reasoning", {{"effort", "medium"}}}});
  };
  const auto form = [&budgets](const json& body) {
    return converted(responses, body, budgets)["thinking"]["type"];
  };
  EXPECT_EQ(form(with({ask, thought, call("1"), output("1"), call("2"), output("2")})), "enabled");
  EXPECT_EQ(form(with({ask, call("1"), output("1"), thought, call("2"), output("2")})), "disabled");
  EXPECT_EQ(form(with({ask, call("1"), output("1"), ask, thought, call("2"), output("2")})),
            "enabled");
}

TEST(convert_request, samples_only_where_it_is_taken) {
  const auto body = request(anthropic, {{"temperature", 0.25}, {"top_p", 0.5}, {"top_k", 4}});
  const auto third_party = converted(anthropic, body, chat);
  EXPECT_EQ(third_party["temperature"], 0.25);
  EXPECT_EQ(third_party["top_p"], 0.5);
  EXPECT_FALSE(third_party.contains("top_k"));
  EXPECT_THAT(dropped(anthropic, body, upstream(chat)), ElementsAre("top_k"));
  EXPECT_THAT(dropped(anthropic, body, upstream(responses)),
              ElementsAre("top_k", "temperature", "top_p"));
  auto openai = upstream(chat);
  openai.output_limit = output_limit_field::max_completion_tokens; // a field says not who it is
  EXPECT_EQ(converted(anthropic, body, openai)["temperature"], 0.25);
  openai.is_openai = true;
  EXPECT_FALSE(converted(anthropic, body, openai).contains("temperature"));
  openai.reasons = false;
  EXPECT_EQ(converted(anthropic, body, openai)["temperature"], 0.25);
  auto thinker = upstream(chat);
  thinker.sampling = false;
  EXPECT_THAT(dropped(anthropic, body, thinker), ElementsAre("top_k", "temperature", "top_p"));

  const auto both = request(chat, {{"temperature", 0.25}, {"top_p", 0.5}});
  auto claude = upstream(anthropic);
  EXPECT_EQ(converted(chat, both, claude)["top_p"], 0.5);
  claude.sampling_pair = false;
  EXPECT_FALSE(converted(chat, both, claude).contains("top_p"));
  EXPECT_EQ(converted(chat, both, claude)["temperature"], 0.25);
  EXPECT_THAT(dropped(chat, both, claude), ElementsAre("top_p"));
  EXPECT_EQ(converted(chat, request(chat, {{"top_p", 0.5}}), claude)["top_p"], 0.5);
}

TEST(convert_request, says_a_verbosity_that_the_model_knows) {
  const auto with = [](const std::string& verbosity) {
    return request(responses, {{"text", {{"verbosity", verbosity}}}});
  };
  auto openai = upstream(chat);
  openai.is_openai = true;
  EXPECT_EQ(converted(responses, with("low"), openai)["verbosity"], "low");
  EXPECT_THAT(dropped(responses, with("low"), upstream(chat)), ElementsAre("verbosity"));
  openai.verbosity = false;
  EXPECT_FALSE(converted(responses, with("low"), openai).contains("verbosity"));
  EXPECT_THAT(dropped(responses, with("low"), openai), ElementsAre("verbosity"));
  EXPECT_EQ(converted(responses, with("medium"), openai)["verbosity"], "medium");

  const auto in_chat = request(chat, {{"verbosity", "low"}});
  auto older = upstream(responses);
  EXPECT_EQ(converted(chat, in_chat, older)["text"]["verbosity"], "low");
  older.verbosity = false;
  EXPECT_FALSE(converted(chat, in_chat, older).contains("text"));
  EXPECT_THAT(dropped(chat, in_chat, older), ElementsAre("verbosity"));
}

TEST(convert_request, keeps_four_stops) {
  const auto body = request(anthropic, {{"stop_sequences", {"a", "b", "c", "d", "e"}}});
  EXPECT_EQ(converted(anthropic, body, chat)["stop"], json({"a", "b", "c", "d"}));
  EXPECT_THAT(dropped(anthropic, body, upstream(chat)), ElementsAre("stop_sequences"));
  EXPECT_THAT(dropped(anthropic, body, upstream(responses)), ElementsAre("stop_sequences"));
  auto thinker = upstream(chat);
  thinker.stops = false;
  EXPECT_FALSE(converted(anthropic, body, thinker).contains("stop"));
  EXPECT_THAT(dropped(anthropic, body, thinker), ElementsAre("stop_sequences"));
  EXPECT_EQ(
      converted(chat, request(chat, {{"stop", {" ", "\n", "x"}}}), anthropic)["stop_sequences"],
      json::array({"x"}));
  EXPECT_EQ(converted(chat, request(chat, {{"stop", "x"}}), anthropic)["stop_sequences"],
            json::array({"x"}));
  EXPECT_FALSE(
      converted(chat, request(chat, {{"stop", "\t"}}), anthropic).contains("stop_sequences"));
}

// --- formats ---

TEST(convert_request, asks_for_the_same_format) {
  const auto schema = json{{"type", "object"},
                           {"properties", {{"a", {{"type", "string"}}}}},
                           {"required", {"a"}},
                           {"additionalProperties", false}};
  auto marked = schema;
  marked["$schema"] = "x";
  const auto claude = request(
      anthropic, {{"output_config", {{"format", {{"type", "json_schema"}, {"schema", marked}}}}}});
  const auto in_chat = converted(anthropic, claude, chat);
  EXPECT_EQ(in_chat["response_format"],
            json({{"type", "json_schema"},
                  {"json_schema", {{"name", "output"}, {"schema", schema}, {"strict", true}}}}));
  EXPECT_EQ(converted(chat, in_chat, anthropic)["output_config"]["format"]["schema"], schema);
  const auto in_responses = converted(chat, in_chat, responses);
  EXPECT_EQ(in_responses["text"]["format"]["name"], "output");
  EXPECT_EQ(converted(responses, in_responses, chat)["response_format"],
            in_chat["response_format"]);
  const auto old =
      request(anthropic, {{"output_format", {{"type", "json_schema"}, {"schema", schema}}}});
  EXPECT_EQ(converted(anthropic, old, chat)["response_format"], in_chat["response_format"]);

  auto plain = upstream(chat);
  plain.json_schema = false;
  const auto words = converted(anthropic, claude, plain);
  EXPECT_FALSE(words.contains("response_format"));
  EXPECT_THAT(words["messages"][0]["content"], HasSubstr(R"("properties":{"a")"));
  const auto object = request(chat, {{"response_format", {{"type", "json_object"}}}});
  EXPECT_THAT(converted(chat, object, anthropic)["system"][0]["text"], HasSubstr("JSON object"));
  EXPECT_EQ(converted(chat, object, responses)["text"]["format"]["type"], "json_object");
}

// --- refusals and what is left out ---

TEST(convert_request, refuses_what_would_mean_something_else) {
  EXPECT_THAT(refusal(chat, request(chat, {{"n", 2}}), anthropic), HasSubstr("n: only 1"));
  converted(chat, request(chat, {{"n", 1}, {"modalities", {"text"}}}), anthropic);
  EXPECT_THAT(refusal(chat, request(chat, {{"modalities", {"text", "audio"}}}), anthropic),
              HasSubstr("modalities"));
  EXPECT_THAT(refusal(chat, request(chat, {{"audio", {{"voice", "x"}}}}), responses),
              HasSubstr("audio"));
  const auto part = json{{"type", "input_audio"}, {"input_audio", {{"data", "x"}}}};
  EXPECT_THAT(refusal(chat, request(chat, messages({user({part})})), anthropic),
              HasSubstr("input_audio"));
  EXPECT_THAT(
      refusal(anthropic, request(anthropic, {{"mcp_servers", list({{{"name", "x"}}})}}), chat),
      HasSubstr("mcp_servers"));
  converted(anthropic, request(anthropic, {{"mcp_servers", json::array()}}), chat);
  EXPECT_THAT(refusal(anthropic, request(anthropic, messages({{{"role", "tool"}}})), chat),
              HasSubstr("messages.0.role"));
  EXPECT_THAT(refusal(anthropic, request(anthropic, messages({})), chat), HasSubstr("messages"));
  EXPECT_THAT(refusal(chat, request(chat, messages({user("")})), anthropic), HasSubstr("messages"));
}

TEST(convert_request, names_what_it_leaves_out) {
  const auto body = request(anthropic, {{"service_tier", "auto"},
                                        {"context_management", {{"edits", json::array()}}},
                                        {"made up, by a client\n", 1},
                                        {"container", nullptr},
                                        {"metadata", {{"user_id", "u"}}}});
  EXPECT_THAT(
      dropped(anthropic, body, upstream(chat)),
      testing::UnorderedElementsAre("service_tier", "context_management", "madeupbyaclient"));
  EXPECT_THAT(
      dropped(chat, request(chat, {{"seed", 1}, {"logit_bias", {{"1", 2}}}}), upstream(anthropic)),
      testing::UnorderedElementsAre("seed", "logit_bias"));
}

TEST(convert_request, tells_the_provider_no_user_ids) {
  const std::string ids[] = {R"({"device_id":"d3v","account_uuid":"acc","session_id":"5e55"})",
                             "user_d3v_account_acc_session_5e55"};
  for (const auto& id : ids)
    for (const auto to : {chat, responses}) {
      const auto body = request(anthropic, {{"metadata", {{"user_id", id}}}});
      EXPECT_THAT(converted(anthropic, body, to).dump(), Not(HasSubstr("d3v")));
      auto who = identity();
      who.end_user = "hash";
      who.cache_key = "key";
      const auto out =
          json::parse(convert_request(anthropic, padded(body.dump()), upstream(to), who)->body);
      EXPECT_EQ(out[to == chat ? "user" : "safety_identifier"], "hash");
      EXPECT_EQ(out["prompt_cache_key"], "key");
    }
  auto who = identity();
  who.end_user = "hash";
  const auto body = request(chat, {{"user", "alice"}, {"safety_identifier", "alice"}});
  const auto out =
      json::parse(convert_request(chat, padded(body.dump()), upstream(anthropic), who)->body);
  EXPECT_EQ(out["metadata"]["user_id"], "hash");
  EXPECT_THAT(out.dump(), Not(HasSubstr("alice")));
}

TEST(convert_request, streams_with_usage_where_that_is_known) {
  const auto body = request(anthropic, {{"stream", true}});
  EXPECT_EQ(converted(anthropic, body, chat)["stream_options"]["include_usage"], true);
  auto old = upstream(chat);
  old.stream_options = false;
  EXPECT_FALSE(converted(anthropic, body, old).contains("stream_options"));
  EXPECT_FALSE(converted(anthropic, request(anthropic), chat).contains("stream"));
}

// --- images, documents ---

TEST(convert_request, carries_images_in_both_spellings) {
  const auto url = json{{"type", "image"}, {"source", {{"type", "url"}, {"url", "https://a/b"}}}};
  const auto body = request(anthropic, messages({user({image(), url})}));
  const auto parts = converted(anthropic, body, chat)["messages"][0]["content"];
  EXPECT_EQ(parts[0]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
  EXPECT_EQ(parts[1]["image_url"]["url"], "https://a/b");
  EXPECT_EQ(
      converted(chat, request(chat, messages({user(parts)})), anthropic)["messages"][0]["content"],
      json({image(), url}));
  const auto file = json{{"type", "image"}, {"source", {{"type", "file"}, {"file_id", "f"}}}};
  EXPECT_THAT(refusal(anthropic, request(anthropic, messages({user({file})})), chat),
              HasSubstr("file"));
}

TEST(convert_request, believes_the_picture_more_than_its_label) {
  const auto shown = [](const std::string& given) {
    const auto part = json{{"type", "image_url"}, {"image_url", {{"url", given}}}};
    return converted(chat, request(chat, messages({user({part})})),
                     anthropic)["messages"][0]["content"][0]["source"];
  };
  EXPECT_EQ(shown("data:image/png;base64,/9j/4AAQ")["media_type"], "image/jpeg");
  EXPECT_EQ(shown("data:image/jpg;charset=x;base64,R0lGODdh")["media_type"], "image/gif");
  EXPECT_EQ(shown("data:image/webp;base64,AAAA")["media_type"], "image/webp");
  // As PHP spells it.
  const auto body = std::string{
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":)"
      R"({"url":"data:image\/jpeg;base64,\/9j\/4AAQ"}}]}]})"};
  const auto source = json::parse(
      convert(chat, body, upstream(anthropic))->body)["messages"][0]["content"][0]["source"];
  EXPECT_EQ(source["media_type"], "image/jpeg");
  EXPECT_EQ(source["data"], "/9j/4AAQ");
}

TEST(convert_request, leaves_images_out_for_models_that_do_not_see) {
  for (const auto to : {chat, responses}) {
    auto blind = upstream(to);
    blind.images = false;
    const auto all =
        converted(anthropic, request(anthropic, messages({user({image()})})), blind).dump();
    EXPECT_THAT(all, HasSubstr("[image omitted]"));
    EXPECT_THAT(all, Not(HasSubstr("iVBOR")));
  }
}

TEST(convert_request, sends_documents_where_they_can_be_read) {
  const auto document = [](const json& source) {
    return json{{"type", "document"}, {"title", "t.pdf"}, {"source", source}};
  };
  const auto pdf =
      document({{"type", "base64"}, {"media_type", "application/pdf"}, {"data", "JVBERi0="}});
  const auto body = request(anthropic, messages({user({pdf})}));
  EXPECT_THAT(refusal(anthropic, body, chat), HasSubstr("PDF"));
  auto reading = upstream(chat);
  reading.files = true;
  const auto part = converted(anthropic, body, reading)["messages"][0]["content"][0];
  EXPECT_EQ(part["file"],
            json({{"filename", "t.pdf"}, {"file_data", "data:application/pdf;base64,JVBERi0="}}));
  const auto back = converted(chat, request(chat, messages({user({part})})), anthropic);
  EXPECT_EQ(back["messages"][0]["content"][0], pdf);
  auto items = upstream(responses);
  items.files = true;
  const auto item = converted(anthropic, body, items)["input"][0]["content"][0];
  EXPECT_EQ(item["file_data"], part["file"]["file_data"]);
  const auto url = document({{"type", "url"}, {"url", "https://a/b"}});
  EXPECT_THAT(refusal(anthropic, request(anthropic, messages({user({url})})), reading),
              HasSubstr("url"));
  const auto plain = document({{"type", "text"}, {"data", "words"}});
  const auto nested = document({{"type", "content"}, {"content", list({text("more")})}});
  EXPECT_EQ(converted(anthropic, request(anthropic, messages({user({plain, nested})})),
                      chat)["messages"][0]["content"],
            json({text("words"), text("more")}));
}

TEST(convert_request, puts_results_of_searches_into_words) {
  const auto found = json{{"type", "search_result"},
                          {"title", "T"},
                          {"source", "https://s"},
                          {"content", list({text("c")})}};
  const auto server = json{
      {"type", "web_search_tool_result"},
      {"tool_use_id", "srvtoolu_1"},
      {"content", list({{{"type", "web_search_result"}, {"title", "W"}, {"url", "https://w"}}})}};
  const auto use = json{{"type", "server_tool_use"}, {"id", "srvtoolu_1"}, {"name", "web_search"}};
  const auto body =
      request(anthropic, messages({user({found}), assistant({use, server, text("a")}), user("b")}));
  const auto all = converted(anthropic, body, chat)["messages"];
  EXPECT_EQ(all[0]["content"], "T\nhttps://s\nc");
  EXPECT_THAT(all[1]["content"], HasSubstr("W https://w"));
  EXPECT_THAT(dropped(anthropic, body, upstream(chat)), Contains("server_tool_use"));
}

// --- the shape of a conversation ---

TEST(convert_request, lets_the_user_begin_and_end) {
  const auto body =
      request(chat, messages({assistant("hi"), user("a"), user("b"), assistant("c")}));
  const auto all = converted(chat, body, anthropic)["messages"];
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0]["content"], list({text("(continue)")}));
  EXPECT_EQ(all[2]["content"], json({text("a"), text("b")}));
  EXPECT_EQ(all[4]["content"], list({text("(continue)")}));
  EXPECT_THAT(dropped(chat, body, upstream(anthropic)), ElementsAre("prefill"));
  const auto only_system = request(chat, messages({{{"role", "system"}, {"content", "s"}}}));
  converted(chat, only_system, anthropic);
  converted(chat, only_system, responses);
}

TEST(convert_request, writes_plain_strings_for_those_who_know_no_parts) {
  auto plain = upstream(chat);
  plain.text_parts = false;
  const auto body = request(anthropic, messages({user({text("a"), text(""), text("b")})}));
  EXPECT_EQ(converted(anthropic, body, plain)["messages"][0]["content"], "a\nb");
  EXPECT_EQ(converted(anthropic, body, chat)["messages"][0]["content"],
            json({text("a"), text("b")}));
}

TEST(convert_request, keeps_cache_control_where_it_is_known) {
  auto marked = text("a");
  marked["cache_control"] = {{"type", "ephemeral"}};
  auto body = request(anthropic, messages({user({marked})}));
  body["system"] = list({marked});
  EXPECT_THAT(converted(anthropic, body, chat).dump(), Not(HasSubstr("cache_control")));
  auto openrouter = upstream(chat);
  openrouter.cache_control = true;
  const auto out = converted(anthropic, body, openrouter)["messages"];
  EXPECT_EQ(out[0]["content"], list({marked}));
  EXPECT_EQ(out[1]["content"], list({marked}));
}

TEST(convert_request, sets_messages_of_their_own_apart) {
  const auto said = [](const std::string& words) {
    return json{{"type", "message"},
                {"role", "assistant"},
                {"content", list({{{"type", "output_text"}, {"text", words}}})}};
  };
  const auto body = request(responses, {{"input", list({said("one"), said("two")})}});
  EXPECT_EQ(converted(responses, body, chat)["messages"][0]["content"], "one\n\ntwo");
}

} // namespace
} // namespace axonhub::llm
