#include "net/admin/budget_json.hpp"

#include <algorithm>
#include <limits>

#include "base/random.hpp"

namespace axonhub::net {
namespace {

constexpr auto most_units = std::int64_t{366} * 24 * 60;
constexpr auto most_counted = std::int64_t{1'000'000'000'000};
constexpr auto soft_places = 6;

std::string new_counter() { return make_id("bgt_"); }

policy::period read_period(field_reader& of) {
  const auto* object = of.find("period");
  if (object == nullptr)
    refuse_field(of.pointer_to("period"), "must be there");
  auto fields = field_reader{*object, of.pointer_to("period")};
  auto made = policy::period{};
  const auto kind = policy::period_kind_from(fields.require("type"));
  if (!kind)
    refuse_field(fields.pointer_to("type"), "must be all_time, past_duration or calendar_duration");
  made.kind = *kind;
  // What another type needs may be left over from a patch, and means nothing.
  const auto is_past = *kind == policy::period_kind::past_duration;
  auto count = std::uint32_t{1};
  if (!fields.read("value", count, 1, most_units) && is_past)
    refuse_field(fields.pointer_to("value"), "must be there");
  auto word = std::string{};
  if (!fields.read("unit", word) && *kind != policy::period_kind::all_time)
    refuse_field(fields.pointer_to("unit"), "must be there");
  auto zone = std::string{};
  fields.read("time_zone", zone);
  fields.finish();
  if (*kind == policy::period_kind::all_time)
    return made;
  const auto unit = policy::period_unit_from(word);
  if (!unit)
    refuse_field(fields.pointer_to("unit"), "must be minute, hour, day or month");
  made.unit = *unit;
  if (is_past)
    made.value = count;
  else if (zone != "UTC")
    made.time_zone = zone;
  if (const auto fine = policy::check(made); !fine)
    refuse_field(fields.pointer_to(is_past        ? "value"
                                   : zone.empty() ? "unit"
                                                  : "time_zone"),
                 fine.error().message);
  return made;
}

policy::budget read_budget(const json& item, const std::string& pointer) {
  auto fields = field_reader{item, pointer};
  auto made = policy::budget{};
  const auto unit = policy::budget_unit_from(fields.require("unit"));
  if (!unit)
    refuse_field(fields.pointer_to("unit"), "must be requests, tokens or usd");
  made.unit = *unit;
  const auto* amount = fields.find("amount");
  if (amount == nullptr)
    refuse_field(fields.pointer_to("amount"), "must be there");
  made.amount = read_decimal(*amount, fields.pointer_to("amount"));
  made.period = read_period(fields);
  if (const auto* soft = fields.find("soft_at"))
    made.soft_at = read_decimal(*soft, fields.pointer_to("soft_at"), soft_places);
  fields.finish();
  if (const auto fine = policy::check(made); !fine)
    refuse_field(pointer, fine.error().message);
  return made;
}

} // namespace

json amount_to_json(policy::decimal amount, policy::budget_unit unit) {
  if (unit == policy::budget_unit::usd)
    return policy::to_text(amount);
  return static_cast<std::uint64_t>(amount.units() / policy::decimal::one);
}

json to_json(const policy::period& p) {
  auto out = json::object();
  out["type"] = policy::to_text(p.kind);
  if (p.kind == policy::period_kind::past_duration)
    out["value"] = p.value;
  if (p.kind != policy::period_kind::all_time)
    out["unit"] = policy::to_text(p.unit);
  if (p.kind == policy::period_kind::calendar_duration)
    out["time_zone"] = p.time_zone.empty() ? std::string{"UTC"} : p.time_zone;
  return out;
}

json to_json(const policy::budget& b) {
  auto out = json::object();
  out["amount"] = amount_to_json(b.amount, b.unit);
  out["unit"] = policy::to_text(b.unit);
  out["period"] = to_json(b.period);
  if (b.soft_at)
    out["soft_at"] = json::parse(policy::to_text(*b.soft_at));
  return out;
}

json to_json(const policy::budget_state& b) {
  const auto unit = b.rule.unit;
  auto out = to_json(b.rule);
  out["source"] = b.profile.empty() ? "key" : "profile";
  out["profile"] = text_or_null(b.profile.text);
  out["spent"] = amount_to_json(b.spent, unit);
  out["reserved"] = amount_to_json(b.reserved, unit);
  out["remaining"] = amount_to_json(b.remaining(), unit);
  out["resets_at"] = to_json(b.resets_at);
  out["soft_reached"] = b.soft_reached;
  if (unit == policy::budget_unit::usd)
    out["unpriced_requests"] = b.unpriced;
  return out;
}

json to_json(const std::optional<policy::profile_quota>& q) {
  if (!q)
    return nullptr;
  auto out = json::object();
  if (q->requests)
    out["requests"] = *q->requests;
  if (q->total_tokens)
    out["total_tokens"] = *q->total_tokens;
  if (q->cost)
    out["cost"] = policy::to_text(*q->cost);
  out["period"] = to_json(q->period);
  return out;
}

policy::decimal read_decimal(const json& value, const std::string& pointer, int places) {
  // The shortest text of a fraction is the one that was sent.
  const auto text = value.is_string() ? value.get<std::string>() : value.dump();
  const auto read = value.is_string() || value.is_number()
                        ? policy::parse_decimal_text(text, places)
                        : std::nullopt;
  if (!read)
    refuse_field(pointer,
                 "must be a number such as 5, or its text such as \"12.50\", with at most " +
                     std::to_string(places) + " places");
  return *read;
}

void read_budgets(field_reader& fields, std::vector<policy::budget>& to) {
  const auto before = std::exchange(to, {});
  for (const auto& [item, pointer] : fields.objects("budgets")) {
    auto made = read_budget(*item, pointer);
    const auto same = [&made](const policy::budget& b) {
      return b.unit == made.unit && b.period == made.period;
    };
    if (std::ranges::any_of(to, same))
      refuse_field(pointer, "another budget has the same unit and period");
    const auto known = std::ranges::find_if(before, same);
    made.counter = known == before.end() ? new_counter() : known->counter;
    to.push_back(std::move(made));
  }
}

void read_quota(field_reader& fields, std::optional<policy::profile_quota>& to) {
  const auto before = std::exchange(to, std::nullopt);
  const auto* object = fields.find("quota");
  if (object == nullptr)
    return;
  auto inner = field_reader{*object, fields.pointer_to("quota")};
  auto made = policy::profile_quota{};
  auto count = std::uint64_t{0};
  if (inner.read("requests", count, 1, most_counted))
    made.requests = count;
  if (inner.read("total_tokens", count, 1, most_counted))
    made.total_tokens = count;
  if (const auto* cost = inner.find("cost"))
    made.cost = read_decimal(*cost, inner.pointer_to("cost"));
  made.period = read_period(inner);
  inner.finish();
  const auto keeps = before && before->period == made.period;
  made.counter = keeps ? before->counter : new_counter();
  if (const auto fine = policy::check(made); !fine)
    refuse_field(fields.pointer_to("quota"), fine.error().message);
  to = std::move(made);
}

} // namespace axonhub::net
