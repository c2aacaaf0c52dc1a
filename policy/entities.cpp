#include "policy/entities.hpp"

namespace axonhub::policy {
namespace {

/// The enumerator whose text this is; `last` ends the enumeration.
template <class Enum>
std::optional<Enum> find_by_text(std::string_view text, Enum last) {
  for (auto i = 0; i <= static_cast<int>(last); ++i)
    if (const auto value = static_cast<Enum>(i); to_text(value) == text)
      return value;
  return std::nullopt;
}

} // namespace

std::string_view to_text(match_kind match) {
  switch (match) {
    case match_kind::automatic:
      return "auto";
    case match_kind::exact:
      return "exact";
    case match_kind::regex:
      return "regex";
  }
  return "unknown";
}

std::string_view to_text(tag_match match) {
  switch (match) {
    case tag_match::any:
      return "any";
    case tag_match::all:
      return "all";
    case tag_match::none:
      return "none";
  }
  return "unknown";
}

std::string_view to_text(client_gone what) {
  switch (what) {
    case client_gone::cancel:
      return "cancel";
    case client_gone::drain:
      return "drain";
  }
  return "unknown";
}

std::string_view to_text(auth_scheme auth) {
  switch (auth) {
    case auth_scheme::automatic:
      return "auto";
    case auth_scheme::bearer:
      return "bearer";
    case auth_scheme::x_api_key:
      return "x_api_key";
  }
  return "unknown";
}

std::string_view to_text(channel_status status) {
  switch (status) {
    case channel_status::enabled:
      return "enabled";
    case channel_status::disabled:
      return "disabled";
    case channel_status::archived:
      return "archived";
  }
  return "unknown";
}

template <>
std::optional<match_kind> from_text(std::string_view text) {
  return find_by_text(text, match_kind::regex);
}

template <>
std::optional<tag_match> from_text(std::string_view text) {
  return find_by_text(text, tag_match::none);
}

template <>
std::optional<auth_scheme> from_text(std::string_view text) {
  return find_by_text(text, auth_scheme::x_api_key);
}

template <>
std::optional<client_gone> from_text(std::string_view text) {
  return find_by_text(text, client_gone::drain);
}

template <>
std::optional<channel_status> from_text(std::string_view text) {
  return find_by_text(text, channel_status::archived);
}

} // namespace axonhub::policy
