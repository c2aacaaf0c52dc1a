#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axonhub::llm {

class lent_parser;

enum class json_kind : std::uint8_t { absent, null, boolean, number, text, object, array };

/// A value in the tree of a body: its place and, for what was opened, its children.
struct json_node {
  std::string_view key;                    ///< Unescaped; empty in a list.
  std::string_view raw;                    ///< Its JSON text.
  std::uint32_t first_child = 0, next = 0; ///< 0: none.
  json_kind kind = json_kind::absent;
};

/// Points at a value of a json_tree, or at nothing: whoever asks nothing for a child gets nothing.
/// As long-lived as the tree and the body.
class json_ref {
public:
  class iterator {
  public:
    iterator(const json_node* nodes, std::uint32_t at) : nodes_(nodes), at_(at) {}
    json_ref operator*() const { return {nodes_, nodes_ + at_}; }
    iterator& operator++() {
      at_ = nodes_[at_].next;
      return *this;
    }
    bool operator!=(const iterator& other) const { return at_ != other.at_; }

  private:
    const json_node* nodes_;
    std::uint32_t at_;
  };

  json_ref() = default;
  json_ref(const json_node* nodes, const json_node* self) : nodes_(nodes), self_(self) {}

  json_kind kind() const { return self_ ? self_->kind : json_kind::absent; }
  bool is_text() const { return kind() == json_kind::text; }
  bool is_object() const { return kind() == json_kind::object; }
  bool is_array() const { return kind() == json_kind::array; }
  bool is_number() const { return kind() == json_kind::number; }
  bool is_true() const { return kind() == json_kind::boolean && raw() == "true"; }
  /// Present and not null.
  bool is_given() const { return kind() != json_kind::absent && kind() != json_kind::null; }

  std::string_view key() const { return self_ ? self_->key : std::string_view{}; }
  std::string_view raw() const { return self_ ? self_->raw : std::string_view{}; }
  /// Between the quotes of a text; of anything else nothing.
  std::string_view inside() const {
    return is_text() ? raw().substr(1, raw().size() - 2) : std::string_view{};
  }
  /// A text that reads so, spelt without escapes.
  bool says(std::string_view plain) const { return is_text() && inside() == plain; }

  /// The child of that name; of several the last, as most parsers have it.
  json_ref operator[](std::string_view key) const {
    auto found = json_ref{};
    for (const auto child : *this)
      if (child.key() == key)
        found = child;
    return found;
  }

  iterator begin() const { return {nodes_, self_ ? self_->first_child : 0}; }
  iterator end() const { return {nodes_, 0}; }
  bool has_children() const { return self_ && self_->first_child != 0; }

private:
  const json_node* nodes_ = nullptr;
  const json_node* self_ = nullptr;
};

/// A request body as a tree of raw texts: one pass, nothing unescaped but keys. Tool arguments and
/// the like stay closed; of JSON schemas only the first level is read. Malformed JSON inside what
/// stays closed is not noticed.
class json_tree {
public:
  /// `body` has body_padding free bytes behind its end; it and `lent` must outlive the tree. Fails
  /// with a text for the client when the body is no JSON object.
  static checked<json_tree> read(lent_parser& lent, const std::string& body);

  json_ref root() const { return {nodes_.data(), nodes_.data()}; }

private:
  friend class tree_builder;
  std::vector<json_node> nodes_;
};

} // namespace axonhub::llm
