#include "net/admin/problem.hpp"

#include "net/admin/json.hpp"
#include "net/http_write.hpp"

namespace axonhub::net {

void refuse(int status, std::string detail) {
  throw problem{.status = status, .detail = std::move(detail)};
}

void refuse_field(std::string_view pointer, std::string detail) {
  const auto name = pointer.substr(pointer.starts_with('/') ? 1 : 0);
  auto text = std::string{name} + ": " + detail;
  throw problem{.detail = std::move(text), .errors = {{std::string{pointer}, std::move(detail)}}};
}

answer to_answer(const problem& p) {
  auto document = json::object();
  document["type"] = "about:blank";
  document["title"] = reason_phrase(p.status);
  document["status"] = p.status;
  document["detail"] = p.detail;
  if (!p.errors.empty())
    document["errors"] = json::array();
  for (const auto& e : p.errors)
    document["errors"].push_back({{"pointer", e.pointer}, {"detail", e.detail}});
  auto out = json_answer(p.status, document);
  out.content_type = "application/problem+json";
  return out;
}

} // namespace axonhub::net
