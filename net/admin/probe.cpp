#include "net/admin/probe.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/peek.hpp"
#include "llm/read_answer.hpp"
#include "llm/sse.hpp"
#include "llm/stream_meter.hpp"
#include "llm/upstream_error.hpp"
#include "net/dial.hpp"
#include "net/upstream_reader.hpp"
#include "net/upstream_request.hpp"
#include "net/worker.hpp"
#include "policy/channel_traits.hpp"

namespace axonhub::net {
namespace {

using policy::attempt_failure;
using policy::failure_kind;

constexpr auto patience = std::chrono::seconds{30};
constexpr std::size_t longest_body = 1 << 20;

attempt_failure fail(failure_kind kind, std::string message) {
  auto out = attempt_failure{};
  out.kind = kind;
  out.message = std::move(message);
  return out;
}

class prober {
public:
  prober(worker& here, probe_request what)
      : here_(here),
        what_(std::move(what)),
        dialect_(policy::dialect_of(what_.channel)),
        began_(std::chrono::steady_clock::now()) {
    what_.call = policy::endpoint_for(what_.call, dialect_);
  }

  task<probe_answer> run() {
    auto url = policy::upstream_url(what_.channel.base_url, what_.channel.type, what_.call);
    out_.url = url.value_or(std::string{});
    out_.failed = co_await exchange();
    if (!out_.failed)
      out_.failed = judge();
    out_.latency = elapsed();
    co_return std::move(out_);
  }

private:
  milliseconds elapsed() const { return to_ms(std::chrono::steady_clock::now() - began_); }

  task<std::optional<attempt_failure>> exchange() {
    auto target = make_upstream_target(what_.channel, what_.call);
    if (!target)
      co_return fail(failure_kind::address_refused, target.error().message);
    const auto& defaults = here_.shared.settings.upstream;
    const auto limits = dial_limits{
        what_.channel.timeouts.connect.value_or(defaults.connect_timeout), defaults.tls_timeout};
    auto scope = cancel_scope{};
    auto dialled = co_await dial(here_, *target, limits, scope);
    if (dialled.failed)
      co_return std::move(dialled.failed);
    out_.connect = elapsed();
    upstream_ = std::move(dialled.ready);
    upstream_->set_deadline(began_ + patience);
    const auto head = request_head_for(**target);
    const auto parts = std::array<std::string_view, 2>{head, what_.body};
    if (const auto ec = co_await upstream_->write_all(parts); ec.failed())
      co_return fail(failure_kind::reset, "The upstream did not take the request: " + ec.message());
    auto failed = co_await read_head();
    if (!failed)
      failed = co_await read_body();
    upstream_->close();
    co_return failed;
  }

  /// One function writes the heads and credentials of all upstream requests. A list is the same
  /// head with another method.
  std::string request_head_for(const upstream_target& target) const {
    auto as_client = net::request_head{};
    as_client.fields.push_back({"user-agent", "axonhub/" AXONHUB_VERSION});
    as_client.fields.push_back({"accept", what_.stream ? "text/event-stream" : "application/json"});
    auto head = upstream_request_head(as_client, dialect_, what_.stream, target, what_.channel,
                                      what_.key, what_.body.size());
    if (what_.body.empty() && head.starts_with("POST "))
      head.replace(0, 4, "GET");
    return head;
  }

  task<std::optional<attempt_failure>> wait() {
    const auto ec = co_await upstream_->readable();
    if (ec == errc::timeout)
      co_return fail(
          out_.http_status == 0 ? failure_kind::first_byte_timeout : failure_kind::total_timeout,
          "The upstream did not answer within 30 s");
    if (ec.failed())
      co_return fail(failure_kind::reset, "The connection broke: " + ec.message());
    co_return std::nullopt;
  }

  attempt_failure broken(upstream_reader::state how) const {
    if (how == upstream_reader::state::broken)
      return fail(failure_kind::protocol, std::string{reader_.fault()});
    return fail(out_.http_status == 0 ? failure_kind::reset : failure_kind::cut,
                "The upstream closed the connection before its answer was complete");
  }

  task<std::optional<attempt_failure>> read_head() {
    for (;;) {
      const auto how = reader_.read_head(*upstream_, here_.io.scratch(), io_thread::scratch_size);
      if (how == upstream_reader::state::more)
        break;
      if (how != upstream_reader::state::wait)
        co_return broken(how);
      if (auto failed = co_await wait())
        co_return failed;
    }
    const auto& head = reader_.head();
    out_.first_byte = elapsed();
    out_.http_status = static_cast<std::uint16_t>(head.status);
    out_.content_type = head.find("content-type");
    out_.upstream_request_id = upstream_request_id(head, dialect_);
    retry_after_ = policy::parse_retry_after(head.find("retry-after"), head.find("retry-after-ms"),
                                             wall_now());
    co_return std::nullopt;
  }

