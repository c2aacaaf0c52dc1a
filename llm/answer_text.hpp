#pragma once

// What the writers of streams and of whole answers say alike.

#include "llm/answer_sink.hpp"
#include "llm/conversion.hpp"
#include "llm/json_writer.hpp"

namespace axonhub::llm {

/// The value of `stop_reason`.
std::string_view to_stop_reason(stop_cause cause);
/// The value of `finish_reason`.
std::string_view to_finish_reason(stop_cause cause);

/// The client's model, quoted and escaped.
std::string quoted(std::string_view text);

/// Fields stop_reason, stop_sequence and, of a refusal, stop_details.
void write_stop(json_writer& json, stop_cause cause);
/// An Anthropic usage object. `details`: the thinking's share, which a stream leaves out.
void write_anthropic_usage(json_writer& json, const usage& tokens, bool details);
void write_chat_usage(json_writer& json, const usage& tokens);
void write_responses_usage(json_writer& json, const usage& tokens);

/// One of OpenRouter's reasoning_details: a piece of a thought of Claude, or a sealed one. Texts
/// are raw.
struct thought_detail {
  std::size_t index = 0; ///< Of the thought in the answer.
  raw_text text, signature;
  raw_text data; ///< Of a sealed one, which has nothing else.
};
std::string to_json(const thought_detail& d);

/// A thought's seal as an Anthropic signature, raw: a Responses item's id and content travel in it.
std::string to_signature(const thought_seal& seal);
/// A thought's seal as encrypted_content, raw.
std::string to_encrypted_content(const thought_seal& seal);

} // namespace axonhub::llm
