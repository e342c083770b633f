# SPDX-License-Identifier: LGPL-2.1-or-later
"""VMs with vGPUs move between two hosts of either layout: mediated devices, and VFs that are vGPUs. Our
program moves them; virsh, where what a driver does is looked at that our program would not let it come to.

Heartbeats prove that neither memory, nor what is in a framebuffer, nor what a vGPU has stored in
memory by DMA is lost; and where the driver loses it, that one would see it.
"""

import pytest

import gpus
import moving
from gpus import OTHER_VERSION, VERSION, begin, gpu_log, knob, last_beat, load, lost, vfmigrate, virsh, whole
from lab import PF, Guest

# VFIO_DEVICE_STATE_*
RUNNING, STOP_COPY = 2, 3

LAYOUTS = [pytest.param("vfio", id="vendor-vfio"), pytest.param("mdev", id="mdev", marks=pytest.mark.full)]


@pytest.fixture(scope="module")
def layout(request, lab):
    """Both hosts with GPUs and driver of this layout; vGPUs of it are what the fixture's value makes."""
    lab.each(load, request.param)
    yield gpus.OF_LAYOUT[request.param]
    lab.each(lambda host: host.run("/lab/host/gpu unload"))


each_layout = pytest.mark.parametrize("layout", LAYOUTS, indirect=True)


@pytest.fixture
def guest(lab):
    guest = Guest("g1")
    yield guest
    for host in lab.hosts:
        host.virsh("destroy", "g1", check=False)


@pytest.fixture
def made(lab, layout):
    """Makes vGPUs on the first host, or on both; they are removed at the end, and the knobs set back."""
    kept = {name: lab.a.get(f"{gpus.KNOBS}/{name}").strip()
            for name in ("early_check", "log_blind", "fail_state")}

    def make(number=0, *, there=None, both=True):
        vgpu = layout(number)
        vgpu.create(lab.a)
        if both:
            vgpu.create(lab.b, there)
        return vgpu

    yield make
    for host in lab.hosts:
        host.virsh("destroy", "g1", check=False)
        gpus.clear(host)
        for name, value in kept.items():
            knob(host, name, value)


# ---- moves ------------------------------------------------------------------------


def well(ended):
    """It has moved, and all that is looked at afterwards is as it should be."""
    assert ended.code == 0, ended.said
    checks = {(check["name"], check["status"]) for check in ended.document["checks"]}
    assert {("vgpu-attached", "ok"), ("vgpu-type", "ok"), ("device-state", "ok")} <= checks


@each_layout
def test_there_and_back(lab, layout, made, guest):
    """The vGPU over there is made, and the one that the VM has left is removed."""
    vgpu = made(both=False)
    begin(guest, lab.a, vgpu.xml(lab.a))
    for generation in (1, 2):
        source = guest.host
        well(vfmigrate(guest))
        beat = whole(guest)
        assert (beat["gpu0"], beat["gen0"], beat["failed0"]) == (str(layout.type), str(generation), "0")
        assert gpus.vgpus(source) == [] and len(gpus.vgpus(source.peer)) == 1
    assert int(beat["stores0"]) > 0


@pytest.mark.full
@each_layout
def test_two_vgpus(lab, layout, made, guest):
    vgpus = [made(0, both=False), made(1, both=False)]
    begin(guest, lab.a, *(vgpu.xml(lab.a) for vgpu in vgpus))
    well(vfmigrate(guest, "--keep-vgpu"))
    beat = whole(guest)
    assert (beat["gen0"], beat["gen1"]) == ("1", "1")
    assert int(beat["stores0"]) > 0 and int(beat["stores1"]) > 0
    assert len(gpus.vgpus(lab.a)) == 2 and len(gpus.vgpus(lab.b)) == 2


@pytest.mark.full
@each_layout
def test_without_early_copy(lab, layout, made, guest):
    """All of the framebuffer goes while the VM stands."""
    vgpu = made(both=False)
    lab.each(knob, "precopy", "N")
    try:
        begin(guest, lab.a, vgpu.xml(lab.a))
        well(vfmigrate(guest))
    finally:
        lab.each(knob, "precopy", "Y")
    assert whole(guest)["gen0"] == "1"


# ---- refusals ----------------------------------------------------------------------


def stays(guest, lab, words):
    """virsh fails with these words, the VM goes on where it was and has lost nothing."""
    ended = virsh(guest)
    assert ended.code != 0 and words in ended.said, ended
    assert guest.running_on(lab.a)
    assert "g1" not in lab.b.out("virsh -q list --all --name").split()
    assert whole(guest)["gen0"] == "0"


@pytest.fixture
def newer(lab, layout, request):
    """Host b has another driver version."""
    name = next(name for name, made in gpus.OF_LAYOUT.items() if made is layout)
    load(lab.b, name, version=OTHER_VERSION)
    yield
    lab.b.virsh("destroy", "g1", check=False)
    load(lab.b, name)


@pytest.mark.full
@each_layout
def test_versions_differ(lab, layout, newer, made, guest):
    vgpu = made()
    begin(guest, lab.a, vgpu.xml(lab.a))
    there = gpus.vgpus(lab.b)
    refused = vfmigrate(guest)
    assert refused.code == 3, refused.said
    message = moving.finding(refused.document, "vgpu-driver-match")["message"]
    assert VERSION in message and OTHER_VERSION in message
    assert gpus.vgpus(lab.b) == there
    stays(guest, lab, "load of migration failed: Invalid argument")
    assert f"state of host driver {VERSION} refused by {OTHER_VERSION}" in gpu_log(lab.b)[-1]
    assert lab.b.get("/sys/module/nvidia/version").strip() == OTHER_VERSION


