#include "llm/images.hpp"

#include "llm/json_scan.hpp"

#include <cstring>

namespace axonhub::llm {
namespace {

// Ends the scan: what we look for is there.
constexpr auto found = simdjson::UNEXPECTED_ERROR;

bool is_image_type(std::string_view type) {
  return type == "image" || type == "image_url" || type == "input_image";
}

json_error scan_parts(json_value& content, int level);

/// A part, a message or an item: an image by its type, or the holder of other parts.
json_error scan_part(json_value& part, int level) {
  return scan_fields(part, [level](std::string_view key, json_value& value) -> json_error {
    if (key == "content" || key == "output")
      return scan_parts(value, level + 1);
    if (key == "source") // of a document, which may hold parts
      return scan_part(value, level + 1);
    auto type = std::string_view{};
    if (key == "type" && !value.get_string().get(type) && is_image_type(type))
      return found;
    return simdjson::SUCCESS;
  });
}

json_error scan_parts(json_value& content, int level) {
  constexpr auto deepest = 4; // a message's result's document's content
  simdjson::ondemand::array parts;
  if (level > deepest || content.get_array().get(parts))
    return simdjson::SUCCESS;
  for (auto entry : parts) {
    json_value part;
    if (const auto e = entry.get(part))
      return e;
    if (const auto e = scan_part(part, level))
      return e;
  }
  return simdjson::SUCCESS;
}

/// Whether one of the types may be there. In a text, its last quote would have a backslash.
bool may_have_image_type(std::string_view body) {
  constexpr auto word = std::string_view{"image"};
  while (const auto* at = memmem(body.data(), body.size(), word.data(), word.size())) {
    body.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(at) - body.data()) +
                       word.size());
    if (body.starts_with('"') || body.starts_with("_url\""))
      return true;
  }
  return false;
}

} // namespace

bool holds_images(const std::string& body) {
  if (!may_have_image_type(body))
    return false;
  auto lent = lent_parser{};
  return scan_text(lent, in_place(body), [](std::string_view key, json_value& value) {
           return key == "messages" || key == "input" ? scan_parts(value, 0) : simdjson::SUCCESS;
         }) == found;
}

} // namespace axonhub::llm
