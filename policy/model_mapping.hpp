#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/entities.hpp"

namespace re2 {
class RE2;
}

/// A profile's model mappings: which names a requested model stands for.
namespace axonhub::policy {

/// Whether a rule's `from` is a regular expression: as `match` says, otherwise when it holds one of
/// * ? + [ ] { } ( ) ^ $ | \ (a dot alone makes no pattern).
bool is_pattern(const model_mapping& rule);

/// A name or a pattern, compiled, read as a rule's `from` (match_kind::automatic). A pattern that
/// does not compile stands for no name.
class name_pattern {
public:
  explicit name_pattern(const std::string& from);

  bool fits(const std::string& model) const;

private:
  std::string from_;
  std::shared_ptr<const re2::RE2> pattern_; ///< Null: an exact name.
};

/// Whether a rule can act: its pattern compiles, its targets are there and name only groups that
/// the pattern has. The error says where a pattern is wrong.
checked<void> check(const model_mapping& rule);

/// What makes a rule that can act look like a mistake: a shell pattern such as claude-*, with the
/// regular expression that was probably meant.
std::optional<std::string> suspicion(const model_mapping& rule);

/// The rules of one profile, compiled.
class model_mapper {
public:
  explicit model_mapper(const std::vector<model_mapping>& rules);

  /// The names to look for, the first wanted first: those of the first enabled rule that matches,
  /// in one pass; the model itself when none does.
  std::vector<std::string> names_for(const std::string& model) const;

private:
  struct compiled {
    std::string from;
    std::shared_ptr<const re2::RE2> pattern; ///< Null: an exact name.
    std::vector<std::string> to;
  };

  std::vector<compiled> rules_;
};

} // namespace axonhub::policy
