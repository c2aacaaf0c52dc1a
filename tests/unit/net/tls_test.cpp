#include "net/tls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/certificates.hpp"

namespace axonhub::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
using tests::certificate_request;
using tests::identity;
using tests::make_identity;

/// Two connected non-blocking sockets.
class socket_pair {
public:
  socket_pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0); }
  ~socket_pair() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int client() const { return ends_[0]; }
  int server() const { return ends_[1]; }

private:
  std::array<int, 2> ends_{-1, -1};
};

/// What came of a handshake and of one byte each way.
struct meeting {
  bool met = false;
  bool resumed = false;
  std::string protocol;
  std::string alpn;
  std::string client_reason;
};

bool wants_more(SSL* end, int returned) {
  const auto why = SSL_get_error(end, returned);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

meeting meet(SSL_CTX& client_context, SSL_CTX& server_context, const std::string& host) {
  const auto sockets = socket_pair{};
  const auto client = make_client_session(client_context, sockets.client(), host);
  const auto server = make_server_session(server_context, sockets.server());
  auto seen = meeting{};
  if (!client || !server)
    return seen;
  for (auto round = 0; round < 20; ++round) {
    const auto from_client = SSL_do_handshake(client.get());
    if (from_client != 1 && !wants_more(client.get(), from_client)) {
      seen.client_reason = explain_failure(*client);
      return seen;
    }
    const auto from_server = SSL_do_handshake(server.get());
    if (from_server != 1 && !wants_more(server.get(), from_server))
      return seen;
    if (from_client != 1 || from_server != 1)
      continue;
    auto byte = char{'x'};
    EXPECT_EQ(SSL_write(server.get(), &byte, 1), 1);
    auto got = 0;
    for (auto ticket = 0; ticket < 4 && got != 1; ++ticket) // each one ends a read without data
      got = SSL_read(client.get(), &byte, 1);
    EXPECT_EQ(got, 1);
    seen.met = true;
    seen.resumed = SSL_session_reused(client.get()) == 1;
    seen.protocol = SSL_get_version(client.get());
    const unsigned char* alpn = nullptr;
    auto size = 0u;
    SSL_get0_alpn_selected(client.get(), &alpn, &size);
    seen.alpn.assign(reinterpret_cast<const char*>(alpn), size);
    SSL_shutdown(client.get()); // without it OpenSSL takes the session for a broken one
    return seen;
  }
  return seen;
}

class tls_test : public testing::Test {
protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "axonhub_tls_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_ / name;
    std::ofstream{path} << text;
    return path.string();
  }

  /// A server with a certificate that `issuer` signed, or else itself.
  ssl_context_ptr serve(const certificate_request& what, const identity* issuer) const {
    const auto own = make_identity(what, issuer);
    return make_server_context(write("cert.pem", own.certificate_pem()),
                               write("key.pem", own.key_pem()))
        .value();
  }

  ssl_context_ptr trusting_client() const {
    return make_client_context(ca.certificate_pem()).value();
  }

  const identity ca = make_identity({.common_name = "our CA", .is_ca = true});
  std::filesystem::path folder_;
};

TEST_F(tls_test, meets_only_who_proves_to_be_the_host) {
  struct {
    std::string_view name;
    certificate_request certificate;
    std::string host;
    bool signed_by_ca;
    std::string expected; // empty: they meet
  } cases[] = {
      {"a name", {.alt_names = "DNS:a.example"}, "a.example", true, ""},
      {"case does not matter", {.alt_names = "DNS:a.example"}, "A.Example", true, ""},
      {"a wildcard", {.alt_names = "DNS:*.example.org"}, "eu.example.org", true, ""},
      {"an IPv4 address", {.alt_names = "IP:127.0.0.1"}, "127.0.0.1", true, ""},
      {"an IPv6 address", {.alt_names = "IP:::1"}, "[::1]", true, ""},
      {"another name",
       {.alt_names = "DNS:a.example,IP:10.0.0.1"},
       "b.example",
       true,
       "name mismatch: certificate is for a.example, 10.0.0.1, not for b.example"},
      {"another address",
       {.alt_names = "IP:10.0.0.1"},
       "127.0.0.1",
       true,
       "name mismatch: certificate is for 10.0.0.1, not for 127.0.0.1"},
      {"an address as a DNS name",
       {.alt_names = "DNS:127.0.0.1"},
       "127.0.0.1",
       true,
       "name mismatch"},
      {"a wildcard covers one label",
       {.alt_names = "DNS:*.a.example"},
       "x.y.a.example",
       true,
       "name mismatch"},
      {"expired",
       {.alt_names = "DNS:a.example", .starts_in = -48h, .ends_in = -24h},
       "a.example",
       true,
       "certificate has expired (on 20"},
      {"not yet valid",
       {.alt_names = "DNS:a.example", .starts_in = 24h, .ends_in = 48h},
       "a.example",
       true,
       "certificate is not yet valid (before 20"},
      {"self-signed",
       {.alt_names = "DNS:a.example"},
       "a.example",
       false,
       "self-signed certificate"},
  };
  const auto client = trusting_client();
  for (const auto& [name, certificate, host, signed_by_ca, expected] : cases) {
    SCOPED_TRACE(name);
    const auto server = serve(certificate, signed_by_ca ? &ca : nullptr);
    const auto seen = meet(*client, *server, host);
    EXPECT_EQ(seen.met, expected.empty());
    EXPECT_THAT(seen.client_reason, StartsWith(expected));
    EXPECT_EQ(seen.client_reason.empty(), expected.empty());
  }
}

