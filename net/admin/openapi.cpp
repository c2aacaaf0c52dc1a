#include "net/admin/openapi.hpp"

#include "base/text.hpp"
#include "net/admin/routes.hpp"

namespace axonhub::net {
namespace {

json parameter(std::string_view name, std::string_view place) {
  auto out = json::object();
  out["name"] = name;
  out["in"] = place;
  out["required"] = place == "path";
  out["schema"]["type"] = "string";
  return out;
}

json parameters_of(const route& r) {
  auto out = json::array();
  for (auto from = r.pattern.find('{'); from != r.pattern.npos;
       from = r.pattern.find('{', from + 1))
    out.push_back(
        parameter(r.pattern.substr(from + 1, r.pattern.find('}', from) - from - 1), "path"));
  if (r.who == access::admin_token)
    for (const auto name : split(query_names(r), ' '))
      out.push_back(parameter(name, "query"));
  return out;
}

json content(std::string_view type, std::string_view schema) {
  auto out = json::object();
  out["content"][std::string{type}]["schema"]["$ref"] =
      "#/components/schemas/" + std::string{schema};
  return out;
}

json security_of(access who) {
  auto out = json::array();
  const auto add = [&](const char* scheme) {
    auto one = json::object();
    one[scheme] = json::array();
    out.push_back(std::move(one));
  };
  if (who == access::admin_token)
    add("adminToken");
  if (who == access::client_key) {
    add("clientKey");
    add("clientKeyHeader");
  }
  return out;
}

json operation(const route& r) {
  auto out = json::object();
  out["summary"] = r.summary.empty() ? r.name : r.summary;
  out["tags"] = json::array({r.name});
  out["security"] = security_of(r.who);
  if (auto parameters = parameters_of(r); !parameters.empty())
    out["parameters"] = std::move(parameters);
  const auto changes = r.method == "POST" || r.method == "PATCH" || r.method == "PUT";
  if (changes)
    out["requestBody"] = content(
        r.method == "PATCH" ? "application/merge-patch+json" : "application/json", "Object");
  auto& answers = out["responses"];
  answers["default"] =
      content(r.who == access::admin_token ? "application/problem+json" : "application/json",
              r.who == access::admin_token ? "Problem" : "Object");
  answers["default"]["description"] = "Why the call failed";
  const auto* good = r.method == "DELETE" ? "204" : "200";
  answers[good] = r.method == "DELETE" ? json::object() : content("application/json", "Object");
  answers[good]["description"] = "Done";
  return out;
}

json schemas() {
  auto out = json::object();
  out["Object"]["type"] = "object";
  auto& problem = out["Problem"];
  problem["type"] = "object";
  for (const auto* name : {"type", "title", "detail"})
    problem["properties"][name]["type"] = "string";
  problem["properties"]["status"]["type"] = "integer";
  auto& errors = problem["properties"]["errors"];
  errors["type"] = "array";
  errors["items"]["type"] = "object";
  for (const auto* name : {"pointer", "detail"})
    errors["items"]["properties"][name]["type"] = "string";
  return out;
}

json security_schemes() {
  auto out = json::object();
  for (const auto* name : {"adminToken", "clientKey"}) {
    out[name]["type"] = "http";
    out[name]["scheme"] = "bearer";
  }
  auto& header = out["clientKeyHeader"];
  header["type"] = "apiKey";
  header["in"] = "header";
  header["name"] = "x-api-key";
  return out;
}

} // namespace

json openapi_of(std::span<const route> all) {
  auto out = json::object();
  out["openapi"] = "3.1.0";
  out["info"]["title"] = "AxonHub";
  out["info"]["version"] = AXONHUB_VERSION;
  out["paths"] = json::object();
  for (const auto& r : all)
    out["paths"][std::string{r.pattern}][to_lower(r.method)] = operation(r);
  out["components"]["schemas"] = schemas();
  out["components"]["securitySchemes"] = security_schemes();
  return out;
}

} // namespace axonhub::net
