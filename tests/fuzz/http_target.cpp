// Heads of requests and responses, and chunked bodies: read the same however they arrive.

#include "net/http_target.hpp"
#include "net/chunked.hpp"
#include "net/http_head.hpp"
#include "tests/fuzz/input.hpp"

using namespace axonhub;
using namespace axonhub::fuzz;

namespace {

/// The head's size; 0: incomplete; nothing: refused.
std::optional<std::size_t> find_end(const input& in, unsigned char cuts,
                                    const net::head_limits& limits) {
  auto progress = net::head_progress{};
  auto refused = false;
  feed_in_pieces(in.text, cuts, [&](std::string_view pending) -> std::size_t {
    refused = refused || (progress.size == 0 && net::find_head(pending, limits, progress));
    return 0;
  });
  return refused ? std::nullopt : std::optional{progress.size};
}

void check_fields(const net::message_head& head, std::string_view bytes) {
  for (const auto& field : head.fields) {
    demand(!field.name.empty() && is_inside(field.name, bytes) && is_inside(field.value, bytes),
           "fields are views of the head");
    const auto is_control = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    demand(std::none_of(field.value.begin(), field.value.end(), is_control), "no line ends inside");
    demand(field.value.data() == nullptr || head.find(field.name).data() != nullptr,
           "a field is found by its name");
  }
  for (const auto option : head.connection_options)
    demand(head.is_dropped(option), "what Connection names ends here");
  demand(head.body == net::body_kind::length || head.content_length == 0, "one kind of length");
}

void check_head(const input& in, bool is_request) {
  auto limits = net::head_limits{};
  if (in.cuts % 2 == 1) // small, so that they are met
    limits = {.fields = 4, .field_bytes = 64, .total_bytes = 160, .method_bytes = 6};
  const auto size = find_end(in, 0, limits);
  demand(find_end(in, in.cuts, limits) == size, "a head ends where it ends");
  if (size.value_or(0) == 0)
    return;
  // An exact copy: what reads beyond the head is seen.
  const auto copy = std::vector<char>(in.text.begin(), in.text.begin() + long(*size));
  const auto bytes = std::string_view{copy.data(), copy.size()};
  if (auto head = net::request_head{};
      is_request && !net::parse_request_head(bytes, limits, head)) {
    for (const auto part : {head.method, head.target, head.path, head.query, head.host})
      demand(is_inside(part, bytes) || part == "*" || part == "/", "views of the head", part);
    demand(head.host.empty() || net::is_valid_host(head.host), "a host is one", head.host);
    demand(head.body != net::body_kind::until_close, "a request says how long it is");
    check_fields(head, bytes);
  }
  if (auto head = net::response_head{};
      !is_request && !net::parse_response_head(bytes, limits, "POST", head)) {
    demand(head.status >= 100 && head.status < 600, "a status is one");
    check_fields(head, bytes);
  }
}

struct decoded {
  std::string body, error;
  bool done = false;
  std::size_t used = 0;

  friend bool operator==(const decoded&, const decoded&) = default;
};

decoded decode(const input& in, unsigned char cuts) {
  auto decoder = net::chunk_decoder{};
  auto result = decoded{};
  feed_in_pieces(in.text, cuts, [&](std::string_view pending) {
    result.used += decoder.append_to(result.body, pending);
    return pending.size();
  });
  result.error = decoder.error();
  result.done = decoder.done();
  return result;
}

void check_chunked(const input& in) {
  const auto whole = decode(in, 0);
  demand(decode(in, in.cuts) == whole, "chunks are the same however they are cut");
  demand(!whole.done || whole.error.empty(), "complete or broken, not both");
  auto encoded = std::string{};
  net::append_chunk(encoded, in.text);
  encoded += net::last_chunk;
  auto again = std::string{};
  auto decoder = net::chunk_decoder{};
  demand(decoder.append_to(again, encoded) == encoded.size() && decoder.done() && again == in.text,
         "what is written is read back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  if (in.choice % 3 == 2)
    check_chunked(in);
  else
    check_head(in, in.choice % 3 == 0);
  return 0;
}
