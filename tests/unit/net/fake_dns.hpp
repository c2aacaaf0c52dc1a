#pragma once

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "base/time.hpp"
#include "net/task.hpp"

namespace axonhub::net {

/// What the fake says about one name. Change it while it runs.
struct fake_name {
  std::vector<std::string> addresses;
  std::uint32_t ttl = 60;
  int code = 0; ///< 2: SERVFAIL, 3: NXDOMAIN.
  milliseconds delay{0};
  bool silent = false;
  bool silent_for_ipv6 = false;
};

/// A name server on loopback; what it does not know does not exist.
class fake_dns {
public:
  explicit fake_dns(asio::io_context& context)
      : context_(context), socket_(context, {asio::ip::address_v4::loopback(), 0}) {
    receive();
  }

  std::string server() const {
    return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
  }

  fake_name& operator[](const std::string& name) { return names_[name]; }

  /// Questions for IPv4 addresses of a name so far.
  int asked(const std::string& name) const {
    const auto found = asked_.find(name);
    return found == asked_.end() ? 0 : found->second;
  }

private:
  static constexpr char ipv4 = 1, ipv6 = 28;

  void receive() {
    socket_.async_receive_from(asio::buffer(packet_), peer_, [this](auto failed, auto size) {
      if (failed)
        return;
      answer({packet_.data(), size});
      receive();
    });
  }

  void answer(const std::string& query) {
    auto at = std::size_t{12};
    auto name = std::string{};
    for (auto label = query[at]; label != 0; label = query[at]) {
      name += (name.empty() ? "" : ".") + query.substr(at + 1, static_cast<std::size_t>(label));
      at += static_cast<std::size_t>(label) + 1;
    }
    const auto type = query[at + 2];
    name = to_lower(name);
    if (type == ipv4)
      ++asked_[name];
    const auto found = names_.find(name);
    const auto what = found == names_.end() ? fake_name{.addresses = {}, .code = 3} : found->second;
    if (what.silent || (what.silent_for_ipv6 && type == ipv6))
      return;
    auto reply = to_reply(query.substr(0, at + 5), type, what);
    if (what.delay == milliseconds{0}) {
      socket_.send_to(asio::buffer(reply), peer_);
      return;
    }
    auto timer = std::make_shared<asio::steady_timer>(context_, what.delay);
    timer->async_wait([this, timer, reply = std::move(reply), to = peer_](auto) {
      socket_.send_to(asio::buffer(reply), to);
    });
  }

  static std::string to_reply(const std::string& question, char type, const fake_name& what) {
    auto records = std::string{};
    auto count = char{0};
    for (const auto& text : what.addresses) {
      const auto address = asio::ip::make_address(text);
      if (address.is_v4() != (type == ipv4))
        continue;
      ++count;
      records += {'\xc0', 12, 0, type, 0, 1}; // the question's name, its type, IN
      for (auto shift = 24; shift >= 0; shift -= 8)
        records += static_cast<char>(what.ttl >> shift & 0xff);
      const auto append = [&records](const auto& bytes) {
        records += {0, static_cast<char>(bytes.size())};
        records.append(bytes.begin(), bytes.end());
      };
      if (address.is_v4())
        append(address.to_v4().to_bytes());
      else
        append(address.to_v6().to_bytes());
    }
    auto out = question.substr(0, 2); // the id
    out += {'\x81', static_cast<char>(0x80 | what.code), 0, 1, 0, count, 0, 0, 0, 0};
    return out + question.substr(12) + records;
  }

  asio::io_context& context_;
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint peer_;
  std::array<char, 1024> packet_{};
  std::map<std::string, fake_name> names_;
  std::map<std::string, int> asked_;
};

} // namespace axonhub::net
