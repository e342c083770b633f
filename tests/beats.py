# SPDX-License-Identifier: LGPL-2.1-or-later
"""The heartbeat lines of a guest of either bench, judged.  Text in, values and
faults out; no host is touched here."""

import re
from dataclasses import dataclass

BEAT = re.compile(r"^HB (\d+) (ok|BAD)(?: (.*))?$")


@dataclass(frozen=True)
class Beat:
    number: int
    memory_ok: bool
    fields: dict


def parse_beats(text):
    """The whole heartbeat lines of a guest's words, in order; it may be in the middle of one."""
    beats = []
    for line in text.split("\n")[:-1]:
        match = BEAT.match(line.rstrip("\r"))
        if match:
            fields = dict(word.split("=", 1) for word in (match[3] or "").split() if "=" in word)
            beats.append(Beat(int(match[1]), match[2] == "ok", fields))
    return beats


def beat_faults(beats):
    """What is wrong with a run of heartbeats: gaps, repeats, bad memory, a VF set up anew, a vGPU
    that lost what it had."""
    faults = [f"beat {beat.number}: memory is bad" for beat in beats if not beat.memory_ok]
    faults += [f"beat {beat.number}: {name} is bad"
               for beat in beats for name, value in beat.fields.items() if value == "BAD"]
    for before, after in zip(beats, beats[1:]):
        if after.number != before.number + 1:
            faults.append(f"beat {before.number} is followed by {after.number}")
        was, now = before.fields.get("init"), after.fields.get("init")
        if was is not None and now != was:
            faults.append(f"beat {after.number}: the VF was set up anew, init {was} -> {now}")
    return faults
