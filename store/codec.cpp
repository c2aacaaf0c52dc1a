#include "store/codec.hpp"

namespace axonhub::store {

void writer::put(std::string_view x) {
  put_varint(x.size());
  bytes_ += x;
}

void writer::put_varint(std::uint64_t x) {
  for (; x >= 0x80; x >>= 7)
    bytes_.push_back(static_cast<char>(x | 0x80));
  bytes_.push_back(static_cast<char>(x));
}

void reader::get(std::string& x) {
  const auto size = get_count();
  x.assign(left_.substr(0, size));
  left_.remove_prefix(size);
}

void reader::get(shared_text& x) {
  auto text = std::string{};
  get(text);
  x = text;
}

void reader::get(milliseconds& x) {
  auto count = std::int64_t{0};
  get(count);
  x = milliseconds{count};
}

void reader::get(wall_time& x) {
  auto count = std::int64_t{0};
  get(count);
  x = from_unix_ms(count);
}

void reader::get(policy::decimal& x) {
  auto high = std::int64_t{0};
  auto low = std::uint64_t{0};
  get(high);
  get(low);
  x = policy::decimal::from_units(
      static_cast<policy::decimal::wide>(high) * 2 * (std::uint64_t{1} << 63) + low);
}

std::uint64_t reader::get_count() {
  const auto count = get_varint(std::numeric_limits<std::uint64_t>::max());
  return count <= left_.size() ? count : fail();
}

std::uint64_t reader::get_varint(std::uint64_t most) {
  auto x = std::uint64_t{0};
  for (auto shift = 0; shift < 64; shift += 7) {
    if (left_.empty())
      return fail();
    const auto byte = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    const auto bits = std::uint64_t{byte & 0x7Fu};
    if (bits << shift >> shift != bits)
      return fail();
    x |= bits << shift;
    if (byte < 0x80)
      return x <= most ? x : fail();
  }
  return fail();
}

std::uint64_t reader::fail() {
  failed_ = true;
  left_ = {};
  return 0;
}

} // namespace axonhub::store
