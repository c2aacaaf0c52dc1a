#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace axonhub::fake {

/// What a call on a socket that never blocks came to.
struct transfer {
  enum class state { moved, closed, wants_read, wants_write } what;
  std::size_t size = 0;
};

struct tls_context_free {
  void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
};
struct tls_free {
  void operator()(SSL* s) const { SSL_free(s); }
};
using tls_context = std::unique_ptr<SSL_CTX, tls_context_free>;

/// A server's TLS with that certificate chain and key; null when the files are no such thing.
tls_context make_tls_context(const std::string& certificate, const std::string& key);

/// One accepted socket, plain or with TLS. Owns the descriptor.
class transport {
public:
  transport(int socket, SSL_CTX* context);
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  int socket() const { return socket_; }
  transfer receive(std::span<char> into);
  transfer send(std::string_view bytes);

  /// Announces the end of the stream to the client; a transport that just ends cuts it.
  void say_goodbye();

  /// The descriptor's end will be a reset.
  void prepare_reset();

private:
  transfer result_of(int returned);

  int socket_;
  std::unique_ptr<SSL, tls_free> tls_;
};

} // namespace axonhub::fake
