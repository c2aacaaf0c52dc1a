#include "config/commands.hpp"
#include "config/keys.hpp"

namespace axonhub::config {

namespace {

constexpr auto introduction = R"(# Configuration

<!-- Made by `axonhub config docs`; change config/keys.cpp instead. -->

What is set before the start: a file, the environment, or nothing at all. Channels, keys, profiles
and the other settings are data: they change while the gateway runs, in the console or through the
admin API.

**File.** `axonhub serve --config FILE`, or the first `config.yml` found in `.`, `./conf`,
`$HOME/.config/axonhub` and `/etc/axonhub`. Keys are nested as their dots say:

```yaml
server:
  port: 8090
  trace:
    extra_trace_headers: [X-Session-Id]
log:
  level: info
```

**Environment.** `AXONHUB_` and the key in capitals, with underscores for dots:
`AXONHUB_SERVER_PORT=8090`. It beats the file, which beats the default. Lists have commas between
their parts. An empty variable counts as unset, and an unknown one only gives a warning; an unknown
key in the file is an error.

**Values.** A duration has units: `500ms`, `20m`, `1h30m`. A size is in bytes or has a unit:
`4096`, `64MiB`, `1GB`.

**Looking.** `axonhub config check` names every error with its file and line, `axonhub config get
KEY` tells one value in effect, and `axonhub config preview` all of them with their origins; none
of them shows a secret.
)";

std::string_view top_of(std::string_view name) { return name.substr(0, name.find('.')); }

std::string shown_default(const key& k) {
  const auto text = k.show(config{});
  return text.empty() ? "" : "`" + text + "`";
}

void append_row(std::string& page, std::initializer_list<std::string_view> cells) {
  for (const auto cell : cells)
    page.append(cell.empty() ? "|" : "| ").append(cell).append(" ");
  page += "|\n";
}

} // namespace

std::string docs_page() {
  auto page = std::string{introduction};
  auto before = std::string_view{};
  for (const auto& k : keys()) {
    const auto is_single = k.name.find('.') == std::string_view::npos;
    const auto top = is_single ? std::string_view{"others"} : top_of(k.name);
    if (top != before) {
      page.append("\n## ").append(top).append("\n\n");
      append_row(page, {"Key", "Value", "Default", "Meaning"});
      page += "|---|---|---|---|\n";
      before = top;
    }
    append_row(page, {"`" + std::string{k.name} + "`", k.kind, shown_default(k), k.help});
  }
  page +=
      "\n## Accepted from other gateways' files\n\n"
      "These have no effect; each gives one warning at the start.\n\n";
  append_row(page, {"Key", "Here"});
  page += "|---|---|\n";
  for (const auto& foreign : foreign_keys())
    append_row(page, {"`" + std::string{foreign.name} + "`", foreign.instead});
  return page;
}

} // namespace axonhub::config
