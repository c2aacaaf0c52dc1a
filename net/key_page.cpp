#include "net/key_page.hpp"

#include "net/admin/budget_json.hpp"
#include "net/admin/limits_json.hpp"
#include "net/ask.hpp"

namespace axonhub::net {
namespace {

constexpr auto view_deadline = std::chrono::seconds{2};

} // namespace

task<result<policy::key_view>> view_of(const actors::world& w, const key_id& id) {
  const auto limits = w.budgets.find(id);
  if (limits == w.budgets.end())
    co_return policy::key_view{};
  co_return co_await ask<policy::key_view>(limits->second, view_deadline, atom::describe_v);
}

std::string key_page(const policy::catalog& c, const policy::api_key& key,
                     const std::vector<std::string>& models, const policy::key_view& left) {
  auto out = json::object();
  out["name"] = key.name;
  out["profile"] = nullptr;
  if (const auto* worn = c.active_profile(key)) {
    out["profile"] = json::object();
    out["profile"]["id"] = worn->id.text;
    out["profile"]["name"] = worn->name;
  }
  out["models"] = models;
  out["limits"] = to_json(key.limits);
  out["in_flight"] = left.in_flight;
  out["budgets"] = json::array();
  for (const auto& b : left.budgets)
    out["budgets"].push_back(to_json(b));
  out["expires_at"] = to_json(key.expires_at);
  return to_text(out);
}

} // namespace axonhub::net
