#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace axonhub::net {

/// What an upstream's address is, for the guard that stands before each connect.
enum class address_class : std::uint8_t {
  global,          ///< On the internet.
  private_network, ///< This machine or a network of the operator's own.
  forbidden,       ///< Never an upstream: link-local, metadata, multicast, broadcast, reserved.
};

/// Judges the address that a connection would really reach: an IPv4 address inside an IPv6 one
/// (mapped, translated by NAT64, 6to4, Teredo) counts as itself.
address_class classify(const boost::asio::ip::address& address);

/// Whether a channel may connect there. `allow_private` opens private networks, nothing more. Ask
/// with the resolved address, right before the connect: a name may change its answer.
bool is_allowed(const boost::asio::ip::address& address, bool allow_private);

} // namespace axonhub::net
