"""The checks of streams find what is wrong with one."""

import unittest

import dialects
from harness import IntegrationTest

# Nobody can tell that one of these is missing.
GROWING = ("delta", "ping", "in_progress", "content_part", "_text.done", "arguments")


def is_growing(event):
    if event.name:
        return event.name != "message_delta" and any(word in event.name for word in GROWING)
    if event.data == "[DONE]":
        return False
    choices = event.json()["choices"]
    return bool(choices) and not choices[0]["finish_reason"] and "role" not in choices[0]["delta"]


class Grammar(IntegrationTest):
    def streams(self):
        fake = self.start_fake()
        for dialect in dialects.ALL:
            for model in ("plain", "tools"):
                body = dialect.body(model, stream=True, tools=[dialect.tool])
                yield dialect, fake.request("POST", dialect.path, None, body).events()

    def assert_wrong(self, dialect, events):
        with self.assertRaises((AssertionError, KeyError, IndexError, ValueError)):
            dialect.check(events)

    def test_good_streams_pass(self):
        for dialect, events in self.streams():
            with self.subTest(dialect.name):
                dialect.check(events)

    def test_a_missing_event_is_found(self):
        for dialect, events in self.streams():
            for at, event in enumerate(events):
                if not is_growing(event):
                    with self.subTest(client=dialect.name, missing=event.raw):
                        self.assert_wrong(dialect, events[:at] + events[at + 1 :])

    def test_an_event_too_many_is_found(self):
        for dialect, events in self.streams():
            for at, event in enumerate(events):
                if not is_growing(event):
                    with self.subTest(client=dialect.name, twice=event.raw):
                        self.assert_wrong(dialect, events[: at + 1] + events[at:])

    def test_a_cut_stream_is_found(self):
        for dialect, events in self.streams():
            for at in range(len(events)):
                with self.subTest(client=dialect.name, cut=at):
                    self.assert_wrong(dialect, events[:at])


if __name__ == "__main__":
    unittest.main()
