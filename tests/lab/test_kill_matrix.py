# SPDX-License-Identifier: LGPL-2.1-or-later
"""vfprep killed at each system call that changes something; then apply and undo converge.

The whole matrix belongs to the full run, split over both hosts; otherwise a fixed sample of it.
"""

import json
import os
import subprocess

import pytest

from preparing import ASKED, PROGRAMS

KINDS = ("apply-apply", "apply-undo", "undo-undo", "undo-apply")
SAMPLE_EVERY = 61


def volatile():
    program = PROGRAMS.parent / "tests" / "facts-diff"
    ran = subprocess.run([program, "volatile"], capture_output=True, text=True, check=True)
    return ran.stdout.split()


def matrix(host, every, first):
    asked = {
        "apply": ["vfprep", "apply", *ASKED, "--vlan", "1=12", "--mac", "0=52:54:00:aa:00:00"],
        "undo": ["vfprep", "undo"],
        "kinds": KINDS,
        "sample": [every, first],
        "volatile": volatile(),
    }
    ran = host.run(["/lab/host/kill-matrix"], stdin=json.dumps(asked), timeout=7200)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return lines[:-1], lines[-1]["calls"]


def table(rows):
    """Lines: a kind of cell, how many, how many were killed there, how many converge."""
    yield f"{'killed, then':14} {'cells':>6} {'killed':>7} {'converge':>9}"
    for kind in KINDS:
        of = [row for row in rows if row["kind"] == kind]
        killed = sum(row["killed"] for row in of)
        yield f"{kind:14} {len(of):6} {killed:7} {sum(row['converged'] for row in of):9}"


def judge(rows, calls):
    print(f"\nchanging system calls: {calls}")
    print("\n".join(table(rows)))
    assert [row for row in rows if not row["converged"]] == []
    # a cell in which nothing was killed has shown nothing
    assert sum(row["killed"] for row in rows) >= 0.9 * len(rows)


def test_sample(lab):
    rows, calls = matrix(lab.a, SAMPLE_EVERY, 7)
    judge(rows, calls)
    assert len(rows) >= 4


@pytest.fixture
def quick(lab):
    """The lab with programs that are not instrumented, where VFMIG_QUICK_PROGRAMS names some: each
    cell is four runs of vfprep, and there are hundreds."""
    programs = os.environ.get("VFMIG_QUICK_PROGRAMS")
    if programs:
        lab.script("push", programs)
    yield lab
    if programs:
        lab.script("push", str(PROGRAMS))


@pytest.mark.full
def test_every_call(quick):
    lab = quick
    lab.reset()
    parts = lab.each(lambda host: matrix(host, len(lab.hosts), host.number - 1))
    rows = [row for part, _ in parts for row in part]
    judge(rows, parts[0][1])
