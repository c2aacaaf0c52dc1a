#include "policy/record.hpp"

namespace axonhub::policy {

std::string_view to_text(request_end end) {
  switch (end) {
    case request_end::ok:
      return "ok";
    case request_end::client_gone:
      return "client_gone";
    case request_end::no_channel:
      return "no_channel";
  }
  return "unknown";
}

std::string_view to_text(request_status status) {
  using enum request_status;
  switch (status) {
    case in_progress:
      return "in_progress";
    case completed:
      return "completed";
    case failed:
      return "failed";
    case cancelled:
      return "cancelled";
    case partial:
      return "partial";
  }
  return "unknown";
}

} // namespace axonhub::policy
