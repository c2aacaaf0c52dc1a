#include "tests/unit/store/crash_writer.hpp"

#include <unistd.h>

#include <cstdio>

namespace axonhub::store::crash {
namespace {

constexpr std::uint64_t channels = 8;
constexpr std::uint64_t traces = 32;

std::string text_of(std::uint64_t number) { return std::to_string(number); }

channel_id channel_of(std::uint64_t number) { return {"ch_" + text_of(number % channels)}; }

credential_id credential_of(std::uint64_t number) { return {"cr_" + text_of(number % channels)}; }

trace_id trace_of(std::uint64_t number) { return {"tr_" + text_of(number % traces)}; }

std::string find_catalog_fault(const policy::catalog_data& data, std::uint64_t last) {
  for (auto n = last; n > 0 && n + channels > last; --n) {
    const auto c = data.channels.find(channel_of(n));
    if (c == data.channels.end() || c->second.revision != n || c->second.remark != text_of(n))
      return "channel of batch " + text_of(n);
    const auto k = data.credentials.find(credential_of(n));
    if (k == data.credentials.end() || k->second.value.reveal() != text_of(n))
      return "credential of batch " + text_of(n);
  }
  return {};
}

std::string find_binding_fault(const store& in, std::uint64_t last) {
  auto expected = std::size_t{0};
  for (auto n = last; n > 0 && n + traces / 2 > last; --n, ++expected) {
    const auto b = in.find_binding(trace_of(n));
    if (!b || !*b || (*b)->bound.warm_tokens != n)
      return "binding of batch " + text_of(n);
  }
  const auto all = in.list_bindings({}, traces + 1);
  return all && all->size() == expected ? "" : "a binding that was cleared";
}

std::string find_audit_fault(const store& in, std::uint64_t last) {
  const auto audit = in.list_audit("", 100);
  if (!audit || audit->first.size() != std::min<std::uint64_t>(last, 100))
    return "number of audit entries";
  auto n = last;
  for (const auto& entry : audit->first)
    if (entry.target != text_of(n--))
      return "audit entry of batch " + text_of(n + 1);
  return {};
}

} // namespace

store_config config_in(const std::filesystem::path& folder) {
  auto config = store_config{};
  config.folder = folder;
  config.map_size = std::size_t{64} << 20;
  return config;
}

write_batch batch(std::uint64_t number) {
  auto channel = policy::channel{};
  channel.id = channel_of(number);
  channel.revision = number;
  channel.remark = text_of(number);
  auto credential = policy::credential{};
  credential.id = credential_of(number);
  credential.channel = channel.id;
  credential.value = secret{text_of(number)};
  auto binding = stored_binding{};
  binding.trace = trace_of(number);
  binding.bound.last_used_at = from_unix_ms(static_cast<std::int64_t>(number));
  binding.bound.warm_tokens = number;
  auto entry = policy::audit_entry{};
  entry.at = from_unix_ms(static_cast<std::int64_t>(number / 4));
  entry.target = text_of(number);
  return {{policy::put_setting{"last", text_of(number)}, policy::put<policy::channel>{channel},
           policy::put<policy::credential>{credential}},
          {entry},
          {binding},
          {trace_of(number + traces / 2)}};
}

std::uint64_t last_batch(const store& in) {
  const auto settings = in.load_catalog().value().settings;
  const auto last = settings.find("last");
  return last == settings.end() ? 0 : std::stoull(last->second);
}

std::string find_fault(const store& in) {
  const auto last = last_batch(in);
  if (auto fault = find_catalog_fault(in.load_catalog().value(), last); !fault.empty())
    return fault;
  if (auto fault = find_binding_fault(in, last); !fault.empty())
    return fault;
  return find_audit_fault(in, last);
}

int write_until_killed(const std::filesystem::path& folder, int acknowledged) {
  const auto opened = store::open(config_in(folder));
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  for (auto number = last_batch(**opened) + 1;; ++number) {
    if (const auto done = (*opened)->write(batch(number)); !done) {
      std::fprintf(stderr, "%s\n", done.error().message().c_str());
      return 1;
    }
    if (::write(acknowledged, &number, sizeof(number)) != sizeof(number))
      return 1;
  }
}

} // namespace axonhub::store::crash
