#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace axonhub::net {

/// Counts wrong tokens by the address that they came from.
class failed_tries {
public:
  static constexpr auto window = std::chrono::minutes{15};
  static constexpr std::uint32_t free_tries = 20;
  static constexpr auto longest_delay = milliseconds{5000};
  static constexpr std::size_t most_addresses = 10'000;

  /// One more from there: how long its answer has to wait. Doubles from a tenth of a second after
  /// the free tries of a window.
  milliseconds add(std::string_view address, steady_time now);

private:
  struct entry {
    steady_time since;
    std::uint32_t count = 0;
  };
  void forget_old(steady_time now);

  std::map<std::string, entry, std::less<>> entries_;
};

} // namespace axonhub::net
