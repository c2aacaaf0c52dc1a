#include "net/admin/call.hpp"

#include <algorithm>
#include <boost/url/pct_string_view.hpp>
#include <optional>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/admin/access.hpp"
#include "net/admin/json.hpp"
#include "net/admin/problem.hpp"
#include "net/admin/routes.hpp"
#include "net/http_write.hpp"
#include "net/session.hpp"

namespace axonhub::net {
namespace {

answer unauthorized() {
  auto out = problem_answer(401, "The admin token is missing or wrong");
  append_field(out.fields, "www-authenticate", "Bearer");
  return out;
}

/// `what` names the part of the address, for the refusal.
std::string decoded(std::string_view text, bool plus_is_blank, std::string_view what) {
  const auto plain = boost::urls::make_pct_string_view(text);
  if (plain.has_error())
    refuse(400, "The " + std::string{what} + " is not well encoded");
  auto options = boost::urls::encoding_opts{};
  options.space_as_plus = plus_is_blank;
  return plain->decode(options);
}

std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view query,
                                                               const route& at) {
  auto out = std::vector<std::pair<std::string, std::string>>{};
  const auto known = split(query_names(at), ' ');
  for (const auto param : split(query, '&')) {
    const auto equals = std::min(param.find('='), param.size());
    auto name = decoded(param.substr(0, equals), true, "query");
    if (std::ranges::find(known, name) == known.end())
      refuse(400, "There is no query parameter '" + name + "' here");
    if (std::ranges::find(out, name, &decltype(out)::value_type::first) != out.end())
      refuse(400, "The query parameter '" + name + "' is there twice");
    auto value = decoded(param.substr(std::min(equals + 1, param.size())), true, "query");
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

answer defect(const session& s, std::string_view what) {
  log::error("admin.failed", {{"request", s.id().text}, {"error", what}});
  return problem_answer(500, "The call failed by a defect of the gateway; its log has the details");
}

/// The answer of a handler, or of what it throws. A change that lost a race is made anew on what is
/// there now, unless the caller insists on what it read.
task<answer> handle(admin_call& call, const route& at) {
  const auto tries = call.from.head().find("if-match").empty() ? 10 : 1;
  auto refused = std::optional<answer>{};
  for (auto i = 0; i < tries && (!refused || refused->status == 412); ++i) {
    call.world = call.here.world();
    try {
      co_return co_await at.admin(call);
    } catch (const problem& p) {
      refused = to_answer(p);
    } catch (const std::exception& e) {
      refused = defect(call.from, e.what());
    }
  }
  co_return std::move(*refused);
}

/// A configuration is small; what is larger would keep the thread from its other clients.
bool is_too_large(const session& s, const std::string& body) {
  constexpr std::size_t largest_body = 2 << 20;
  return s.head().content_length > largest_body || body.size() > largest_body;
}

/// Fills in what the request says; an answer when it says something wrong.
std::optional<answer> understand(admin_call& call, const route& at,
                                 const std::vector<std::string_view>& params) {
  try {
    for (const auto p : params)
      call.params.push_back(decoded(p, false, "path"));
    call.query = decoded_query(call.from.head().query, at);
  } catch (const problem& p) {
    return to_answer(p);
  }
  return std::nullopt;
}

} // namespace

std::string_view admin_call::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name)
      return value;
  return {};
}

task<void> serve_admin(session& s, const route& at, std::vector<std::string_view> params) {
  const auto& admins = s.owner().shared.admins;
  const auto authorization = s.head().find("authorization");
  if (!admins.admits(authorization)) {
    // One answer for whatever is wrong; who guesses on waits longer and longer for it.
    const auto delay =
        authorization.empty() ? milliseconds{0} : admins.delay_after_failure(s.client_address());
    if (delay.count() > 0)
      co_await sleep_for(delay);
    co_await s.send(unauthorized());
    co_return;
  }
  auto call = admin_call{
      .from = s, .here = s.owner(), .world = s.owner().world(), .params = {}, .query = {}};
  call.actor = admins.actor();
  auto out = understand(call, at, params);
  if (!out && at.admin == nullptr) {
    co_await at.serve(s);
    co_return;
  }
  if (!out && !is_too_large(s, call.body)) {
    const auto whole = co_await s.read_body(call.body);
    if (!whole)
      co_return;
  }
  if (!out && is_too_large(s, call.body))
    out = problem_answer(413, "The body is larger than 2 MiB");
  if (!out && call.world == nullptr)
    out = problem_answer(503, "The gateway is starting");
  if (!out)
    out = co_await handle(call, at);
  append_field(out->fields, "cache-control", "no-store");
  co_await s.send(*out);
}

} // namespace axonhub::net
