"""Streams that break while they are converted: nobody takes them for whole, and before the first
content another channel, of whatever protocol, takes over."""

import gzip
import itertools
import json
import re
import unittest
from concurrent.futures import ThreadPoolExecutor

import bodies
import dialects
import grammar
from dialects import Anthropic, Chat, Responses
from harness import PATIENCE, PROVIDER_KEY, IntegrationTest, wait_until
from stub_provider import event, raw_answer, stream_answer
from test_conversion_errors import CONVERSIONS, CONVERTED
from test_failover import QUICK

BEFORE_COMMIT = [
    "reset",
    "close",
    "hang",
    "hang-head",
    "cut-0",
    "cut-1",
    "cut-bytes-40",
    "error-event",
    "error-after-0",
    "status-500",
    "status-529",
    "status-401",
    "429-30",
    "503-30",
    "garbage",
    "html",
    "badjson",
    "redirect-307",
    "notfound-model",
]
FIRST_DELTAS, SECOND_DELTAS = 3, 5


def of_all(work, cases):
    """What `work` makes of each case, many at once: most of them wait."""
    with ThreadPoolExecutor(8) as pool:
        return list(zip(cases, pool.map(lambda case: work(*case), cases)))


class Streams(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.first = self.start_fake("first")
        self.second = self.start_fake("second")
        self.first.config(delta_count=FIRST_DELTAS)
        self.second.config(delta_count=SECOND_DELTAS)
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def ask(self, client, body, **headers):
        headers = {"x-api-key": self.key, **headers}
        return self.gateway.request("POST", client.path, headers, body)

    def record(self, answer):
        return self.gateway.admin.record(answer)

    def assert_broken(self, client, answer):
        """It began well, and nobody can take it for whole."""
        if answer.status != 200:
            self.assertGreaterEqual(answer.status, 500, answer.body)
            client.error(answer)
            return
        events = answer.events()
        self.assertFalse(grammar.looks_finished(events), answer.body)
        self.assertTrue(grammar.tells_error(events), answer.body)
        if client is Responses:
            numbers = [e.json()["sequence_number"] for e in events if e.data]
            self.assertEqual(numbers, sorted(set(numbers)))
            self.assertEqual(events[-1].name, "response.failed", "as its clients understand it")


class Cuts(Streams):
    def cut(self, cuts, skill):
        """Every pair with every cut, which the model's name tells the provider. The breaker knows
        models apart, so none sees another's failures."""
        cases = []
        for upstream, kind in CONVERTED.items():
            names = [f"{kind}-{skill}-fault-{cut}" for cut in cuts(upstream)]
            self.new_channel(self.gateway, self.first, names, type=kind)
            others = [client for client in dialects.ALL if client is not upstream]
            cases += itertools.product(others, names)

        def work(client, name):
            return self.ask(client, client.body(name, "go", True, tools=[client.tool]))

        return of_all(work, cases)

    def length(self, upstream, skill):
        body = upstream.body(f"{CONVERTED[upstream]}-{skill}", "go", True, tools=[upstream.tool])
        return self.first.request("POST", upstream.path, None, body)

    def check_event_cuts(self, skill):
        ends = {u: len(self.length(u, skill).events()) for u in CONVERTED}
        # Chat's finish reason is an end although [DONE] and usage are missing.
        ends[Chat] -= 2
        cuts = lambda upstream: [f"cut-{n}" for n in range(ends[upstream])]
        for (client, name), answer in self.cut(cuts, skill):
            with self.subTest(client=client.name, cut=name):
                self.assert_broken(client, answer)

    def test_text_cut_at_any_event_never_looks_finished(self):
        self.check_event_cuts("plain")

    def test_tool_calls_cut_at_any_event_never_look_finished(self):
        self.check_event_cuts("tools")

    def test_thoughts_cut_at_any_event_never_look_finished(self):
        self.check_event_cuts("thinking")

    def test_a_stream_cut_at_any_byte_never_looks_finished(self):
        def cuts(upstream):
            whole = self.length(upstream, "tools").body
            mark = b'"finish_reason":"' if upstream is Chat else b"event: "
            end = whole.rindex(mark) - 1
            return [f"cut-bytes-{n}" for n in sorted({*range(1, end, 97), end})]

        for (client, name), answer in self.cut(cuts, "tools"):
            with self.subTest(client=client.name, cut=name):
                self.assert_broken(client, answer)

    def test_errors_after_content_are_passed_and_never_retried(self):
        cuts = lambda _: ["error-after-2", "no-stop"]
        for (client, name), answer in self.cut(cuts, "plain"):
            with self.subTest(client=client.name, fault=name):
                if name == "openai-plain-fault-no-stop":  # without [DONE] it is whole all the same
                    said = dialects.read_answer(client, answer, True)
                    self.assertEqual(said.finish, client.finish_text)
                    continue
                self.assertEqual(answer.status, 200)
                self.assert_broken(client, answer)
                self.assertEqual(self.record(answer)["status"], "partial")
        counts = self.first.stats()["by_model"]
        self.assertEqual(set(counts.values()), {2}, "one for each of two clients")

    def test_a_stream_with_other_line_ends_is_read(self):
        for (client, name), answer in self.cut(lambda _: ["sse-crlf"], "plain"):
            with self.subTest(client=client.name, fault=name):
                said = dialects.read_answer(client, answer, True)
                self.assertEqual(said.text.count("part "), FIRST_DELTAS)


class Moves(Streams):
    def pair(self, number, fault, before, after):
        """Two channels of different protocols; the first one's key is what goes wrong there."""
        model = f"model-{number}"
        bad_key = f"sk-case-{number}-fault-{fault}"
        first = self.new_channel(
            self.gateway, self.first, [model], type=before, api_key=bad_key, timeouts=QUICK
        )
        second = self.new_channel(self.gateway, self.second, [model], type=after, priority=1)
        return model, [first["id"], second["id"]]

    def test_another_protocol_takes_over_before_the_first_content(self):
        ways = [
            ("anthropic", "openai"),
            ("openai", "anthropic"),
            ("openai-responses", "anthropic"),
            ("anthropic", "openai-responses"),
            ("openai", "openai-responses"),
            ("openai-responses", "openai"),
        ]
        cases = []
        for number, (fault, client) in enumerate(itertools.product(BEFORE_COMMIT, dialects.ALL)):
            before, after = ways[number % len(ways)]
            model, ids = self.pair(number, fault, before, after)
            cases.append((client, model, number % 4 != 3, fault, f"{before} -> {after}", ids))

        def work(client, model, stream, *_):
            return self.ask(client, client.body(model, stream=stream))

        # Silence is no failure of an answer that is not streamed.
        cases = [c for c in cases if c[2] or not c[3].startswith("hang")]
        for (client, model, stream, fault, way, ids), answer in of_all(work, cases):
            with self.subTest(client=client.name, fault=fault, way=way, stream=stream):
                said = dialects.read_answer(client, answer, stream)
                self.assertEqual(said.text.count("part "), SECOND_DELTAS, "of one attempt")
                self.assertEqual(said.model, model)
                record = self.record(answer)
                attempts = record["attempts"]
                self.assertEqual(record["status"], "completed")
                self.assertEqual(record["usage"]["output_tokens"], said.output)
                self.assertEqual([attempts[0]["channel"], attempts[-1]["channel"]], ids)
                self.assertEqual(
                    [attempts[0]["outcome"], attempts[-1]["outcome"]], ["failed", "ok"]
                )
                self.assertFalse(attempts[0]["committed"])

    def test_what_one_protocol_cannot_say_another_may(self):
        self.new_channel(self.gateway, self.first, ["both"], type="anthropic")
        self.new_channel(self.gateway, self.second, ["both"], type="openai", priority=1)
        answer = self.ask(Chat, bodies.chat("both", n=2))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.first.stats()["requests"], 0)
        self.assertEqual(json.loads(self.second.last_body())["n"], 2)
        record = self.record(answer)
        self.assertEqual(record["attempts"][0]["reason"], "unconvertible")

    def test_after_the_first_content_nobody_takes_over(self):
        cases = []
        for number, (client, upstream) in enumerate(CONVERSIONS):
            model, _ = self.pair(number, "error-after-1", CONVERTED[upstream], "anthropic")
            cases.append((client, model))

        def work(client, model):
            return self.ask(client, client.body(model, stream=True))

        for (client, model), answer in of_all(work, cases):
            with self.subTest(client=client.name, model=model):
                self.assertEqual(answer.status, 200)
                self.assert_broken(client, answer)
                self.assertEqual(len(self.record(answer)["attempts"]), 1)
        self.assertEqual(self.second.stats()["requests"], 0)


