#pragma once

#include <string>

namespace axonhub::llm {

/// Whether the conversation in a request body of any dialect shows images, in results of tools too.
/// Texts, tool arguments and schemas that speak of images do not count. A body without images costs
/// one search (see bench/micro); one with them is walked until the first. `body` has body_padding
/// free bytes behind its end; one that is malformed holds none.
bool holds_images(const std::string& body);

} // namespace axonhub::llm
