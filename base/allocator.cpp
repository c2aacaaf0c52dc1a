#include "base/allocator.hpp"

#include <mimalloc.h>

#include <mutex>
#include <optional>

// Only the program is linked with them.
extern "C" {
[[gnu::weak]] long mi_option_get(mi_option_t option);
[[gnu::weak]] void mi_option_set(mi_option_t option, long value);
[[gnu::weak]] void mi_collect(bool force) noexcept;
}

namespace axonhub::allocator {
namespace {

/// While there is one, freed pages do not wait. The setting is that of all threads.
class without_delay {
public:
  without_delay() {
    const auto lock = std::scoped_lock{mutex_};
    if (users_++ > 0)
      return;
    delay_ = mi_option_get(mi_option_decommit_delay);
    mi_option_set(mi_option_decommit_delay, 0);
  }
  ~without_delay() {
    const auto lock = std::scoped_lock{mutex_};
    if (--users_ == 0)
      mi_option_set(mi_option_decommit_delay, delay_);
  }
  without_delay(const without_delay&) = delete;
  without_delay& operator=(const without_delay&) = delete;

private:
  static inline std::mutex mutex_;
  static inline int users_ = 0;
  static inline long delay_ = 0; // in ms
};

} // namespace

void start() {
  if (mi_option_set != nullptr)
    mi_option_set(mi_option_decommit_extend_delay, 0);
}

void collect(bool all) {
  if (mi_collect == nullptr)
    return;
  auto at_once = std::optional<without_delay>{};
  if (all)
    at_once.emplace();
  mi_collect(all);
}

} // namespace axonhub::allocator
