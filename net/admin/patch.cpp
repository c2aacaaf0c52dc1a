#include "net/admin/patch.hpp"

#include <vector>

#include "base/text.hpp"
#include "net/admin/problem.hpp"

namespace axonhub::net {

json patched(const json& shown, const json& patch) {
  for (const auto& [name, value] : patch.items())
    if (!shown.contains(name)) {
      auto known = std::vector<std::string_view>{};
      for (const auto& [field, ignored] : shown.items())
        known.push_back(field);
      const auto near = nearest_name(name, known);
      refuse_field("/" + name, "is not a field of this object" +
                                   (near ? "; did you mean " + std::string{*near} + "?" : ""));
    }
  auto whole = shown;
  whole.merge_patch(patch);
  return whole;
}

json take_field(json& object, std::string_view name) {
  const auto found = object.find(name);
  if (found == object.end())
    return nullptr;
  auto value = std::move(*found);
  object.erase(found);
  return value;
}

} // namespace axonhub::net
