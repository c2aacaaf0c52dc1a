#include "base/secret.hpp"

#include <sodium.h>

namespace axonhub {

secret& secret::operator=(const secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

secret::~secret() { wipe(); }

void secret::wipe() noexcept {
  sodium_memzero(text_.data(), text_.size());
  text_.clear();
}

std::string secret::hint() const {
  return text_.size() < 12 ? std::string{} : text_.substr(text_.size() - 4);
}

bool operator==(const secret& a, const secret& b) {
  return equal_in_constant_time(a.text_, b.text_);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace axonhub
