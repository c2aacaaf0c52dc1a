"""Bodies of 10 MB: they arrive whole, and the work on them is done beside the I/O threads. Small
ones never leave theirs."""

import json
import re
import unittest

import bodies
import dialects
from dialects import Anthropic, Responses
from harness import IntegrationTest
from stub_provider import event, json_answer, stream_answer

LARGE = 10 << 20
USAGE = {"input_tokens": 5, "output_tokens": 7}


def message(text):
    """A whole answer."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": USAGE,
    }


def chunks(body, size=100_000):
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def chunked_answer(value):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    return head + b"transfer-encoding: chunked\r\n\r\n" + chunks(json.dumps(value).encode())


class LargeBodies(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.said = json_answer(200, message("hi"))
        self.stub = self.start_stub(lambda head, body: self.said)
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.stub, ["m"])
        self.before = self.offloaded()

    def ask(self, body, dialect=Anthropic):
        answer = self.gateway.request("POST", dialect.path, {"x-api-key": self.key}, body)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return answer

    def offloaded(self):
        page = self.gateway.request("GET", "/metrics").body.decode()
        found = re.findall(r'^axonhub_offloaded_total\{work="(\w+)"\} (\d+)$', page, re.M)
        return {work: int(count) for work, count in found}

    def work(self):
        """What left the I/O threads since this was asked last: for requests, for answers."""
        now = self.offloaded()
        made = (now["request"] - self.before["request"], now["answer"] - self.before["answer"])
        self.before = now
        return made

    def test_small_bodies_stay_where_they_are(self):
        for size in (10, 1000, 20_000, 100_000, 200_000, 1_000_000):
            body = bodies.message("m", "x" * size)
            self.ask(body)
            self.assertEqual(self.stub.bodies[-1], body)
            self.assertEqual(self.work(), (0, 0), size)
        self.said = json_answer(200, message("x" * 100_000))
        self.ask(bodies.message("m"))
        self.assertEqual(self.work(), (0, 0))

    def test_a_large_body_is_read_beside(self):
        body = bodies.message("m", "x" * LARGE)
        self.ask(body)
        self.assertEqual(self.stub.bodies[-1], body)
        self.assertEqual(self.work(), (2, 0), "its room is made, and it is read")

    def test_a_large_body_that_is_refused_is_read_beside(self):
        no_text = b'{"model":"' + b"\xff" * LARGE + b'"}'
        for body, word in ((b"[" * LARGE, b"JSON object"), (no_text, b"UTF-8")):
            headers = {"x-api-key": self.key}
            answer = self.gateway.request("POST", Anthropic.path, headers, body)
            self.assertEqual(answer.status, 400)
            self.assertIn(word, answer.body)
            self.assertEqual(self.work(), (2, 0))

    def test_a_large_body_of_unknown_length_grows_beside(self):
        body = bodies.message("m", "x" * LARGE)
        with self.gateway.connect() as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: "
                + self.key.encode()
                + b"\r\ntransfer-encoding: chunked\r\n\r\n"
                + chunks(body)
            )
            self.assertEqual(wire.read_response().status, 200)
        self.assertEqual(self.stub.bodies[-1], body)
        requests, answers = self.work()
        self.assertGreaterEqual(requests, 4, "read once, moved at 1, 2, 4 and 8 MB")
        self.assertLessEqual(requests, 7)
        self.assertEqual(answers, 0)

    def test_a_large_body_is_renamed_and_converted_beside(self):
        self.new_channel(
            self.gateway, self.stub, ["n"], model_mappings=[{"from": "other", "to": "n"}]
        )
        text = "x" * LARGE
        self.ask(bodies.message("other", text))
        self.assertEqual(self.stub.last_json()["messages"][0]["content"], text)
        self.assertEqual(self.stub.last_json()["model"], "n")
        self.assertEqual(self.work(), (2, 0))
        self.ask(bodies.response("m", text), Responses)
        self.assertIn(text, self.stub.bodies[-1].decode())
        self.assertEqual(self.work(), (3, 0))

    def test_large_answers_are_read_and_converted_beside(self):
        text = "x" * LARGE
        self.said = json_answer(200, message(text))
        self.assertEqual(self.ask(bodies.message("m")).json(), message(text))
        self.assertEqual(self.work(), (0, 2))
        said = dialects.read_answer(Responses, self.ask(bodies.response("m"), Responses), False)
        self.assertEqual(said.text, text)
        self.assertEqual(self.work(), (0, 2))
        self.said = chunked_answer(message(text))
        self.assertEqual(self.ask(bodies.message("m")).json(), message(text))
        requests, answers = self.work()
        self.assertEqual(requests, 0)
        self.assertGreaterEqual(answers, 4)

    def test_a_large_event_is_read_beside(self):
        text = "x" * (3 << 20)
        delta = {"type": "text_delta", "text": text}
        start = {"type": "message_start", "message": {**message(""), "content": []}}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}
        end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE}
        self.said = stream_answer(
            *(
                event(value, value["type"])
                for value in (
                    start,
                    block,
                    {"type": "content_block_delta", "index": 0, "delta": delta},
                    {"type": "content_block_stop", "index": 0},
                    end,
                    {"type": "message_stop"},
                )
            )
        )
        answer = self.ask(bodies.message("m", stream=True))
        self.assertEqual(self.said.partition(b"\r\n\r\n")[2], answer.body, "untouched")
        self.assertGreaterEqual(self.work()[1], 2, "moved and read")
        answer = self.ask(bodies.response("m", stream=True), Responses)
        self.assertEqual(dialects.read_answer(Responses, answer, True).text, text)
        self.assertGreaterEqual(self.work()[1], 2)

    def responses_stream(self, instructions, beginnings):
        """A stream that repeats what it was told, as Responses does, before its content."""
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "output": []}
        whole |= {"status": "in_progress", "instructions": instructions}
        item = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
        text = {"type": "output_text", "text": "hi", "annotations": []}
        said = {**item, "status": "completed", "content": [text]}
        part = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        usage = {**USAGE, "total_tokens": 12}
        events = [("created", {"response": whole})]
        events += [("in_progress", {"response": whole})] * beginnings
        events += [
            ("output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress"}}),
            ("content_part.added", {**part, "part": {**text, "text": ""}}),
            ("output_text.delta", {**part, "delta": "hi"}),
            ("output_text.done", {**part, "text": "hi"}),
            ("content_part.done", {**part, "part": text}),
            ("output_item.done", {"output_index": 0, "item": said}),
            (
                "completed",
                {"response": {**whole, "status": "completed", "output": [said], "usage": usage}},
            ),
        ]
        numbered = enumerate((f"response.{name}", more) for name, more in events)
        return stream_answer(
            *(
                event({"type": name, "sequence_number": number, **more}, name)
                for number, (name, more) in numbered
            )
        )

    def test_a_stream_may_repeat_the_whole_request_before_its_content(self):
        self.new_channel(self.gateway, self.stub, ["r"], type="openai-responses")
        for size in (30_000, 300_000, 3 << 20):
            self.said = self.responses_stream("x" * size, 1)
            body = bodies.response("r", stream=True, instructions="x" * size)
            answer = self.ask(body, Responses)
            self.assertEqual(self.said.partition(b"\r\n\r\n")[2], answer.body, "untouched")
            self.assertEqual(len(self.stub.bodies), 1, "at once")
            self.stub.bodies.clear()

    def test_a_stream_that_never_comes_to_its_content_is_left(self):
        self.new_channel(self.gateway, self.stub, ["r"], type="openai-responses")
        self.said = self.responses_stream("x" * (3 << 20), 3)
        headers = {"x-api-key": self.key}
        body = bodies.response("r", stream=True)
        answer = self.gateway.request("POST", Responses.path, headers, body)
        self.assertEqual(answer.status, 502, answer.body[:500])
        self.assertIn(b"before its content", answer.body)

    def test_pages_are_made_beside(self):
        calls = (
            lambda: self.gateway.request("GET", "/metrics"),
            lambda: self.gateway.admin.get("requests"),
            lambda: self.gateway.admin.get("traces"),
            lambda: self.gateway.admin.get("channels"),
            lambda: self.gateway.admin.get("keys"),
        )
        for number, call in enumerate(calls):
            before = self.offloaded()["page"]
            call()
            self.assertGreaterEqual(self.offloaded()["page"] - before, 2, number)


if __name__ == "__main__":
    unittest.main()