class Waiting(Streams):
    def setUp(self):
        super().setUp()
        self.gateway = self.start_gateway({"AXONHUB_UPSTREAM_PING_INTERVAL": "100ms"})
        self.key = self.new_key(self.gateway)

    def pings(self, client, answer):
        """How many pings came before anything else, and the rest of the events."""
        events = answer.events()
        is_ping = lambda e: e.name == "ping" if client is Anthropic else e.raw == b": ping\n\n"
        early = list(itertools.takewhile(is_ping, events))
        return len(early), events[len(early) :]

    def test_a_waiting_client_gets_pings(self):
        self.first.config(delay_ms=450)
        for upstream, kind in CONVERTED.items():
            self.new_channel(self.gateway, self.first, [kind], type=kind)

        def work(client, upstream):
            return self.ask(client, client.body(CONVERTED[upstream], stream=True))

        for (client, upstream), answer in of_all(work, CONVERSIONS):
            with self.subTest(client=client.name, channel=upstream.name):
                count, rest = self.pings(client, answer)
                self.assertGreaterEqual(count, 2, answer.body)
                client.check(rest)

    def test_after_pings_another_channel_may_still_take_over(self):
        cases = []
        for number, (client, upstream) in enumerate(CONVERSIONS):
            model = f"model-{number}"
            self.new_channel(
                self.gateway,
                self.first,
                [model],
                type=CONVERTED[upstream],
                api_key="sk-fault-hang",
                timeouts=QUICK,
            )
            kind = CONVERTED[client] if number % 2 else "anthropic"
            self.new_channel(self.gateway, self.second, [model], type=kind, priority=1)
            cases.append((client, model))

        def work(client, model):
            return self.ask(client, client.body(model, stream=True))

        for (client, model), answer in of_all(work, cases):
            with self.subTest(client=client.name, model=model):
                count, rest = self.pings(client, answer)
                self.assertGreaterEqual(count, 2, answer.body)
                client.check(rest)
                self.assertEqual(client.read_stream(rest).text.count("part "), SECOND_DELTAS)

    def test_after_pings_a_failure_is_an_event_of_the_clients_protocol(self):
        for upstream, kind in CONVERTED.items():
            self.new_channel(
                self.gateway,
                self.first,
                [kind],
                type=kind,
                api_key="sk-fault-hang",
                timeouts=QUICK,
            )

        def work(client, upstream):
            return self.ask(client, client.body(CONVERTED[upstream], stream=True))

        for (client, upstream), answer in of_all(
            work, list(itertools.product(dialects.ALL, CONVERTED))
        ):
            with self.subTest(client=client.name, channel=upstream.name):
                self.assertEqual(answer.status, 200)
                self.assertGreaterEqual(self.pings(client, answer)[0], 1)
                self.assert_broken(client, answer)


