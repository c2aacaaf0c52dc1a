#include "policy/catalog_checks.hpp"

namespace axonhub::policy {
namespace {

/// Each kind of entity: its table and the word for it.
auto& table_of(catalog_data& data, const project_id&) { return data.projects; }
auto& table_of(catalog_data& data, const key_id&) { return data.keys; }
auto& table_of(catalog_data& data, const profile_id&) { return data.profiles; }
auto& table_of(catalog_data& data, const channel_id&) { return data.channels; }
auto& table_of(catalog_data& data, const credential_id&) { return data.credentials; }
constexpr std::string_view word_for(const project_id&) { return "project"; }
constexpr std::string_view word_for(const key_id&) { return "key"; }
constexpr std::string_view word_for(const profile_id&) { return "profile"; }
constexpr std::string_view word_for(const channel_id&) { return "channel"; }
constexpr std::string_view word_for(const credential_id&) { return "credential"; }

/// One change in progress: applies edit after edit to its copy of the data.
class application {
public:
  explicit application(const catalog_data& data) : done_{.data = data, .edits = {}} {}

  template <class Entity>
  checked<void> operator()(const put<Entity>& edit) {
    auto value = edit.value;
    auto& table = table_of(done_.data, value.id);
    const auto word = std::string{word_for(value.id)};
    if (value.id.empty())
      return failure{errc::invalid_argument, "a " + word + " needs an id"};
    const auto before = table.find(value.id);
    const auto revision = before == table.end() ? 0 : before->second.revision;
    if (value.revision != revision)
      return failure{errc::precondition_failed,
                     "the " + word + " has changed since it was read; read it again"};
    if (auto fine = check(done_.data, value); !fine)
      return fine;
    value.revision = revision + 1;
    table.insert_or_assign(value.id, value);
    done_.edits.push_back(put<Entity>{std::move(value)});
    return {};
  }

  template <class Id>
  checked<void> operator()(const erase<Id>& edit) {
    auto& table = table_of(done_.data, edit.id);
    if (!table.contains(edit.id))
      return failure{errc::not_found,
                     "there is no " + std::string{word_for(edit.id)} + " \"" + edit.id.text + "\""};
    if (auto fine = check_unused(done_.data, edit.id); !fine)
      return fine;
    erase_dependents(edit.id);
    table.erase(edit.id);
    done_.edits.push_back(edit);
    return {};
  }

  checked<void> operator()(const put_setting& edit) {
    if (edit.name.empty())
      return failure{errc::invalid_argument, "a setting needs a name"};
    done_.data.settings.insert_or_assign(edit.name, edit.json);
    done_.edits.push_back(edit);
    return {};
  }

  checked<void> operator()(const put_prices& edit) {
    auto& prices = done_.data.prices;
    if (edit.value.revision != prices.revision)
      return failure{errc::precondition_failed,
                     "the prices have changed since they were read; read them again"};
    if (auto fine = check(done_.data, edit.value); !fine)
      return fine;
    prices = edit.value;
    ++prices.revision;
    done_.edits.push_back(put_prices{prices});
    return {};
  }

  applied_change take() { return std::move(done_); }

private:
  template <class Id>
  void erase_dependents(const Id&) {}
  void erase_dependents(const channel_id& id) {
    erase_where(done_.data.credentials, [&](const credential& c) { return c.channel == id; });
  }
  void erase_dependents(const project_id& id) {
    erase_where(done_.data.profiles, [&](const profile& p) { return p.project == id; });
  }

  template <class Table, class Predicate>
  void erase_where(Table& table, Predicate matches) {
    for (auto row = table.begin(); row != table.end();) {
      if (!matches(row->second)) {
        ++row;
        continue;
      }
      done_.edits.push_back(erase<typename Table::key_type>{row->first});
      row = table.erase(row);
    }
  }

  applied_change done_;
};

} // namespace

checked<applied_change> apply(const catalog_data& data, const catalog_change& change) {
  auto work = application{data};
  for (const auto& edit : change.edits)
    if (auto done = std::visit(work, edit); !done)
      return done.error();
  return work.take();
}

} // namespace axonhub::policy
