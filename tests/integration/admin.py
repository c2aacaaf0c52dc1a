"""The admin API as a script uses it."""

import itertools
import json
from urllib.parse import quote, urlencode

from processes import wait_until
from wire import Wire


class AdminError(AssertionError):
    """An admin call that was expected to work did not."""

    def __init__(self, call, response):
        super().__init__(f"{call}: {response.status} {response.body[:2000]!r}")
        self.response = response


class Admin:
    numbers = itertools.count(1)  # names of channels are unique

    def __init__(self, port, token, tls=None):
        self.port = port
        self.token = token
        self.tls = tls

    def raw(self, method, path, body=None, headers=None, token=None):
        """Any call; the response as it is."""
        all_headers = {"authorization": f"Bearer {token or self.token}"}
        data = None
        if body is not None:
            kind = "merge-patch+json" if method == "PATCH" else "json"
            all_headers["content-type"] = f"application/{kind}"
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers.update(headers or {})
        target = path if path.startswith("/") else f"/admin/api/{path}"
        with Wire(self.port, tls=self.tls, name="localhost") as wire:
            return wire.request(method, target, all_headers, data)

    def call(self, method, path, body=None, headers=None):
        """A call that must succeed; its JSON, or None without a body."""
        response = self.raw(method, path, body, headers)
        if not 200 <= response.status < 300:
            raise AdminError(f"{method} {path}", response)
        return response.json() if response.body else None

    def get(self, path, **query):
        return self.call("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path, body=None):
        return self.call("POST", path, {} if body is None else body)

    def patch(self, path, body):
        return self.call("PATCH", path, body)

    def delete(self, path):
        return self.call("DELETE", path)

    def items(self, path, **query):
        """All items of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def create_channel(self, base_url, models, enable=True, **more):
        """A channel to a provider on this machine; `more` overrides its fields."""
        wanted = {
            "type": "anthropic",
            "name": f"channel {next(self.numbers)} for {models[0]}",
            "base_url": base_url,
            "supported_models": models,
            "api_key": "sk-fake-provider-key",
            "allow_private_network": True,
        }
        channel = self.post("channels", {**wanted, **more})
        if enable:
            self.post(f"channels/{channel['id']}/enable")
        return channel

    def create_key(self, name="test key", **more):
        """A client key; its object with the secret in `key`."""
        return self.post("keys", {"name": name, **more})

    def trace(self, external_id):
        """The one trace of that session text, or None."""
        found = self.get("traces", external_id=external_id)["items"]
        return found[0] if found else None

    def record(self, answer):
        """The record of an answered request once it is final, which follows the answer."""
        request = answer.header("x-axonhub-request-id")

        def final():
            found = self.raw("GET", f"requests/{request}")
            return found.status == 200 and found.json()["status"] != "in_progress" and found.json()

        return wait_until(final, f"{request} is on record")

    def binding(self, external_id):
        """The binding of that session once it has one, which follows the answer."""

        def bound():
            found = self.trace(external_id)
            return found and found["binding"]

        return wait_until(bound, f"{external_id} is bound")

    def requests_of(self, trace):
        return self.get(f"traces/{quote(trace, safe='')}/requests")["items"]
