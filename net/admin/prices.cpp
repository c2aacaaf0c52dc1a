#include "net/admin/change.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/price_json.hpp"

namespace axonhub::net::admin {

task<answer> show_prices(admin_call& call) {
  const auto& prices = call.world->catalog->data().prices;
  co_return entity_answer(200, to_json(prices), prices.revision);
}

task<answer> replace_prices(admin_call& call) {
  const auto& before = call.world->catalog->data().prices;
  check_if_match(call, before.revision);
  auto next = policy::price_table{.rows = {}, .revision = before.revision};
  read_prices(co_await object_of(call), next);
  auto detail = json::object();
  detail["rows"] = next.rows.size();
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put_prices{std::move(next)});
  co_await make_change(call, std::move(edits), "prices.replace", "prices", std::move(detail));
  co_return co_await show_prices(call);
}

} // namespace axonhub::net::admin
