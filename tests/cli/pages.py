# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fleets for the tests of the page that vfaudit --html writes."""

import copy
import json
import pathlib

READY = json.loads((pathlib.Path(__file__).parent / "facts" / "ready.json").read_text())
PSIDS = ["MT_0000000838", "DEL0000000034"]
FIRMWARE = ["28.43.1014", "28.42.1000", "28.43.1014", "28.41.1000"]

# What a name, or any text of a document, may be made of to get out of where it is put.
HOSTILE = [
    "</script><script>window.hit = 1</script>",
    "<!--<script>",
    "--></script>",
    "<img src=x onerror=window.hit=1>",
    "\"'><b onmouseover=window.hit=1>",
    "a\u2028b\u2029c",
    "ready\u202eydaer ton\u2066",
    "&lt;/script&gt;&amp;",
    "javascript:window.hit=1",
    "@DOCUMENTS@ %s %n \\u003c/script>",
    "]]>{{7*7}}${window.hit=1}`",
]


def host(name, number=0, **pf):
    """Facts of a host: of its number depends what its card is, unless it is said."""
    facts = copy.deepcopy(READY)
    facts["host"].update(hostname=name, uuid=f"uuid-{number}-{name}", boot_id=f"boot-{number}-{name}")
    facts["pfs"][0].update(
        {"psid": PSIDS[number % 7 == 6], "firmware_running": FIRMWARE[number // 2 % 4], "serial": f"MT{number:06}", **pf}
    )
    return facts


def fleet(count):
    """Hosts of several islands; of each ten one is not ready, and one has two cards."""
    hosts = []
    for number in range(count):
        facts = host(f"hv{number}.example.com", number)
        if number % 10 == 3:
            facts["pfs"][0]["eswitch_mode"] = "legacy"
        if number % 10 == 7:
            other = copy.deepcopy(facts["pfs"][0])
            other.update(bdf="0000:f1:00.0", serial=f"MT{number:06}B", firmware_running="28.44.1036")
            facts["pfs"].append(other)
        if number % 25 == 11:
            facts["pfs"][0]["psid"] = {"unknown": "needs root"}
        hosts.append(facts)
    return hosts


def printable(name):
    """As facts are read: what orders or ends a line becomes blanks, a byte each."""
    return "".join("   " if sign in "\u2028\u2029\u202e\u2066" else sign for sign in name)


def write(path, hosts):
    path.write_text("".join(json.dumps(facts) + "\n" for facts in hosts))
    return str(path)
