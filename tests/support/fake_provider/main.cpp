#include <getopt.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/fake_provider/server.hpp"

namespace {

struct options {
  std::string host = "127.0.0.1";
  std::string name = "fake";
  std::string certificate;
  std::string key;
  std::uint16_t port = 0;
  bool records = true;
};

constexpr auto help =
    "fake_provider: plays an AI provider for tests and benchmarks\n"
    "  --host ADDRESS    IPv4 address to listen on (127.0.0.1)\n"
    "  --port N          0 takes a free port (0)\n"
    "  --name TEXT       part of every id in its answers, to tell providers apart (fake)\n"
    "  --tls-cert FILE   serve TLS with this PEM chain, with --tls-key FILE\n"
    "  --no-record       keep counters only, no requests: for benchmarks\n"
    "It prints {\"port\":N,\"pid\":N} when it listens. Faults are chosen by the word fault-NAME "
    "in\n"
    "the model or the key, or for all by POST /__fake/config; see fault.hpp for the names.\n";

options parse_options(int count, char** arguments) {
  const option known[] = {
      {"host", required_argument, nullptr, 'h'},    {"port", required_argument, nullptr, 'p'},
      {"name", required_argument, nullptr, 'n'},    {"tls-cert", required_argument, nullptr, 'c'},
      {"tls-key", required_argument, nullptr, 'k'}, {"no-record", no_argument, nullptr, 'r'},
      {"help", no_argument, nullptr, '?'},          {}};
  auto o = options{};
  for (auto c = 0; (c = ::getopt_long(count, arguments, "", known, nullptr)) != -1;) {
    switch (c) {
      case 'h':
        o.host = optarg;
        break;
      case 'p':
        o.port = static_cast<std::uint16_t>(std::atoi(optarg));
        break;
      case 'n':
        o.name = optarg;
        break;
      case 'c':
        o.certificate = optarg;
        break;
      case 'k':
        o.key = optarg;
        break;
      case 'r':
        o.records = false;
        break;
      default:
        std::fputs(help, stderr);
        std::exit(2);
    }
  }
  return o;
}

} // namespace

int main(int count, char** arguments) {
  const auto o = parse_options(count, arguments);
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  auto tls = axonhub::fake::tls_context{};
  if (!o.certificate.empty()) {
    tls = axonhub::fake::make_tls_context(o.certificate, o.key);
    if (!tls) {
      std::fprintf(stderr, "no certificate in %s or no key in %s\n", o.certificate.c_str(),
                   o.key.c_str());
      return 1;
    }
  }
  auto mind = axonhub::fake::provider{o.name, o.records};
  auto server = axonhub::fake::server{mind, std::move(tls)};
  const auto port = server.listen(o.host, o.port);
  if (port == 0) {
    std::fprintf(stderr, "cannot listen on %s port %u\n", o.host.c_str(), o.port);
    return 1;
  }
  std::printf("{\"port\":%u,\"pid\":%d}\n", port, ::getpid());
  std::fflush(stdout);
  server.run();
}
