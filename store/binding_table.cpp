#include "store/binding_table.hpp"

#include <set>
#include <utility>

#include "store/keys.hpp"

namespace axonhub::store {

template <>
struct layout<policy::binding> {
  static auto fields(auto& x) {
    return list(x.channel, x.credential, x.since, x.last_used_at, x.warm_until, x.warm_tokens);
  }
};

template <>
struct layout<policy::model_binding> {
  static auto fields(auto& x) { return list(x.model, x.name, x.bound); }
};

template <>
struct layout<stored_binding> {
  static constexpr auto name = "bindings";
  static constexpr std::uint8_t version = 2;
  static auto fields(auto& x) {
    return list(x.trace, x.project, x.external_trace, x.bound, since(2, x.model), since(2, x.name),
                since(2, x.others));
  }
};

void stored_binding::set(std::vector<policy::model_binding> all) {
  auto& first = all.front();
  bound = std::move(first.bound);
  model = first.model;
  name = std::move(first.name);
  all.erase(all.begin());
  others = std::move(all);
}

std::vector<policy::model_binding> stored_binding::all() const {
  auto every = std::vector<policy::model_binding>{{.model = model, .name = name, .bound = bound}};
  every.insert(every.end(), others.begin(), others.end());
  return every;
}

namespace {

std::string use_key(const stored_binding& b) {
  return named_time_key(b.bound.last_used_at, b.trace.text);
}

/// A binding that does not decode is as good as none; its index entry goes when its time comes.
result<void> erase_use(write_transaction& to, const tables& t, const trace_id& id) {
  const auto old = get_value<stored_binding>(to, t.bindings, id.text);
  if (!old)
    return old.error() == errc::not_found || old.error() == errc::store_corrupt
               ? result<void>{}
               : result<void>{old.error()};
  return to.erase(t.bindings_by_use, use_key(*old));
}

/// The index keys of what expires.
result<std::vector<std::string>> oldest_uses(const transaction& from, const tables& t,
                                             wall_time limit, std::size_t count) {
  auto at = cursor::open(from, t.bindings_by_use);
  if (!at)
    return at.error();
  auto keys = std::vector<std::string>{};
  for (auto found = at->first(); keys.size() < count; found = at->next()) {
    if (!found)
      return found.error();
    if (!*found || at->key() >= time_key(limit))
      break;
    keys.emplace_back(at->key());
  }
  return keys;
}

} // namespace

result<void> put_binding(write_transaction& to, const tables& t, const stored_binding& b) {
  if (auto done = erase_use(to, t, b.trace); !done)
    return done;
  if (auto done = put_value(to, t.bindings, b.trace.text, b); !done)
    return done;
  return to.put(t.bindings_by_use, use_key(b), {});
}

result<void> erase_binding(write_transaction& to, const tables& t, const trace_id& id) {
  if (auto done = erase_use(to, t, id); !done)
    return done;
  return to.erase(t.bindings, id.text);
}

result<void> erase_bindings_to(write_transaction& to, const tables& t,
                               const std::vector<policy::catalog_edit>& edits) {
  auto channels = std::set<channel_id>{};
  auto credentials = std::set<credential_id>{};
  for (const auto& edit : edits) {
    if (const auto* channel = std::get_if<policy::erase<channel_id>>(&edit))
      channels.insert(channel->id);
    if (const auto* credential = std::get_if<policy::erase<credential_id>>(&edit))
      credentials.insert(credential->id);
  }
  if (channels.empty() && credentials.empty())
    return {};
  const auto is_gone = [&](const policy::model_binding& b) {
    return channels.contains(b.bound.channel) || credentials.contains(b.bound.credential);
  };
  auto changed = std::vector<std::pair<stored_binding, std::vector<policy::model_binding>>>{};
  const auto read = each_value<stored_binding>(to, t.bindings, [&](stored_binding b) {
    auto left = b.all();
    if (std::erase_if(left, is_gone) > 0)
      changed.emplace_back(std::move(b), std::move(left));
  });
  if (!read)
    return read.error() == errc::store_corrupt ? result<void>{} : read; // they go with time
  for (auto& [b, left] : changed) {
    if (auto done = erase_binding(to, t, b.trace); !done)
      return done;
    if (left.empty())
      continue;
    b.set(std::move(left));
    if (auto done = put_binding(to, t, b); !done)
      return done;
  }
  return {};
}

result<std::optional<stored_binding>> find_binding(const transaction& from, const tables& t,
                                                   const trace_id& id) {
  auto found = get_value<stored_binding>(from, t.bindings, id.text);
  if (found)
    return std::optional{std::move(*found)};
  if (found.error() == errc::not_found)
    return std::optional<stored_binding>{};
  return found.error();
}

result<std::vector<stored_binding>> list_bindings(const transaction& from, const tables& t,
                                                  const trace_id& after, std::size_t limit) {
  auto at = cursor::open(from, t.bindings);
  if (!at)
    return at.error();
  auto listed = std::vector<stored_binding>{};
  for (auto found = at->at_or_after(after.text); listed.size() < limit; found = at->next()) {
    if (!found)
      return found.error();
    if (!*found)
      break;
    if (at->key() == after.text)
      continue;
    auto b = decode_value<stored_binding>(at->key(), at->value());
    if (!b)
      return corrupt_value(layout<stored_binding>::name, at->key());
    listed.push_back(std::move(*b));
  }
  return listed;
}

result<std::size_t> expire_bindings(write_transaction& to, const tables& t, wall_time limit,
                                    std::size_t count) {
  const auto uses = oldest_uses(to, t, limit, count);
  if (!uses)
    return uses.error();
  auto expired = std::size_t{0};
  for (const auto& use : *uses) {
    const auto id = trace_id{std::string{parse_named_time_key(use)->name}};
    const auto b = find_binding(to, t, id);
    if (b && *b && use_key(**b) == use) {
      if (auto done = to.erase(t.bindings, id.text); !done)
        return done.error();
      ++expired;
    }
    if (auto done = to.erase(t.bindings_by_use, use); !done)
      return done.error();
  }
  return expired;
}

} // namespace axonhub::store