TEST_F(tls_test, speaks_tls_1_3_and_http_1_1) {
  const auto server = serve({.alt_names = "DNS:a.example"}, &ca);
  const auto seen = meet(*trusting_client(), *server, "a.example");
  EXPECT_EQ(seen.protocol, "TLSv1.3");
  EXPECT_EQ(seen.alpn, "http/1.1");
}

TEST_F(tls_test, refuses_protocols_before_tls_1_2) {
  const auto server = serve({.alt_names = "DNS:a.example"}, &ca);
  const auto client = trusting_client();
  SSL_CTX_set_min_proto_version(client.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client.get(), TLS1_2_VERSION);
  EXPECT_TRUE(meet(*client, *server, "a.example").met);
  SSL_CTX_set_cipher_list(client.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_max_proto_version(client.get(), TLS1_1_VERSION);
  const auto seen = meet(*client, *server, "a.example");
  EXPECT_FALSE(seen.met);
}

TEST_F(tls_test, does_not_trust_a_private_ca_unless_told_to) {
  const auto server = serve({.alt_names = "DNS:a.example"}, &ca);
  const auto client = make_client_context("").value();
  const auto seen = meet(*client, *server, "a.example");
  EXPECT_FALSE(seen.met);
  EXPECT_THAT(seen.client_reason, HasSubstr("ca_certificates"));
}

TEST_F(tls_test, trusts_every_certificate_of_the_extra_pem) {
  const auto second = make_identity({.common_name = "second CA", .is_ca = true});
  const auto client = make_client_context(ca.certificate_pem() + second.certificate_pem()).value();
  for (const auto* issuer : {&ca, &second})
    EXPECT_TRUE(meet(*client, *serve({.alt_names = "DNS:a.example"}, issuer), "a.example").met);
}

TEST_F(tls_test, resumes_the_session_with_the_same_host_only) {
  const auto server = serve({.alt_names = "DNS:a.example,DNS:b.example"}, &ca);
  const auto client = trusting_client();
  EXPECT_FALSE(meet(*client, *server, "a.example").resumed);
  EXPECT_TRUE(meet(*client, *server, "a.example").resumed);
  EXPECT_FALSE(meet(*client, *server, "b.example").resumed);
}

TEST_F(tls_test, names_the_file_that_is_wrong) {
  const auto own = make_identity({});
  const auto cert = write("cert.pem", own.certificate_pem());
  const auto key = write("key.pem", own.key_pem());
  const auto other_key = write("other.pem", make_identity({}).key_pem());
  const auto junk = write("junk.pem", "no PEM");
  struct {
    std::string cert, key, named;
  } cases[] = {
      {"/nowhere/cert.pem", key, "/nowhere/cert.pem: No such file or directory"},
      {cert, "/nowhere/key.pem", "/nowhere/key.pem: No such file or directory"},
      {junk, key, junk},
      {cert, junk, junk},
      {cert, other_key, other_key},
  };
  for (const auto& [cert_file, key_file, named] : cases) {
    SCOPED_TRACE(named);
    const auto made = make_server_context(cert_file, key_file);
    ASSERT_TRUE(made.has_error());
    EXPECT_EQ(made.error().code, errc::tls_failed);
    EXPECT_THAT(made.error().message, HasSubstr(named));
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "no failure may colour the next one";
}

TEST_F(tls_test, refuses_ca_certificates_that_are_none) {
  const auto good = ca.certificate_pem();
  const auto broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  for (const auto& pem : {std::string{"junk"}, ca.key_pem(), good + broken}) {
    const auto made = make_client_context(pem);
    ASSERT_TRUE(made.has_error());
    EXPECT_THAT(made.error().message, HasSubstr("CA certificates"));
  }
}

TEST_F(tls_test, makes_no_session_for_what_is_no_host) {
  const auto client = trusting_client();
  const auto sockets = socket_pair{};
  EXPECT_EQ(make_client_session(*client, sockets.client(), ""), nullptr);
  EXPECT_EQ(make_client_session(*client, sockets.client(), std::string{"a\0b", 3}), nullptr);
  EXPECT_EQ(make_client_session(*client, sockets.client(), std::string(300, 'a')), nullptr);
}

TEST_F(tls_test, explains_a_peer_without_tls_and_one_that_hangs_up) {
  const auto client = trusting_client();
  {
    const auto sockets = socket_pair{};
    const auto session = make_client_session(*client, sockets.client(), "a.example");
    EXPECT_EQ(SSL_do_handshake(session.get()), -1);
    EXPECT_EQ(::write(sockets.server(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
    EXPECT_EQ(SSL_do_handshake(session.get()), -1);
    EXPECT_EQ(explain_failure(*session), "the other side does not speak TLS on this port");
  }
  {
    const auto sockets = socket_pair{};
    const auto session = make_client_session(*client, sockets.client(), "a.example");
    EXPECT_EQ(SSL_do_handshake(session.get()), -1);
    shutdown(sockets.server(), SHUT_RDWR);
    EXPECT_LE(SSL_do_handshake(session.get()), 0);
    EXPECT_EQ(explain_failure(*session), "the connection closed in the handshake");
  }
}

} // namespace
} // namespace axonhub::net
