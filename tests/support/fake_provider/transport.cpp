#include "tests/support/fake_provider/transport.hpp"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace axonhub::fake {

namespace {

transfer plain_result(ssize_t returned, transfer::state blocked) {
  if (returned > 0)
    return {transfer::state::moved, static_cast<std::size_t>(returned)};
  if (returned < 0 && (errno == EAGAIN || errno == EINTR))
    return {blocked};
  return {transfer::state::closed};
}

} // namespace

tls_context make_tls_context(const std::string& certificate, const std::string& key) {
  auto context = tls_context{SSL_CTX_new(TLS_server_method())};
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return nullptr;
  return context;
}

transport::transport(int socket, SSL_CTX* context) : socket_(socket) {
  if (context == nullptr)
    return;
  tls_.reset(SSL_new(context));
  SSL_set_fd(tls_.get(), socket_);
  SSL_set_accept_state(tls_.get());
}

transport::~transport() { ::close(socket_); }

transfer transport::result_of(int returned) {
  if (returned > 0)
    return {transfer::state::moved, static_cast<std::size_t>(returned)};
  const auto why = SSL_get_error(tls_.get(), returned);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ)
    return {transfer::state::wants_read};
  return {why == SSL_ERROR_WANT_WRITE ? transfer::state::wants_write : transfer::state::closed};
}

transfer transport::receive(std::span<char> into) {
  if (!tls_)
    return plain_result(::recv(socket_, into.data(), into.size(), 0), transfer::state::wants_read);
  // A record may wait inside the library, where epoll does not see it: take all there is.
  auto total = std::size_t{0};
  while (total < into.size()) {
    const auto room = std::min<std::size_t>(into.size() - total, 1 << 30);
    const auto part = result_of(SSL_read(tls_.get(), into.data() + total, static_cast<int>(room)));
    if (part.what != transfer::state::moved)
      return total > 0 ? transfer{transfer::state::moved, total} : part;
    total += part.size;
    if (SSL_pending(tls_.get()) == 0)
      break;
  }
  return {transfer::state::moved, total};
}

transfer transport::send(std::string_view bytes) {
  if (!tls_)
    return plain_result(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                        transfer::state::wants_write);
  const auto size = std::min<std::size_t>(bytes.size(), 1 << 30);
  return result_of(SSL_write(tls_.get(), bytes.data(), static_cast<int>(size)));
}

void transport::say_goodbye() {
  if (tls_)
    SSL_shutdown(tls_.get());
  ::shutdown(socket_, SHUT_WR);
}

void transport::prepare_reset() {
  const auto at_once = linger{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace axonhub::fake
