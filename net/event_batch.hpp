#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace axonhub::net {

/// What the client gets of the events that one read brought: a view of the bytes as far as they
/// pass untouched to the end, and a copy of everything before.
class event_batch {
public:
  explicit event_batch(std::string_view upstream) : bytes(upstream) {}

  std::string_view bytes; ///< Of the upstream.
  std::string before;     ///< Goes first: what was held back, or is not the upstream's own.

  /// The event at `offset` of `bytes` passes as `shown`, which is the event itself or another text.
  void show(std::string_view event, std::size_t offset, std::string_view shown) {
    const auto end = offset + event.size();
    if (shown.data() == event.data() && (from_ == to_ || to_ == offset)) {
      from_ = from_ == to_ ? offset : from_;
      to_ = end;
      return;
    }
    before.append(bytes.substr(from_, to_ - from_)).append(shown);
    from_ = to_ = end;
  }

  std::array<std::string_view, 2> parts() const {
    return {before, bytes.substr(from_, to_ - from_)};
  }

private:
  std::size_t from_ = 0, to_ = 0; // of `bytes`, what passes untouched behind `before`
};

} // namespace axonhub::net
