#pragma once

#include "llm/neutral_request.hpp"

#include <string_view>

/// How the sealed half of a thought travels through a client of another dialect, which returns it
/// as it was: an item of Responses in the signature of an Anthropic thought, an Anthropic signature
/// in the encrypted_content of an item. Written by the answer's converters, read here.
namespace axonhub::llm {

/// Before an Anthropic signature: ITEM_ID "." ENCRYPTED_CONTENT follows.
constexpr auto responses_carrier = std::string_view{"gwr1."};
/// Before an item's encrypted_content: the signature of a thought follows.
constexpr auto signature_carrier = std::string_view{"gwa1.s:"};
/// The same for a redacted thought: its data follows.
constexpr auto redacted_carrier = std::string_view{"gwa1.r:"};

/// A thought as an Anthropic client returned it. All views are insides of JSON strings.
inline part thought_from_signature(std::string_view text, std::string_view signature) {
  auto out = part{};
  out.kind = part_kind::thought;
  out.text = text;
  if (!signature.starts_with(responses_carrier)) {
    out.signature = signature;
    return out;
  }
  signature.remove_prefix(responses_carrier.size());
  if (const auto dot = signature.find('.'); dot != std::string_view::npos) {
    out.item = signature.substr(0, dot);
    out.encrypted = signature.substr(dot + 1);
  }
  return out;
}

/// A reasoning item as a Responses client returned it.
inline part thought_from_item(std::string_view text, std::string_view item,
                              std::string_view encrypted) {
  auto out = part{};
  out.kind = part_kind::thought;
  if (encrypted.starts_with(redacted_carrier)) {
    out.kind = part_kind::sealed_thought;
    out.data = encrypted.substr(redacted_carrier.size());
    return out;
  }
  out.text = text;
  if (encrypted.starts_with(signature_carrier)) {
    out.signature = encrypted.substr(signature_carrier.size());
  } else {
    out.item = item;
    out.encrypted = encrypted;
  }
  return out;
}

} // namespace axonhub::llm
