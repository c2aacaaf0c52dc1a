#include "store/codec.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "policy/catalog.hpp"
#include "store/catalog_layouts.hpp"
#include "store/value.hpp"

namespace axonhub::store {

namespace {

enum class colour : std::uint8_t { red, green, blue };

/// Every kind of field, as the second version of a type that began without the last two.
struct sample {
  bool flag = false;
  std::uint8_t small = 0;
  std::uint64_t large = 0;
  std::int32_t signed_small = 0;
  std::int64_t signed_large = 0;
  colour shade = colour::red;
  std::string text;
  project_id id;
  wall_time at{};
  std::optional<milliseconds> wait;
  std::vector<std::string> texts;
  std::map<std::string, std::uint32_t> counts;
  std::string added_text = "unset";
  std::uint16_t added_number = 7;

  friend bool operator==(const sample&, const sample&) = default;
};

/// The first version of it.
struct old_sample {
  bool flag = true;
  std::string text = "kept";
};
struct new_sample {
  bool flag = false;
  std::string text;
  std::uint16_t added = 7;
};

} // namespace

template <>
inline constexpr auto last_of<colour> = colour::blue;

template <>
struct layout<sample> {
  static constexpr std::uint8_t version = 2;
  static auto fields(auto& x) {
    return list(x.flag, x.small, x.large, x.signed_small, x.signed_large, x.shade, x.text, x.id,
                x.at, x.wait, x.texts, x.counts, since(2, x.added_text), since(2, x.added_number));
  }
};

template <>
struct layout<old_sample> {
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.flag, x.text); }
};

template <>
struct layout<new_sample> {
  static constexpr std::uint8_t version = 2;
  static auto fields(auto& x) { return list(x.flag, x.text, since(2, x.added)); }
};

namespace {

template <class T>
constexpr std::uint8_t version_of() {
  if constexpr (requires { layout<T>::version; })
    return layout<T>::version;
  return 1;
}

template <class T>
std::optional<T> decoded(std::string_view bytes) {
  auto from = reader{bytes, version_of<T>()};
  auto x = T{};
  from.get(x);
  return from.failed() || !from.at_end() ? std::nullopt : std::optional{x};
}

template <class T>
std::string encoded(const T& x) {
  auto to = writer{};
  to.put(x);
  return to.take();
}

TEST(codec, keeps_every_kind_of_field) {
  auto full = sample{};
  full.flag = true;
  full.small = 255;
  full.large = std::numeric_limits<std::uint64_t>::max();
  full.signed_small = std::numeric_limits<std::int32_t>::min();
  full.signed_large = std::numeric_limits<std::int64_t>::min();
  full.shade = colour::blue;
  full.text = std::string{"a\0b\xFF", 4};
  full.id = {"pr_x"};
  full.at = from_unix_ms(-1);
  full.wait = milliseconds{1500};
  full.texts = {"", "one", std::string(300, 'x')};
  full.counts = {{"a", 0}, {"b", 4'000'000'000}};
  full.added_text = "set";
  full.added_number = 65535;
  for (const auto& x : {sample{}, full})
    EXPECT_EQ(decode_value<sample>("key", encode_value("key", x)), x);
}

TEST(codec, keeps_integers_at_their_borders) {
  for (const auto x :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-64},
        std::int64_t{-65}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()})
    EXPECT_EQ(decoded<std::int64_t>(encoded(x)), x);
  for (const auto x : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                       std::uint64_t{16384}, std::numeric_limits<std::uint64_t>::max()})
    EXPECT_EQ(decoded<std::uint64_t>(encoded(x)), x);
}

TEST(codec, writes_small_numbers_in_one_byte) {
  EXPECT_EQ(encoded(std::uint64_t{100}).size(), 1u);
  EXPECT_EQ(encoded(std::int64_t{-60}).size(), 1u);
}

TEST(codec, refuses_what_does_not_fit) {
  EXPECT_FALSE(decoded<std::uint8_t>(encoded(256u))) << "beyond the type";
  EXPECT_FALSE(decoded<std::int32_t>(encoded(std::int64_t{1} << 31))) << "beyond the type";
  EXPECT_FALSE(decoded<bool>("\x02")) << "no bool";
  EXPECT_FALSE(decoded<colour>("\x03")) << "beyond the last enumerator";
  EXPECT_FALSE(decoded<std::uint64_t>(std::string(10, '\xFF') + "\x01")) << "beyond 64 bits";
  EXPECT_FALSE(decoded<std::uint64_t>("\x80")) << "cut";
  EXPECT_FALSE(
      decoded<std::string>("\x05"
                           "abc"))
      << "cut";
  EXPECT_FALSE(
      decoded<std::string>("\x02"
                           "abc"))
      << "bytes left over";
  EXPECT_FALSE(decoded<std::vector<std::string>>("\xFF\xFF\xFF\xFF\x0F")) << "a count of nothing";
}

TEST(codec, reads_values_of_the_previous_version) {
  const auto old = encode_value("key", old_sample{});
  const auto read = decode_value<new_sample>("key", old);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->flag);
  EXPECT_EQ(read->text, "kept");
  EXPECT_EQ(read->added, 7) << "as it was made";
}

TEST(codec, refuses_values_of_a_later_version) {
  EXPECT_FALSE(decode_value<old_sample>("key", encode_value("key", new_sample{})));
}

TEST(codec, survives_random_bytes) {
  auto random = std::mt19937_64{20261122};
  for (auto round = 0; round < 20'000; ++round) {
    auto bytes = std::string(random() % 64, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    (void)decoded<policy::channel>(bytes);
    (void)decoded<policy::api_key>(bytes);
    (void)decoded<policy::profile>(bytes);
    (void)decoded<sample>(bytes);
    (void)decode_value<policy::channel>("key", bytes);
  }
}

TEST(codec, keeps_limits) {
  auto c = policy::channel{};
  c.limits = {.rate = {.max_concurrent = 3, .rpm = 60, .tpm = 1ull << 40},
              .queue_size = 7,
              .queue_timeout = milliseconds{1234}};
  EXPECT_EQ(decoded<policy::channel>(encoded(c))->limits, c.limits);
  auto key = policy::api_key{};
  key.limits = {.max_concurrent = {}, .rpm = 5, .tpm = 100'000};
  EXPECT_EQ(decoded<policy::api_key>(encoded(key))->limits, key.limits);
}

TEST(codec, survives_every_cut_and_flipped_bit) {
  auto c = policy::channel{};
  c.id = {"ch_1"};
  c.supported_models = {"one", "two"};
  c.model_mappings = {{"from", "to"}};
  c.timeouts.total = milliseconds{5};
  c.last_test = policy::channel_test{from_unix_ms(5), true, "ok"};
  const auto whole = encoded(c);
  ASSERT_TRUE(decoded<policy::channel>(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decoded<policy::channel>(whole.substr(0, size))) << "cut at " << size;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    (void)decoded<policy::channel>(flipped);
  }
}

TEST(stored_value, notices_any_changed_byte_and_another_key) {
  const auto stored = wrap_value("key", 1, "fields");
  EXPECT_EQ(unwrap_value("key", stored)->fields, "fields");
  EXPECT_FALSE(unwrap_value("other", stored));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    auto changed = stored;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(unwrap_value("key", changed)) << i;
    EXPECT_FALSE(unwrap_value("key", stored.substr(0, i))) << i;
  }
}

} // namespace
} // namespace axonhub::store
