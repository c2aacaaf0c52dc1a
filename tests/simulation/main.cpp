/// A gateway, its channels and its sessions in virtual time, seed by seed, judged by the laws of
/// routing (judge.hpp). Says which seed broke one, and how to see it again.
#include <algorithm>
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "tests/simulation/seeds.hpp"

using namespace axonhub::simulation;

int main(int argc, char** argv) {
  auto seeds = seed_range{};
  auto full = false, find_planted = false;
  auto fault = std::string{plant_names[0]};
  auto app = CLI::App{"Routing in virtual time"};
  app.add_option("--seeds", seeds.count, "How many")->capture_default_str();
  app.add_option("--first-seed", seeds.first)->capture_default_str();
  app.add_flag("--full", full, "Thousands of sessions in a run, not at most 100");
  app.add_flag("--keep-going", seeds.keep_going, "Past a seed that breaks a law");
  app.add_option("--plant", fault, "Runs with a fault that a law must find")
      ->check(
          CLI::IsMember(std::vector<std::string>(std::begin(plant_names), std::end(plant_names))));
  app.add_flag("--find-planted", find_planted, "Checks that every planted fault is found");
  CLI11_PARSE(app, argc, argv);

  if (find_planted)
    return finds_every_planted_fault() ? 0 : 1;
  if (full)
    seeds.size = {.sessions = 5'000, .requests = 100'000};
  seeds.planted = static_cast<plant>(std::ranges::find(plant_names, fault) - plant_names);
  const auto seen = run_seeds(seeds);
  print(seen, seeds);
  return seen.holds() ? 0 : 1;
}
