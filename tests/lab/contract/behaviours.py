# SPDX-License-Identifier: LGPL-2.1-or-later
"""What our tools rely on, one row a behaviour.

Each row says which part of the reference facts it is from, a shell command for
a lab host (prelude.sh has the words it may use), and what must come of it.  A
scene is a state of the host that its rows begin in; rows of a scene run in
order and may build on one another, scenes do not.

The same rows hold on a card: what is the lab's own business (a knob) is only
ever used to make firmware answer in one of the ways it is documented to.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Behaviour:
    id: str
    facts: str  # section of the reference
    command: str
    fails: bool
    says: tuple  # regular expressions that must be found in what it says
    hides: tuple  # and those that must not

    def faults(self, code, said):
        """What is not as documented; empty when the behaviour holds."""
        found = []
        if (code != 0) != self.fails:
            found.append(f"exit code {code}, must be {'not 0' if self.fails else '0'}")
        found += [f"does not say {p!r}" for p in self.says if not re.search(p, said, re.M)]
        found += [f"says {p!r}" for p in self.hides if re.search(p, said, re.M)]
        return found


@dataclasses.dataclass(frozen=True)
class Scene:
    name: str
    setup: str
    rows: tuple


def _tuple(patterns):
    return (patterns,) if isinstance(patterns, str) else tuple(patterns)


def holds(id, facts, command, says=(), hides=()):
    """The command succeeds."""
    return Behaviour(id, facts, command, False, _tuple(says), _tuple(hides))


def refused(id, facts, command, says=(), hides=()):
    """The command fails, with these words."""
    return Behaviour(id, facts, command, True, _tuple(says), _tuple(hides))


EPERM = "Operation not permitted"
EBUSY = "Device or resource busy"
EINVAL = "Invalid argument"
EOPNOTSUPP = "Operation not supported"
FREE = "two_free_vfs"
PF_LINE = r"^pci/0000:01:00\.0/"

SCENES = (
    Scene("bare", "fresh", (
        holds("dev-show", "1.1", "devlink dev show", r"^pci/0000:01:00\.0"),
        holds("dev-get-needs-no-rights", "1.1", "nobody devlink dev show $DEV", "pci/"),
        refused("dev-get-no-such-device", "1.1", "devlink dev show pci/0000:7f:00.0", "No such device"),
        holds("info-needs-no-rights", "1.1", "nobody devlink dev info $DEV", "fw.psid"),
        holds("info-driver", "1.5", "devlink dev info $DEV", r"^\s+driver mlx5_core$"),
        holds("info-psid-is-fixed", "1.5", "devlink -j dev info $DEV", r'"fixed":\{"fw.psid":"MT_\d{10}"\}'),
        holds("info-running", "1.5", "devlink -j dev info $DEV",
              r'"running":\{"fw.version":"\d+\.\d+\.\d{4}","fw":"\d+\.\d+\.\d{4}"\}'),
        holds("info-stored-equals-running", "1.5",
              "devlink -j dev info $DEV | grep -oE '\"fw.version\":\"[^\"]*\"' | sort | uniq -c", r"^\s+2 "),
        holds("info-no-board-id", "1.5", "devlink dev info $DEV", hides=("board.id", "asic.id")),
        holds("info-serials-are-optional", "1.5", "devlink dev info $DEV", hides="serial_number"),
        holds("legacy-at-start", "1.1", "devlink dev eswitch show $DEV",
              "mode legacy inline-mode none encap-mode basic"),
        refused("eswitch-get-needs-rights", "1.1", "nobody devlink dev eswitch show $DEV", EPERM),
        refused("eswitch-set-needs-rights", "1.1",
                "nobody devlink dev eswitch set $DEV mode switchdev", EPERM),
        holds("port-show-needs-no-rights", "1.1", "nobody devlink port show", PF_LINE),
        holds("uplink-port", "1.6", "devlink port show",
              PF_LINE + "65535: type eth netdev .* flavour physical port 0"),
        holds("legacy-has-no-vf-port", "1.6",
              "autoprobe 0; numvfs 2; devlink port show", "physical", "pcivf"),
        holds("legacy-has-no-switch-id", "2.4",
              "cat $SYS/net/*/phys_switch_id || true", EOPNOTSUPP),
        holds("pf-ids", "2.3", "cat $SYS/vendor $SYS/device", ("^0x15b3$", "^0x1021$")),
        holds("pf-driver-link", "2.3", "readlink $SYS/driver", "/mlx5_core$"),
        holds("uplink-drvinfo-needs-no-rights", "2.11", "nobody ethtool -i $(netdev p0)",
              (r"^firmware-version: \d+\.\d+\.\d{4} \(MT_\d{10}\)$", "^driver: mlx5_core$")),
    )),
    Scene("firmware answers", "fresh", (
        holds("stored-differs-while-pending", "1.5", "knob fw_stored 28.45.1200; devlink -j dev info $DEV",
              (r'"stored":\{"fw.version":"28.45.1200"', r'"running":\{"fw.version":"(?!28\.45)')),
        holds("serials-of-newer-kernels", "1.5",
              "knob serial e4397f872caeed21; knob board_serial MT2314XZ00YA; devlink dev info $DEV",
              (r"^\s+serial_number e4397f872caeed21$", r"^\s+board\.serial_number MT2314XZ00YA$")),
        holds("version-sentinel", "1.5", "knob fw_running 255.255.65535; devlink dev info $DEV",
              "fw.version 255.255.65535"),
        refused("version-unreadable-on-older-kernels", "1.5", "knob fail info:ENODATA; devlink dev info $DEV",
                "No data available"),
        refused("extack-carries-driver-and-words", "1.4",
                "knob fail \"eswitch_mode@1:EBUSY:Can't change mode, E-Switch is busy\"; mode switchdev",
                (r"mlx5_core: Can't change mode, E-Switch is busy", EBUSY)),
        holds("failed-mode-set-changes-nothing", "1.4", "devlink dev eswitch show $DEV", "mode legacy"),
        refused("vfs-refused-by-firmware", "2.2",
                "knob fail sriov@1:ENOMEM; numvfs 2", "Cannot allocate memory"),
        holds("no-vf-after-refusal", "2.2", "cat $SYS/sriov_numvfs; ls $SYS", "^0$", "virtfn"),
        holds("infiniband-port", "2.6", "knob link_type IB; rebind; devlink port show $DEV/65535", "type ib",
              "netdev"),
        holds("port-index-has-vhca-id", "1.6",
              "knob link_type ETH; knob vhca_id 3; rebind; autoprobe 0; numvfs 1; mode switchdev; devlink port show",
              (PF_LINE + "262143: .*physical", PF_LINE + "196609: .*pcivf")),
    )),
    Scene("eswitch", "fresh", (
        holds("switchdev-without-vfs", "2.1",
              "mode switchdev; devlink dev eswitch show $DEV", "mode switchdev"),
        holds("same-mode-is-no-op", "1.4",
              "cat $SYS/net/*/ifindex; knob calls 0; mode switchdev; calls eswitch_mode; cat $SYS/net/*/ifindex",
              r"^(\d+)\n0\n\1$"),
        holds("vfs-get-ports-at-once", "2.1",
              "autoprobe 0; numvfs 3; devlink port show | grep -c pcivf", "^3$"),
        holds("vf-ports", "1.6", "devlink port show",
              tuple(PF_LINE + f"{n + 1}: type eth netdev .* flavour pcivf controller 0 pfnum 0 vfnum {n} external false"
                    for n in range(3))),
        refused("no-such-port", "1.6", "devlink port show $DEV/99", "No such device"),
        holds("back-to-legacy-removes-vf-ports", "2.1",
              "mode legacy; devlink port show", "physical", "pcivf"),
        holds("vfs-outlive-mode-change", "2.1",
              "ls -d $SYS/virtfn*; cat $SYS/sriov_numvfs", ("virtfn2", "^3$")),
        holds("mode-set-with-vfs", "2.1", "mode switchdev; devlink port show | grep -c pcivf", "^3$"),
        holds("uplink-stays", "2.1",
              "up=$(netdev p0); ip link set $up up; ip addr add 192.0.2.7/24 dev $up; "
              "was=$(cat /sys/class/net/$up/ifindex); mode legacy; mode switchdev; ip -o addr show dev $up; "
              "[ $was = $(cat /sys/class/net/$up/ifindex) ] && echo the same; ip addr del 192.0.2.7/24 dev $up",
              ("192.0.2.7/24", "the same")),
        holds("representors-made-anew", "2.1",
              "was=$(cat $SYS/net/$(netdev pf0vf0)/ifindex); mode legacy; mode switchdev; "
              "now=$(cat $SYS/net/$(netdev pf0vf0)/ifindex); [ $was != $now ] && echo changed", "changed"),
        holds("bridge-loses-representor", "2.1",
              "ip link add br0 type bridge; ip link set $(netdev pf0vf0) master br0; mode legacy; mode switchdev; "
              "ls /sys/class/net/br0/brif; ip link del br0", hides="enp"),
        holds("bound-vf-outlives-mode-change", "2.1",
              "bind 0 mlx5_vfio_pci; mode legacy; mode switchdev; vf_driver 0", "^mlx5_vfio_pci$"),
        refused("inline-mode-refused", "1.4", "devlink dev eswitch set $DEV inline-mode transport",
                ("mlx5_core: Inline mode can't be set", EOPNOTSUPP)),
        holds("flower-rule-in-hardware", "2.1",
              "dev=$(netdev pf0vf1); tc qdisc add dev $dev ingress; "
              "tc filter add dev $dev ingress protocol ip flower skip_sw dst_ip 192.0.2.1 action drop; "
              "tc filter show dev $dev ingress", "in_hw"),
        refused("encap-refused-with-flows", "1.4", "devlink dev eswitch set $DEV encap-mode none",
                ("Can't set encapsulation when flows are configured", EOPNOTSUPP)),
        holds("encap-set-without-flows", "1.4",
              "tc qdisc del dev $(netdev pf0vf1) ingress; devlink dev eswitch set $DEV encap-mode none; "
              "devlink dev eswitch show $DEV", "encap-mode none"),
    )),
    # What IPsec forbids, whoever does the work: the kernel's offload is all that is asked of the card.
    Scene("IPsec", "fresh && ip link set $(netdev p0) up", (
        holds("uplink-offers-ipsec", "1.4", "ethtool -k $(netdev p0)", "^esp-hw-offload: on$"),
        holds("state-is-offloaded", "1.4", "xfrm_state $(netdev p0); ip xfrm state",
              r"crypto offload parameters: dev \S+ dir out"),
        refused("mode-refused-with-state", "1.4", "mode switchdev",
                ("mlx5_core: Can't change eswitch mode when IPsec SA and/or policies are configured",
                 EOPNOTSUPP)),
        holds("same-mode-with-state", "1.4", "mode legacy"),
        refused("encap-refused-with-state", "1.4", "devlink dev eswitch set $DEV encap-mode none",
                ("Can't set encapsulation when IPsec SA and/or policies are configured", EOPNOTSUPP)),
        holds("mode-set-without-state", "1.4", "ip xfrm state deleteall; mode switchdev",
              hides="IPsec"),
        holds("policy-is-offloaded", "1.4",
              "ip link set $(netdev p0) up; xfrm_policy $(netdev p0); ip xfrm policy",
              r"offload parameters: dev \S+ mode packet"),
        refused("mode-refused-with-policy", "1.4", "mode legacy",
                "Can't change eswitch mode when IPsec SA and/or policies are configured"),
        holds("down-ends-offload", "1.4",
              "ip link set $(netdev p0) down; ip xfrm policy; mode legacy", hides="offload"),
        refused("representor-takes-none", "1.4",
                "autoprobe 0; numvfs 1; mode switchdev; ip link set $(netdev pf0vf0) up; "
                "xfrm_policy $(netdev pf0vf0)", "Policy offload is not supported"),
    )),
    Scene("port functions", FREE, (
        holds("hw-addr-zero-until-set", "1.6", "port_show 1", "hw_addr 00:00:00:00:00:00"),
        holds("hw-addr-set", "1.2",
              "port_set 1 hw_addr 02:00:00:00:01:01; port_show 1", "hw_addr 02:00:00:00:01:01"),
        refused("hw-addr-multicast", "1.3", "port_set 1 hw_addr 01:00:5e:00:00:01",
                ("Non-unicast hardware address unsupported", EINVAL)),
        holds("migratable-off-at-first", "1.6",
              "port_show 1; port_show 2", r"migratable disable(.|\n)*migratable disable"),
        holds("migratable-enable", "1.2", "port_set 1 migratable enable; port_show 1", "migratable enable"),
        holds("migratable-is-each-vfs-own", "1.2", "port_show 2", "migratable disable"),
        holds("migratable-same-is-no-op", "1.4",
              "port_set 1 migratable enable; port_show 1", "migratable enable"),
        holds("migratable-disable", "1.4",
              "port_set 1 migratable disable; port_show 1", "migratable disable"),
        holds("several-attributes-at-once", "1.2",
              "port_set 2 hw_addr 02:00:00:00:01:02 roce disable migratable enable; port_show 2",
              "hw_addr 02:00:00:00:01:02 roce disable migratable enable"),
        refused("port-set-needs-rights", "1.1",
                "nobody devlink port function set $DEV/1 migratable enable", EPERM),
        refused("uplink-has-no-function", "1.2", "port_set 65535 migratable enable",
                ("migratable function attribute", EOPNOTSUPP)),
        holds("port-set-notifies", "1.2",
              "timeout 60 devlink monitor port >/tmp/monitor & sleep 1; port_set 1 migratable enable; sleep 1; kill $!; wait; "
              "cat /tmp/monitor",
              r"port,new\] pci/0000:01:00\.0/1.*(\n.*)*migratable enable"),
        holds("mode-change-keeps-attributes", "2.1", "mode legacy; mode switchdev; port_show 2",
              "hw_addr 02:00:00:00:01:02 roce disable migratable enable"),
        holds("vfs-made-anew-forget", "2.1", "numvfs 0; numvfs 2; port_show 2",
              "hw_addr 00:00:00:00:00:00 roce enable migratable disable"),
    )),
    Scene("capabilities", FREE, (
        holds("not-offered-is-not-shown", "1.2",
              "knob migration 0; port_show 1", "roce enable", "migratable (en|dis)able"),
        holds("not-offered-has-no-key", "1.2",
              "devlink -j port show $DEV/1 2>/dev/null", '"roce"', "migratable"),
        refused("not-offered-is-refused", "1.4", "port_set 1 migratable enable",
                ("mlx5_core: Device doesn't support migration", EOPNOTSUPP)),
        holds("disabled-is-shown", "1.2",
              "knob migration 1; devlink -j port show $DEV/1", '"migratable":"disable"'),
        refused("no-vhca-management", "1.4", "knob vhca_mgmt 0; port_set 1 roce disable",
                ("Device doesn't support VHCA management", EOPNOTSUPP)),
        holds("no-vhca-management-not-shown", "1.4",
              "devlink -j port show $DEV/1 2>/dev/null; knob vhca_mgmt 1",
              "hw_addr", "migratable|roce"),
        refused("firmware-refuses-roce", "1.4",
                "knob fail roce@1:EREMOTEIO:Failed setting HCA roce cap; port_set 1 roce disable",
                "mlx5_core: Failed setting HCA roce cap"),
        refused("ipsec-crypto-not-offered", "1.4", "port_set 1 ipsec_crypto enable",
                ("mlx5_core: Device doesn't support IPsec crypto", EOPNOTSUPP)),
        refused("ipsec-packet-not-offered", "1.4", "port_set 1 ipsec_packet enable",
                ("mlx5_core: Device doesn't support IPsec packet mode", EOPNOTSUPP)),
        holds("ipsec-offered", "1.1",
              "knob cap_ipsec_crypto 1; knob cap_ipsec_packet 1; port_set 1 ipsec_crypto enable; port_show 1",
              "ipsec_crypto enable ipsec_packet disable"),
        refused("max-io-eqs-out-of-range", "1.4", "port_set 1 max_io_eqs 100000",
                ("mlx5_core: Supplied value out of range", EINVAL)),
        holds("max-io-eqs-set", "1.2", "port_set 1 max_io_eqs 32; port_show 1", "max_io_eqs 32"),
        refused("max-io-eqs-not-offered", "1.4", "knob max_io_eqs 0; port_set 1 max_io_eqs 8",
                "Device doesn't support changing the max number of EQs"),
        refused("stops-at-first-failure", "1.2",
                "knob fail migratable@1:EIO:Failed setting HCA migratable cap; "
                "port_set 2 hw_addr 02:00:00:00:01:02 roce disable migratable enable", "Failed setting HCA migratable cap"),
        holds("earlier-parts-stay-applied", "1.2", "port_show 2",
              "hw_addr 02:00:00:00:01:02 roce disable migratable disable"),
    )),
    # What firmware answers when the VF is in use is its own word: no errno is asserted,
    # only that the driver link tells, which is what our tools go by.
    Scene("VF in use", FREE, (
        holds("driver-link-tells-in-use", "1.4",
              "bind 0 mlx5_vfio_pci; readlink $SYS/virtfn0/driver", "/mlx5_vfio_pci$"),
        refused("firmware-may-refuse", "1.4",
                "port_set 1 migratable enable", "mlx5_core: Failed setting HCA migratable cap"),
        holds("firmware-may-accept", "1.4",
              "knob mig_busy_errno 0; port_set 1 migratable enable; port_show 1", "migratable enable"),
        refused("then-the-driver-is-stale", "2.3", "vfio show $(vf 0)", "^migration: ENOTTY$"),
        holds("bound-anew-it-is-not", "2.3",
              "unbind 0; bind 0 mlx5_vfio_pci; vfio show $(vf 0)", "^migration: STOP_COPY"),
        holds("no-link-when-free", "2.2", "unbind 1; ls $SYS/virtfn1/", hides="^driver$"),
        refused("opening-is-exclusive", "3.2", "exec 3<>/dev/vfio/$(group 0); vfio show $(vf 0)", "EBUSY"),
    )),
    Scene("SR-IOV", "fresh", (
        holds("totalvfs", "2.2", "cat $SYS/sriov_totalvfs", r"^[1-9]\d*$"),
        holds("pf-files", "2.2",
              "cd $SYS && cat sriov_numvfs sriov_offset sriov_stride sriov_vf_device sriov_vf_total_msix",
              r"^0\n\d+\n\d+\n[0-9a-f]+\n\d+$"),
        holds("autoprobe-is-on", "2.2", "cat $SYS/sriov_drivers_autoprobe", "^1$"),
        holds("autoprobe-gives-vfs-a-driver", "2.2",
              "numvfs 2; vf_driver 0; vf_driver 1", r"^mlx5_core\nmlx5_core$"),
        holds("vf-links", "2.2",
              "ls -d $SYS/virtfn*; readlink $SYS/virtfn0/physfn",
              (r"virtfn1$", r"0000:01:00\.0$"), "virtfn2"),
        holds("vf-ids", "2.3", "cat $SYS/virtfn0/vendor $SYS/virtfn0/device", ("^0x15b3$", "^0x101e$")),
        holds("vf-devlink-instance", "1.5",
              "devlink dev info pci/$(vf 0)", "driver mlx5_core", "fw|versions"),
        holds("vf-own-port", "1.1", "devlink port show | grep $(vf 0)", "flavour virtual"),
        holds("vf-netdev", "2.4", "ls $SYS/virtfn0/net", "v0$"),
        holds("autoprobe-off-leaves-bound", "2.2", "autoprobe 0; vf_driver 0", "^mlx5_core$"),
        holds("same-number-is-no-op", "2.2", "knob calls 0; numvfs 2; calls sriov", "^0$"),
        refused("other-number-is-busy", "2.2", "numvfs 3", EBUSY),
        holds("busy-is-logged", "2.2", "dmesg", "2 VFs already enabled. Disable before enabling 3 VFs"),
        refused("too-many", "2.2",
                "numvfs 0; numvfs $(($(cat $SYS/sriov_totalvfs) + 1))", "Numerical result out of range"),
        refused("not-a-number", "2.2", "numvfs x", EINVAL),
        holds("autoprobe-off-keeps-drivers-away", "2.2",
              "numvfs 2; ls $SYS/virtfn0/ $SYS/virtfn1/", "physfn", "^driver$"),
        holds("autoprobe-off-wants-an-override", "2.2",
              "vf 0 >/sys/bus/pci/drivers_probe; ls $SYS/virtfn0/", hides="^driver$"),
        holds("msix-count-of-free-vf", "2.2", "echo 8 >$SYS/virtfn0/sriov_vf_msix_count"),
        refused("msix-count-of-bound-vf", "2.2",
                "bind 0 mlx5_core; echo 8 >$SYS/virtfn0/sriov_vf_msix_count", EBUSY),
        holds("num-of-vfs-limits", "2.6",
              "numvfs 0; knob total_vfs 3; rebind; cat $SYS/sriov_totalvfs", "^3$"),
        refused("no-pf-driver", "2.2",
                "echo $PF >$DRIVERS/mlx5_core/unbind; numvfs 1", "No such file or directory"),
        refused("pf-driver-without-sriov", "2.2",
                "modprobe pci-stub; echo pci-stub >$SYS/driver_override; echo $PF >/sys/bus/pci/drivers_probe; numvfs 1",
                "No such file or directory"),
        holds("pf-driver-without-sriov-is-logged", "2.2",
              "dmesg", "driver does not support SR-IOV configuration via sysfs"),
    )),
    Scene("binding", "fresh && autoprobe 0 && numvfs 2 && mode switchdev && port_set 1 migratable enable", (
        holds("alias-of-variant-driver", "2.3", "cat /lib/modules/$(uname -r)/modules.alias",
              r"^alias vfio_pci:v000015B3d0000101Esv\*sd\*bc\*sc\*i\* mlx5_vfio_pci$"),
        holds("alias-of-plain-driver", "2.3", "cat /lib/modules/$(uname -r)/modules.alias",
              r"^alias vfio_pci:v\*d\*sv\*sd\*bc\*sc\*i\* vfio_pci$"),
        holds("module-and-driver-name-differ", "2.2", "ls /sys/module/vfio_pci/drivers", "^pci:vfio-pci$"),
        holds("variant-module-and-driver", "2.2",
              "ls /sys/module/mlx5_vfio_pci/drivers", "^pci:mlx5_vfio_pci$"),
        holds("variant-is-override-only", "2.2",
              "autoprobe 1; vf 0 >/sys/bus/pci/drivers_probe; vf_driver 0", "^mlx5_core$"),
        holds("override-does-not-unbind", "2.2",
              "echo mlx5_vfio_pci >$SYS/virtfn0/driver_override; vf_driver 0", "^mlx5_core$"),
        holds("override-does-not-bind", "2.2", "unbind 0; ls $SYS/virtfn0/", hides="^driver$"),
        holds("override-then-probe-binds", "2.2",
              "vf 0 >/sys/bus/pci/drivers_probe; vf_driver 0", "^mlx5_vfio_pci$"),
        holds("override-reads-back", "2.2", "cat $SYS/virtfn0/driver_override", "^mlx5_vfio_pci$"),
        holds("newline-clears-override", "2.2",
              "echo >$SYS/virtfn0/driver_override; cat $SYS/virtfn0/driver_override", r"^\(null\)$"),
        holds("vfio-device-node", "3.2", "ls $SYS/virtfn0/vfio-dev; ls /dev/vfio/$(group 0)", r"^vfio\d+$"),
        holds("own-iommu-group", "3.2", "ls $SYS/virtfn0/iommu_group/devices | wc -l", "^1$"),
        holds("iommu-is-on", "3.2", "ls /sys/class/iommu", "^dmar0$"),
        holds("nodedev-detach-finds-variant", "2.3",
              "virsh -q nodedev-detach pci_$(vf 1 | tr :. __); vf_driver 1", "mlx5_vfio_pci$"),
    )),
    Scene("representors", "fresh && autoprobe 1 && numvfs 2 && mode switchdev", (
        holds("phys-port-names", "2.4",
              "cat $SYS/net/*/phys_port_name", ("^p0$", "^(c0)?pf0vf0$", "^(c0)?pf0vf1$")),
        holds("one-switch-id", "2.4",
              "cat $SYS/net/*/phys_switch_id | sort | uniq -c", r"^\s+3 [0-9a-f]{16}$"),
        refused("no-phys-port-id", "2.4", "cat $SYS/net/$(netdev p0)/phys_port_id", EOPNOTSUPP),
        holds("pf-lists-representors", "2.4", "ls $SYS/net | wc -l", "^3$"),
        holds("representor-names", "2.4",
              "netdev pf0vf0; netdev pf0vf1", r"^enp1s0(npf0vf0|r0)\nenp1s0(npf0vf1|r1)$"),
        holds("devlink-knows-the-netdev", "2.4",
              "devlink port show $DEV/1 | grep -o \"netdev $(netdev pf0vf0) \"", "netdev"),
        holds("representor-is-the-pfs", "2.4", "ethtool -i $(netdev pf0vf0)", "^bus-info: 0000:01:00.0$"),
        holds("vf-netdev-has-no-switch-id", "2.4",
              "cat $SYS/virtfn0/net/*/phys_switch_id || true", EOPNOTSUPP),
        holds("representor-mtu", "2.4",
              "ip link set $(netdev pf0vf0) mtu 9000; cat $SYS/net/$(netdev pf0vf0)/mtu", "^9000$"),
        holds("uplink-mtu", "2.4",
              "ip link set $(netdev p0) mtu 9000; cat $SYS/net/$(netdev p0)/mtu", "^9000$"),
        holds("ip-link-sets-vf-mac", "1.6",
              "ip link set $(netdev p0) vf 0 mac 02:00:00:00:01:01; port_show 1", "hw_addr 02:00:00:00:01:01"),
    )),
    Scene("VFIO", FREE + " && port_set 1 migratable enable && port_set 2 migratable enable "
          "&& bind 0 mlx5_vfio_pci && bind 1 mlx5_vfio_pci", (
        holds("migration-features", "3.1", "vfio show $(vf 0)", "^migration: STOP_COPY P2P PRE_COPY$"),
        holds("running-when-opened", "3.1", "vfio show $(vf 0)", "^state: RUNNING$"),
        holds("data-size", "3.1", "vfio show $(vf 0)", r"^stop_copy_length: [1-9]\d*$"),
        holds("dirty-tracking", "3.1",
              "vfio log $(vf 0)", ("log_start: ok", "log_report: ok", "log_stop: ok")),
        holds("all-states", "3.1",
              "vfio walk $(vf 0) RUNNING_P2P STOP STOP_COPY STOP RUNNING PRE_COPY PRE_COPY_P2P STOP_COPY STOP RESUMING",
              "^state: RESUMING$", "^set .*: E"),
        holds("precopy-info", "3.1",
              "vfio walk $(vf 0) PRE_COPY RUNNING", r"^precopy_info: initial [1-9]\d* dirty \d+$"),
        holds("precopy-read-ends-in-enomsg", "3.1", "vfio walk $(vf 0) PRE_COPY RUNNING", "then ENOMSG$"),
        refused("error-cannot-be-asked-for", "3.1",
                "vfio walk $(vf 0) ERROR", ("^set ERROR: EINVAL$", "^state: RUNNING$")),
        refused("empty-state-is-refused", "3.1", "vfio walk $(vf 0) RESUMING STOP", "^set STOP: EINVAL$"),
        holds("state-moves", "3.1", "vfio move $(vf 0) $(vf 1)", "^moved: ok$"),
        holds("state-of-same-psid", "2.5", "vfio save $(vf 0) /tmp/state; vfio load $(vf 1) /tmp/state",
              (r"^write: \d+$", "^set RUNNING: ok$")),
        refused("state-of-other-psid", "2.5",
                "knob psid MT_0000000999; vfio load $(vf 1) /tmp/state", "^set STOP: EINVAL$"),
        refused("driver-may-refuse-the-state", "3.4",
                "default_knobs; vfio_knob refuse_write 100; vfio load $(vf 1) /tmp/state", "^write: EINVAL$"),
        refused("driver-may-fail-to-stop", "3.4",
                "vfio_knob fail_state 3; vfio walk $(vf 0) STOP_COPY", "^set STOP_COPY: EIO$"),
        holds("proof-by-debugfs", "3.2", "cat $DEBUGFS/$(vf 0)/migration/state", "^RUNNING$"),
        holds("features-of-6.18", "3.2",
              "unbind 0; vfio_knob debugfs 2; vfio_knob precopy_kb 4; bind 0 mlx5_vfio_pci; cat $DEBUGFS/$(vf 0)/migration/features",
              r"^stop-copy\np2p\npre-copy\ndirty-tracking$"),
        refused("proof-may-not-be-there", "3.2",
                "unbind 0; vfio_knob debugfs 0; bind 0 mlx5_vfio_pci; cat $DEBUGFS/$(vf 0)/migration/state", "No such file"),
        holds("no-dirty-tracking", "3.4",
              "unbind 0; vfio_knob dma_log 0; bind 0 mlx5_vfio_pci; vfio show $(vf 0) || true",
              ("^migration: STOP_COPY", "^dma_logging: ENOTTY$")),
    )),
    Scene("bound is not proof", FREE + " && bind 0 mlx5_vfio_pci && bind 1 vfio-pci", (
        holds("variant-binds-anyway", "2.3", "vf_driver 0", "^mlx5_vfio_pci$"),
        refused("without-migration", "2.3", "vfio show $(vf 0)", ("^migration: ENOTTY$", "^state: ENOTTY$")),
        refused("no-proof-by-debugfs", "3.2", "ls $DEBUGFS/$(vf 0)/migration", "No such file"),
        refused("plain-driver-has-none", "3.1",
                "unbind 1; port_set 2 migratable enable; bind 1 vfio-pci; vfio show $(vf 1)",
                "^migration: ENOTTY$"),
        refused("capability-gone-since", "2.3",
                "unbind 1; knob migration 0; bind 1 mlx5_vfio_pci; vfio show $(vf 1)",
                "^migration: ENOTTY$"),
    )),
    Scene("firmware tools", "fresh && lab-firmware default && lab-firmware set layout new", (
        holds("mstconfig-next-boot", "2.7", "mstconfig -d $PF query",
              (r"^Configurations:\s+Next Boot\s*$", r"^\s+VF_MIGRATION_MODE\s+MIGRATION_ENABLED\(2\)\s*$")),
        holds("mstconfig-all-columns", "2.7", "mstconfig -d $PF -e query",
              (r"^Configurations:\s+Default\s+Current\s+Next Boot\s*$", r"\bSRIOV_EN\s+\S+\(\d\)\s+True\(1\)\s+True\(1\)")),
        holds("mstconfig-set-waits-for-boot", "2.8",
              "mstconfig -d $PF -y set VF_MIGRATION_MODE=1; mstconfig -d $PF -e q VF_MIGRATION_MODE",
              ("^-I- Please (reboot|power cycle) machine to load new configurations",
               r"^\*.*VF_MIGRATION_MODE\s+\S+\s+MIGRATION_ENABLED\(2\)\s+MIGRATION_DISABLED\(1\)")),
        refused("mstconfig-errors-on-stdout", "2.8",
                "mstconfig -d 0000:7f:00.0 query 2>/dev/null", "^-E- Failed to open the device"),
        refused("mstconfig-unknown-name", "2.6",
                "mstconfig -d $PF query NO_SUCH 2>/dev/null", "^-E- Unknown Parameter: NO_SUCH"),
        holds("mstflint-query", "2.10",
              "mstflint -d $PF query", (r"^FW Version: {12}\d+\.\d+\.\d{4}", r"^PSID: {18}MT_\d{10}")),
    )),
)

BEHAVIOURS = tuple(row for scene in SCENES for row in scene.rows)

# Each of these, done once its scene is set, must make the row fail: a row that would hold
# whatever the card does is worth nothing.
MUTATIONS = (
    ("info-psid-is-fixed", "knob psid nonsense"),
    ("info-stored-equals-running", "knob fw_stored 28.45.1200"),
    ("switchdev-without-vfs", "knob fail eswitch_mode:EBUSY"),
    ("mode-refused-with-state", "xfrm_state() { :; }"),
    ("migratable-enable", "knob fail migratable:EIO"),
    ("disabled-is-shown", "knob() { :; }; echo 0 >$KNOBS/migration"),
    ("not-offered-is-refused", "knob() { :; }"),
    ("firmware-may-refuse", "knob mig_busy_errno 0"),
    ("autoprobe-gives-vfs-a-driver", "autoprobe 0"),
    ("migration-features", "vfio_knob p2p 0; unbind 0; bind 0 mlx5_vfio_pci"),
    ("state-moves", "vfio_knob fail_state 4"),
    ("proof-by-debugfs", "vfio_knob debugfs 0; unbind 0; bind 0 mlx5_vfio_pci"),
    ("without-migration", "unbind 0; port_set 1 migratable enable; bind 0 mlx5_vfio_pci"),
)
