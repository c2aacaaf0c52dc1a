#include "net/admin/price_json.hpp"

#include <array>
#include <limits>

#include "net/admin/budget_json.hpp"
#include "net/admin/fields.hpp"

namespace axonhub::net {
namespace {

using policy::token_prices;

constexpr auto places = 6;
constexpr std::string_view ours = "default";
constexpr std::string_view theirs = "operator";

constexpr auto rates = std::to_array<std::pair<std::string_view, policy::decimal token_prices::*>>({
    {"input", &token_prices::input},
    {"output", &token_prices::output},
    {"cache_read", &token_prices::cache_read},
    {"cache_write_5m", &token_prices::cache_write_5m},
    {"cache_write_1h", &token_prices::cache_write_1h},
});

json to_json(const policy::price& row, std::string_view source) {
  auto out = json::object();
  out["model"] = row.model;
  out["channel"] = text_or_null(row.channel.text);
  out["effective_from"] = to_rfc3339(row.effective_from);
  out["tier_above"] = row.tier_above ? json(*row.tier_above) : json(nullptr);
  for (const auto& [name, member] : rates)
    out[std::string{name}] = policy::to_text(row.rates.*member);
  out["source"] = source;
  return out;
}

/// A class without a price of its own costs what the input does: nothing is free by oversight.
void read_rates(field_reader& fields, token_prices& to) {
  for (const auto& [name, member] : rates) {
    const auto* value = fields.find(name);
    if (value != nullptr)
      to.*member = read_decimal(*value, fields.pointer_to(name), places);
    else if (name == "input" || name == "output")
      refuse_field(fields.pointer_to(name), "must be there");
    else
      to.*member = to.input;
  }
}

/// nullopt: one of the gateway's own.
std::optional<policy::price> read_price(const json& item, const std::string& pointer) {
  auto fields = field_reader{item, pointer};
  auto row = policy::price{};
  row.model = fields.require("model");
  fields.read("channel", row.channel.text);
  auto since = std::optional<wall_time>{};
  fields.read("effective_from", since);
  row.effective_from = since.value_or(wall_time{});
  auto tier = std::uint64_t{0};
  if (fields.read("tier_above", tier, 1, std::numeric_limits<std::int64_t>::max()))
    row.tier_above = tier;
  read_rates(fields, row.rates);
  auto source = std::string{theirs};
  fields.read("source", source);
  if (source != ours && source != theirs)
    refuse_field(fields.pointer_to("source"), "must be operator or default");
  fields.finish();
  if (source == ours)
    return std::nullopt;
  if (const auto fine = policy::check(row); !fine)
    refuse_field(pointer, fine.error().message);
  return row;
}

} // namespace

json to_json(const policy::price_table& prices) {
  auto out = json::object();
  out["price_version"] = policy::version_of(prices);
  out["items"] = json::array();
  for (const auto& row : prices.rows)
    out["items"].push_back(to_json(row, theirs));
  for (const auto& row : policy::default_prices())
    out["items"].push_back(to_json(row, ours));
  out["next_cursor"] = nullptr;
  return out;
}

void read_prices(const json& whole, policy::price_table& to) {
  auto fields = field_reader{whole};
  if (fields.find("items") == nullptr)
    refuse_field("/items",
                 "must be there; an empty list leaves the prices that the gateway brings");
  to.rows.clear();
  for (const auto& [item, pointer] : fields.objects("items"))
    if (auto row = read_price(*item, pointer))
      to.rows.push_back(std::move(*row));
  fields.find("price_version");
  fields.find("next_cursor");
  fields.finish();
}

} // namespace axonhub::net
