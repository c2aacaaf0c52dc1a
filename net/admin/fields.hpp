#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "net/admin/json.hpp"
#include "net/admin/problem.hpp"

namespace axonhub::net {

/// Reads the fields of one object of a request. What has the wrong type is refused by its pointer;
/// a field that is null counts as absent and leaves its value as it is.
class field_reader {
public:
  /// Both must outlive the reader. `pointer` is the object's own: "" for the body.
  explicit field_reader(const json& object, std::string pointer = {});

  /// The field's value; nullptr when it is absent.
  const json* find(std::string_view name);
  std::string pointer_to(std::string_view name) const;

  bool read(std::string_view name, std::string& to);
  bool read(std::string_view name, shared_text& to);
  bool read(std::string_view name, bool& to);
  bool read(std::string_view name, std::vector<std::string>& to);
  bool read(std::string_view name, std::map<std::string, std::string>& to);
  bool read(std::string_view name, std::optional<wall_time>& to);
  /// A duration in milliseconds, above 0 and at most a day.
  bool read(std::string_view name, std::optional<milliseconds>& to);

  /// A list of ids; without the field, none.
  template <class Tag>
  void read_ids(std::string_view name, std::vector<strong_id<Tag>>& to) {
    auto texts = std::vector<std::string>{};
    read(name, texts);
    to.clear();
    for (auto& text : texts)
      to.push_back({std::move(text)});
  }

  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) bool read(std::string_view name, Integer& to,
                                                   std::int64_t least, std::int64_t most) {
    auto wide = std::int64_t{0};
    if (!read_integer(name, wide, least, most))
      return false;
    to = static_cast<Integer>(wide);
    return true;
  }

  /// A text that must be there and not be blank.
  std::string require(std::string_view name);

  /// The objects in an array field, each with its pointer. Throws when one is none.
  std::vector<std::pair<const json*, std::string>> objects(std::string_view name);

  /// A field that this build does not act on: only its `usual` value is taken, so that nobody
  /// relies on what does not happen.
  void only(std::string_view name, const json& usual);

  /// A field that calls cannot set: it may be there only as it is.
  void read_only(std::string_view name, const json& now);

  /// A field that changes by itself: who sends an object back as it was read means nothing by it.
  /// `shown` is the object as it is now; null while it is new, when the field must be absent.
  void given(std::string_view name, const json& shown);

  /// Refuses whatever nobody has asked for.
  void finish();

private:
  bool read_integer(std::string_view name, std::int64_t& to, std::int64_t least, std::int64_t most);

  const json& object_;
  std::string pointer_;
  std::vector<std::string_view> known_;
};

/// RFC 3339: 2026-11-22T10:36:00.000Z or with an offset; nullopt for anything else.
std::optional<wall_time> parse_rfc3339(std::string_view text);

} // namespace axonhub::net
