#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>

#include "config/commands.hpp"
#include "config/files.hpp"
#include "net/admin/access.hpp"
#include "net/run.hpp"

namespace {

using namespace axonhub;

int print(const config::command_result& r) {
  std::fputs(r.out.c_str(), stdout);
  std::fputs(r.err.c_str(), stderr);
  return r.exit_code;
}

int serve(const config::load_result& loaded) {
  if (!loaded) {
    std::fputs(config::to_lines(loaded.error()).c_str(), stderr);
    return 1;
  }
  return net::run(*loaded);
}

int show_admin_token(const config::load_result& loaded, bool rotate) {
  if (!loaded)
    return print(config::run_check(loaded));
  const auto shown = net::admin_token_command(loaded->settings, rotate);
  if (!shown) {
    std::fprintf(stderr, "%s\n", shown.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", shown->c_str());
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  auto app = CLI::App{"AxonHub: an AI gateway"};
  auto file = std::string{};
  auto key = std::string{};
  auto rotate = false;
  app.add_option("--config", file, "The configuration file; otherwise config.yml is searched for");
  app.set_version_flag("--version", std::string{"axonhub "} + AXONHUB_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  auto* serving = app.add_subcommand("serve", "Runs the gateway (the default)");
  auto* configuring = app.add_subcommand("config", "Looks at the configuration");
  auto* check = configuring->add_subcommand("check", "Says what is wrong with it");
  auto* get = configuring->add_subcommand("get", "Prints the value of one key");
  get->add_option("key", key, "For example server.port")->required();
  auto* preview = configuring->add_subcommand("preview", "Prints all of it as in effect");
  auto* docs = configuring->add_subcommand("docs", "Prints the page that explains every key");
  configuring->require_subcommand(1);
  auto* admin = app.add_subcommand("admin", "Administers an instance");
  auto* token = admin->add_subcommand("token", "Shows where the setup token is");
  token->add_flag("--rotate", rotate, "Replaces it by a new one");
  admin->require_subcommand(1);
  CLI11_PARSE(app, argc, argv);

  if (docs->parsed()) {
    std::fputs(config::docs_page().c_str(), stdout);
    return 0;
  }
  const auto loaded = config::load_config(file, config::this_environment());
  if (check->parsed())
    return print(config::run_check(loaded));
  if (get->parsed())
    return print(config::run_get(loaded, key));
  if (preview->parsed())
    return print(config::run_preview(loaded));
  if (token->parsed())
    return show_admin_token(loaded, rotate);
  (void)serving;
  return serve(loaded);
}
