#include "net/admin/budget_json.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/problem.hpp"
#include "net/ask.hpp"
#include "net/key_page.hpp"

namespace axonhub::net::admin {

task<answer> show_key_budget(admin_call& call) {
  const auto id = key_id{call.params.at(0)};
  if (!call.world->catalog->data().keys.contains(id))
    refuse(404, "There is no key '" + id.text + "'");
  const auto view = co_await view_of(*call.world, id);
  if (!view)
    refuse(503, "What is left could not be read: " + view.error().message());
  auto out = json::object();
  out["items"] = json::array();
  for (const auto& b : view->budgets)
    out["items"].push_back(to_json(b));
  out["next_cursor"] = nullptr;
  out["in_flight"] = view->in_flight;
  co_return json_answer(200, out);
}

} // namespace axonhub::net::admin
