#include "net/address_guard.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace axonhub::net {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using enum address_class;

struct v4_range {
  std::uint32_t base;
  unsigned bits;
  address_class what;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The first match counts: single hosts stand before the networks around them.
constexpr auto v4_ranges = std::to_array<v4_range>({
    {v4(100, 100, 100, 200), 32, forbidden}, // Alibaba's metadata
    {v4(168, 63, 129, 16), 32, forbidden},   // Azure's wire server
    {v4(10, 0, 0, 0), 8, private_network},
    {v4(100, 64, 0, 0), 10, private_network}, // carrier-grade NAT
    {v4(127, 0, 0, 0), 8, private_network},   // loopback
    {v4(172, 16, 0, 0), 12, private_network},
    {v4(192, 168, 0, 0), 16, private_network},
    {v4(198, 18, 0, 0), 15, private_network}, // benchmarks, and the made-up answers of proxies
    {v4(0, 0, 0, 0), 8, forbidden},           // "this host": connects to loopback
    {v4(169, 254, 0, 0), 16, forbidden},      // link-local with most clouds' metadata
    {v4(192, 0, 0, 0), 24, forbidden},        // protocol assignments with Oracle's metadata
    {v4(192, 0, 2, 0), 24, forbidden},        // examples in documents, as the next two
    {v4(198, 51, 100, 0), 24, forbidden},
    {v4(203, 0, 113, 0), 24, forbidden},
    {v4(192, 88, 99, 0), 24, forbidden}, // 6to4 relays
    {v4(224, 0, 0, 0), 3, forbidden},    // multicast, reserved, broadcast
});

using v6_bytes = address_v6::bytes_type;

struct v6_range {
  v6_bytes base;
  unsigned bits;
  address_class what;
};

constexpr auto v6_ranges = std::to_array<v6_range>({
    {{0xfd, 0, 0x0e, 0xc2}, 32, forbidden},    // Amazon's metadata
    {{0xfd, 0x20, 0, 0xce}, 32, forbidden},    // Google's metadata
    {{0xfc}, 7, private_network},              // unique local
    {{0xfe, 0xc0}, 10, private_network},       // site-local, which unique local replaced
    {{0x20, 0x01, 0x0d, 0xb8}, 32, forbidden}, // examples in documents
    {{0x20, 0x01, 0, 0x02}, 48, forbidden},    // benchmarks
    {{0x3f, 0xff, 0}, 20, forbidden},          // examples in documents
    {{0x20}, 3, global},
});

bool contains(const v6_range& range, const v6_bytes& address) {
  for (auto bit = 0u; bit < range.bits; bit += 8) {
    const auto mask = range.bits - bit >= 8 ? 0xffu : 0xffu << (8 - (range.bits - bit)) & 0xffu;
    if (((range.base[bit / 8] ^ address[bit / 8]) & mask) != 0)
      return false;
  }
  return true;
}

address_class classify_v4(std::uint32_t address) {
  for (const auto& [base, bits, what] : v4_ranges) {
    if ((address ^ base) >> (32 - bits) == 0)
      return what;
  }
  return global;
}

/// The IPv4 address that a packet to this IPv6 address ends at.
std::optional<std::uint32_t> embedded_v4(const v6_bytes& b) {
  const auto at = [&b](std::size_t i) { return v4(b[i], b[i + 1], b[i + 2], b[i + 3]); };
  constexpr auto prefixes = std::to_array<v6_range>({
      {{}, 96, global},                                            // IPv4-compatible
      {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, global},    // mapped
      {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}, 96, global},    // translated (SIIT)
      {{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 96, global}, // translated (NAT64)
  });
  if (std::ranges::any_of(prefixes, [&b](const v6_range& p) { return contains(p, b); }))
    return at(12);
  if (b[0] == 0x20 && b[1] == 0x02) // 6to4
    return at(2);
  if (at(0) == 0x20010000) // Teredo
    return ~at(12);
  return std::nullopt;
}

address_class classify_v6(const address_v6& address) {
  if (address.is_loopback())
    return private_network;
  const auto bytes = address.to_bytes();
  if (const auto inner = embedded_v4(bytes))
    return classify_v4(*inner);
  for (const auto& range : v6_ranges) {
    if (contains(range, bytes))
      return range.what;
  }
  return forbidden; // link-local, multicast, discard, and what nobody has assigned
}

} // namespace

address_class classify(const boost::asio::ip::address& address) {
  return address.is_v4() ? classify_v4(address.to_v4().to_uint()) : classify_v6(address.to_v6());
}

bool is_allowed(const boost::asio::ip::address& address, bool allow_private) {
  const auto what = classify(address);
  return what == global || (what == private_network && allow_private);
}

} // namespace axonhub::net
