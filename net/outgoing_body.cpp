#include "net/outgoing_body.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::net {

void outgoing_body::replace(llm::byte_span part, std::string by) {
  const auto behind =
      std::ranges::find_if(edits_, [&](const edit& e) { return e.part.offset > part.offset; });
  edits_.insert(behind, {part, std::move(by)});
}

std::vector<std::string_view> outgoing_body::parts() const {
  auto out = std::vector<std::string_view>{};
  out.reserve(2 * edits_.size() + 1);
  auto at = std::size_t{0};
  for (const auto& e : edits_) {
    out.push_back(text_.substr(at, e.part.offset - at));
    out.push_back(e.by);
    at = e.part.offset + e.part.size;
  }
  out.push_back(text_.substr(at));
  return out;
}

std::size_t outgoing_body::size() const {
  auto total = text_.size();
  for (const auto& e : edits_)
    total += e.by.size() - e.part.size;
  return total;
}

} // namespace axonhub::net
