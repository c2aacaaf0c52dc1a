#include "llm/arrange_request.hpp"

#include "llm/json_raw.hpp"
#include "llm/request_reading.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace axonhub::llm {
namespace {

// Insides of JSON strings.
constexpr auto omitted_image = std::string_view{"[image omitted]"};
constexpr auto missing_result = std::string_view{"(tool result missing)"};
constexpr auto go_on = std::string_view{"(continue)"};

// --- what the upstream cannot hold ---

bool takes(const part& p, const upstream_traits& to) {
  const auto is_chat = to.speaks == dialect::openai_chat;
  switch (p.kind) {
    case part_kind::text:
      return to.speaks == dialect::anthropic ? !is_blank(p.text) : !p.text.empty();
    case part_kind::thought:
      if (!to.thoughts)
        return false;
      if (is_chat)
        return to.reasoning != reasoning_form::none;
      return to.reasons && !(to.speaks == dialect::anthropic ? p.signature : p.encrypted).empty();
    case part_kind::sealed_thought:
      if (!to.thoughts)
        return false;
      return is_chat ? to.reasoning == reasoning_form::reasoning_details
                     : to.reasons && to.speaks == dialect::anthropic;
    default:
      return true;
  }
}

void check_document(neutral_request& r, const part& p, const upstream_traits& to) {
  const auto is_anthropic = to.speaks == dialect::anthropic && to.is_anthropic;
  if (!to.files && !is_anthropic)
    r.refuse("document: the channel of this model takes no PDF documents: send the text instead");
  else if (!p.url.empty() && to.speaks == dialect::openai_chat)
    r.refuse("document: the channel of this model takes no documents by url: send base64");
  else if (p.url.empty() && to.speaks == dialect::anthropic && !is_pdf(p.media_type))
    r.refuse(
        "document: the channel of this model takes only PDF documents as files: send the text "
        "of others");
}

void fit_parts(neutral_request& r, std::vector<part>& parts, const upstream_traits& to) {
  for (auto& p : parts) {
    if (p.kind == part_kind::image && !to.images)
      p = text_part(omitted_image);
    else if (p.kind == part_kind::document)
      check_document(r, p, to);
    else if (p.kind == part_kind::result)
      fit_parts(r, p.content, to);
  }
  std::erase_if(parts, [&to](const part& p) { return !takes(p, to); });
}

bool is_text(const part& p) { return p.kind == part_kind::text; }
bool is_call(const part& p) { return p.kind == part_kind::call; }
bool is_result(const part& p) { return p.kind == part_kind::result; }

/// A message of thoughts alone is none in any dialect.
bool says_nothing(const message& m) { return std::ranges::all_of(m.parts, is_thought); }

// --- calls and their results ---

class pairing {
public:
  pairing(neutral_request& r, const upstream_traits& to) : r_(r), to_(to) {
    for (auto m = std::size_t{0}; m < r.messages.size(); ++m)
      for (auto& p : r.messages[m].parts)
        if (is_result(p))
          results_[p.id].places.push_back({m, &p});
  }

  std::vector<message> pair() {
    auto out = std::vector<message>{};
    for (auto m = std::size_t{0}; m < r_.messages.size(); ++m) {
      auto& given = r_.messages[m];
      if (given.role == speaker::user) {
        add_user(out, given);
        continue;
      }
      const auto has_calls = std::ranges::any_of(given.parts, is_call);
      out.push_back(std::move(given));
      if (has_calls)
        out.push_back(results_of(out.back(), m));
    }
    return out;
  }

private:
  struct place {
    std::size_t message = 0;
    part* result = nullptr;
  };
  struct results_of_id {
    std::vector<place> places;
    std::size_t next = 0; ///< The first that a later call may take.
  };

  message results_of(message& caller, std::size_t index) {
    auto out = message{};
    for (auto& call : caller.parts) {
      if (!is_call(call))
        continue;
      auto result = take_result(call.id, index);
      const auto given = call.id;
      for (auto number = ids_.size(); !ids_.insert(call.id).second; ++number)
        result.id = call.id = another_id(given, number);
      out.parts.push_back(std::move(result));
    }
    return out;
  }

  /// For the second of two calls that came with the same one. It depends on what is before it
  /// alone, so it stays while the conversation grows.
  std::string_view another_id(std::string_view id, std::size_t number) {
    constexpr auto kept = std::size_t{30}; // with the number still within every provider's limit
    return r_.keep(
        fit_call_id(std::string{id.substr(0, kept)} + "_" + std::to_string(number), to_));
  }

  /// The first free result behind the call; what it leaves in its place is an empty text.
  part take_result(std::string_view id, std::size_t caller) {
    if (const auto at = results_.find(id); at != results_.end()) {
      auto& [places, next] = at->second;
      while (next < places.size() && places[next].message <= caller)
        ++next;
      if (next < places.size())
        return std::exchange(*places[next++].result, {});
    }
    auto out = part{};
    out.kind = part_kind::result;
    out.id = id;
    out.content.push_back(text_part(missing_result));
    return out;
  }

  static bool is_gone(const part& p) { return p.kind == part_kind::text && p.text.empty(); }