class Gone(Streams):
    def test_a_client_that_leaves_cancels_the_upstream(self):
        for upstream, kind in CONVERTED.items():
            self.new_channel(self.gateway, self.first, [kind], type=kind)
        marks = {
            Anthropic: b"content_block_delta",
            Chat: b"part 1",
            Responses: b"output_text.delta",
        }
        for (client, upstream), leave in itertools.product(CONVERSIONS, ("close", "reset")):
            with self.subTest(client=client.name, channel=upstream.name, leave=leave):
                self.first.reset()
                self.first.config(interval_ms=30, delta_count=1000)
                wire = self.gateway.connect()
                body = client.body(CONVERTED[upstream], stream=True)
                wire.send_request("POST", client.path, {"x-api-key": self.key}, body)
                wire.read_until(marks[client])
                getattr(wire, leave)()
                wait_until(
                    lambda: self.first.stats()["aborted"] == 1, "the upstream is cancelled", 2
                )
                self.assertEqual(self.first.stats()["requests"], 1)

        def all_cancelled():
            found = self.gateway.admin.items("requests")
            return len([r for r in found if r["status"] == "cancelled"]) == 2 * len(CONVERSIONS)

        wait_until(all_cancelled, "they are on record as cancelled")


def response_stream(deltas, model):
    """The same of Responses, which says the text again at the ends."""
    text = b"".join(deltas)
    part = b'{"type":"output_text","text":"' + text + b'","annotations":[]}'
    item = b'{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":['
    place = b'"item_id":"msg_1","output_index":0,"content_index":0,'
    head = b'"response":{"id":"resp_1","object":"response","model":"' + model.encode() + b'",'
    usage = b'"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}'
    told = [
        (b"created", head + b'"status":"in_progress","output":[]}'),
        (b"output_item.added", b'"output_index":0,"item":' + item + b"]}"),
        (b"content_part.added", place + b'"part":{"type":"output_text","text":""}'),
        *((b"output_text.delta", place + b'"delta":"' + delta + b'"') for delta in deltas),
        (b"output_text.done", place + b'"text":"' + text + b'"'),
        (b"content_part.done", place + b'"part":' + part),
        (b"output_item.done", b'"output_index":0,"item":' + item + part + b"]}"),
        (b"completed", head + b'"output":[' + item + part + b"]}]," + usage + b"}"),
    ]
    for number, (name, fields) in enumerate(told):
        head = b'event: response.%s\ndata: {"type":"response.%s",' % (name, name)
        yield head + b'"sequence_number":%d,%s}\n\n' % (number, fields)


