#pragma once

#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/make_message.hpp> // caf/result.hpp needs it
#include <caf/result.hpp>
#include <caf/unit.hpp>
#include <utility>

#include "base/error.hpp"

// Lets a handler say `return errc::not_found;`.
CAF_ERROR_CODE_ENUM(axonhub::errc, "axonhub")

namespace axonhub::actors {

/// The error as actors send it. One that is not of ours, such as a system call's, becomes
/// unknown_failure with its text as context. No error stays none.
caf::error to_caf(error_code code);

/// What to_caf() took. Of CAF's own errors, those that mean that the actor has ended, is out of
/// reach or died of the question become actor_gone, a request's timeout ask_timeout, and every
/// other unknown_failure.
error_code to_error_code(const caf::error& error);

/// A result as the answer of a handler.
template <class T>
caf::result<T> to_caf(result<T> given) {
  if (given.has_error())
    return to_caf(given.error());
  if constexpr (std::is_void_v<T>)
    return caf::unit;
  else
    return *std::move(given);
}

/// Lets the actor system that reads `config` render our errors as text.
void name_errors(caf::actor_system_config& config);

} // namespace axonhub::actors
