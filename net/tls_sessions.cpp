#include "net/tls_sessions.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace axonhub::net {
namespace {

constexpr auto max_hosts = std::size_t{256};

struct session_deleter {
  void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
};

/// Sessions of one context, which several threads share.
class session_store {
public:
  void keep(const std::string& host, SSL_SESSION* session) {
    auto owned = std::unique_ptr<SSL_SESSION, session_deleter>{session};
    const auto lock = std::lock_guard{mutex_};
    if (sessions_.size() >= max_hosts && !sessions_.contains(host))
      sessions_.erase(sessions_.begin());
    sessions_.insert_or_assign(host, std::move(owned));
  }

  void offer(SSL& connection, const std::string& host) {
    const auto lock = std::lock_guard{mutex_};
    if (const auto found = sessions_.find(host); found != sessions_.end())
      SSL_set_session(&connection, found->second.get()); // takes a reference of its own
  }

private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<SSL_SESSION, session_deleter>> sessions_;
};

void free_store(void*, void* store, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<session_store*>(store);
}

int store_index() {
  static const auto index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_store);
  return index;
}

session_store* store_of(SSL& session) {
  return static_cast<session_store*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(&session), store_index()));
}

int on_new_session(SSL* connection, SSL_SESSION* session) {
  store_of(*connection)->keep(expected_host(*connection), session);
  return 1; // the reference is ours
}

} // namespace

bool remember_sessions(SSL_CTX& context) {
  auto store = std::make_unique<session_store>();
  if (SSL_CTX_set_ex_data(&context, store_index(), store.get()) != 1)
    return false;
  store.release(); // free_store ends it
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(&context, on_new_session);
  return true;
}

void resume_session(SSL& session) { store_of(session)->offer(session, expected_host(session)); }

std::string expected_host(SSL& session) {
  auto* rules = SSL_get0_param(&session);
  if (const auto* name = X509_VERIFY_PARAM_get0_host(rules, 0))
    return name;
  const auto address = std::unique_ptr<char, void (*)(char*)>{
      X509_VERIFY_PARAM_get1_ip_asc(rules), [](char* text) { OPENSSL_free(text); }};
  return address ? address.get() : "";
}

} // namespace axonhub::net
