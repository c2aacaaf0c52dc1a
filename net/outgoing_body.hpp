#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "llm/byte_span.hpp"

namespace axonhub::net {

/// A body with some of its parts replaced, as views for a gather write: nothing is copied but the
/// replacements.
class outgoing_body {
public:
  /// Starts with `text`, which must outlive this, as it is.
  explicit outgoing_body(std::string_view text = {}) : text_(text) {}

  /// Replaces a part. Parts must not overlap; each is replaced once.
  void replace(llm::byte_span part, std::string by);

  /// What is sent, in order. Valid until the next replace().
  std::vector<std::string_view> parts() const;
  std::size_t size() const;

private:
  struct edit {
    llm::byte_span part;
    std::string by;
  };

  std::string_view text_;
  std::vector<edit> edits_; // by place
};

} // namespace axonhub::net
