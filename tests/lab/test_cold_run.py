# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cold run: two bare hosts prepared by the documented commands, a VM with
a VF moved there, back by another transport, and refused by a destination whose
VF is not migratable.  Nothing of ours does the work here: it shows that the lab
carries the procedure our tools are for.

The scenarios of this file build on each other, in order.
"""

import pytest

from lab import Guest, Host, frame_watch
from traffic import beat_faults, frame_faults, parse_beats, parse_frames, turns


@pytest.fixture(scope="module")
def prepared(lab):
    lab.each(Host.prepare)
    return lab


@pytest.fixture(scope="module")
def guest(prepared):
    guest = Guest()
    guest.start(prepared.a)
    return guest


def check_words(guest):
    beats = parse_beats(guest.words())
    assert len(beats) >= 3
    assert beats[0].number == 1, "the first beat is missing"
    assert beat_faults(beats) == []
    return beats


def test_hosts_reach_each_other_over_the_cards(prepared):
    prepared.a.run(["ping", "-c", "3", "-i", "0.3", "-W", "5", prepared.b.bridge_address])


def test_guest_drives_its_vf(guest):
    beats = check_words(guest)
    assert beats[-1].fields["vf"], "the guest sees no VF"
    assert beats[-1].fields["init"] == "1"
    for host in (guest.host, guest.host.peer):
        assert guest.answers(host), f"no answer to host {host.name}"


@pytest.mark.full
@pytest.mark.parametrize("uri", ["qemu+tcp://{}/system", "qemu+ssh://{}/system"])
def test_moves_with_its_vf(guest, uri):
    source, target = guest.host, guest.host.peer
    with frame_watch(target, target.uplink()) as lines:
        with source.background(["ping", "-n", "-i", "0.2", guest.address]) as ping:
            guest.wait_beats(2)
            guest.migrate(uri.format(target.name))
            guest.wait_beats(4)
            source.run(["pkill", "-INT", "-x", "ping"])
            replies = ping.stdout.read().count("bytes from")
    assert guest.running_on(target)
    assert not guest.running_on(source)
    check_words(guest)

    frames = parse_frames(lines)
    assert frame_faults(frames) == []
    moved = turns(frames)
    assert [(t.before.direction, t.after.direction) for t in moved] == [("in", "out")]
    print(f"gap on the wire {moved[0].gap_seconds:.3f} s, {replies} pings answered meanwhile")
    # it was reached before, and again after: more answers than beats on either side alone
    assert replies >= 10
    assert guest.answers(source)


@pytest.mark.full
def test_refused_by_a_destination_that_is_not_migratable(prepared, guest):
    source, target = guest.host, guest.host.peer
    port = target.out(
        "devlink -j port show | python3 -c 'import json, sys; print([n for n, p in "
        'json.load(sys.stdin)["port"].items() if p.get("vfnum") == 0][0])\''
    )
    target.run(["devlink", "port", "function", "set", port, "migratable", "disable"])
    result = guest.migrate(f"qemu+tcp://{target.name}/system", check=False)
    assert result.returncode != 0
    assert "error" in result.stderr
    assert guest.running_on(source)
    assert not guest.running_on(target)
    guest.wait_beats(4)
    beats = check_words(guest)
    assert beats[-1].fields["init"] == "1"
    assert guest.answers(source) and guest.answers(target)
