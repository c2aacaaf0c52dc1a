#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "store/environment.hpp"
#include "store/transaction.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

constexpr auto tiny_map = std::size_t{16} << 10;

policy::channel large_channel(int number, std::size_t size) {
  auto channel = samples::full_channel();
  channel.id = {"ch_" + std::to_string(number)};
  channel.remark = std::string(size, 'r');
  return channel;
}

class growth_test : public testing::Test {
protected:
  growth_test() { config.map_size = tiny_map; }

  tests::temp_folder folder;
  store_config config = samples::config_in(folder.path());
};

TEST_F(growth_test, lets_a_full_map_grow_as_often_as_a_batch_needs) {
  const auto kept = samples::opened(config);
  ASSERT_TRUE(kept->write({{policy::put<policy::channel>{large_channel(0, 1 << 20)}}, {}, {}, {}}));
  EXPECT_GT(kept->size().file_bytes, 1u << 20);
  EXPECT_EQ(kept->load_catalog()->channels.at({"ch_0"}).remark.size(), 1u << 20);
}

TEST_F(growth_test, opens_what_has_outgrown_the_configured_map) {
  ASSERT_TRUE(samples::opened(config)->write(
      {{policy::put<policy::channel>{large_channel(0, 1 << 20)}}, {}, {}, {}}));
  const auto kept = samples::opened(config);
  ASSERT_TRUE(kept->write({{policy::put<policy::channel>{large_channel(1, 1 << 20)}}, {}, {}, {}}));
  EXPECT_EQ(kept->load_catalog()->channels.size(), 2u);
}

TEST_F(growth_test, goes_on_under_readers) {
  const auto kept = samples::opened(config);
  auto stopped = std::atomic{false};
  auto unread = std::atomic{0};
  auto readers = std::vector<std::thread>{};
  for (auto i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!stopped)
        if (!kept->load_catalog())
          ++unread;
    });
  readers.emplace_back([&] {
    while (!stopped)
      if (kept->size().used_bytes == 0)
        ++unread;
  });
  for (auto i = 0; i < 100; ++i)
    EXPECT_TRUE(kept->write({{policy::put<policy::channel>{large_channel(i, 8192)}}, {}, {}, {}}));
  stopped = true;
  for (auto& reader : readers)
    reader.join();
  EXPECT_EQ(unread, 0);
  EXPECT_EQ(kept->load_catalog()->channels.size(), 100u);
}

TEST_F(growth_test, keeps_its_map_where_no_larger_one_fits) {
  constexpr auto size = std::size_t{64} << 30; // so much that nothing else here is missed
  const auto env = environment::open({folder.path() / "large", size, false}).value();
  const auto write = [&] {
    return write_durably(*env, [](write_transaction& to) -> result<void> {
      const auto table = to.open_table("t");
      return table ? to.put(*table, "key", "value") : result<void>{table.error()};
    });
  };
  ASSERT_TRUE(write());
  auto before = rlimit{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  auto mapped = std::size_t{}; // pages
  std::ifstream{"/proc/self/statm"} >> mapped;
  auto narrow = before;
  narrow.rlim_cur = mapped * 4096 + size / 2;
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &narrow), 0);
  EXPECT_EQ(env->grow().error(), errc::store_full);
  EXPECT_TRUE(write());
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_TRUE(env->grow());
  EXPECT_TRUE(write());
}

TEST_F(growth_test, uses_freed_pages_again) {
  const auto kept = samples::opened(config);
  const auto put = [&](int number) {
    EXPECT_TRUE(kept->write(
        {{policy::put<policy::channel>{large_channel(number, 256 << 10)}}, {}, {}, {}}));
  };
  put(0);
  const auto full = kept->size();
  ASSERT_TRUE(kept->write({{policy::erase<channel_id>{{"ch_0"}}}, {}, {}, {}}));
  EXPECT_LT(kept->size().used_bytes, full.used_bytes - (200u << 10));
  for (auto i = 0; i < 20; ++i)
    put(0);
  EXPECT_LT(kept->size().file_bytes, full.file_bytes * 4);
}

} // namespace
} // namespace axonhub::store
