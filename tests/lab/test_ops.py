# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each op by itself, on one host: what it sets the system's own commands see, and what plan and
rules would keep from it, it refuses on its own.
"""

import shutil

import pytest

from documents import KNOBS, devlink_json
from lab import PF, Guest
from preparing import PROGRAMS

# the tools go through all of this in the default run; each by itself belongs to the full one
pytestmark = pytest.mark.full

DEVICE = f"/sys/bus/pci/devices/{PF}"
STEP = "/lab/share/vfm-step"
NONE = "-"


class Ops:
    """The ops on a host."""

    def __init__(self, host):
        self.host = host

    def get(self, kind, thing):
        return self.host.out([STEP, kind, thing])

    def set(self, kind, *words, libvirt=None):
        via = ["--libvirt", libvirt] if libvirt else []
        ran = self.host.run([STEP, *via, kind, *words], check=False)
        assert ran.returncode == 0, ran.stderr

    def refused(self, kind, *words):
        """What it says, which is not to change anything that the op itself reads."""
        before = self.get(kind, words[0])
        ran = self.host.run([STEP, kind, *words], check=False)
        assert ran.returncode == 1, ran.stderr
        assert self.get(kind, words[0]) == before
        return ran.stderr

    def vf(self, number):
        return self.host.out(f"basename $(readlink {DEVICE}/virtfn{number})")

    def override(self, number):
        return self.host.out(f"cat {DEVICE}/virtfn{number}/driver_override")


@pytest.fixture
def ops(lab):
    lab.a.reset()
    lab.a.run(f"echo 1 >{DEVICE}/sriov_drivers_autoprobe")  # the PCI device's own: outlives drivers
    shutil.copy(PROGRAMS.parent / "tests" / "vfm-step", lab.run_dir / "share" / "vfm-step")
    return Ops(lab.a)


@pytest.fixture
def made(ops):
    """With two VFs that have no driver, in switchdev mode."""
    ops.set("autoprobe", PF, "0")
    ops.set("eswitch", PF, "switchdev")
    ops.set("vfs", PF, "2")
    return ops


def function(host, port):
    return devlink_json(host, "port", "show", f"pci/{PF}/{port}")["port"][f"pci/{PF}/{port}"][
        "function"
    ]


# ---- the card ---------------------------------------------------------------


def test_card_there_and_back(ops):
    host = ops.host
    assert ops.get("autoprobe", PF) == "1"
    assert ops.get("eswitch", PF) == "legacy"
    assert ops.get("vfs", PF) == "0"
    assert ops.get("vf-migratable", f"{PF}/0") == NONE
    ops.set("autoprobe", PF, "0")
    ops.set("eswitch", PF, "switchdev")
    ops.set("vfs", PF, "2")
    # when it returns, all is there under the names it keeps
    names = [host.representor(n) for n in (0, 1)]
    assert [host.out(f"cat /sys/class/net/{n}/phys_port_name") for n in names] == [
        "pf0vf0",
        "pf0vf1",
    ]
    assert devlink_json(host, "dev", "eswitch", "show", f"pci/{PF}")["dev"][f"pci/{PF}"][
        "mode"
    ] == "switchdev"
    ops.set("vfs", PF, "5")  # by 0: the kernel takes no other way
    assert host.out(f"cat {DEVICE}/sriov_numvfs") == "5"
    assert host.representor(4)
    ops.set("vfs", PF, "0")
    ops.set("eswitch", PF, "legacy")
    ops.set("autoprobe", PF, "1")
    assert [ops.get(kind, PF) for kind in ("vfs", "eswitch", "autoprobe")] == ["0", "legacy", "1"]


def test_card_refuses(ops):
    host = ops.host
    said = ops.refused("vfs", PF, "8")
    assert said.startswith("ERANGE") and "NUM_OF_VFS" in said
    words = "Can't change mode, E-Switch is busy"
    host.run(f"echo \"eswitch_mode@1:EBUSY:{words}\" >{KNOBS}/fail")
    said = ops.refused("eswitch", PF, "switchdev")
    assert said.startswith("EBUSY") and words in said and "hint: another change" in said
    host.run(f"echo 'sriov@1:ENOMEM' >{KNOBS}/fail")
    said = ops.refused("vfs", PF, "2")
    assert said.startswith("ENOMEM") and "kernel's log" in said


# ---- VFs --------------------------------------------------------------------


def test_migratable(made):
    vf = f"{PF}/0"
    assert made.get("vf-migratable", vf) == "disabled"
    made.set("vf-migratable", vf, "enabled")
    assert function(made.host, 1)["migratable"] == "enable"
    made.set("vf-migratable", vf, "disabled")
    assert function(made.host, 1)["migratable"] == "disable"
    assert "ENOENT" in made.refused("vf-migratable", f"{PF}/6", "enabled")


def test_migratable_of_a_bound_vf(made):
    """The kernel would take it and say nothing: the op must look by itself."""
    made.host.run(f"echo 0 >{KNOBS}/mig_busy_errno")
    made.set("vf-detach", f"{PF}/0", "mlx5_core")
    said = made.refused("vf-migratable", f"{PF}/0", "enabled")
    assert said.startswith("EBUSY") and "mlx5_core has it" in said
    assert function(made.host, 1)["migratable"] == "disable"


def test_migratable_not_offered(made):
    made.host.run(f"echo N >{KNOBS}/migration")
    assert made.get("vf-migratable", f"{PF}/0") == "not-offered"
    said = made.refused("vf-migratable", f"{PF}/0", "enabled")
    assert said.startswith("EOPNOTSUPP") and "VF_MIGRATION_MODE" in said
    assert "devlink does not offer the migratable capability" in said


def test_hw_addr(made):
    mac, vf = "52:54:00:ab:cd:01", f"{PF}/1"
    assert made.get("vf-hw-addr", vf) == NONE
    made.set("vf-hw-addr", vf, mac)
    assert made.get("vf-hw-addr", vf) == mac
    assert function(made.host, 2)["hw_addr"] == mac
    said = made.refused("vf-hw-addr", vf, "01:00:5e:00:00:01")
    assert said.startswith("EINVAL") and "unicast" in said
    made.set("vf-hw-addr", vf, NONE)
    assert made.get("vf-hw-addr", vf) == NONE


LIBVIRT = "qemu:///system"


@pytest.mark.parametrize("libvirt, vfio", [(None, False), (LIBVIRT, False), (LIBVIRT, True)])
def test_detach_there_and_back(made, libvirt, vfio):
    """libvirt detaches nothing while VFIO is not loaded; then it is no party to it."""
    vf = f"{PF}/0"
    if vfio:
        made.host.run("modprobe mlx5_vfio_pci")
    made.set("vf-detach", vf, "mlx5_core")
    assert made.get("vf-detach", vf) == "mlx5_core"
    assert made.override(0) == "(null)"
    made.set("vf-detach", vf, NONE, libvirt=libvirt)
    assert made.get("vf-detach", vf) == NONE
    assert made.override(0) == "(null)"
    made.set("vf-detach", vf, "mlx5_core")
    assert made.get("vf-detach", vf) == "mlx5_core"


def test_detach_without_a_daemon(made):
    made.set("vf-detach", f"{PF}/0", "mlx5_core")
    made.set("vf-detach", f"{PF}/0", NONE, libvirt="qemu+unix:///system?socket=/run/no-such-socket")
    assert made.get("vf-detach", f"{PF}/0") == NONE


def test_bind(made):
    vf = f"{PF}/1"
    made.host.run("modprobe -r pci-stub", check=False)
    made.set("vf-bind", vf, "pci-stub")
    assert made.get("vf-bind", vf) == "pci-stub"
    assert made.override(1) == "pci-stub"
    made.set("vf-bind", vf, NONE)
    assert made.get("vf-bind", vf) == NONE
    assert made.override(1) == "(null)"
    assert "no-such-driver" in made.refused("vf-bind", vf, "no-such-driver")
    # one that is there and takes no network card
    said = made.refused("vf-bind", vf, "pcieport")
    assert "did not take it" in said
    assert made.override(1) == "(null)"


def test_vf_of_a_running_vm(made):
    host, guest = made.host, Guest()
    made.set("vf-migratable", f"{PF}/0", "enabled")
    host.run("modprobe mlx5_vfio_pci")
    made.set("link", f"{PF}/uplink", "up")  # libvirt wants that
    guest.start(host, vf=made.vf(0))
    for words in (
        ("vf-detach", f"{PF}/0", NONE),
        ("vf-bind", f"{PF}/0", "pci-stub"),
        ("vfs", PF, "0"),
        ("vfs", PF, "4"),
    ):
        said = made.refused(*words)
        assert said.startswith("EBUSY") and "is open by pid" in said and "qemu" in said
    assert "mlx5_vfio_pci has it" in made.refused("vf-migratable", f"{PF}/0", "disabled")
    guest.wait_beats(3)


# ---- firmware ---------------------------------------------------------------

SETTINGS = [f"{PF} SRIOV_EN", f"{PF} NUM_OF_VFS", f"{PF} VF_MIGRATION_MODE"]


def firmware(ops):
    return [ops.get("firmware", setting) for setting in SETTINGS]


def test_firmware(ops):
    assert firmware(ops) == ["1", "7", "2"]
    ops.set("firmware", SETTINGS[1], "4", SETTINGS[2], "1")
    assert firmware(ops) == ["1", "4", "1"]
    assert "4" in ops.host.out(f"mstconfig -d {PF} q NUM_OF_VFS")


def test_firmware_refuses(ops):
    said = ops.refused("firmware", SETTINGS[2], "9")
    assert said.startswith("EIO") and 'Illegal value "9"' in said
    # all or nothing
    ran = ops.host.run([STEP, "firmware", SETTINGS[1], "3", SETTINGS[2], "9"], check=False)
    assert ran.returncode == 1
    assert firmware(ops) == ["1", "7", "2"]
    ops.host.run("lab-firmware set unsupported VF_MIGRATION_MODE")
    assert ops.get("firmware", SETTINGS[2]) == NONE
    assert ops.refused("firmware", SETTINGS[2], "2").startswith("EOPNOTSUPP")
    ops.host.run("lab-firmware set lockdown on")
    ran = ops.host.run([STEP, "firmware", SETTINGS[0], "1"], check=False)
    assert ran.returncode == 1 and "Failed to open the device" in ran.stderr


# ---- files and links --------------------------------------------------------


def test_file(ops):
    path, text = f"/run/udev/rules.d/75-vfmig-{PF}.rules", "# a rule\n# of two lines"
    ops.host.run("rm -rf /run/udev/rules.d")
    assert ops.get("file", path) == NONE
    ops.set("file", path, text)
    assert ops.host.get(path) == text
    assert ops.host.out(f"stat -c %a {path}") == "644"
    assert ops.get("file", path) == text
    ops.set("file", path, NONE)
    assert ops.get("file", path) == NONE
    ops.set("file", path, NONE)


def is_marked(host, netdev):
    return "VFMIG_TRIED=yes" in host.out(f"udevadm info /sys/class/net/{netdev}")


def test_rules_reach_what_is_there_already(made):
    host, path = made.host, f"/run/udev/rules.d/75-vfmig-{PF}.rules"
    made.set("file", path, 'SUBSYSTEM=="net", ENV{VFMIG_TRIED}="yes"\n')
    assert is_marked(host, host.representor(0))
    assert not is_marked(host, host.uplink())
    made.set("file", path, NONE)
    assert not is_marked(host, host.representor(0))


def test_links(made):
    host, vf, uplink = made.host, f"{PF}/0", f"{PF}/uplink"
    name = host.representor(0)
    assert made.get("link", vf) == "down"
    made.set("link", vf, "up")
    assert made.get("link", vf) == "up"
    assert "UP" in host.out(f"ip -o link show {name}")
    made.set("mtu", vf, "1400")
    assert made.get("mtu", vf) == made.get("mtu", f"netdev/{name}") == "1400"
    said = made.refused("mtu", vf, "65535")
    assert said.startswith("EINVAL") and "maximum" in said
    made.set("link", vf, "down")
    assert made.get("link", vf) == "down"
    made.set("tc-offload", uplink, "on")
    assert "hw-tc-offload: on" in host.out(f"ethtool -k {host.uplink()}")
    made.set("tc-offload", uplink, "off")
    assert made.get("tc-offload", uplink) == "off"
    assert made.get("tc-offload", "netdev/lo") == NONE
    # no VF, no representor
    assert made.get("link", f"{PF}/5") == made.get("mtu", f"{PF}/5") == NONE
