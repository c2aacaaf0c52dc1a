#include "config/commands.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "config/keys.hpp"

#include <algorithm>

namespace axonhub::config {

namespace {

command_result refuse(const load_result& l) { return {"", to_lines(l.error()), 1}; }

/// A value as YAML reads it back.
std::string to_yaml(const key& k, const config& c) {
  auto shown = k.show(c);
  auto text = std::string{};
  if (k.is_list()) {
    for (const auto part : split(shown, ',')) {
      text += text.empty() ? "" : ", ";
      append_json_string(text, part);
    }
    return "[" + text + "]";
  }
  if (!k.is_text())
    return shown;
  append_json_string(text, shown);
  return text;
}

/// Writes the lines that lead from the section of `before` to the one of `name`.
void open_sections(std::string& out, std::string_view before, std::string_view name) {
  auto same = true;
  auto indent = std::string{};
  for (auto from = std::size_t{0};;) {
    const auto dot = name.find('.', from);
    if (dot == std::string_view::npos)
      return;
    same = same && before.substr(0, dot + 1) == name.substr(0, dot + 1);
    if (!same)
      out.append(indent).append(name.substr(from, dot - from)).append(":\n");
    indent += "  ";
    from = dot + 1;
  }
}

} // namespace

std::string to_lines(const std::vector<notice>& notices) {
  auto lines = std::string{};
  for (const auto& n : notices)
    lines.append(to_string(n)).append("\n");
  return lines;
}

command_result run_check(const load_result& l) {
  if (!l)
    return refuse(l);
  const auto& file = l->file;
  auto err = std::string{};
  for (const auto& n : l->warnings)
    err.append("warning: ").append(to_string(n)).append("\n");
  return {(file.empty() ? "no file, defaults and environment" : file) + ": ok\n", err, 0};
}

command_result run_get(const load_result& l, std::string_view name) {
  const auto* k = find_key(name);
  if (k == nullptr) {
    const auto meant = suggest_name(name);
    return {"",
            std::string{name} + ": no such key" +
                (meant.empty() ? std::string{} : "; did you mean " + meant + "?") + "\n",
            2};
  }
  if (!l)
    return refuse(l);
  const auto shown = k->show(l->settings);
  if (k->is_secret())
    return {"", std::string{name} + ": a secret that is " + (shown.empty() ? "not " : "") + "set\n",
            2};
  return {shown + "\n", "", 0};
}

command_result run_preview(const load_result& l) {
  if (!l)
    return refuse(l);
  auto out = std::string{};
  auto before = std::string_view{};
  for (const auto& k : keys()) {
    open_sections(out, before, k.name);
    before = k.name;
    const auto dot = k.name.rfind('.');
    const auto depth = static_cast<std::size_t>(std::ranges::count(k.name, '.'));
    out.append(2 * depth, ' ').append(k.name.substr(dot + 1)).append(": ");
    out.append(to_yaml(k, l->settings));
    if (const auto origin = l->set_by.find(std::string{k.name}); origin != l->set_by.end())
      out.append(" # ").append(origin->second);
    out += "\n";
  }
  return {out, "", 0};
}

} // namespace axonhub::config
