// Reads texts, each behind a line with its size in bytes; writes for each a line of JSON with how
// often each feature of llm/token_walk.hpp occurs in it. With the argument "floors": the least that
// each feature must cost, in tokens.
#include <array>
#include <iostream>
#include <string>
#include <string_view>

#include "llm/token_walk.hpp"

namespace {

/// What goes on and on must cost something: a long run is rare in the samples, not in the world.
std::array<double, axonhub::llm::token_feature::count> make_floors() {
  using namespace axonhub::llm::token_feature;
  auto floors = std::array<double, count>{};
  const auto last_of = [&floors](auto first, auto places, double floor) {
    floors[first + places - 1U] = floor;
  };
  last_of(word, word_places, 0.1);
  last_of(inner_word, word_places, 0.1);
  last_of(caps, caps_places, 0.2);
  last_of(space, blank_places, 0.015);
  last_of(indent, blank_places, 0.015);
  last_of(tab, tab_places, 0.05);
  last_of(newline, newline_places, 0.05);
  last_of(sign_again, again_places, 0.03);
  last_of(digit, digit_places, 0.1);
  for (auto group = 0U; group < sign_groups; ++group)
    last_of(sign + group * sign_places, sign_places, 0.2);
  for (auto script = 0U; script < scripts; ++script)
    last_of(of_script + script * script_places, script_places, 0.15);
  floors[control] = 0.5;
  floors[broken_byte] = 0.5;
  return floors;
}

void print(const auto& numbers) {
  for (auto i = std::size_t{0}; i < numbers.size(); ++i)
    std::cout << (i == 0 ? '[' : ',') << numbers[i];
  std::cout << "]\n";
}

} // namespace

int main(int argc, char** argv) {
  using namespace axonhub::llm;
  if (argc > 1 && std::string_view{argv[1]} == "floors") {
    print(make_floors());
    return 0;
  }
  auto line = std::string{};
  while (std::getline(std::cin, line)) {
    auto text = std::string(std::stoul(line), '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    auto counts = std::array<unsigned, token_feature::count>{};
    auto walker = token_walker{[&counts](unsigned feature) { ++counts[feature]; }};
    for_each_symbol(text, [&walker](unsigned symbol) { walker.step(symbol); });
    print(counts);
  }
}