  task<std::optional<attempt_failure>> read_body() {
    while (out_.body.size() < longest_body) {
      auto fresh = std::string_view{};
      const auto how =
          reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
      out_.body += fresh;
      if (how == upstream_reader::state::done)
        co_return std::nullopt;
      if (how == upstream_reader::state::more) {
        if (!out_.first_event && is_stream())
          look_for_content();
        continue;
      }
      if (how != upstream_reader::state::wait)
        co_return broken(how);
      if (auto failed = co_await wait())
        co_return failed;
    }
    co_return fail(failure_kind::bad_answer, "The answer is larger than 1 MiB");
  }

  bool is_stream() const {
    return starts_with_ignoring_case(out_.content_type, "text/event-stream");
  }

  void look_for_content() {
    auto meter = llm::stream_meter{dialect_};
    auto splitter = llm::event_splitter{};
    splitter.feed(out_.body, [&](std::string_view event) {
      if (meter.observe(event) == llm::event_kind::content && !out_.first_event)
        out_.first_event = elapsed();
    });
  }

  /// Whether a complete answer is a good one.
  std::optional<attempt_failure> judge() {
    if (out_.http_status / 100 == 3)
      return fail(failure_kind::redirect, "The upstream redirects; redirects are not followed");
    if (out_.http_status / 100 != 2)
      return judge_refusal();
    if (what_.call == policy::endpoint::models)
      return std::nullopt;
    if (what_.stream)
      return judge_stream();
    out_.body.reserve(out_.body.size() + llm::body_padding);
    if (const auto facts = llm::read_answer(dialect_, out_.body); !facts)
      return fail(failure_kind::bad_answer, facts.error().message);
    return std::nullopt;
  }

  attempt_failure judge_refusal() const {
    const auto said = llm::read_error_body(out_.body);
    const auto names_model = said.message.find("model") != std::string::npos;
    auto out = fail(policy::classify_status(out_.http_status, said.type, said.message, names_model),
                    said.message);
    if (out.message.empty())
      out.message = "HTTP " + std::to_string(out_.http_status) + " without a readable error";
    out.http_status = out_.http_status;
    out.type = said.type;
    out.retry_after = retry_after_;
    return out;
  }

  std::optional<attempt_failure> judge_stream() {
    if (!is_stream())
      return fail(failure_kind::bad_answer,
                  "A stream was asked for; the answer is '" + out_.content_type + "'");
    auto meter = llm::stream_meter{dialect_};
    auto splitter = llm::event_splitter{};
    auto complete = false;
    auto gave_up = false;
    splitter.feed(out_.body, [&](std::string_view event) {
      const auto kind = meter.observe(event);
      complete = complete || kind == llm::event_kind::terminal;
      gave_up = gave_up || kind == llm::event_kind::error;
    });
    if (gave_up) {
      auto out = fail(policy::classify_stream_error(meter.error()), meter.error().message);
      out.type = meter.error().type;
      return out;
    }
    if (!complete && !meter.may_end())
      return fail(failure_kind::cut, "The stream ended before the message did");
    return std::nullopt;
  }

  worker& here_;
  probe_request what_;
  llm::dialect dialect_;
  steady_time began_;
  connection_ptr upstream_;
  upstream_reader reader_;
  std::optional<milliseconds> retry_after_;
  probe_answer out_;
};

} // namespace

task<probe_answer> probe(worker& here, probe_request what) {
  auto one = prober{here, std::move(what)};
  co_return co_await one.run();
}

std::string_view stage_of(failure_kind kind) {
  switch (kind) {
    case failure_kind::resolve:
      return "dns";
    case failure_kind::address_refused:
    case failure_kind::connect:
    case failure_kind::connect_timeout:
    case failure_kind::stale_connection:
    case failure_kind::reset:
      return "connect";
    case failure_kind::tls:
      return "tls";
    case failure_kind::unauthorized:
      return "auth";
    case failure_kind::model_not_found:
      return "model";
    case failure_kind::rate_limited:
    case failure_kind::billing:
      return "quota";
    default:
      return "protocol";
  }
}

std::string_view hint_for(failure_kind kind) {
  switch (kind) {
    case failure_kind::resolve:
      return "Check the host name in base_url";
    case failure_kind::address_refused:
      return "For an upstream in a private network set allow_private_network";
    case failure_kind::connect:
    case failure_kind::connect_timeout:
      return "Check host and port in base_url, and that the upstream runs";
    case failure_kind::tls:
      return "Check that base_url speaks https; a private authority goes into ca_certificates";
    case failure_kind::unauthorized:
      return "Check the credential's value and its auth";
    case failure_kind::model_not_found:
      return "Check the model's name: fetch_models shows what the upstream lists";
    case failure_kind::rate_limited:
      return "The credential works and its limit is reached: wait";
    case failure_kind::billing:
      return "The upstream account has no credit";
    case failure_kind::redirect:
      return "Put the address that it redirects to into base_url";
    case failure_kind::bad_answer:
    case failure_kind::protocol:
      return "Check that base_url is the root of an API of this channel's type";
    default:
      return {};
  }
}

} // namespace axonhub::net
