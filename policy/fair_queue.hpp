#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace axonhub::policy {

/// A queue that serves its groups in turns, so that one with many items holds up no other. Within a
/// group the first is first.
template <class Group, class Item>
class fair_queue {
public:
  void push(const Group& group, Item item) {
    auto& waiting = groups_[group];
    if (waiting.empty())
      turns_.push_back(group);
    waiting.push_back(std::move(item));
    ++size_;
  }

  /// The next item; its group goes to the end of the line.
  std::optional<Item> pop() {
    if (turns_.empty())
      return std::nullopt;
    const auto group = std::move(turns_.front());
    turns_.pop_front();
    const auto found = groups_.find(group);
    auto item = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty())
      groups_.erase(found);
    else
      turns_.push_back(group);
    --size_;
    return item;
  }

  /// Whoever gives way when one more of `group` comes and there is no room: the last item of the
  /// group with the most, if that would still have no fewer than `group`. Taken out.
  std::optional<Item> displace(const Group& group) {
    if (!would_displace(group))
      return std::nullopt;
    auto& most = longest(groups_)->second;
    auto item = std::move(most.back());
    most.pop_back();
    --size_;
    return item;
  }

  /// Whether displace() would find one.
  bool would_displace(const Group& group) const {
    const auto own = groups_.find(group);
    const auto waiting = own == groups_.end() ? 0 : own->second.size();
    return !groups_.empty() && longest(groups_)->second.size() >= waiting + 2;
  }

  /// Takes out every item for which `matches` holds, and gives it to `sink`.
  template <class Predicate, class Sink>
  void remove_if(Predicate matches, Sink sink) {
    for (auto group = groups_.begin(); group != groups_.end();) {
      auto& waiting = group->second;
      for (auto item = waiting.begin(); item != waiting.end();) {
        if (!matches(*item)) {
          ++item;
          continue;
        }
        sink(std::move(*item));
        item = waiting.erase(item);
        --size_;
      }
      if (!waiting.empty()) {
        ++group;
        continue;
      }
      turns_.erase(std::ranges::find(turns_, group->first));
      group = groups_.erase(group);
    }
  }

  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const auto& [group, waiting] : groups_)
      for (const auto& item : waiting)
        visit(item);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

private:
  static auto longest(auto& groups) {
    return std::ranges::max_element(groups, {}, [](const auto& g) { return g.second.size(); });
  }

  std::map<Group, std::deque<Item>> groups_; ///< None is empty.
  std::deque<Group> turns_;                  ///< Each group once.
  std::size_t size_ = 0;
};

} // namespace axonhub::policy
