#include "policy/model_mapping.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace axonhub::policy {
namespace {

constexpr std::string_view pattern_characters = "*?+[]{}()^$|\\";
constexpr auto most_groups = 10; // \0 .. \9

re2::RE2::Options options() {
  auto o = re2::RE2::Options{};
  o.set_log_errors(false);
  return o;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

failure invalid(std::string text) { return {errc::invalid_argument, std::move(text)}; }

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

/// Where a shell's "anything" stands: a star behind a plain character, or at the start.
std::size_t find_glob_star(std::string_view from) {
  for (auto at = from.find('*'); at != from.npos; at = from.find('*', at + 1))
    if (at == 0 || std::string_view{".)]}\\*"}.find(from[at - 1]) == std::string_view::npos)
      return at;
  return std::string_view::npos;
}

std::string with_dots(std::string from) {
  for (auto at = find_glob_star(from); at != from.npos; at = find_glob_star(from))
    from.insert(at, ".");
  return from;
}

failure broken(const model_mapping& rule, const re2::RE2& pattern) {
  const auto at = rule.from.find(pattern.error_arg());
  auto text = quoted(rule.from) + " is no regular expression: " + pattern.error();
  if (at != std::string::npos)
    text += ", at position " + std::to_string(at + 1);
  if (find_glob_star(rule.from) != std::string::npos)
    text += "; did you mean " + with_dots(rule.from) + "?";
  return invalid(std::move(text));
}

} // namespace

bool is_pattern(const model_mapping& rule) {
  if (rule.match != match_kind::automatic)
    return rule.match == match_kind::regex;
  return rule.from.find_first_of(pattern_characters) != std::string::npos;
}

name_pattern::name_pattern(const std::string& from) : from_(from) {
  if (from.find_first_of(pattern_characters) != std::string::npos)
    pattern_ = std::make_shared<const re2::RE2>(piece(from), options());
}

bool name_pattern::fits(const std::string& model) const {
  if (!pattern_)
    return from_ == model;
  return pattern_->ok() && re2::RE2::FullMatch(piece(model), *pattern_);
}

checked<void> check(const model_mapping& rule) {
  if (rule.from.empty())
    return invalid("from must not be empty");
  if (rule.to.empty() || std::ranges::any_of(rule.to, &std::string::empty))
    return invalid("to must name a model, or several");
  if (!is_pattern(rule))
    return {};
  const auto pattern = re2::RE2{piece(rule.from), options()};
  if (!pattern.ok())
    return broken(rule, pattern);
  for (const auto& to : rule.to)
    if (auto why = std::string{}; !pattern.CheckRewriteString(piece(to), &why))
      return invalid("to " + quoted(to) + " does not fit " + quoted(rule.from) + ": " + why);
  return {};
}

std::optional<std::string> suspicion(const model_mapping& rule) {
  if (!is_pattern(rule) || find_glob_star(rule.from) == std::string::npos)
    return std::nullopt;
  return quoted(rule.from) + " is read as a regular expression; did you mean " +
         with_dots(rule.from) + "?";
}

model_mapper::model_mapper(const std::vector<model_mapping>& rules) {
  for (const auto& rule : rules) {
    if (!rule.enabled)
      continue;
    auto& made = rules_.emplace_back(compiled{.from = rule.from, .pattern = {}, .to = rule.to});
    if (is_pattern(rule))
      made.pattern = std::make_shared<const re2::RE2>(piece(rule.from), options());
  }
}

std::vector<std::string> model_mapper::names_for(const std::string& model) const {
  auto groups = std::array<re2::StringPiece, most_groups>{};
  for (const auto& rule : rules_) {
    if (!rule.pattern) {
      if (rule.from == model)
        return rule.to;
      continue;
    }
    const auto count = std::min(rule.pattern->NumberOfCapturingGroups() + 1, most_groups);
    if (!rule.pattern->ok() || !rule.pattern->Match(piece(model), 0, model.size(),
                                                    re2::RE2::ANCHOR_BOTH, groups.data(), count))
      continue;
    auto names = std::vector<std::string>{};
    for (const auto& to : rule.to)
      rule.pattern->Rewrite(&names.emplace_back(), piece(to), groups.data(), count);
    return names;
  }
  return {model};
}

} // namespace axonhub::policy
