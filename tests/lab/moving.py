# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scenarios of 'vfmigrate check' and 'run' with VFs share."""

import contextlib
import json

from lab import PF
from traffic import beat_faults, frame_faults, parse_beats, parse_frames, turns

TAG = 12
MTU = 2000
MACS = [f"52:54:00:77:00:{n:02x}" for n in range(7)]


def prepare(host, vfs=3):
    """VF 0 in VLAN 12, and all as large a frame as the tag leaves room for."""
    host.run(["vfprep", "apply", "--pf", PF, "--vfs", str(vfs), "--bridge", "br0", "--vlan", f"0={TAG}",
              "--mtu", str(MTU), "--restart-ovs"])


def begin(guest, host, *vfs, devices="", form="interface"):
    """Starts it with these VFs of the card, in this order."""
    files = []
    for vf in vfs:
        files.append(f"/run/lab/{guest.name}-{vf}.xml")
        mac = [] if form == "hostdev" else ["--mac", MACS[vf]]
        host.put(files[-1], host.out(["vfprep", "xml", f"{PF}/{vf}", "--format", form, *mac]))
    text = host.out(["/lab/host/guest-xml", guest.name, "--device", *files]) + "\n"
    guest.create(host, text.replace("</devices>", devices + "</devices>"))


def end(hosts, *names):
    """Both hosts without these VMs."""
    for host in hosts.hosts:
        for name in names:
            host.virsh("destroy", name, check=False)
            host.virsh("undefine", name, check=False)


def vfmigrate(host, command, *arguments, code=0, vm="g1"):
    """The document of a command about a move to the other host, from that which the VM is on."""
    ran = host.run(["vfmigrate", command, vm, "--to", f"qemu+ssh://{host.peer.name}/system", "--json",
                    *arguments], check=False, timeout=600)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


# a VM writes more than that, so that its move never ends by itself
SLOWLY = ("--bandwidth", "1", "--accept", "downtime-estimate")


@contextlib.contextmanager
def under_way(host, vm, *arguments):
    """'vfmigrate run' in the background, met while memory goes; ends when it has."""
    path = f"/run/lab/{vm}-run"
    host.run(f"rm -f {path}.*; (setsid vfmigrate run {vm} --to qemu+ssh://{host.peer.name}/system --json "
             f"--events {' '.join(arguments)} >{path}.out 2>{path}.err & echo $! >{path}.process; "
             f"wait $!; echo $? >{path}.code) </dev/null >/dev/null 2>&1 &")
    host.wait(f"grep -q copies {path}.err || [ -s {path}.code ]", seconds=300)
    ended = {"process": int(host.get(f"{path}.process"))}
    yield ended
    host.wait(f"[ -s {path}.code ]", seconds=600)
    ended["code"] = int(host.get(f"{path}.code"))
    ended["said"] = host.get(f"{path}.err")
    ended["document"] = json.loads(host.get(f"{path}.out") or "null")


def no_claims(hosts):
    """No VF and no slot is held on either host: a claim is a lock of a process."""
    for host in hosts.hosts:
        host.wait("! for claim in /run/vfmig/claims/*; do "
                  "grep -q \":$(stat -c %i $claim) \" /proc/locks && echo held; done | grep -q held", seconds=60)


def finding(document, rule):
    [found] = [item for item in document["findings"] if item["id"] == rule]
    return found


def refusals(document):
    return sorted(item["id"] for item in document["findings"]
                  if item["severity"] == "refuse" and not item["accepted"])


def port(host, vf):
    """Bridge, tag, MTU and state of a VF's representor."""
    name = host.representor(vf)
    bridge = host.run(f"ovs-vsctl port-to-br {name} 2>/dev/null", check=False).stdout.strip()
    tag = host.out(f"ovs-vsctl --if-exists get port {name} tag").strip()
    link = json.loads(host.out(f"ip -j link show {name}"))[0]
    return bridge, tag, link["mtu"], "UP" in link["flags"]


def watch(host):
    # one that a scenario left behind has no reader any more
    host.run("[ ! -s /run/lab/frames.pid ] || kill $(cat /run/lab/frames.pid); rm -f /run/lab/frames.pid; "
             f"setsid /lab/host/framewatch {host.uplink()} /run/lab/frames </dev/null >/dev/null 2>&1 & "
             "until [ -s /run/lab/frames.pid ]; do sleep 0.1; done")


def watched(host):
    return host.out("kill $(cat /run/lab/frames.pid); rm -f /run/lab/frames.pid; "
                    "cat /run/lab/frames").splitlines()


def move(guest, *arguments):
    """Moves it to the other host; the result's document. Its frames are whole, and so is its memory."""
    source, destination = guest.host, guest.host.peer
    watch(destination)
    with guest.moving() as moving:
        document = vfmigrate(source, "run", *arguments)
        moving.done = True
    guest.wait_beats(3)
    frames = parse_frames(watched(destination))
    assert frames and frame_faults(frames) == []
    # those from the source came in by the cable, those from here go out to it
    assert [turn.after.direction for turn in turns(frames)] == ["out"]
    assert {frame.vlan for frame in frames} == {str(TAG)}
    assert beat_faults(parse_beats(guest.words())) == []
    return document


def same_vf(hosts):
    address = vf_address(hosts.a, 0)
    return f"{address}={address}"


def vf_address(host, vf):
    return host.out(f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn{vf})").strip()


def ports(host):
    shown = json.loads(host.out("devlink -j port show"))["port"]
    return [name.rsplit("/", 1)[1] for name, port in shown.items() if port.get("flavour") == "pcivf"]
