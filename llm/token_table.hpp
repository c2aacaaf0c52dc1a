#pragma once

// The rules of llm/token_walk.hpp as a table. A walk by the rules costs branches that no processor
// predicts: where words end. A walk through the table has none.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "llm/token_walk.hpp"

namespace axonhub::llm {

/// What texts cost when each feature has its cost: for each symbol and each state of a walk, what
/// the character costs and which state follows.
class token_table {
public:
  using feature_costs = std::array<std::uint16_t, token_feature::count>;

  /// Goes from the start of a walk to every state that a text can lead to, and numbers them.
  constexpr explicit token_table(const feature_costs& costs) {
    auto states = numbered_states{};
    states.number_of(walk_state{});
    for (auto state = std::size_t{0}; state < states.size; ++state)
      for (auto symbol = 0U; symbol < token_symbol::count; ++symbol) {
        auto cost = 0U;
        auto walker =
            token_walker{[&](unsigned feature) { cost += costs[feature]; }, states.all[state]};
        walker.step(symbol);
        steps_[symbol][state] = {to_uint16(cost), states.number_of(walker.state())};
      }
  }

  std::uint64_t cost_of(std::string_view text) const {
    return for_each_symbol(text, reader{*this}).cost;
  }

private:
  static constexpr auto most_states = std::size_t{256};

  struct step {
    std::uint16_t cost = 0;
    std::uint16_t next_state = 0;
  };

  struct reader {
    void operator()(unsigned symbol) {
      const auto& step = table.steps_[symbol][state];
      cost += step.cost;
      state = step.next_state; // all that the next character waits for
    }

    const token_table& table;
    std::uint64_t cost = 0;
    std::size_t state = 0;
  };

  struct numbered_states {
    /// The number that the state has, or gets. What there is no room for does not compile.
    constexpr std::uint16_t number_of(const walk_state& s) {
      auto& number = numbers[s.last][s.length][s.streak][s.behind_space ? 1 : 0];
      if (number == 0) {
        all[size] = s;
        number = static_cast<std::uint16_t>(++size);
      }
      return number - 1;
    }

    std::array<walk_state, most_states> all{};
    std::uint16_t numbers[32][16][4][2] = {}; ///< From 1; 0 for none.
    std::size_t size = 0;
  };

  static constexpr std::uint16_t to_uint16(unsigned cost) {
    return cost <= 0xffff ? static_cast<std::uint16_t>(cost) : throw "a cost beyond 16 bits";
  }

  std::array<std::array<step, most_states>, token_symbol::count> steps_{};
};

} // namespace axonhub::llm
