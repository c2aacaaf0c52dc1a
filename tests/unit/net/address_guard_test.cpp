#include "net/address_guard.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace axonhub::net {
namespace {

using boost::asio::ip::make_address;
using enum address_class;

TEST(classify, judges_the_address_a_connection_would_reach) {
  struct {
    const char* address;
    address_class expected;
  } cases[] = {
      // The internet, also right beside the special ranges.
      {"1.1.1.1", global},
      {"8.8.8.8", global},
      {"9.255.255.255", global},
      {"11.0.0.0", global},
      {"100.63.255.255", global},
      {"100.128.0.0", global},
      {"126.255.255.255", global},
      {"128.0.0.0", global},
      {"169.253.255.255", global},
      {"169.255.0.0", global},
      {"172.15.255.255", global},
      {"172.32.0.0", global},
      {"192.167.255.255", global},
      {"192.169.0.0", global},
      {"198.17.255.255", global},
      {"198.20.0.0", global},
      {"223.255.255.255", global},
      {"2606:4700::1111", global},
      {"2a00:1450:4001:81b::200e", global},
      {"3ffe::1", global},
      // Loopback and the operator's networks.
      {"127.0.0.1", private_network},
      {"127.255.255.254", private_network},
      {"10.0.0.0", private_network},
      {"10.255.255.255", private_network},
      {"172.16.0.1", private_network},
      {"172.31.255.255", private_network},
      {"192.168.0.1", private_network},
      {"192.168.255.255", private_network},
      {"100.64.0.1", private_network},
      {"100.127.255.255", private_network},
      {"198.18.0.1", private_network},
      {"198.19.255.255", private_network},
      {"::1", private_network},
      {"fc00::1", private_network},
      {"fdff:ffff::1", private_network},
      {"fec0::1", private_network},
      // IPv4 in IPv6's clothes.
      {"::ffff:127.0.0.1", private_network},
      {"::ffff:10.1.2.3", private_network},
      {"::ffff:169.254.169.254", forbidden},
      {"::ffff:0.0.0.0", forbidden},
      {"::ffff:8.8.8.8", global},
      {"::ffff:0:192.168.1.1", private_network},
      {"::127.0.0.1", private_network},
      {"64:ff9b::7f00:1", private_network},
      {"64:ff9b::a9fe:a9fe", forbidden},
      {"64:ff9b::808:808", global},
      {"64:ff9b:1::808:808", forbidden},
      {"2002:7f00:1::", private_network},
      {"2002:a9fe:a9fe::1", forbidden},
      {"2002:808:808::1", global},
      {"2001:0:4136:e378:8000:63bf:3fff:fdd2", forbidden},       // 192.0.2.45
      {"2001:0:4136:e378:8000:63bf:80ff:fffe", private_network}, // 127.0.0.1
      // Never an upstream.
      {"0.0.0.0", forbidden},
      {"0.1.2.3", forbidden},
      {"::", forbidden},
      {"169.254.0.1", forbidden},
      {"169.254.169.254", forbidden},
      {"169.254.170.2", forbidden},
      {"100.100.100.200", forbidden},
      {"168.63.129.16", forbidden},
      {"192.0.0.192", forbidden},
      {"192.0.2.1", forbidden},
      {"198.51.100.7", forbidden},
      {"203.0.113.7", forbidden},
      {"192.88.99.1", forbidden},
      {"224.0.0.1", forbidden},
      {"239.255.255.255", forbidden},
      {"240.0.0.1", forbidden},
      {"255.255.255.255", forbidden},
      {"fe80::1", forbidden},
      {"febf::1", forbidden},
      {"fd00:ec2::254", forbidden},
      {"fd20:ce::254", forbidden},
      {"ff02::1", forbidden},
      {"100::1", forbidden},
      {"2001:db8::1", forbidden},
      {"2001:2::1", forbidden},
      {"3fff:fff::1", forbidden},
      {"4000::1", forbidden},
  };
  for (const auto& [address, expected] : cases) {
    SCOPED_TRACE(address);
    EXPECT_EQ(classify(make_address(address)), expected);
  }
}

TEST(is_allowed, opens_private_networks_only_where_the_channel_says_so_and_metadata_nowhere) {
  struct {
    const char* address;
    bool by_default;
    bool with_private;
  } cases[] = {
      {"8.8.8.8", true, true},           {"127.0.0.1", false, true}, {"fd12::1", false, true},
      {"169.254.169.254", false, false}, {"fe80::1", false, false},  {"0.0.0.0", false, false},
  };
  for (const auto& [address, by_default, with_private] : cases) {
    SCOPED_TRACE(address);
    EXPECT_EQ(is_allowed(make_address(address), false), by_default);
    EXPECT_EQ(is_allowed(make_address(address), true), with_private);
  }
}

// Odd spellings are no literals: they stay names, whose resolved address is what is_allowed sees.
TEST(classify, is_reached_by_no_other_spelling_of_an_address) {
  for (const auto* text : {"0177.0.0.1", "2130706433", "0x7f.1", "127.1", "127.0.0.1 ", "1.2.3.4#",
                           "127.0.0.1\\@8.8.8.8", "[::1]", "::ffff:127.1"}) {
    SCOPED_TRACE(text);
    auto failed = boost::system::error_code{};
    make_address(text, failed);
    EXPECT_TRUE(failed.failed());
  }
}

} // namespace
} // namespace axonhub::net
