#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

namespace axonhub::tests {

using key_ptr = std::shared_ptr<EVP_PKEY>;
using certificate_ptr = std::shared_ptr<X509>;

/// A certificate and its key, made on the spot.
struct identity {
  certificate_ptr certificate;
  key_ptr key;

  std::string certificate_pem() const;
  std::string key_pem() const;
};

struct certificate_request {
  std::string common_name = "test";
  std::string alt_names{}; ///< "DNS:a.example,IP:127.0.0.1"; empty: none.
  bool is_ca = false;
  std::chrono::seconds starts_in = std::chrono::hours{-1};
  std::chrono::seconds ends_in = std::chrono::hours{1};
};

namespace detail {

template <class Write>
std::string to_pem(Write write) {
  const auto out = std::unique_ptr<BIO, decltype(&BIO_free)>{BIO_new(BIO_s_mem()), BIO_free};
  write(out.get());
  const char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

inline void add_extension(X509* to, int id, const std::string& value) {
  auto context = X509V3_CTX{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  const auto extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>{
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), X509_EXTENSION_free};
  X509_add_ext(to, extension.get(), -1);
}

} // namespace detail

/// Signed by `issuer`, or by itself without one.
inline identity make_identity(const certificate_request& what, const identity* issuer = nullptr) {
  const auto key = key_ptr{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const auto made = certificate_ptr{X509_new(), X509_free};
  auto* x = made.get();
  static auto serial = 1L;
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), what.starts_in.count());
  X509_gmtime_adj(X509_getm_notAfter(x), what.ends_in.count());
  X509_set_pubkey(x, key.get());
  const auto* name = reinterpret_cast<const unsigned char*>(what.common_name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer->certificate.get() : x));
  detail::add_extension(x, NID_basic_constraints, what.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
  if (!what.alt_names.empty())
    detail::add_extension(x, NID_subject_alt_name, what.alt_names);
  X509_sign(x, issuer ? issuer->key.get() : key.get(), EVP_sha256());
  return {made, key};
}

inline std::string identity::certificate_pem() const {
  return detail::to_pem([this](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
}

inline std::string identity::key_pem() const {
  return detail::to_pem([this](BIO* out) {
    PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

} // namespace axonhub::tests