@pytest.mark.full
@each_layout
def test_versions_differ_seen_late(lab, layout, newer, made, guest):
    """A driver that refuses only when the state is complete: virsh says success, and the vGPU is reset.
    The destination's QEMU alone says so, and the guest."""
    vgpu = made()
    knob(lab.b, "early_check", "N")
    begin(guest, lab.a, vgpu.xml(lab.a))
    assert virsh(guest).code == 0
    assert "fb0" in lost(guest)
    assert last_beat(guest)["gen0"] == "0"
    assert "Resetting device" in lab.b.get("/var/log/libvirt/qemu/g1.log")


@pytest.mark.full
@each_layout
def test_reset_there(lab, layout, made, guest):
    """What virsh calls a success, our program does not."""
    vgpu = made(both=False)
    begin(guest, lab.a, vgpu.xml(lab.a))
    knob(lab.b, "fail_state", RUNNING)
    ended = vfmigrate(guest)
    assert ended.code == 4, ended.said
    [state] = [check for check in ended.document["checks"] if check["name"] == "device-state"]
    assert state["status"] == "failed" and "reset" in state["message"]


@pytest.mark.full
@each_layout
def test_types_differ(lab, layout, made, guest):
    """Of one size, but of another kind."""
    vgpu = made(there=layout.other_type)
    begin(guest, lab.a, vgpu.xml(lab.a))
    stays(guest, lab, "load of migration failed: Invalid argument")
    assert gpu_log(lab.b)[-1].endswith("-4C")


@pytest.mark.full
@each_layout
def test_no_vgpu_there(lab, layout, made, guest):
    vgpu = made(both=False)
    begin(guest, lab.a, vgpu.xml(lab.a))
    ended = virsh(guest)
    assert ended.code != 0 and guest.running_on(lab.a)
    assert whole(guest)["gen0"] == "0"


@pytest.mark.full
@each_layout
def test_no_postcopy(lab, layout, made, guest):
    vgpu = made(both=False)
    begin(guest, lab.a, vgpu.xml(lab.a))
    refused = vfmigrate(guest, "--postcopy")
    assert refused.code == 3 and "no-postcopy" in moving.refusals(refused.document)
    assert gpus.vgpus(lab.b) == []


@pytest.mark.full
@each_layout
def test_unified_memory(lab, layout, made, guest):
    """QEMU learns from the driver that there is no migration, and says so at once."""
    vgpu = made()
    lab.a.run(f"echo enable_uvm=1 >{vgpu.directory(lab.a)}/nvidia/vgpu_params")
    begin(guest, lab.a, vgpu.xml(lab.a))
    refused = vfmigrate(guest)
    assert refused.code == 3 and "vgpu-params" in moving.refusals(refused.document)
    stays(guest, lab, "VFIO migration is not supported in kernel")


@pytest.mark.full
@each_layout
def test_in_use(lab, layout, made, guest):
    """Neither its settings nor the GPU's VFs can be changed below a running VM."""
    vgpu = made()
    begin(guest, lab.a, vgpu.xml(lab.a))
    busy = lab.a.run(f"echo disable_vnc=1 >{vgpu.directory(lab.a)}/nvidia/vgpu_params", check=False)
    assert "Device or resource busy" in busy.stderr
    if layout is gpus.Vf:
        busy = lab.a.run(f"echo 0 >{vgpu.directory(lab.a)}/nvidia/current_vgpu_type", check=False)
        assert "Device or resource busy" in busy.stderr
        locked = lab.a.run("sriov-manage -d ALL", check=False)
        assert locked.returncode != 0 and "Cannot obtain unbindLock" in locked.stderr
    assert whole(guest)["gpu0"] == str(layout.type)


# ---- losses ------------------------------------------------------------------------


@pytest.mark.full
@each_layout
def test_source_cannot_stop(lab, layout, made, guest):
    """The VM stays, but on a vGPU that was reset: that it stayed does not say that it is unharmed."""
    vgpu = made(both=False)
    begin(guest, lab.a, vgpu.xml(lab.a))
    guest.wait_beats(2)
    knob(lab.a, "fail_state", STOP_COPY)
    ended = vfmigrate(guest)
    assert ended.code == 1, ended.said
    assert any("the VM is on the source, but" in note for note in ended.document["notes"])
    assert guest.running_on(lab.a) and gpus.vgpus(lab.b) == []
    assert "fb0" in lost(guest)


@pytest.mark.full
@each_layout
def test_log_is_needed(lab, layout, made, guest):
    """What a vGPU stores in memory comes along only by its log: without it the guest sees old words."""
    vgpu = made()
    lab.each(knob, "log_blind", "Y")
    begin(guest, lab.a, vgpu.xml(lab.a))
    guest.wait_beats(3)
    assert virsh(guest).code == 0
    assert lost(guest) == ["words0"]


# ---- a network VF beside it --------------------------------------------------------


@pytest.mark.full
@each_layout
def test_vf_and_vgpu(lab, layout, made, guest):
    lab.each(moving.prepare, 1)
    vgpu = made(both=False)
    address = lab.a.out(f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn0)")
    interface = ("<interface type='hostdev' managed='yes'><mac address='52:54:00:77:00:00'/>"
                 f"<driver name='vfio' model='mlx5_vfio_pci'/><source>{gpus.source(address)}</source></interface>")
    begin(guest, lab.a, interface, vgpu.xml(lab.a))
    guest.host.wait(f"grep -q '^VF up' {guest.path}")
    well(vfmigrate(guest))
    beat = whole(guest)
    assert (beat["gen0"], beat["init"]) == ("1", "1")
    well(vfmigrate(guest))
    assert whole(guest)["gen0"] == "2"
