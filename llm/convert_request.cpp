#include "llm/convert_request.hpp"

#include "llm/arrange_request.hpp"
#include "llm/json_scan.hpp"
#include "llm/request_readers.hpp"

#include <algorithm>
#include <cassert>

namespace axonhub::llm {
namespace {

neutral_request read_request(dialect from, json_ref root, const upstream_traits& to) {
  switch (from) {
    case dialect::anthropic:
      return read_anthropic_request(root, to);
    case dialect::openai_chat:
      return read_chat_request(root, to);
    default:
      return read_responses_request(root, to);
  }
}

void write_request(neutral_request& r, const upstream_traits& to, const request_identity& who,
                   std::string& out) {
  switch (to.speaks) {
    case dialect::anthropic:
      return write_anthropic_request(r, to, who, out);
    case dialect::openai_chat:
      return write_chat_request(r, to, who, out);
    default:
      return write_responses_request(r, to, who, out);
  }
}

conversion_memory remember(const neutral_request& r, dialect from, const upstream_traits& to,
                           const request_identity& who) {
  auto memory = conversion_memory{};
  memory.client = from;
  memory.upstream = to.speaks;
  memory.client_model = who.client_model;
  memory.stream = r.stream;
  memory.include_usage = r.include_usage;
  memory.encrypted_reasoning = r.encrypted_reasoning;
  memory.tools = r.names.to_memory();
  memory.answer_id = who.answer_id;
  memory.created = who.created;
  return memory;
}

bool holds_thoughts(const neutral_request& r) {
  return std::ranges::any_of(r.messages, [](const message& m) {
    return std::ranges::any_of(m.parts, [](const part& p) {
      return p.kind == part_kind::thought || p.kind == part_kind::sealed_thought;
    });
  });
}

} // namespace

checked<converted_request> convert_request(dialect from, const std::string& body,
                                           const upstream_traits& to, const request_identity& who) {
  assert(from != to.speaks);
  auto lent = lent_parser{};
  const auto tree = json_tree::read(lent, body);
  if (!tree)
    return tree.error();
  auto r = read_request(from, tree->root(), to);
  if (r.complaint.empty())
    arrange(r, to);
  if (!r.complaint.empty())
    return failure{errc::invalid_argument, std::move(r.complaint)};
  auto out = converted_request{};
  // Escaping grows tool arguments; the rest comes out about as long as it went in.
  out.body.reserve(body.size() + body.size() / 8 + 1024 + body_padding);
  write_request(r, to, who, out.body);
  out.body.reserve(out.body.size() + body_padding);
  out.memory = remember(r, from, to, who);
  out.dropped = std::move(r.dropped);
  out.holds_thoughts = holds_thoughts(r);
  return out;
}

} // namespace axonhub::llm
