# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scenarios of 'vfprep apply' and 'undo' share."""

import json
import os
import pathlib
import subprocess
import tempfile

from lab import PF

PROGRAMS = pathlib.Path(os.environ.get("VFMIG_PROGRAMS", "build/tools"))
JOURNAL = "/var/lib/vfmig/prep.json"
ASKED = ("--pf", PF, "--vfs", "2", "--bridge", "br0")


def vfprep(host, *words, code=0, via=()):
    """Runs 'vfprep WORDS --json'; its document. The exit code must be the one given."""
    ran = host.run([*via, "vfprep", words[0], "--json", *words[1:]], check=False)
    assert ran.returncode == code, f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return json.loads(ran.stdout) if ran.stdout else None


def apply(host, *options, code=0, asked=ASKED):
    return vfprep(host, "apply", *asked, *options, code=code)


def full_facts(host):
    return host.out(["vfprep", "facts", "--full"])


def differences(before, after):
    """Facts that differ, as the field table decides equality: a list of lines."""
    program = PROGRAMS.parent / "tests" / "facts-diff"
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("before", "after")]
        for path, text in zip(paths, (before, after)):
            path.write_text(text)
        ran = subprocess.run([program, *paths], capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout.splitlines()


def ready(host):
    return host.run(["vfprep", "status", "--pf", PF], check=False).returncode == 0


def step_lines(document):
    return [f"{row['step']} {row['object']}" for row in document["steps"]]


def refusals(document):
    return {
        row["id"]
        for row in document["findings"]
        if row["severity"] == "refuse" and not row["accepted"]
    }


def journal(host):
    """The journal as it stands, or None."""
    ran = host.run(["cat", JOURNAL], check=False)
    return json.loads(ran.stdout) if ran.returncode == 0 else None
