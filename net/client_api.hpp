#pragma once

#include "net/session.hpp"
#include "net/task.hpp"

/// What clients of the gateway call.
namespace axonhub::net {

/// POST /v1/messages and /anthropic/v1/messages.
task<void> serve_messages(session& s);

/// POST .../messages/count_tokens: forwarded; its errors say nothing about a channel's health.
task<void> serve_count_tokens(session& s);

/// POST /v1/chat/completions
task<void> serve_chat(session& s);
/// POST /v1/responses: stateless; nothing is kept for a later call.
task<void> serve_responses(session& s);

/// GET /v1/models and /anthropic/v1/models: what the caller's key may ask for.
task<void> serve_models(session& s);
/// GET /v1/models/{id}
task<void> serve_model(session& s);

/// GET /v1/key: what the caller's key may do, and what is left of its budgets.
task<void> serve_key(session& s);

/// What clients send to see whether anybody is there; needs no key.
task<void> serve_probe(session& s);

/// GET /livez: the process answers.
task<void> serve_livez(session& s);
/// GET /readyz: it takes requests.
task<void> serve_readyz(session& s);
/// GET /metrics, for Prometheus.
task<void> serve_metrics(session& s);

} // namespace axonhub::net
