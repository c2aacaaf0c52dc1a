#include "tests/support/fake_provider/book.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/time.hpp"

namespace axonhub::fake {

namespace {

constexpr auto most_requests = std::size_t{1000};
constexpr auto most_names = std::size_t{1000};

std::string sha256(std::string_view bytes) {
  auto digest = std::string(EVP_MAX_MD_SIZE, '\0');
  auto size = 0U;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha256(), nullptr);
  return to_hex(std::string_view{digest}.substr(0, size));
}

} // namespace

void book::count(counts& of, std::string_view name) {
  if (const auto known = of.find(name); known != of.end())
    ++known->second;
  else if (of.size() < most_names)
    of.emplace(name, 1);
}

void book::add(const request_head& head, std::string_view body, std::string_view model,
               std::uint64_t connection) {
  ++requests_;
  most_running_ = std::max(most_running_, ++running_);
  count(by_path_, head.path());
  count(by_model_, model);
  count(by_key_, head.credential());
  if (!keeps_requests_)
    return;
  auto headers = std::vector<std::pair<std::string, std::string>>{};
  for (const auto& [name, value] : head.headers)
    headers.emplace_back(name, value);
  log_.push_back({to_unix_ms(wall_now()), connection, std::string{head.method},
                  std::string{head.target}, std::string{model}, sha256(body), body.size(),
                  std::move(headers)});
  if (log_.size() > most_requests)
    log_.pop_front();
  last_body_ = body;
}

void book::end(bool whole) {
  --running_;
  ++(whole ? completed : aborted);
}

void book::clear() {
  requests_ = completed = aborted = malformed = 0;
  most_running_ = running_;
  by_path_.clear();
  by_model_.clear();
  by_key_.clear();
  log_.clear();
  last_body_.clear();
}

nlohmann::json book::to_json(const seen& s) {
  return {{"at_ms", s.at_ms},
          {"connection", s.connection},
          {"method", s.method},
          {"target", s.target},
          {"model", s.model},
          {"body_sha256", s.body_sha256},
          {"body_length", s.body_length},
          {"headers", s.headers}};
}

nlohmann::json book::stats() const {
  return {{"requests", requests_},
          {"in_flight", running_},
          {"max_in_flight", most_running_},
          {"completed", completed},
          {"aborted", aborted},
          {"malformed", malformed},
          {"connections_accepted", accepted},
          {"connections_open", open},
          {"by_path", by_path_},
          {"by_model", by_model_},
          {"by_key", by_key_},
          {"last", log_.empty() ? nlohmann::json{} : to_json(log_.back())}};
}

nlohmann::json book::requests() const {
  auto all = nlohmann::json::array();
  for (const auto& s : log_)
    all.push_back(to_json(s));
  return all;
}

} // namespace axonhub::fake
