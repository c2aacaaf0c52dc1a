#pragma once

#include <caf/meta/load_callback.hpp>
#include <caf/none.hpp>
#include <caf/optional.hpp>
#include <optional>
#include <utility>

// Found by argument-dependent lookup through the inspector.
namespace caf {

/// Lets messages hold a std::optional: it travels as CAF's own.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  auto travelling = x ? optional<T>{*x} : optional<T>{};
  auto arrive = [&]() -> error {
    x = travelling ? std::optional<T>{std::move(*travelling)} : std::nullopt;
    return none;
  };
  return f(travelling, meta::load_callback(arrive));
}

} // namespace caf
