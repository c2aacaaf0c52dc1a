#include <algorithm>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bench/stream_client/stream_load.hpp"

namespace {

using namespace axonhub::bench;

/// The value that this share of them does not exceed, in microseconds; 0 without values.
double percentile(std::vector<std::int64_t>& values, double share) {
  if (values.empty())
    return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * last);
  std::ranges::nth_element(values, at);
  return static_cast<double>(*at) / 1000;
}

nlohmann::json to_json(load_result& seen) {
  return {
      {"answers", seen.streams},
      {"deltas", seen.deltas},
      {"seconds", static_cast<double>(seen.elapsed) / 1e9},
      {"first_byte_p50_us", percentile(seen.first_bytes, 0.5)},
      {"p50_us", percentile(seen.ends, 0.5)},
      {"p99_us", percentile(seen.ends, 0.99)},
      {"delta_age_p50_us", percentile(seen.ages, 0.5)},
      {"delta_age_p99_us", percentile(seen.ages, 0.99)},
      {"problems", seen.problems},
  };
}

} // namespace

int main(int argc, char** argv) {
  auto app =
      CLI::App{"Streams many Messages answers at once, checks them and prints one JSON line"};
  auto plan = load_plan{};
  auto file = std::string{};
  auto seconds = 0.0;
  app.add_option("--port", plan.port, "The server's port on 127.0.0.1")->required();
  app.add_option("--body", file, "File with the request body")->required();
  app.add_option("--key", plan.key, "Sent as x-api-key");
  app.add_option("--connections", plan.connections, "How many streams run at once");
  app.add_option("--ramp", plan.ramp, "Connections opened per second (0: all at once)");
  app.add_option("--deltas", plan.deltas, "Deltas that a whole answer has")->required();
  app.add_option("--seconds", seconds, "How long to ask again (0: each connection asks once)");
  CLI11_PARSE(app, argc, argv);
  plan.duration = std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  auto in = std::ifstream{file, std::ios::binary};
  plan.body.assign(std::istreambuf_iterator<char>{in}, {});
  try {
    auto seen = stream_load{std::move(plan)}.run();
    std::printf("%s\n", to_json(seen).dump().c_str());
    return seen.problems.empty() ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stream_client: %s\n", e.what());
    return 2;
  }
}
