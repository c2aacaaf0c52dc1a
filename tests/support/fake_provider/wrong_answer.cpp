#include "tests/support/fake_provider/wrong_answer.hpp"

#include <zlib.h>

#include <algorithm>
#include <ctime>

namespace axonhub::fake {

namespace {

std::string http_date(std::time_t t) {
  char text[64];
  auto parts = std::tm{};
  ::gmtime_r(&t, &parts);
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string compressed(const std::string& body) {
  auto z = z_stream{};
  constexpr auto gzip_window = 15 + 16;
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return {};
  auto out = std::string(deflateBound(&z, body.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  z.avail_in = static_cast<uInt>(body.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string all_events(const script& s) {
  auto events = std::string{};
  for (auto i = std::size_t{0}; i < s.events(); ++i)
    s.append_event(events, i);
  return events;
}

std::string with_crlf(std::string_view text) {
  auto out = std::string{};
  for (const auto c : text)
    c == '\n' ? out.append("\r\n") : out.append(1, c);
  return out;
}

std::string interim_flood() {
  auto flood = std::string{};
  for (auto i = 0; i < 100; ++i)
    flood += "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
  return flood;
}

answer error_answer(const answer_order& order, std::uint32_t status, std::string_view message = {},
                    const std::string& header = {}) {
  const auto body = error_body(order.what.asked.endpoint, status, message);
  return {.bytes = whole_answer(status, "application/json", body,
                                header + std::string{order.extra_headers}),
          .delay = order.delay};
}

answer odd_head(const answer_order& order, const std::string& lines, ending end) {
  return {.bytes = lines, .delay = order.delay, .end = end};
}

constexpr auto page = "<!doctype html><html><body><h1>Welcome to the proxy</h1></body></html>";

constexpr auto half_json =
    R"({"id":"msg_fake","type":"message","role":"assistant","content":[{"ty)";

constexpr auto foreign_signature = "messages.1.content.0: Invalid `signature` in `thinking` block";

} // namespace

std::string stream_head(std::string_view extra_headers) {
  auto head = std::string{
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
      "cache-control: no-cache\r\nrequest-id: req_fake\r\n"};
  return head.append(extra_headers).append("transfer-encoding: chunked\r\n\r\n");
}

std::optional<answer> answer_without_content(const answer_order& order) {
  const auto& asked = order.what.asked;
  const auto& f = order.wrong;
  const auto ok = std::string{"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"};
  switch (f.kind) {
    case fault_kind::reset:
      return answer{.delay = order.delay, .end = ending::reset};
    case fault_kind::close:
      return answer{.delay = order.delay, .end = ending::close};
    case fault_kind::hang:
      return answer{.end = ending::silence};
    case fault_kind::status:
      return error_answer(order, f.status);
    case fault_kind::retry_after:
      return error_answer(order, f.status, {}, "retry-after: " + std::to_string(f.number) + "\r\n");
    case fault_kind::retry_date:
      return error_answer(
          order, 429, {},
          "retry-after: " + http_date(std::time(nullptr) + static_cast<std::time_t>(f.number)) +
              "\r\n");
    case fault_kind::notfound_model:
      return error_answer(order, 404, "model: " + asked.model);
    case fault_kind::signature:
      if (asked.has_thinking)
        return error_answer(order, 400, foreign_signature);
      return std::nullopt;
    case fault_kind::redirect:
      return odd_head(order,
                      "HTTP/1.1 " + std::to_string(f.number) +
                          " Elsewhere\r\nlocation: /redirected\r\ncontent-length: 0\r\n\r\n",
                      ending::keep);
    case fault_kind::garbage:
      return odd_head(order, std::string{"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n", 25},
                      ending::close);
    case fault_kind::html:
      return answer{.bytes = whole_answer(200, "text/html", page), .delay = order.delay};
    case fault_kind::badjson:
      return answer{.bytes = whole_answer(200, "application/json", half_json),
                    .delay = order.delay};
    case fault_kind::badlength:
      return odd_head(order, ok + "content-length: 1000\r\n\r\n" + half_json, ending::close);
    case fault_kind::both_lengths:
      return odd_head(order,
                      ok + "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n"
                           "2\r\n{}\r\n0\r\n\r\n",
                      ending::close);
    case fault_kind::bigheader:
      return odd_head(
          order, ok + "x-big: " + std::string(128 * 1024, 'b') + "\r\ncontent-length: 2\r\n\r\n{}",
          ending::close);
    default:
      return std::nullopt;
  }
}

void spoil_stream(answer& a, script& s, const answer_order& order) {
  const auto& f = order.wrong;
  const auto failed = [&](std::size_t events) {
    a.end_event = std::min(events, s.events());
    append_chunk(a.tail, error_event(order.what.asked.endpoint, order.what.id));
  };
  switch (f.kind) {
    case fault_kind::hang_head:
      a.end = ending::silence;
      break;
    case fault_kind::cut:
      a.end_event = std::min<std::size_t>(f.number, s.events());
      a.end = ending::close;
      break;
    case fault_kind::cut_bytes:
      a.end_event = 0;
      a.end = ending::close;
      if (f.number > 0)
        append_chunk(a.tail, all_events(s).substr(0, f.number));
      break;
    case fault_kind::error_event:
      failed(0);
      break;
    case fault_kind::error_after:
      failed(f.number == 0 ? 1 : s.before.size() + std::min<std::size_t>(f.number, s.deltas()));
      break;
    case fault_kind::no_stop:
      a.end_event = s.events() - 1;
      break;
    case fault_kind::flood_1xx:
      a.bytes.insert(0, interim_flood());
      break;
    case fault_kind::sse_crlf:
      a.end_event = 0;
      append_chunk(a.tail, with_crlf(all_events(s)));
      break;
    case fault_kind::gzip:
      a.end_event = 0;
      a.bytes = stream_head("content-encoding: gzip\r\n");
      append_chunk(a.tail, compressed(all_events(s)));
      break;
    case fault_kind::drip:
      a.pace = milliseconds{f.number};
      append_chunk(a.dripped, all_events(s));
      a.dripped += "0\r\n\r\n";
      break;
    default:
      break;
  }
}

void spoil_json(answer& a, const std::string& body, const answer_order& order) {
  const auto& f = order.wrong;
  const auto good = whole_answer(200, "application/json", body, order.extra_headers);
  const auto head_size = good.size() - body.size();
  switch (f.kind) {
    case fault_kind::hang_head:
      a.bytes = good.substr(0, head_size);
      a.end = ending::silence;
      break;
    case fault_kind::drip:
      a.bytes = good.substr(0, head_size);
      a.dripped = body;
      a.pace = milliseconds{f.number};
      break;
    case fault_kind::cut:
      a.bytes = good.substr(0, head_size + body.size() / 2);
      a.end = ending::close;
      break;
    case fault_kind::cut_bytes:
      a.bytes = good.substr(0, head_size + f.number);
      a.end = ending::close;
      break;
    case fault_kind::error_event:
    case fault_kind::error_after:
      a.bytes = error_answer(order, 529).bytes;
      break;
    case fault_kind::flood_1xx:
      a.bytes = interim_flood() + good;
      break;
    case fault_kind::gzip:
      a.bytes =
          whole_answer(200, "application/json", compressed(body), "content-encoding: gzip\r\n");
      break;
    default:
      a.bytes = good;
      break;
  }
}

} // namespace axonhub::fake
