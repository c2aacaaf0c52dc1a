#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace axonhub {

/// Everything that can go wrong by design. A Boost error_code everywhere, a CAF error from
/// actors/ up; only net/ turns one into an HTTP status.
enum class errc : std::uint8_t {
  unknown_failure = 1, ///< A defect of ours; the log has the details.
  invalid_argument,    ///< A value from outside breaks its rule.
  not_found,           ///< No such entity.
  already_exists,      ///< The name or id is taken.
  precondition_failed, ///< The entity changed since the caller read it.
  wrong_master_key,    ///< The master key does not open this store.
  store_failed,        ///< LMDB or the disk refused; errno is in the log.
  store_full,          ///< No space left for the write.
  store_corrupt,       ///< A stored value does not decode.
  store_too_new,       ///< Written by a later release.
  no_target_available, ///< No channel may be tried now.
  actor_gone,          ///< The actor ended before it answered.
  ask_timeout,         ///< The actor did not answer by the deadline.
  shutting_down,       ///< The process is ending.
  cancelled,           ///< The caller gave up (its client went away).
  connection_closed,   ///< The peer closed where it should not have.
  timeout,             ///< A named deadline passed.
  malformed_message,   ///< The peer broke HTTP's rules.
  message_too_large,   ///< A head or body above its limit.
  resolve_failed,      ///< The host name has no usable address.
  address_refused,     ///< The address is private or otherwise not allowed for this channel.
  connect_failed,      ///< No address accepted the connection.
  tls_failed,          ///< The TLS handshake or the certificate check failed.
  malformed_json,      ///< Not a JSON text.
  overloaded,          ///< A limit of ours is reached; try again later.
};

const boost::system::error_category& axonhub_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), axonhub_category()};
}

using boost::system::error_code;

/// A value or an error_code.
template <class T>
using result = boost::system::result<T>;

/// An error for humans: what kind, what was wrong, and how to put it right.
struct failure {
  errc code = errc::unknown_failure;
  std::string message;
};

/// A value or a failure with its text.
template <class T>
using checked = boost::system::result<T, failure>;

/// How `checked<T>::value()` reports misuse.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location&);

} // namespace axonhub

template <>
struct boost::system::is_error_code_enum<axonhub::errc> : std::true_type {};