def text_stream(upstream, *deltas, model="m"):
    """The events of a good text answer; deltas are the insides of JSON strings, as bytes."""
    if upstream is Anthropic:
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 5, "output_tokens": 1},
        }
        block = {"type": "text", "text": ""}
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        yield event({"type": "message_start", "message": message}, "message_start").encode()
        yield event(
            {"type": "content_block_start", "index": 0, "content_block": block},
            "content_block_start",
        ).encode()
        for delta in deltas:
            yield (
                b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
                b'"delta":{"type":"text_delta","text":"' + delta + b'"}}\n\n'
            )
        yield event({"type": "content_block_stop", "index": 0}, "content_block_stop").encode()
        yield event(
            {"type": "message_delta", "delta": end, "usage": {"output_tokens": 7}}, "message_delta"
        ).encode()
        yield event({"type": "message_stop"}, "message_stop").encode()
        return
    if upstream is Responses:
        yield from response_stream(deltas, model)
        return
    head = b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    yield head + b'"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
    for delta in deltas:
        yield head + b'"choices":[{"index":0,"delta":{"content":"' + delta + b'"}}]}\n\n'
    yield head + b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    yield head + (
        b'"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}\n\n'
    )
    yield b"data: [DONE]\n\n"


class OddStreams(IntegrationTest):
    """Streams that only some provider would send; the model's name picks one."""

    def setUp(self):
        super().setUp()
        self.said = {}
        self.stub = self.start_stub(lambda head, body: self.said[json.loads(body)["model"]])
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def ask(self, client, upstream, said):
        model = f"model-{len(self.said)}"
        self.said[model] = said
        self.new_channel(self.gateway, self.stub, [model], type=CONVERTED[upstream])
        body = client.body(model, stream=True)
        return self.gateway.request("POST", client.path, {"x-api-key": self.key}, body)

    def test_characters_survive(self):
        text = "\u00e9\u4e2d\U0001f600\u202e"
        escaped = json.dumps(text)[1:-1].encode()  # with surrogate pairs
        for client, upstream in CONVERSIONS:
            for name, delta in (("plain", text.encode()), ("escaped", escaped)):
                with self.subTest(client=client.name, channel=upstream.name, text=name):
                    said = stream_answer(*text_stream(upstream, b"a", delta, b"z"))
                    answer = self.ask(client, upstream, [said[n : n + 1] for n in range(len(said))])
                    read = dialects.read_answer(client, answer, True)
                    self.assertEqual(read.text, f"a{text}z")
                    self.assertEqual((read.prompt, read.output), (5, 7))

    def test_broken_characters_are_replaced_and_counted(self):
        for client, upstream in CONVERSIONS:
            for delta in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\udc00x"):
                with self.subTest(client=client.name, channel=upstream.name, delta=delta):
                    said = stream_answer(*text_stream(upstream, b"a", delta, b"z"))
                    answer = self.ask(client, upstream, said)
                    self.assertEqual(answer.status, 200, answer.body)
                    answer.body.decode("utf-8")  # what leaves is UTF-8
                    events = answer.events()
                    client.check(events)
                    text = client.read_stream(events).text
                    text.encode("utf-8")  # no lone surrogate in it
                    self.assertRegex(text, "^a\ufffd+x?z$")
        page = self.gateway.request("GET", "/metrics").body.decode()
        counted = re.findall(r'axonhub_text_mended_total\{channel="[^"]+"\} (\d+)', page)
        self.assertEqual(len(counted), 5 * len(CONVERSIONS), "each channel has some")

    def test_a_repeated_key_stays_here_even_in_the_middle_of_a_stream(self):
        failures = {
            Anthropic: event(
                {"type": "error", "error": {"type": "api_error", "message": PROVIDER_KEY}}, "error"
            ),
            Chat: event({"error": {"message": PROVIDER_KEY, "type": "server_error"}}),
            Responses: event(
                {
                    "type": "response.failed",
                    "response": {
                        "status": "failed",
                        "error": {"code": "server_error", "message": PROVIDER_KEY},
                    },
                },
                "response.failed",
            ),
        }
        for client, upstream in itertools.product(dialects.ALL, CONVERTED):
            with self.subTest(client=client.name, channel=upstream.name):
                good = list(text_stream(upstream, b"one"))[:4]
                answer = self.ask(client, upstream, stream_answer(*good, failures[upstream]))
                self.assertTrue(grammar.tells_error(answer.events()), answer.body)
                self.assertNotIn(PROVIDER_KEY.encode(), answer.body)

    def test_an_answer_cut_by_its_limit_is_one_without_any_text(self):
        head = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
        events = [
            head + b'"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n',
            head + b'"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\n',
        ]
        for client, last in itertools.product(dialects.ALL, ([], [b"data: [DONE]\n\n"])):
            with self.subTest(client=client.name, done=bool(last)):
                answer = self.ask(client, Chat, stream_answer(*events, *last))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertTrue(grammar.looks_finished(answer.events()), answer.body)

    def test_what_came_before_a_break_is_told_so_that_numbers_have_no_gap(self):
        head = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
        call = b'"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]'
        events = [
            head + b'"choices":[{"index":0,"delta":{"role":"assistant",' + call + b"}}]}\n\n",
            head + b'"choices":[{"index":0,"delta":{"content":"t"}}]}\n\n',
            head + b'"choices":[{"index":0,"delta":{"content":"u",' + call + b"}}]}\n\n",
        ]
        answer = self.ask(Responses, Chat, stream_answer(*events))
        numbers = [e.json()["sequence_number"] for e in answer.events() if e.data]
        self.assertEqual(numbers, list(range(len(numbers))))
        self.assertEqual(answer.events()[-1].name, "response.failed")

    def test_an_error_of_responses_is_followed_by_one_failed_response(self):
        good = list(text_stream(Responses, b"one"))[:4]
        error = {"type": "error", "code": "context_length_exceeded", "message": "Too long"}
        told = event({**error, "sequence_number": 4}, "error")
        wrapped = event({"type": "error", "error": error, "sequence_number": 4}, "error")
        response = {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "m"}}
        failed = event(
            {"type": "response.failed", "response": response, "sequence_number": 9},
            "response.failed",
        )
        comment = ": hm\n\n"
        late = event({"type": "response.output_text.delta", "delta": "x"}, "response.output_text.delta")
        done = list(text_stream(Responses, b"one"))[-1]
        ours, theirs = "context_length_exceeded", "rate_limit_exceeded"
        cases = [
            ("both", [told, failed], theirs),
            ("both, kept apart", [told, comment, failed], theirs),
            ("the error alone", [told], ours),
            ("a wrapped error alone", [wrapped], ours),
            ("an error and content", [told, late, failed], ours),
            ("an error and an end", [told, done], ours),
            ("an error twice", [told, told], ours),
        ]
        for (name, last, code), cut in itertools.product(cases, (False, True)):
            with self.subTest(case=name, byte_by_byte=cut):
                said = stream_answer(*good, *last)
                answer = self.ask(
                    Responses,
                    Responses,
                    [said[n : n + 1] for n in range(len(said))] if cut else said,
                )
                names = [e.name for e in answer.events() if e.name]
                self.assertEqual(names[-2:], ["error", "response.failed"], answer.body)
                self.assertEqual(names.count("response.failed"), 1)
                value = answer.events()[-1].json()
                self.assertEqual(value["response"]["error"]["code"], code)
                self.assertGreater(value["sequence_number"], 4)
                self.assertEqual(self.gateway.admin.record(answer)["status"], "partial")

    def test_an_error_of_responses_whose_stream_stays_open_ends_soon(self):
        good = list(text_stream(Responses, b"one"))[:4]
        error = event({"type": "error", "code": "server_error", "message": "m"}, "error")
        said = stream_answer(*good, error, ": cut short" * 9)[:-50]
        answer = self.ask(Responses, Responses, said)
        self.assertEqual(answer.events()[-1].name, "response.failed", answer.body)

    def odd_streams(self, upstream):
        good = list(text_stream(upstream, b"one", b"two"))
        yield "byte order mark", [b"\xef\xbb\xbf", *good]
        yield "comments", [b": hello\n\n", *good[:3], b": hello\n", *good[3:]]
        yield "retry and id", [b"retry: 5\nid: 7\n\n", *good]
        yield "unknown event", [*good[:3], b"event: odd\ndata: {\"type\":\"odd\"}\n\n", *good[3:]]
        yield "no JSON", [*good[:3], b"data: {{{\n\n", *good[3:]]
        yield "a number", [*good[:3], b"data: 5\n\n", *good[3:]]
        yield "a NUL", [*good[:3], b"data: \0\n\n", *good[3:]]
        yield "a second start", [*good[:3], good[0], *good[3:]]
        yield "a huge line", [*good[:3], b": " + b"x" * (5 << 20) + b"\n\n", *good[3:]]
        yield "no last empty line", [*good[:-1], good[-1].rstrip(b"\n")]
        yield "no space", [e.replace(b"data: ", b"data:") for e in good]
        yield "after the end", [*good, b"data: {\"x\":1}\n\n"]
        yield "a tool's end in a text", [
            *good[:3],
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":7,"delta":'
            b'{"type":"input_json_delta","partial_json":"x"}}\n\n'
            if upstream is Anthropic
            else b'event: response.function_call_arguments.delta\ndata: {"type":'
            b'"response.function_call_arguments.delta","output_index":7,"delta":"x"}\n\n'
            if upstream is Responses
            else b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":3}]}}]}\n\n',
            *good[3:],
        ]

    def test_odd_streams_end_well_or_with_an_error(self):
        for client, upstream in CONVERSIONS:
            for name, events in self.odd_streams(upstream):
                with self.subTest(client=client.name, channel=upstream.name, stream=name):
                    answer = self.ask(client, upstream, stream_answer(*events))
                    if answer.status != 200:
                        self.assertIn(answer.status, (500, 502, 503), answer.body)
                        client.error(answer)
                        continue
                    events = answer.events()
                    if not grammar.tells_error(events):
                        client.check(events)
                        self.assertEqual(client.read_stream(events).text, "onetwo")

    def test_a_bomb_is_refused_and_takes_no_memory(self):
        bomb = gzip.compress(gzip.compress(b"\0" * (64 << 20)))
        before = resident(self.gateway.pid)
        for client, upstream in CONVERSIONS:
            headers = [("content-encoding", "gzip")]
            for kind in ("application/json", "text/event-stream"):
                with self.subTest(client=client.name, channel=upstream.name, kind=kind):
                    said = raw_answer(200, kind, bomb, headers)
                    answer = self.ask(client, upstream, said)
                    self.assertIn(answer.status, (500, 502), answer.body[:200])
                    client.error(answer)
        most = 16 if PATIENCE == 1 else 40  # sanitizers keep what was freed for a while
        self.assertLess(resident(self.gateway.pid) - before, most << 20)


