#pragma once

#include "llm/conversion.hpp"

#include <map>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// The names of a request's tools, theirs and the upstream's. What an upstream may refuse (over 64
/// bytes, odd characters, two tools of one name) gets a name with a hash: always the same one, so
/// that histories and prefix caches hold.
class tool_names {
public:
  /// The upstream's name for what the client calls so and gave that shape; the view lasts as long
  /// as this. The first one who asks for a name gets it as it is, when it is fit.
  std::string_view to_upstream(const tool_alias& known);

  /// The same for what a call in the history names: a tool of that name which is offered in another
  /// shape will do.
  std::string_view of_call(const tool_alias& called);

  /// Those that the client knows by another name or in another shape.
  std::map<std::string, tool_alias, std::less<>> to_memory() const;

private:
  std::map<std::string, tool_alias, std::less<>> by_upstream_;
  std::map<std::string, std::string, std::less<>> by_client_;
};

/// An id of a tool call as the upstream takes it: at most `longest` bytes and, when `strict`, only
/// letters, digits, "_" and "-". A fit one is returned unchanged, another one always alike.
std::string fit_id(std::string_view id, std::size_t longest, bool strict);

/// The same for upstreams whose ids are nine letters and digits.
std::string short_id(std::string_view id);

} // namespace axonhub::llm
