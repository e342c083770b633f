# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the nested guest tells, judged: its numbered frames here, its heartbeat
lines by beats.py.  Text in, values and faults out; no host is touched here."""

import pathlib
import sys
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from beats import Beat, beat_faults, parse_beats  # noqa: E402, F401


@dataclass(frozen=True)
class Frame:
    seconds: float
    direction: str
    mac: str
    vlan: str
    sequence: int
    beat: int
    received: int
    init: int


@dataclass(frozen=True)
class Turn:
    """The guest left one host and its frames came from the other."""

    before: Frame
    after: Frame

    @property
    def gap_seconds(self):
        return self.after.seconds - self.before.seconds


def parse_frames(lines):
    """Lines of framewatch."""
    frames = []
    for line in lines:
        seconds, direction, mac, vlan, *numbers = line.split()
        frames.append(Frame(float(seconds), direction, mac, vlan, *map(int, numbers)))
    return frames


def frame_faults(frames):
    """What is wrong with a run of frames: numbers missing or repeated, rings set up anew.

    Not their order: a flow's first frame goes by way of Open vSwitch's daemon, and the
    second may overtake it, here as on hardware.
    """
    faults = []
    ordered = sorted(frames, key=lambda frame: frame.sequence)
    for before, after in zip(ordered, ordered[1:]):
        if after.sequence == before.sequence:
            faults.append(f"frame {after.sequence} was sent twice")
        elif after.sequence != before.sequence + 1:
            faults.append(f"frame {before.sequence} is followed by {after.sequence}")
        if after.init != before.init:
            faults.append(f"frame {after.sequence}: init {before.init} -> {after.init}")
    return faults


def turns(frames):
    """Where the direction changes: one for each move between the hosts."""
    return [
        Turn(before, after)
        for before, after in zip(frames, frames[1:])
        if after.direction != before.direction
    ]


def main():
    """Lines of framewatch on stdin, in words."""
    frames = parse_frames(sys.stdin)
    faults = frame_faults(frames)
    for turn in turns(frames):
        places = {"in": "the other host", "out": "this host"}
        print(
            f"frame {turn.before.sequence} came from {places[turn.before.direction]}, "
            f"{turn.gap_seconds:.3f} s later frame {turn.after.sequence} from "
            f"{places[turn.after.direction]}"
        )
    print(f"{len(frames)} frames; " + ("; ".join(faults) or "none missing, none twice, VF set up once"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