class Breaches(Streams):
    """What the client's protocol has no place for ends the stream, and its structure is logged."""

    CANARY = "canary-of-the-answer-4c1e"

    def chunk(self, **delta):
        return event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def call(self, **function):
        return self.chunk(tool_calls=[{"index": 0, "id": self.CANARY, "function": function}])

    def breaches(self):
        page = self.gateway.request("GET", "/metrics").body.decode().splitlines()
        return [line for line in page if line.startswith("axonhub_grammar_breaches_total{")]

    def test_the_structure_of_a_broken_stream_is_logged_and_nothing_else(self):
        said = stream_answer(
            self.chunk(content=self.CANARY),
            self.call(name=self.CANARY, arguments=self.CANARY),
            self.chunk(content=self.CANARY),
            self.call(arguments=self.CANARY),
        )
        stub = self.start_stub(lambda head, body: said)
        self.new_channel(self.gateway, stub, ["m"], type="openai", name="odd")
        self.assertEqual(self.breaches(), [])
        for count, client in enumerate((Anthropic, Responses), 1):
            with self.subTest(client.name):
                answer = self.ask(client, client.body("m", self.CANARY, True, tools=[client.tool]))
                self.assert_broken(client, answer)
                self.assertIn(self.CANARY, answer.body.decode())
                request = answer.header("x-axonhub-request-id")
                found = wait_until(
                    lambda: [e for e in self.gateway.log_events("stream.grammar_breach")
                             if e["request"] == request],
                    "the breach is logged",
                )
                self.assertEqual(len(found), 1, "once")
                (told,) = found
                self.assertEqual(told["channel"], "odd")
                self.assertEqual(
                    (told["client_dialect"], told["upstream_dialect"]), (client.name, "openai_chat")
                )
                self.assertEqual(told["rule"], "A tool's arguments go on behind its end")
                self.assertEqual(
                    told["trail"],
                    "in start, out start, in grow text, out open text 0, out grow text 0, "
                    "in open tool 0, out close text 0, out open tool 1, in grow tool 0, "
                    "out grow tool 1, in grow text, out close tool 1, out open text 2, "
                    "out grow text 2, in grow tool 0",
                )
                self.assertEqual(
                    self.breaches(), [f'axonhub_grammar_breaches_total{{channel="odd"}} {count}']
                )
        self.assertNotIn(self.CANARY, self.gateway.output(), "nothing of what was said is logged")


def resident(pid):
    """Bytes of a process's own memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


if __name__ == "__main__":
    unittest.main()
