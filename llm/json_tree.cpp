#include "llm/json_tree.hpp"

#include "llm/json_raw.hpp"
#include "llm/json_scan.hpp"

#include <algorithm>
#include <array>

namespace axonhub::llm {
namespace {

constexpr auto deepest_level = 16; // no dialect nests what we read deeper

enum class opening : std::uint8_t { whole, first_level, closed };

constexpr bool is_one_of(std::string_view key, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

opening opening_of(std::string_view key, json_kind kind, int level) {
  if (is_one_of(key, {"input_schema", "parameters", "schema"}))
    return opening::first_level;
  if (is_one_of(key, {"arguments", "action", "operation", "metadata", "logit_bias", "annotations",
                      "logprobs", "client_metadata"}) ||
      (key == "input" && kind == json_kind::object) || level >= deepest_level)
    return opening::closed;
  return opening::whole;
}

std::string_view trimmed_token(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

} // namespace

class tree_builder {
public:
  explicit tree_builder(const std::string& body) : body_(body) {}

  json_error build(simdjson::ondemand::document& document) {
    document_ = &document;
    simdjson::ondemand::object root;
    if (const auto e = document.get_object().get(root))
      return e;
    tree.nodes_.reserve(64 + body_.size() / 256);
    tree.nodes_.emplace_back().kind = json_kind::object;
    tree.nodes_[0].raw = body_;
    return fields(0, root, opening::whole, 0);
  }

  json_tree tree;

private:
  json_error fields(std::uint32_t parent, simdjson::ondemand::object& object, opening how,
                    int level) {
    auto last = std::uint32_t{0};
    return scan_fields(object, [&](std::string_view key, json_value& value) {
      return add(parent, last, key, value, how, level);
    });
  }

  json_error elements(std::uint32_t parent, simdjson::ondemand::array& array, opening how,
                      int level) {
    auto last = std::uint32_t{0};
    for (auto element : array) {
      json_value value;
      if (const auto e = element.get(value))
        return e;
      if (const auto e = add(parent, last, {}, value, how, level))
        return e;
    }
    return simdjson::SUCCESS;
  }

  /// `how` is how the parent was opened.
  json_error add(std::uint32_t parent, std::uint32_t& last, std::string_view key, json_value& value,
                 opening how, int level) {
    const auto self = static_cast<std::uint32_t>(tree.nodes_.size());
    tree.nodes_.emplace_back().key = key;
    (last == 0 ? tree.nodes_[parent].first_child : tree.nodes_[last].next) = self;
    last = self;
    auto token = trimmed_token(value.raw_json_token());
    const auto kind = kind_of(token);
    if (kind == json_kind::object || kind == json_kind::array) {
      const auto mine =
          how == opening::first_level ? opening::closed : opening_of(key, kind, level);
      if (const auto e = container(self, value, kind, mine, level, token))
        return e;
    } else if (kind == json_kind::absent) {
      return simdjson::TAPE_ERROR;
    }
    tree.nodes_[self].kind = kind;
    tree.nodes_[self].raw = token;
    return simdjson::SUCCESS;
  }

  static json_kind kind_of(std::string_view token) {
    if (token.empty())
      return json_kind::absent;
    switch (token.front()) {
      case '{':
        return json_kind::object;
      case '[':
        return json_kind::array;
      case '"':
        return token.size() > 1 && token.back() == '"' ? json_kind::text : json_kind::absent;
      case 't':
      case 'f':
        return token == "true" || token == "false" ? json_kind::boolean : json_kind::absent;
      case 'n':
        return token == "null" ? json_kind::null : json_kind::absent;
      default:
        return is_json_number(token) ? json_kind::number : json_kind::absent;
    }
  }

  json_error container(std::uint32_t self, json_value& value, json_kind kind, opening how,
                       int level, std::string_view& token) {
    if (kind == json_kind::object) {
      simdjson::ondemand::object object;
      if (const auto e = value.get_object().get(object))
        return e;
      if (how == opening::closed)
        return closed(object.raw_json(), token);
      if (const auto e = fields(self, object, how, level + 1))
        return e;
    } else {
      simdjson::ondemand::array array;
      if (const auto e = value.get_array().get(array))
        return e;
      if (how == opening::closed)
        return closed(array.raw_json(), token);
      if (const auto e = elements(self, array, how, level + 1))
        return e;
    }
    // We stand on the token behind the container: its last bracket is the nearest before that.
    const char* behind = nullptr;
    if (document_->current_location().get(behind))
      return simdjson::TAPE_ERROR;
    const auto from = static_cast<std::size_t>(token.data() - body_.data());
    const auto to = static_cast<std::size_t>(behind - body_.data());
    token = trimmed_token(std::string_view{body_}.substr(from, to - from));
    return simdjson::SUCCESS;
  }

  static json_error closed(simdjson::simdjson_result<std::string_view> raw,
                           std::string_view& token) {
    if (const auto e = std::move(raw).get(token))
      return e;
    token = trimmed_token(token);
    return simdjson::SUCCESS;
  }

  const std::string& body_;
  simdjson::ondemand::document* document_ = nullptr;
};

checked<json_tree> json_tree::read(lent_parser& lent, const std::string& body) {
  auto builder = tree_builder{body};
  simdjson::ondemand::document document;
  auto e = lent.parser().iterate(in_place(body)).get(document);
  if (!e)
    e = builder.build(document);
  if (!e && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    e = simdjson::TAPE_ERROR;
  if (e)
    return failure{errc::malformed_json,
                   "The request body is not valid JSON: it is cut short or malformed"};
  return std::move(builder.tree);
}

} // namespace axonhub::llm
