#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/fake_provider/answer.hpp"

namespace axonhub::fake {

/// The head of a stream.
std::string stream_head(std::string_view extra_headers);

/// The faults that replace the whole answer; nothing when an answer with content is due.
std::optional<answer> answer_without_content(const answer_order& order);

/// Sets how far the events of a stream go and what stands in their place, by the order's fault.
void spoil_stream(answer& a, script& s, const answer_order& order);

/// Sets the bytes of an answer with the JSON text `body`, by the order's fault.
void spoil_json(answer& a, const std::string& body, const answer_order& order);

} // namespace axonhub::fake
