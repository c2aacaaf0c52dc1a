#include "actors/errors.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

namespace axonhub::actors {

namespace {

constexpr auto our_category = caf::detail::error_factory<errc>::category;

errc from_sec(caf::sec code) {
  switch (code) {
    case caf::sec::request_timeout:
      return errc::ask_timeout;
    case caf::sec::request_receiver_down:
    case caf::sec::runtime_error: // the handler threw
    case caf::sec::cannot_forward_to_invalid_actor:
    case caf::sec::no_route_to_receiving_node:
    case caf::sec::cannot_connect_to_node:
    case caf::sec::socket_disconnected:
    case caf::sec::connection_timeout:
      return errc::actor_gone;
    default:
      return errc::unknown_failure;
  }
}

} // namespace

caf::error to_caf(error_code code) {
  if (!code.failed())
    return caf::none;
  if (code.category() == axonhub_category())
    return {static_cast<std::uint8_t>(code.value()), our_category};
  return {static_cast<std::uint8_t>(errc::unknown_failure), our_category,
          caf::make_message(code.message())};
}

error_code to_error_code(const caf::error& error) {
  if (!error)
    return {};
  if (error.category() == our_category)
    return static_cast<errc>(error.code());
  if (error.category() == caf::atom("system"))
    return from_sec(static_cast<caf::sec>(error.code()));
  if (error.category() == caf::atom("exit"))
    return errc::actor_gone;
  return errc::unknown_failure;
}

void name_errors(caf::actor_system_config& config) {
  config.add_error_category(our_category,
                            [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                              auto text = make_error_code(static_cast<errc>(code)).message();
                              if (context.match_elements<std::string>())
                                text += ": " + context.get_as<std::string>(0);
                              return text;
                            });
}

} // namespace axonhub::actors
