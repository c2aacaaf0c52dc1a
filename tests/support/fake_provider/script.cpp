#include "tests/support/fake_provider/script.hpp"

#include <algorithm>
#include <chrono>

#include "base/json_text.hpp"

namespace axonhub::fake {

void script::set_deltas(std::string head, std::string tail, const answer_shape& shape) {
  head_ = std::move(head);
  tail_ = std::move(tail);
  shape_ = shape;
}

void script::set_numbered_deltas(std::string head, std::string middle, std::string tail,
                                 const answer_shape& shape) {
  set_deltas(std::move(head), std::move(tail), shape);
  middle_ = std::move(middle);
  numbered_ = true;
}

void script::append_event(std::string& out, std::size_t index) const {
  if (index < before.size()) {
    out += before[index];
    return;
  }
  const auto delta = index - before.size();
  if (delta >= shape_.deltas) {
    out += after[delta - shape_.deltas];
    return;
  }
  out += head_;
  if (numbered_)
    out.append(std::to_string(index)).append(middle_);
  append_delta_text(out, delta, shape_);
  out += tail_;
}

void append_delta_text(std::string& out, std::size_t index, const answer_shape& shape) {
  const auto start = out.size();
  if (shape.stamp) {
    const auto clock = std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    constexpr auto digits = std::size_t{16};
    out.append("@").append(digits - std::min(digits, clock.size()), '0').append(clock).append(" ");
  } else {
    out.append("part ").append(std::to_string(index)).append(" ");
  }
  constexpr auto words = std::string_view{"of an answer that says the same thing each time "};
  const auto room = shape.delta_bytes - std::min(shape.delta_bytes, out.size() - start);
  for (auto left = room; left > 0;) {
    const auto piece = words.substr(0, left);
    out += piece;
    left -= piece.size();
  }
  if (room > 0)
    out.back() = ' ';
}

std::string whole_text(const answer_shape& shape) {
  auto text = std::string{};
  text.reserve(shape.deltas * shape.delta_bytes);
  for (auto i = std::size_t{0}; i < shape.deltas; ++i)
    append_delta_text(text, i, shape);
  return text;
}

std::string quoted_results(const std::vector<std::string>& results) {
  auto text = std::string{"The tools said:"};
  for (const auto& result : results)
    text.append(" [").append(result).append("]");
  return text;
}

std::string quoted(std::string_view text) {
  auto out = std::string{};
  append_json_string(out, text);
  return out;
}

} // namespace axonhub::fake
