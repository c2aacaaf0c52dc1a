#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/error.hpp"

namespace axonhub::net {

struct ssl_deleter {
  void operator()(SSL* session) const noexcept;
};

using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// Shared by the connections and by the threads.
using ssl_context_ptr = std::shared_ptr<SSL_CTX>;

/// For a listener: TLS 1.2 and up, ciphers with forward secrecy, ALPN http/1.1. Both files are PEM,
/// the first with the whole chain. A failure's text names the file.
checked<ssl_context_ptr> make_server_context(const std::string& cert_file,
                                             const std::string& key_file);

/// For upstreams: certificates are checked against the system's roots and those in `extra_ca_pem`;
/// TLS 1.2 and up, ALPN http/1.1. Reading the system's roots takes tens of milliseconds: make few
/// and keep them.
checked<ssl_context_ptr> make_client_context(const std::string& extra_ca_pem);

/// The TLS of a connected non-blocking socket, which it does not own. The certificate must be for
/// `host`, a name or an IP literal (also [v6]); names are sent as SNI. Resumes the last session
/// with that host. Null when memory ran out or the name can be no host's. OpenSSL writes with
/// write(2): the process must ignore SIGPIPE.
ssl_ptr make_client_session(SSL_CTX& context, int fd, const std::string& host);

/// The same for an accepted socket.
ssl_ptr make_server_session(SSL_CTX& context, int fd);

/// Why the handshake that just failed on this thread did, for operators: "certificate has expired
/// (on 2026-01-31)", "name mismatch: certificate is for a.example". Empties OpenSSL's error queue.
std::string explain_failure(SSL& session);

} // namespace axonhub::net
