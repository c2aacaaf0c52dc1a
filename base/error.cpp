#include "base/error.hpp"

#include <stdexcept>

namespace axonhub {
namespace {

const char* text_of(errc code) {
  switch (code) {
    case errc::unknown_failure:
      return "unknown failure";
    case errc::invalid_argument:
      return "invalid argument";
    case errc::not_found:
      return "not found";
    case errc::already_exists:
      return "already exists";
    case errc::precondition_failed:
      return "changed since it was read";
    case errc::wrong_master_key:
      return "wrong master key";
    case errc::store_failed:
      return "store failed";
    case errc::store_full:
      return "store full";
    case errc::store_corrupt:
      return "store corrupt";
    case errc::store_too_new:
      return "store written by a later release";
    case errc::no_target_available:
      return "no target available";
    case errc::actor_gone:
      return "actor gone";
    case errc::ask_timeout:
      return "actor did not answer in time";
    case errc::shutting_down:
      return "shutting down";
    case errc::cancelled:
      return "cancelled";
    case errc::connection_closed:
      return "connection closed";
    case errc::timeout:
      return "deadline passed";
    case errc::malformed_message:
      return "malformed HTTP message";
    case errc::message_too_large:
      return "message too large";
    case errc::resolve_failed:
      return "host name not resolved";
    case errc::address_refused:
      return "address not allowed";
    case errc::connect_failed:
      return "connect failed";
    case errc::tls_failed:
      return "TLS failed";
    case errc::malformed_json:
      return "malformed JSON";
    case errc::overloaded:
      return "overloaded";
  }
  return "unknown error";
}

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "axonhub"; }
  std::string message(int value) const override { return text_of(static_cast<errc>(value)); }
};

} // namespace

const boost::system::error_category& axonhub_category() noexcept {
  static const category instance;
  return instance;
}

void throw_exception_from_error(const failure& f, const boost::source_location&) {
  throw std::runtime_error(f.message);
}

} // namespace axonhub
