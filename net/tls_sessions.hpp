#pragma once

#include <openssl/types.h>

#include <string>

namespace axonhub::net {

/// From now on the sessions of `context` are kept, the last one of each host, for as long as the
/// context lives. False when memory ran out.
bool remember_sessions(SSL_CTX& context);

/// Lets the coming handshake of a client resume the last session with its host, if there is one.
void resume_session(SSL& session);

/// The name or address that the certificate must be for; empty on the server's side.
std::string expected_host(SSL& session);

} // namespace axonhub::net
