#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

#include "net/tls.hpp"
#include "net/tls_sessions.hpp"

namespace axonhub::net {
namespace {

constexpr auto max_names = 5;

std::string to_date(const ASN1_TIME* time) {
  auto parts = std::tm{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
    return "a date that cannot be read";
  auto text = std::array<char, 16>{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

/// Text from a certificate: whoever made it may have put anything there.
std::string to_name(const ASN1_STRING* text) {
  auto out = std::string{};
  const auto* bytes = ASN1_STRING_get0_data(text);
  for (auto i = 0; i < ASN1_STRING_length(text) && i < 253; ++i)
    out += bytes[i] > 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '?';
  return out;
}

std::string to_address(const ASN1_STRING* bytes) {
  const auto family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16)
    return "a broken address";
  auto text = std::array<char, INET6_ADDRSTRLEN>{};
  return inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
}

/// "a.example, *.b.example, 10.0.0.1": what the certificate is good for.
std::string names_of(const X509* certificate) {
  const auto names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free};
  auto out = std::string{};
  auto listed = 0;
  for (auto i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD)
      continue;
    if (++listed > max_names)
      return out + ", ...";
    out += out.empty() ? "" : ", ";
    out += name->type == GEN_DNS ? to_name(name->d.dNSName) : to_address(name->d.iPAddress);
  }
  return out.empty() ? "no name" : out;
}

/// The first certificate of the chain whose time is not now; the chain is not empty.
const X509* out_of_time(const STACK_OF(X509) * chain) {
  for (auto i = 0; i < sk_X509_num(chain); ++i) {
    const auto* certificate = sk_X509_value(chain, i);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 ||
        X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
      return certificate;
  }
  return sk_X509_value(chain, 0);
}

std::string explain_certificate(SSL& session, long verdict) {
  const auto* chain = SSL_get0_verified_chain(&session); // there also when the check failed
  const auto text = std::string{X509_verify_cert_error_string(verdict)};
  if (sk_X509_num(chain) <= 0)
    return text;
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "name mismatch: certificate is for " + names_of(sk_X509_value(chain, 0)) +
             ", not for " + expected_host(session);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return text + " (on " + to_date(X509_get0_notAfter(out_of_time(chain))) + ")";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return text + " (before " + to_date(X509_get0_notBefore(out_of_time(chain))) + ")";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      return text + ": to trust it, add its CA to the channel's ca_certificates";
    default:
      return text;
  }
}

} // namespace

std::string explain_failure(SSL& session) {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (const auto verdict = SSL_get_verify_result(&session); verdict != X509_V_OK)
    return explain_certificate(session, verdict);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    switch (ERR_GET_REASON(code)) {
      case SSL_R_WRONG_VERSION_NUMBER:
      case SSL_R_HTTP_REQUEST:
      case SSL_R_HTTPS_PROXY_REQUEST:
        return "the other side does not speak TLS on this port";
      case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return "the connection closed in the handshake";
    }
  }
  const auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "the connection closed in the handshake";
}

} // namespace axonhub::net
