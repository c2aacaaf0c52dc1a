#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "store/descriptor.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/crash_writer.hpp"

extern char** environ;

namespace axonhub::store {
namespace {

/// This program again, as a writer; its acknowledgements come through a pipe.
class writing_child {
public:
  explicit writing_child(const std::filesystem::path& folder) {
    auto ends = std::array<int, 2>{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::runtime_error{"no pipe"};
    acknowledgements_ = descriptor{ends[0]};
    const auto written = descriptor{ends[1]};
    auto actions = posix_spawn_file_actions_t{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, written.get(), STDOUT_FILENO);
    auto flag = std::string{"--write-until-killed"};
    auto path = folder.string();
    char* const arguments[] = {flag.data(), flag.data(), path.data(), nullptr};
    const auto code =
        ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
      throw std::runtime_error{"no child"};
  }

  /// Waits for the next acknowledgement; false when the child has ended.
  bool read_next() {
    auto number = std::uint64_t{0};
    if (::read(acknowledgements_.get(), &number, sizeof(number)) != sizeof(number))
      return false;
    last_ = number;
    return true;
  }

  /// Kills it and answers with the last batch that it acknowledged; 0 for none.
  std::uint64_t kill() {
    ::kill(process_, SIGKILL);
    while (read_next())
      continue;
    auto status = 0;
    ::waitpid(process_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    return last_;
  }

private:
  descriptor acknowledgements_;
  pid_t process_ = 0;
  std::uint64_t last_ = 0;
};

/// Kills at any moment: one child in eight while it opens the store, the others at work.
std::uint64_t kill_at_random(writing_child& child, std::mt19937_64& random) {
  const auto awaited = random() % 8 == 0 ? 0 : 1 + random() % 8;
  for (std::uint64_t i = 0; i < awaited && child.read_next(); ++i)
    continue;
  std::this_thread::sleep_for(std::chrono::microseconds{random() % (awaited > 0 ? 2'000 : 20'000)});
  return child.kill();
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(crash_loop, keeps_all_that_was_acknowledged_and_nothing_half_written) {
  const auto rounds = number_from("AXONHUB_CRASH_ROUNDS", 200);
  const auto seed = number_from("AXONHUB_TEST_SEED", std::random_device{}());
  SCOPED_TRACE("AXONHUB_TEST_SEED=" + std::to_string(seed));
  auto random = std::mt19937_64{seed};
  const auto folder = tests::temp_folder{};
  auto acknowledged = std::uint64_t{0};
  auto slowest_open = std::chrono::steady_clock::duration{};
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto child = writing_child{folder.path()};
    acknowledged = std::max(acknowledged, kill_at_random(child, random));

    const auto began = std::chrono::steady_clock::now();
    const auto opened = store::open(crash::config_in(folder.path()));
    slowest_open = std::max(slowest_open, std::chrono::steady_clock::now() - began);
    ASSERT_TRUE(opened) << opened.error().message << " in round " << round;
    const auto last = crash::last_batch(**opened);
    ASSERT_GE(last, acknowledged) << "lost in round " << round;
    ASSERT_LE(last, acknowledged + 1) << "beyond the one batch in flight in round " << round;
    ASSERT_EQ(crash::find_fault(**opened), "") << "after batch " << last << " in round " << round;
    acknowledged = last;
  }
  EXPECT_GT(acknowledged, rounds) << "the children had time to write";
  EXPECT_LT(slowest_open, std::chrono::seconds{2});
  RecordProperty("batches", static_cast<int>(acknowledged));
}

TEST(crash_loop, notices_a_batch_that_is_half_there) {
  const auto folder = tests::temp_folder{};
  const auto kept = store::open(crash::config_in(folder.path())).value();
  for (auto number = 1; number <= 40; ++number)
    ASSERT_TRUE(kept->write(crash::batch(number)));
  ASSERT_EQ(crash::find_fault(*kept), "");
  auto half = crash::batch(41);
  half.edits.resize(1);
  ASSERT_TRUE(kept->write(half));
  EXPECT_EQ(crash::find_fault(*kept), "channel of batch 41");
}

} // namespace
} // namespace axonhub::store
