#include "policy/fitting.hpp"

#include <algorithm>

namespace axonhub::policy {
namespace {

using group = std::vector<std::size_t>;

/// "web_search_20250305" is a "web_search".
bool is_of_family(const std::string& type, const std::string& family) {
  return type == family ||
         (type.size() > family.size() && type.starts_with(family) && type[family.size()] == '_');
}

/// Whether a server tool of the client's dialect means anything on a channel. One of another
/// dialect knows at most its own tools; only a search is the same at OpenAI and at Anthropic.
bool may_know(const capability& can, llm::dialect client, const std::string& type) {
  using enum llm::dialect;
  return can.speaks == client || (client == openai_responses && can.speaks == anthropic &&
                                  is_of_family(type, "web_search"));
}

bool runs(const capability& can, llm::dialect client, const std::string& type) {
  const auto is_named = [&](const auto& family) { return is_of_family(type, family); };
  return may_know(can, client, type) &&
         (can.all_server_tools || std::ranges::any_of(can.server_tools, is_named));
}

bool lacks_ability(const capability& can, const request_needs& needs) {
  const auto is_there = [&](const auto& type) { return runs(can, needs.dialect, type); };
  return (needs.images && !can.images) || !std::ranges::all_of(needs.server_tools, is_there);
}

/// Moves those for which `objects` holds to the refused, unless that would be all.
template <class Objection>
void leave_out(group& kept, fitting& out, const std::vector<candidate>& candidates, reason why,
               Objection objects) {
  const auto refused = [&](std::size_t i) { return objects(candidates[i].can); };
  if (std::ranges::all_of(kept, refused))
    return;
  for (const auto i : kept)
    if (refused(i))
      out.refused.push_back(
          {.channel = candidates[i].channel, .why = why, .fallback = candidates[i].fallback});
  std::erase_if(kept, refused);
}

void judge(group kept, fitting& out, const std::vector<candidate>& candidates,
           const request_needs& needs) {
  leave_out(kept, out, candidates, reason::capability_missing,
            [&](const capability& can) { return lacks_ability(can, needs); });
  auto enough = needs.tokens;
  const auto is_small = [&](const capability& can) {
    return can.max_context_tokens && *can.max_context_tokens < enough;
  };
  if (std::ranges::all_of(kept, [&](auto i) { return is_small(candidates[i].can); }))
    for (enough = 0; const auto i : kept)
      enough = std::max(enough, *candidates[i].can.max_context_tokens);
  leave_out(kept, out, candidates, reason::context_too_small, is_small);
  out.kept.insert(out.kept.end(), kept.begin(), kept.end());
}

} // namespace

fitting fit(const std::vector<candidate>& candidates, const request_needs& needs) {
  auto out = fitting{};
  for (auto i = std::size_t{0}; i < candidates.size();) {
    auto same_fallback = group{};
    for (const auto fallback = candidates[i].fallback;
         i < candidates.size() && candidates[i].fallback == fallback; ++i)
      same_fallback.push_back(i);
    judge(std::move(same_fallback), out, candidates, needs);
  }
  return out;
}

std::optional<std::uint64_t> room_for_answer(std::uint64_t context, std::uint64_t prompt_estimate) {
  constexpr auto least_room = std::uint64_t{1024};
  const auto prompt = prompt_estimate + prompt_estimate / 10; // as far off as most estimates are
  if (context < prompt + least_room)
    return std::nullopt;
  return context - prompt;
}

} // namespace axonhub::policy
