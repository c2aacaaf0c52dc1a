#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <string_view>
#include <system_error>

#include "net/tls_sessions.hpp"

namespace axonhub::net {
namespace {

constexpr auto http_1_1 = std::to_array<unsigned char>({8, 'h', 't', 't', 'p', '/', '1', '.', '1'});

/// What OpenSSL met first, as text; empties its queue.
std::string take_error() {
  const auto code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code))
    return std::system_category().message(ERR_GET_REASON(code));
  const auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown OpenSSL error";
}

failure refused(const std::string& what) { return {errc::tls_failed, what + ": " + take_error()}; }

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  auto* chosen = const_cast<unsigned char*>(*out);
  const auto found =
      SSL_select_next_proto(&chosen, size, http_1_1.data(), http_1_1.size(), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

ssl_context_ptr make_context(const SSL_METHOD* method) {
  auto made = ssl_context_ptr{SSL_CTX_new(method), SSL_CTX_free};
  if (!made)
    return nullptr;
  auto* context = made.get();
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return nullptr;
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // With AUTO_RETRY "wants to read" means that the socket is empty, also after a session ticket:
  // connections rely on that, as their sockets are polled edge-triggered.
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS |
                                SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

/// Adds every certificate in `pem` to the trusted ones. False when there is none or one is broken.
bool trust(SSL_CTX& context, const std::string& pem) {
  const auto text = std::unique_ptr<BIO, decltype(&BIO_free)>{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  auto added = 0;
  while (auto* read = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    const auto certificate = std::unique_ptr<X509, decltype(&X509_free)>{read, X509_free};
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), read) != 1)
      return false;
    ++added;
  }
  if (added == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return false;
  ERR_clear_error(); // the end of the text
  return true;
}

ssl_ptr make_session(SSL_CTX& context, int fd) {
  auto made = ssl_ptr{SSL_new(&context)};
  if (!made || SSL_set_fd(made.get(), fd) != 1)
    return nullptr;
  return made;
}

std::string_view without_brackets(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']'
             ? host.substr(1, host.size() - 2)
             : host;
}

} // namespace

void ssl_deleter::operator()(SSL* session) const noexcept { SSL_free(session); }

checked<ssl_context_ptr> make_server_context(const std::string& cert_file,
                                             const std::string& key_file) {
  ERR_clear_error();
  auto made = make_context(TLS_server_method());
  if (!made)
    return refused("cannot set up TLS");
  if (SSL_CTX_use_certificate_chain_file(made.get(), cert_file.c_str()) != 1)
    return refused("cannot use the certificate in " + cert_file);
  if (SSL_CTX_use_PrivateKey_file(made.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return refused("cannot use the private key in " + key_file);
  if (SSL_CTX_check_private_key(made.get()) != 1)
    return refused("the key in " + key_file + " is not the one of " + cert_file);
  SSL_CTX_set_options(made.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF); // tickets do it
  SSL_CTX_set_alpn_select_cb(made.get(), select_http_1_1, nullptr);
  return made;
}

checked<ssl_context_ptr> make_client_context(const std::string& extra_ca_pem) {
  ERR_clear_error();
  auto made = make_context(TLS_client_method());
  if (!made || SSL_CTX_set_alpn_protos(made.get(), http_1_1.data(), http_1_1.size()) != 0 ||
      !remember_sessions(*made))
    return refused("cannot set up TLS");
  if (SSL_CTX_set_default_verify_paths(made.get()) != 1)
    return refused("cannot read the system's root certificates");
  if (!extra_ca_pem.empty() && !trust(*made, extra_ca_pem))
    return refused("cannot use the CA certificates: they must be one or more PEM blocks");
  // A certificate that the operator trusts is an anchor, whether or not it is a root.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(made.get()), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  return made;
}

ssl_ptr make_client_session(SSL_CTX& context, int fd, const std::string& host) {
  auto made = make_session(context, fd);
  if (!made)
    return nullptr;
  const auto name = std::string{without_brackets(host)};
  auto no_address = error_code{};
  boost::asio::ip::make_address(name, no_address);
  auto* rules = SSL_get0_param(made.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.empty() || name.find('\0') != std::string::npos)
    return nullptr;
  const auto expected = no_address.failed()
                            ? X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
                                  SSL_set_tlsext_host_name(made.get(), name.c_str()) == 1
                            : X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  if (!expected)
    return nullptr;
  SSL_set_connect_state(made.get());
  resume_session(*made);
  return made;
}

ssl_ptr make_server_session(SSL_CTX& context, int fd) {
  auto made = make_session(context, fd);
  if (made)
    SSL_set_accept_state(made.get());
  return made;
}

} // namespace axonhub::net
