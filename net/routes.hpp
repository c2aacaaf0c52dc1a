#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.hpp"
#include "net/answer.hpp"
#include "net/task.hpp"

namespace axonhub::net {

struct request_head;
class session;
struct admin_call;

/// Who may call.
enum class access : std::uint8_t { open, client_key, admin_token };

/// Answers a client's request through its session.
using client_handler = task<void> (*)(session&);
/// Answers a call of the admin API.
using admin_handler = task<answer> (*)(admin_call&);

/// One endpoint.
struct route {
  std::string_view method;
  std::string_view pattern; ///< "/admin/api/keys/{id}"
  access who = access::open;
  std::string_view name; ///< For metrics: "messages"
  client_handler serve = nullptr;
  admin_handler admin = nullptr;
  std::string_view summary{}; ///< One line for the OpenAPI document; of admin routes.
};

/// Every endpoint there is.
std::span<const route> routes();

/// Finds the request's route, checks who calls, and lets it answer. Unknown paths and wrong methods
/// are answered here.
task<void> serve(session& s);

/// Whose error shape a request gets: by its path and headers.
llm::dialect dialect_of_path(const request_head& head);

} // namespace axonhub::net
