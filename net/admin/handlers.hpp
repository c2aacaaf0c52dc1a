#pragma once

#include "net/admin/call.hpp"

/// What the routes of the admin API do, one function per row of net/admin/routes.cpp.
namespace axonhub::net::admin {

task<answer> list_projects(admin_call& call);
task<answer> create_project(admin_call& call);
task<answer> show_project(admin_call& call);
task<answer> change_project(admin_call& call);
task<answer> delete_project(admin_call& call);

task<answer> list_keys(admin_call& call);
task<answer> create_key(admin_call& call);
task<answer> show_key(admin_call& call);
task<answer> change_key(admin_call& call);
task<answer> delete_key(admin_call& call);
task<answer> rotate_key(admin_call& call);
task<answer> show_key_budget(admin_call& call);

task<answer> list_profiles(admin_call& call);
task<answer> create_profile(admin_call& call);
task<answer> show_profile(admin_call& call);
task<answer> change_profile(admin_call& call);
task<answer> delete_profile(admin_call& call);

task<answer> list_channels(admin_call& call);
task<answer> create_channel(admin_call& call);
task<answer> show_channel(admin_call& call);
task<answer> change_channel(admin_call& call);
task<answer> delete_channel(admin_call& call);
task<answer> enable_channel(admin_call& call);
task<answer> disable_channel(admin_call& call);
task<answer> show_health(admin_call& call);
task<answer> list_channel_types(admin_call& call);

task<answer> list_credentials(admin_call& call);
task<answer> create_credential(admin_call& call);
task<answer> change_credential(admin_call& call);
task<answer> delete_credential(admin_call& call);
task<answer> enable_credential(admin_call& call);
task<answer> disable_credential(admin_call& call);

task<answer> test_channel(admin_call& call);
task<answer> test_draft(admin_call& call);
task<answer> fetch_models(admin_call& call);

task<answer> show_prices(admin_call& call);
task<answer> replace_prices(admin_call& call);

task<answer> explain_route(admin_call& call);
task<answer> list_bindings(admin_call& call);
task<answer> drop_binding(admin_call& call);

task<answer> list_traces(admin_call& call);
task<answer> show_trace(admin_call& call);
task<answer> list_trace_requests(admin_call& call);
task<answer> show_timeline(admin_call& call);
task<answer> list_threads(admin_call& call);
task<answer> show_thread(admin_call& call);
task<answer> list_requests(admin_call& call);
task<answer> show_request(admin_call& call);

task<void> serve_events(session& s);
task<answer> list_audit(admin_call& call);
task<answer> show_status(admin_call& call);
task<answer> show_openapi(admin_call& call);

} // namespace axonhub::net::admin
