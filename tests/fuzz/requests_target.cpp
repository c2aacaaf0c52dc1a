// Requests from each dialect to each other, for upstreams of every kind: refused, or JSON.

#include "llm/clean_request.hpp"
#include "llm/convert_request.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/second_opinion.hpp"

using namespace axonhub;
using namespace axonhub::fuzz;

namespace {

/// Each bit is one of the traits that change most.
llm::upstream_traits make_upstream(llm::dialect speaks, unsigned char bits) {
  const auto bit = [bits](int n) { return (bits >> n & 1) != 0; };
  auto to = llm::upstream_traits{};
  to.speaks = speaks;
  to.is_anthropic = bit(0);
  to.images = !bit(1);
  to.adaptive_thinking = to.files = !bit(2);
  to.reasoning = static_cast<llm::reasoning_form>((bits >> 3 & 3) % 3);
  to.late_system = to.json_schema = !bit(5);
  to.text_parts = to.effort_beside_tools = !bit(6);
  to.cache_marks = to.thinking_switch = bit(6);
  to.developer_role = to.cache_control = to.strict_tools = to.short_ids = bit(7);
  return to;
}

void check_cleaning(const std::string& body, bool is_object) {
  if (const auto line = llm::find_billing_line(body))
    demand(line->offset + line->size <= body.size(), "the line lies in the body");
  llm::may_hold_unsigned_thoughts(body);
  const auto clean = llm::without_thoughts(body, llm::foreign_thoughts::all);
  if (clean && is_object)
    demand(read_json(*clean).is_object, "cleaned it stays JSON", *clean);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  const auto [from, to] = to_pair(in.choice);
  const auto body = padded(in.text);
  const auto is_object = read_json(body).is_object;
  if (from == llm::dialect::anthropic)
    check_cleaning(body, is_object);
  auto who = llm::request_identity{};
  who.upstream_model = "upstream-model";
  who.client_model = "client-model";
  who.answer_id = "id_1";
  const auto out = llm::convert_request(from, body, make_upstream(to, in.cuts), who);
  if (!out)
    return 0;
  // A broken value that nobody here reads may go on to the upstream, which refuses it.
  if (is_object) {
    const auto converted = read_json(out->body);
    demand(converted.is_object, "a sound request stays sound", out->body);
    demand(converted.model == who.upstream_model, "it names the upstream's model", out->body);
  }
  demand(out->body.capacity() - out->body.size() >= llm::body_padding, "it has its padding");
  return 0;
}
