# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfaudit on two hosts that are asked live: one island, then a firmware that differs, then again."""

import json

from documents import KNOBS
from lab import Host

# One of the hosts is where the audit runs.
LIST = "local\\nroot@b\\n"


def vfaudit(host, *words, code=0):
    ran = host.run(["vfaudit", *words, "--json"], check=False)
    assert ran.returncode == code, f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return json.loads(ran.stdout)


def collect(host, store, *words, code=0):
    host.run(f"printf '{LIST}' >/run/hosts")
    return vfaudit(host, *words, "--hosts", "/run/hosts", "--store", store, code=code)


def members(audit):
    return sorted(sorted(island["members"]) for island in audit["islands"])


def test_an_update_of_one_host_splits_and_its_neighbour_joins(lab):
    lab.each(Host.prepare)
    names = sorted(host.out("uname -n").strip() for host in lab.hosts)
    before = collect(lab.a, "/run/fleet-before")
    assert members(before) == [names]
    assert before["summary"]["ready"] == 2
    # Host b is started with another firmware, as an update does.
    was = lab.b.out(f"cat {KNOBS}/fw_running").strip()
    lab.b.run(f"echo 28.41.1000 >{KNOBS}/fw_running")
    try:
        after = collect(lab.a, "/run/fleet-after")
        assert members(after) == [[name] for name in names]
        # the knob has a value for each port
        assert {island["firmware"] for island in after["islands"]} == {was.split(",")[0], "28.41.1000"}
        # The newer of two with as many cards is what the other is brought to.
        plan = vfaudit(lab.a, "plan", "/run/fleet-after")
        changes = [change for wave in plan["waves"] for change in wave["changes"]]
        assert [change["host"] for change in changes] == [lab.b.out("uname -n").strip()]
        assert (plan["pairs_before"], plan["pairs_after"]) == (0, 1)
        diff = vfaudit(lab.a, "diff", "/run/fleet-before", "/run/fleet-after", code=3)
        assert [len(split["parts"]) for split in diff["splits"]] == [2]
        assert [change["host"] for change in diff["changes"] if change["now"] == "28.41.1000"] == [
            lab.b.out("uname -n").strip()
        ]
    finally:
        lab.b.run(f"echo {was} >{KNOBS}/fw_running")


def test_a_host_that_is_not_there_is_named(lab):
    """Without sshd the other host's reason is told, and this one is counted all the same."""
    lab.a.run("printf 'local\\nroot@nowhere.invalid\\n' >/run/hosts")
    audit = vfaudit(lab.a, "--hosts", "/run/hosts", "--store", "/run/fleet-part", code=4)
    assert audit["summary"]["hosts"] == 1
    [fault] = audit["faults"]
    assert fault["source"] == "ssh:root@nowhere.invalid"
    assert "does not resolve" in fault["message"]
