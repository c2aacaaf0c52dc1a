#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_provider/http_request.hpp"

namespace axonhub::fake {

enum class api : std::uint8_t {
  none, ///< No endpoint of a provider.
  messages,
  count_tokens,
  chat,
  responses,
  models,
  oauth_usage,
  probe, ///< HEAD or GET of / and /api/hello.
};

/// Which endpoint the request asks for.
api api_of(const request_head& head);

/// What an answer depends on.
struct call {
  api endpoint = api::none;
  std::string model = {};
  std::string conversation = {}; ///< Who asks in which session; empty without a session.
  std::string tool = {};         ///< The offered tool that an answer may use; empty without one.
  std::vector<std::string> tool_inputs = {}; ///< JSON texts: what the two calls of that tool run.
  std::vector<std::string> tool_results = {};
  std::size_t prompt_tokens = 0; ///< By size, without the model's name: renaming changes nothing.
  bool stream = false;
  bool wants_usage = false;  ///< stream_options.include_usage of Chat Completions.
  bool has_thinking = false; ///< The history holds thinking blocks.
  bool is_json = false;
};

/// Reads the body of one request. `body` has simdjson's padding behind it.
call read_call(const request_head& head, std::string_view body, std::size_t capacity);

/// True when the answer is a call of two tools: the model plays with tools, a tool is offered, and
/// nothing was called yet.
bool calls_tools(const call& c);

} // namespace axonhub::fake
