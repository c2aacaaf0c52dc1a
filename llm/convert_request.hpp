#pragma once

#include "base/error.hpp"
#include "llm/conversion.hpp"
#include "llm/request_writers.hpp"

#include <string>

namespace axonhub::llm {

/// A client's request as an upstream of another dialect takes it. `body` has body_padding free
/// bytes behind its end; so has the body that comes out. One pass over the text: a body of 10 MB
/// takes milliseconds, so large ones are not for an I/O thread. Fails with a text for the client:
/// errc::malformed_json for what is no JSON object, errc::invalid_argument for what cannot be said
/// to such an upstream. `from` must differ from `to.speaks`.
checked<converted_request> convert_request(dialect from, const std::string& body,
                                           const upstream_traits& to, const request_identity& who);

} // namespace axonhub::llm
