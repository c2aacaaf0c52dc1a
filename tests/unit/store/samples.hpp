#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "store/store.hpp"

/// Entities with every field set to something that is not its default, and their comparison.
namespace axonhub::store::samples {

policy::project full_project();
policy::api_key full_key();
policy::profile full_profile();
policy::channel full_channel();
policy::credential full_credential();
policy::audit_entry full_audit();
stored_binding full_binding();

/// One of each, in a batch.
write_batch full_batch();

// These name every field by position, so that a field which is added does not compile until it is
// compared, and so stored, too.
bool same(const policy::project& x, const policy::project& y);
bool same(const policy::api_key& x, const policy::api_key& y);
bool same(const policy::profile& x, const policy::profile& y);
bool same(const policy::channel& x, const policy::channel& y);
bool same(const policy::credential& x, const policy::credential& y);
bool same(const policy::audit_entry& x, const policy::audit_entry& y);
bool same(const stored_binding& x, const stored_binding& y);

/// The entities of full_batch(), field by field.
void expect_full_batch(const store& in);

/// A small map and no fsync: for tests that crash nothing.
store_config config_in(const std::filesystem::path& folder);

/// The opened store; throws with the failure's text.
std::unique_ptr<store> opened(const store_config& config);

} // namespace axonhub::store::samples
