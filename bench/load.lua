-- wrk -s load.lua URL -- BODY_FILE KEY: posts the body, in turn for each of a few sessions; ends
-- with one JSON line of what came back.
local sessions = 8
local requests = {}
local turn = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local body = file:read("*a")
  file:close()
  for i = 1, sessions do
    requests[i] = wrk.format("POST", nil, {
      ["accept"] = "application/json",
      ["content-type"] = "application/json",
      ["user-agent"] = "claude-cli/2.1.330 (external, sdk-cli)",
      ["x-app"] = "cli",
      ["anthropic-version"] = "2023-06-01",
      ["x-api-key"] = arguments[2],
      ["x-claude-code-session-id"] = string.format("%08x-10ad-4000-8000-000000000000", i),
    }, body)
  end
end

function request()
  turn = turn % sessions + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"answers":%d,"seconds":%f,"p50_us":%d,"p99_us":%d,"problems":{"connect":%d,"read":%d,' ..
      '"write":%d,"timeout":%d,"status":%d}}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