  void add_user(std::vector<message>& out, message& given) {
    auto left = message{};
    for (auto& p : given.parts)
      if (is_result(p))
        add_orphan(left.parts, p);
      else if (!is_gone(p))
        left.parts.push_back(std::move(p));
    if (left.parts.empty())
      return;
    const auto follows_results =
        !out.empty() && !out.back().parts.empty() && is_result(out.back().parts.front());
    auto& target = follows_results ? out.back() : out.emplace_back();
    std::ranges::move(left.parts, std::back_inserter(target.parts));
  }

  void add_orphan(std::vector<part>& parts, part& result) {
    auto text = std::string{"Result of the tool call "};
    append_escaped(text, result.id);
    parts.push_back(text_part(r_.keep(text + ", which is not in this conversation:")));
    std::ranges::move(result.content, std::back_inserter(parts));
  }

  neutral_request& r_;
  const upstream_traits& to_;
  std::unordered_map<std::string_view, results_of_id> results_;
  std::unordered_set<std::string_view> ids_; ///< Of all calls so far.
};

// --- system messages ---

bool holds_files_in_system(const neutral_request& r) {
  return !std::ranges::all_of(r.system, is_text) ||
         std::ranges::any_of(r.messages, [](const message& m) {
           return m.role == speaker::system && !std::ranges::all_of(m.parts, is_text);
         });
}

/// Nothing but texts can be a system message: the user shows the rest.
void give_files_to_user(neutral_request& r) {
  const auto take = [](std::vector<part>& from, std::vector<part>& to) {
    const auto rest = std::stable_partition(from.begin(), from.end(), is_text);
    std::move(rest, from.end(), std::back_inserter(to));
    from.erase(rest, from.end());
  };
  auto out = std::vector<message>{};
  auto shown = message{};
  const auto flush = [&out, &shown] {
    if (!shown.parts.empty())
      out.push_back(std::exchange(shown, {}));
  };
  take(r.system, shown.parts);
  flush();
  for (auto& m : r.messages) {
    if (m.role == speaker::system)
      take(m.parts, shown.parts);
    if (!m.parts.empty())
      out.push_back(std::move(m));
    flush();
  }
  r.messages = std::move(out);
}

part to_reminder(neutral_request& r, const message& m) {
  auto text = std::string{"<system-reminder>"};
  for (const auto& p : m.parts)
    text.append("\\n").append(p.text);
  return text_part(r.keep(text + "\\n</system-reminder>"));
}

/// Into the next user message, or the one before if the assistant is next. Results of tools stand
/// right behind their calls by now, so nothing comes between the two.
std::vector<message> fold_system(neutral_request& r) {
  auto out = std::vector<message>{};
  auto reminders = std::vector<part>{};
  const auto flush = [&out, &reminders] {
    if (reminders.empty())
      return;
    auto& target =
        !out.empty() && out.back().role == speaker::user ? out.back() : out.emplace_back();
    std::ranges::move(reminders, std::back_inserter(target.parts));
    reminders.clear();
  };
  for (auto& m : r.messages) {
    if (m.role == speaker::system) {
      reminders.push_back(to_reminder(r, m));
      continue;
    }
    if (m.role == speaker::user) {
      m.parts.insert(m.parts.begin(), std::make_move_iterator(reminders.begin()),
                     std::make_move_iterator(reminders.end()));
      reminders.clear();
    } else {
      flush();
    }
    out.push_back(std::move(m));
  }
  flush();
  return out;
}

// --- Anthropic's order ---

/// Of an answer that was broken off: Anthropic refuses a message that ends with one.
void cut_last_thoughts(message& m) {
  while (is_thought(m.parts.back()))
    m.parts.pop_back();
}

void alternate(neutral_request& r) {
  auto out = std::vector<message>{};
  const auto say_go_on = [&out] { out.emplace_back().parts.push_back(text_part(go_on)); };
  for (auto& m : r.messages) {
    if (out.empty() && m.role == speaker::assistant)
      say_go_on();
    if (!out.empty() && out.back().role == m.role)
      std::ranges::move(m.parts, std::back_inserter(out.back().parts));
    else
      out.push_back(std::move(m));
  }
  for (auto& m : out)
    cut_last_thoughts(m);
  // The newest models do not go on with what they are said to have begun.
  if (!out.empty() && out.back().role == speaker::assistant)
    r.drop("prefill");
  if (out.empty() || out.back().role == speaker::assistant)
    say_go_on();
  r.messages = std::move(out);
}

} // namespace

void arrange(neutral_request& r, const upstream_traits& to) {
  std::erase_if(r.system, [](const part& p) { return is_text(p) && is_blank(p.text); });
  if (holds_files_in_system(r))
    give_files_to_user(r);
  for (auto& m : r.messages)
    fit_parts(r, m.parts, to);
  std::erase_if(r.messages, says_nothing);
  if (r.messages.empty() && r.system.empty())
    return r.refuse("The request has no messages with content: at least one is required");
  r.messages = pairing{r, to}.pair();
  if (to.speaks == dialect::anthropic || (to.speaks == dialect::openai_chat && !to.late_system))
    r.messages = fold_system(r);
  if (to.speaks == dialect::anthropic)
    alternate(r);
  else if (r.messages.empty() && to.speaks == dialect::openai_responses)
    r.messages.emplace_back().parts.push_back(text_part(go_on));
}

} // namespace axonhub::llm
