# SPDX-License-Identifier: LGPL-2.1-or-later
"""Control socket of an ovs-vswitchd that is not there: stand_in.py DIRECTORY.

DIRECTORY/answers is a JSON object: command and arguments in one line to a text, to {"error": text},
or to {"repeat": [text, times]}. Flows in hardware need a card; here they need a line of JSON.
"""

import json
import os
import pathlib
import socket
import sys

DIRECTORY = pathlib.Path(sys.argv[1])


def reply(answer):
    if isinstance(answer, dict) and "repeat" in answer:
        text, times = answer["repeat"]
        answer = text * times
    if isinstance(answer, str):
        return {"id": 0, "result": answer, "error": None}
    return {"id": 0, "error": answer["error"]}


def main():
    answers = json.loads((DIRECTORY / "answers").read_text())
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(DIRECTORY / f"ovs-vswitchd.{os.getpid()}.ctl"))
    listener.listen()
    (DIRECTORY / "ovs-vswitchd.pid").write_text(f"{os.getpid()}\n")
    while True:
        connection, _ = listener.accept()
        with connection:
            request = json.loads(connection.recv(65536))
            words = " ".join([request["method"], *request["params"]])
            answer = answers.get(words, {"error": f'"{words}" is not a valid command\n'})
            try:
                connection.sendall(json.dumps(reply(answer)).encode())
            except OSError:
                pass  # it had heard enough


main()
