# SPDX-License-Identifier: LGPL-2.1-or-later
"""Between a client and ovsdb-server: proxy.py DIRECTORY WHAT.

It listens on DIRECTORY/proxy.sock, passes one client's messages on to DIRECTORY/db.sock and back,
and does WHAT when the client sends a transaction:

  conflict   says that a precondition does not hold
  hang-up    hangs up
  hang-up-after   passes it on, and hangs up before the client hears the answer
  silence    does nothing
"""

import json
import pathlib
import select
import socket
import sys

DIRECTORY = pathlib.Path(sys.argv[1])


def conflict(client, _server, request):
    operations = len(request["params"]) - 1
    result = [{"error": "timed out", "details": "wait"}] + [None] * (operations - 1)
    client.sendall(json.dumps({"id": request["id"], "result": result, "error": None}).encode())


def hang_up(_client, _server, _request):
    sys.exit(0)


def hang_up_after(_client, server, request):
    server.sendall(json.dumps(request).encode())
    server.recv(1)
    sys.exit(0)


def silence(_client, _server, _request):
    pass


WHAT = {"conflict": conflict, "hang-up": hang_up, "hang-up-after": hang_up_after,
        "silence": silence}[sys.argv[2]]


class Requests:
    """Whole messages out of a stream."""

    def __init__(self):
        self.text = ""

    def feed(self, data):
        self.text += data.decode()
        while True:
            try:
                request, end = json.JSONDecoder().raw_decode(self.text)
            except ValueError:
                return
            self.text = self.text[end:].lstrip()
            yield request


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(DIRECTORY / "proxy.sock"))
    listener.listen()
    client, _ = listener.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect(str(DIRECTORY / "db.sock"))
    requests = Requests()
    while True:
        readable, _, _ = select.select([client, server], [], [])
        if server in readable:
            client.sendall(server.recv(65536))
        if client in readable:
            data = client.recv(65536)
            if not data:
                return
            for request in requests.feed(data):
                if request.get("method") == "transact":
                    WHAT(client, server, request)
                else:
                    server.sendall(json.dumps(request).encode())


main()
