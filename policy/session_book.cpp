#include "policy/session_book.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::policy {
namespace {

// A binding that was stored before they were kept by model is everybody's and nobody's.
constexpr auto any_model = std::uint64_t{0};

wall_time last_use(const session_book::entry& e) {
  return e.bound ? e.bound->last_used_at : wall_time{};
}

template <class Entries>
auto* entry_of(Entries& entries, std::uint64_t model) {
  const auto found = std::ranges::find(entries, model, &session_book::entry::model);
  return found == entries.end() ? nullptr : &*found;
}

} // namespace

session_book::session_book(std::vector<model_binding> bound) {
  for (auto& b : bound)
    entries_.push_back({.model = b.model, .name = std::move(b.name), .bound = std::move(b.bound)});
}

session_book::entry& session_book::at(std::uint64_t model) {
  if (auto* known = entry_of(entries_, model))
    return *known;
  if (entries_.size() >= most_models)
    entries_.erase(std::ranges::min_element(entries_, {}, last_use));
  return entries_.emplace_back(entry{.model = model});
}

const binding* session_book::find(std::uint64_t model, wall_time now,
                                  const affinity_rules& rules) const {
  const auto* own = entry_of(entries_, model);
  return own != nullptr && own->bound && !has_expired(*own->bound, now, rules) ? &*own->bound
                                                                               : nullptr;
}

std::optional<session_home> session_book::home(std::uint64_t model, wall_time now,
                                               const affinity_rules& rules) const {
  if (const auto* own = find(model, now, rules))
    return session_home{.channel = own->channel, .credential = own->credential};
  if (const auto* chosen = choice(model))
    return *chosen;
  const entry* other = nullptr;
  for (const auto& e : entries_)
    if ((find(e.model, now, rules) || e.choice) && (!other || last_use(e) > last_use(*other)))
      other = &e;
  if (other == nullptr)
    return std::nullopt;
  auto borrowed = other->choice.value_or(session_home{});
  if (const auto* b = find(other->model, now, rules)) {
    borrowed.channel = b->channel;
    borrowed.credential = b->credential;
  }
  borrowed.tentative = borrowed.borrowed = true;
  return borrowed;
}

const session_home* session_book::choice(std::uint64_t model) const {
  const auto* own = entry_of(entries_, model);
  return own != nullptr && own->choice ? &*own->choice : nullptr;
}

void session_book::choose(std::uint64_t model, const lease& given) {
  at(model).choice =
      session_home{.channel = given.channel, .credential = given.credential, .tentative = true};
}

void session_book::forget_choices() {
  for (auto& e : entries_)
    e.choice.reset();
}

bool session_book::learn(std::uint64_t model, const request_outcome& outcome, wall_time now,
                         const affinity_rules& rules) {
  auto& own = at(model);
  auto change = binding_after(std::move(own.bound), outcome, now, rules);
  own.bound = std::move(change.next);
  if (!own.bound)
    return change.moved;
  own.choice.reset();
  if (outcome.served && outcome.served->channel == own.bound->channel)
    own.name = outcome.served->upstream_model;
  if (model != any_model)
    std::erase_if(entries_, [](const entry& e) { return e.model == any_model; });
  return change.moved;
}

void session_book::drop_if(const std::function<bool(const binding&)>& is_gone) {
  for (auto& e : entries_)
    if (e.bound && is_gone(*e.bound))
      e.bound.reset();
}

std::vector<model_binding> session_book::bindings() const {
  auto all = std::vector<model_binding>{};
  for (const auto& e : entries_)
    if (e.bound)
      all.push_back({.model = e.model, .name = e.name, .bound = *e.bound});
  std::ranges::stable_sort(all, std::ranges::greater{},
                           [](const model_binding& b) { return b.bound.last_used_at; });
  return all;
}

} // namespace axonhub::policy
