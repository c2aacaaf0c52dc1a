#include "tests/unit/store/dump.hpp"

#include <sodium.h>

#include <iterator>
#include <sstream>
#include <utility>

#include "base/text.hpp"
#include "store/environment.hpp"
#include "store/tables.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

using member = table_handle tables::*;

constexpr std::pair<const char*, member> names[] = {
    {"meta", &tables::meta},
    {"projects", &tables::projects},
    {"api_keys", &tables::api_keys},
    {"profiles", &tables::profiles},
    {"channels", &tables::channels},
    {"credentials", &tables::credentials},
    {"settings", &tables::settings},
    {"prices", &tables::prices},
    {"counters", &tables::counters},
    {"bindings", &tables::bindings},
    {"bindings_by_use", &tables::bindings_by_use},
    {"audit", &tables::audit},
};

member table_named(std::string_view wanted) {
  for (const auto& [name, table] : names)
    if (name == wanted)
      return table;
  throw std::runtime_error{"no table " + std::string{wanted}};
}

std::string from_hex(const std::string& hex) {
  auto bytes = std::string(hex.size() / 2, '\0');
  auto size = std::size_t{0};
  sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(),
                 hex.size(), nullptr, &size, nullptr);
  bytes.resize(size);
  return bytes;
}

/// Runs `body` on the tables of a store that is not open.
template <class Body>
void with_tables(const store_config& config, const Body& body) {
  const auto env = environment::open({config.folder / "state", config.map_size, false}).value();
  write_durably(*env, [&](write_transaction& in) -> result<void> {
    body(in, open_tables(in).value());
    return {};
  }).value();
}

} // namespace

std::string dump_full_batch() {
  const auto folder = tests::temp_folder{};
  const auto config = samples::config_in(folder.path());
  samples::opened(config)->write(samples::full_batch()).value();
  auto text = std::ostringstream{};
  with_tables(config, [&text](write_transaction& in, const tables& t) {
    for (const auto& [name, table] : names) {
      auto at = cursor::open(in, t.*table).value();
      for (auto found = at.first().value(); found; found = at.next().value())
        text << name << ' ' << to_hex(at.key()) << ' ' << to_hex(at.value()) << '\n';
    }
  });
  return text.str();
}

void plant_dump(const store_config& config, const std::string& dump) {
  with_tables(config, [&dump](write_transaction& in, const tables& t) {
    auto lines = std::istringstream{dump};
    for (auto line = std::string{}; std::getline(lines, line);) {
      auto words = std::istringstream{line};
      auto name = std::string{};
      auto key = std::string{};
      auto value = std::string{}; // stays empty in an index
      words >> name >> key >> value;
      in.put(t.*table_named(name), from_hex(key), from_hex(value)).value();
    }
  });
}

} // namespace axonhub::store
