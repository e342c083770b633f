/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about preparing and undoing, by rows; see prepared.h. What depends on what a port of a
 * bridge is, and on the bridge itself, has rows of its own in test_prep_ports.c.
 */
#include "prepared.h"

/* clang-format off */
static const struct row rows[] = {
	/* put into a bridge: what it carries itself */
	{"uplink-in-use", PASS, NONE, {}, {}, "no step", NULL},
	{"uplink-in-use", PASS, NONE, {}, {{UPLINK "addresses", ADDRESS}}, "no step", NULL},
	{"uplink-in-use", PASS, NONE, {}, {APART}, "nobody uses the uplink enp1s0np0", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "addresses", ADDRESS}}, "enp1s0np0 is in use: addresses 192.0.2.1/24", "# move what uses enp1s0np0 to another interface\n# or take it, undone by itself if nobody confirms: --take-uplink --confirm-within"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "routes", "[\"default via 192.0.2.254\"]"}}, "routes default via", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "uppers", "[\"v7 (vlan)\",\"v8 (vlan)\"]"}}, "interfaces on it v7 (vlan), v8 (vlan)", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "manager", "\"NetworkManager: 1\""}}, "NetworkManager: 1 configures it", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "sessions", "[\"ssh: 192.0.2.1:22 from 192.0.2.9:5\"]"}}, "sessions ssh: 192.0.2.1:22 from 192.0.2.9", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "addresses", ADDRESS}, {UPLINK "manager", "\"ifupdown: eth\""}, {UPLINK "routes", UNREAD}}, "192.0.2.1/24; ifupdown: eth configures", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "addresses", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"91\"]"}}, "7, 8 and 2 more", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "addresses", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "routes", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "uppers", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "manager", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "sessions", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", PASS, NONE, {.take = true}, {APART, {UPLINK "addresses", ADDRESS}}, "taken, as asked (addresses 192.0.2.1/24); it is given back by itself unless 'vfprep confirm' comes within 60 s", NULL},
	{"uplink-in-use", PASS, NONE, {.take = true}, {APART, {UPLINK "addresses", UNREAD}}, "what uses it is not known", NULL},
	{"uplink-in-use", PASS, NONE, {.take = true}, {APART}, "nobody uses", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.take = true, .for_ever = true}, {APART, {UPLINK "addresses", ADDRESS}}, "in use", NULL},
	{"uplink-in-use", PASS, NONE, {.uplink = "none"}, {APART, {UPLINK "addresses", ADDRESS}}, "no step", NULL},
	{"uplink-in-use", PASS, NONE, {.phases = VFM_PHASE_DEVICE}, {APART, {UPLINK "addresses", ADDRESS}}, "no step", NULL},
	/* its bond: what is reached over it, not what a member has */
	{"uplink-in-use", FAIL, REFUSE, {.uplink = "bond0"}, {BONDED, {UPLINK "host_addresses", "[\"192.0.2.1/24 of bond0\"]"}}, "bond0 is in use: addresses 192.0.2.1/24 of bond0", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.uplink = "bond0"}, {BONDED, {UPLINK "sessions", "[\"ssh: x\"]"}}, "sessions ssh", NULL},
	{"uplink-in-use", PASS, NONE, {.uplink = "bond0"}, {BONDED, {UPLINK "manager", "\"NetworkManager: 1\""}}, "nobody uses the uplink bond0", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.uplink = "bond0"}, {BONDED, {UPLINK "host_addresses", UNREAD}}, "needs root", NULL},
	/* a netdev of which nothing is known */
	{"uplink-in-use", UNKNOWN, REFUSE, {.uplink = "eth9"}, {{UPLINK "master", UNREAD}}, "who uses eth9", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.uplink = "eth9"}, {APART}, "who uses eth9", NULL},
	{"uplink-in-use", PASS, NONE, {.uplink = "eth9", .take = true}, {{UPLINK "master", UNREAD}}, "eth9 is taken", NULL},
	{"uplink-in-use", PASS, NONE, {.uplink = "eth9"}, {{PORTS "0/name", "\"eth9\""}, {UPLINK "master", UNREAD}}, "no step", NULL},
	/* a change of mode: its link goes down */
	{"uplink-in-use", PASS, NONE, {}, {LEGACY}, "nobody uses", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.phases = VFM_PHASE_DEVICE}, {LEGACY, APART, {UPLINK "addresses", ADDRESS}}, "in use: addresses 192.0.2.1/24", NULL},
	{"uplink-in-use", FAIL, REFUSE, {}, {LEGACY, {UPLINK "host_addresses", "[\"192.0.2.1/24 of br0\"]"}}, "of br0", NULL},
	{"uplink-in-use", PASS, NONE, {.take = true}, {LEGACY, {UPLINK "host_addresses", "[\"192.0.2.1/24 of br0\"]"}}, "taken", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_ESWITCH, PF, "switchdev", "legacy")}, {{UPLINK "addresses", ADDRESS}, {UPLINK "host_addresses", ADDRESS}}, "no step", NULL},
	/* taken out of a bridge: what is reached over that */
	{"uplink-in-use", PASS, NONE, {.undo = true}, {}, "not reached over the bridge br0", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true}, {{BRIDGE "addresses", ADDRESS}, {UPLINK "sessions", "[\"ssh: x\"]"}}, "lose its uplink enp1s0np0, over which the host is reached: addresses of the bridge 192.0.2.1/24; sessions ssh: x", "# move these addresses to another interface first\nip address show dev br0"},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true}, {{UPLINK "uppers", "[\"v70 (vlan)\"]"}, {UPLINK "host_addresses", "[\"192.0.2.7/24 of v7\"]"}}, "of v7", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {{UPLINK "uppers", "[\"v7\"]"}, {UPLINK "host_addresses", "[\"192.0.2.7/24 of v7\"]"}}, "not reached", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true}, {{UPLINK "host_addresses", "[\"192.0.2.7/24\"]"}}, "192.0.2.7/24", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {{"a/ovs/bridges/-", "{\"name\":\"br8\",\"ports\":" UNREAD "}"}}, "not reached", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true}, {{UPLINK "host_addresses", "[\"192.0.2.1/24 of br0\",\"192.0.2.2/24 of host0\"]"}}, "reached: addresses 192.0.2.2/24 of host0", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {{UPLINK "addresses", ADDRESS}, {UPLINK "uppers", "[\"v7 (vlan)\"]"}, {UPLINK "host_addresses", "[\"192.0.2.1/24 of enp1s0np0\",\"192.0.2.7/24 of v7\"]"}, {UPLINK "sessions", "[\"ssh: x\"]"}}, "not reached", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.undo = true}, {{BRIDGE "addresses", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.undo = true}, {{UPLINK "host_addresses", UNREAD}}, "needs root", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.undo = true}, {{"a/ovs/bridges", UNREAD}}, "in what bridge", NULL},
	{"uplink-in-use", UNKNOWN, REFUSE, {.undo = true}, {{UPLINK "master", UNREAD}}, "in what bridge", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {APART, {BRIDGE "addresses", ADDRESS}}, "not in the bridge", NULL},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {{BRIDGE "name", "\"br00\""}, {BRIDGE "addresses", ADDRESS}}, "not in the bridge", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_OVS_PORT, PF "/uplink", "br0 tag=5", NULL)}, {{BRIDGE "addresses", ADDRESS}}, "lose its uplink", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_OVS_PORT, PF "/uplink", "br0", "br1")}, {{BRIDGE "addresses", ADDRESS}}, "lose its uplink", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_OVS_PORT, "netdev/bond0", "br0", NULL)}, {{PORTS "0/name", "\"bond0\""}, {UPLINK "master", "\"bond0 (bond)\""}, {BRIDGE "addresses", ADDRESS}}, "lose its uplink bond0", NULL},
	{"uplink-in-use", FAIL, REFUSE, {.uplink = "none"}, {OURS("0", "uplink"), {BRIDGE "addresses", ADDRESS}}, "lose its uplink", NULL},
	{"uplink-in-use", PASS, NONE, {.uplink = "none", .take = true}, {OURS("0", "uplink"), {BRIDGE "addresses", ADDRESS}}, "taken", NULL},

	{"uplink-elsewhere", PASS, NONE, {}, {}, "is in br0", NULL},
	{"uplink-elsewhere", PASS, NONE, {}, {APART}, "in no other bridge", NULL},
	{"uplink-elsewhere", SKIP, NONE, {.uplink = "none"}, {}, "no uplink is", NULL},
	{"uplink-elsewhere", SKIP, NONE, {.phases = VFM_PHASE_DEVICE}, {}, NULL, NULL},
	{"uplink-elsewhere", SKIP, NONE, {.bridge = "br1", .firmware = true}, {MODE_OFF}, NULL, NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.bridge = "br1"}, {}, "enp1s0np0 is a port of the bridge br0, not of br1", "# interrupts who uses it there:\novs-vsctl del-port br0 enp1s0np0"},
	{"uplink-elsewhere", PASS, NONE, {.bridge = "br1"}, {OURS("0", "uplink")}, "where vfprep put it", NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {}, {{UPLINK "master", "\"lbr0 (bridge)\""}}, "belongs to lbr0 (bridge)", "# interrupts who uses it there:\nip link set dev enp1s0np0 nomaster"},
	{"uplink-elsewhere", FAIL, REFUSE, {}, {{UPLINK "master", "\"bond0 (bond)\""}}, "belongs to bond0", "--uplink"},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "enp1s0np0"}, {{UPLINK "master", "\"bond0 (bond)\""}}, "belongs to bond0", NULL},
	{"uplink-elsewhere", PASS, NONE, {.uplink = "enp1s0np0"}, {}, NULL, NULL},
	{"uplink-elsewhere", PASS, NONE, {.uplink = "bond0"}, {BONDED}, "bond0 is in no other bridge", NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "bond0"}, {{PORTS "0/name", "\"bond0\""}, {UPLINK "master", "\"bond0 (bond)\""}, {BRIDGE "name", "\"br1\""}}, "bond0 is a port of the bridge br1", NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "bond1"}, {BONDED}, "bond1 is neither the uplink enp1s0np0 nor the bond", "ip link show master bond1"},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "lbr0"}, {{UPLINK "master", "\"lbr0 (bridge)\""}}, "neither", NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "eth9"}, {APART}, "neither", NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {}, {{PORTS "0/name", "\"ovsbond\""}}, "by a port of another name", "bond/list"},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{PORTS "0/name", "\"ovsbond\""}, {"a/ovs/running", "false"}}, "does not run", NULL},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{UPLINK "master", UNREAD}}, "needs root", NULL},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{UPLINK "netdev/name", UNREAD}}, "needs root", NULL},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{"a/ovs/bridges", UNREAD}}, "needs root", NULL},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{BRIDGE "ports", UNREAD}}, "needs root", NULL},

	{"uplink-loop", PASS, NONE, {}, {}, "in br0 already", NULL},
	{"uplink-loop", PASS, NONE, {}, {APART}, "no other uplink", NULL},
	{"uplink-loop", PASS, NONE, {.bridge = "br7"}, {}, "not there yet", NULL},
	{"uplink-loop", SKIP, NONE, {.uplink = "none"}, {}, "no uplink is", NULL},
	{"uplink-loop", FAIL, REFUSE, {.second = "0000:02:00.0"}, {APART}, "two uplinks, this one and 0000:02:00.0", "switch RSTP on:\novs-vsctl --may-exist add-br br0 -- set Bridge br0 rstp_enable=true"},
	{"uplink-loop", FAIL, REFUSE, {.second = "0000:02:00.0", .bridge = "br7"}, {}, "0000:02:00.0", NULL},
	{"uplink-loop", PASS, NONE, {.second = "0000:02:00.0", .second_bridge = "br7"}, {APART}, NULL, NULL},
	{"uplink-loop", PASS, NONE, {.second = "0000:02:00.0", .uplink = "bond0"}, {BONDED}, NULL, NULL},
	{"uplink-loop", FAIL, REFUSE, {.second = "0000:02:00.0", .uplink = "bond0", .second_uplink = "own"}, {BONDED}, "0000:02:00.0", NULL},
	{"uplink-loop", PASS, NONE, {.second = "0000:02:00.0"}, {APART, {BRIDGE "rstp", "true"}}, "RSTP", NULL},
	{"uplink-loop", FAIL, REFUSE, {}, {APART, {"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {PORTS "-", "{\"name\":\"enp2s0np0\",\"owner\":\"0000:02:00.0/uplink\"}"}}, "enp2s0np0", NULL},
	{"uplink-loop", PASS, NONE, {}, {{"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {PORTS "-", "{\"name\":\"enp2s0np0\",\"owner\":null}"}}, "already", NULL},
	{"uplink-loop", FAIL, REFUSE, {}, {APART, {"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {"a/pfs/1/uplink/master", "\"bond0 (bond)\""}, {PORTS "-", "{\"name\":\"bond0\",\"owner\":null}"}}, "bond0", NULL},
	{"uplink-loop", PASS, NONE, {.uplink = "bond0"}, {{PORTS "0/name", "\"bond0\""}, {UPLINK "master", "\"bond0 (bond)\""}, {"a/pfs/-", OTHER_PF("0000:01:00.1", "")}, {"a/pfs/1/uplink/master", "\"bond0 (bond)\""}}, "already", NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, {PORTS "-", "{\"name\":\"eth7\",\"owner\":null}"}}, "the port eth7", NULL},
	{"uplink-loop", PASS, NONE, {}, {APART, {PORTS "-", "{\"name\":\"vnet7\",\"owner\":null}"}, {PORTS "-", "{\"name\":\"tap7\",\"owner\":null}"}, {PORTS "-", "{\"name\":\"br0\",\"owner\":null}"}}, "no other", NULL},
	{"uplink-loop", PASS, NONE, {}, {APART, {PORTS "-", "{\"name\":\"old7\",\"owner\":\"" PF "/1\"}"}}, "no other", NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, {BRIDGE "ports", UNREAD}}, "needs root", NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {{"a/ovs/bridges", UNREAD}}, "needs root", NULL},

	{"vf-in-use", PASS, NONE, {}, {}, "no step", NULL},
	{"vf-in-use", PASS, NONE, {}, {{VF0 "users", "[\"domain vm1 (running)\"]"}}, "no step", NULL},
	{"vf-in-use", PASS, NONE, {}, {LEGACY}, "nobody uses the 2 VFs", NULL},
	{"vf-in-use", PASS, NONE, {}, {LEGACY, {VF0 "users", "null"}}, "nobody uses the 2 VFs", NULL},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {VF0 "users", "[\"domain vm1 (running)\"]"}}, "changed: VF 0 (0000:01:00.1): domain vm1 (running)", "shut down"},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {VF0 "users", "[\"domain vm1 (defined)\",\"open by pid 7 (qemu)\"]"}}, "domain vm1 (defined), open by pid 7", NULL},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {VF0 "users", "[\"rdma device mlx5_2 (1 context, 0 connections)\"]"}, {VF1 "users", "[\"claimed by vfmigrate\"]"}}, "0 connections); VF 1 (0000:01:00.2): claimed by", NULL},
	{"vf-in-use", FAIL, WARN, {}, {LEGACY, {VF0 "users", "[\"domain vm1 (defined)\",\"domain vm2 (defined)\"]"}}, "do not run are defined with VFs that would be changed: VF 0 (0000:01:00.1): domain vm1 (defined), domain vm2", NULL},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {VF0 "users", "[\"domain vm1 (defined)\"]"}, {VF1 "users", "[\"netdev eth5 up\"]"}}, "changed: VF 1 (0000:01:00.2): netdev eth5 up", NULL},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {VF0 "users", UNREAD}, {VF1 "users", "[\"netdev eth5 up\"]"}}, "eth5", NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {}, {LEGACY, {VF0 "users", UNREAD}, {VF1 "users", "[\"domain vm1 (defined)\"]"}}, "0000:01:00.1: needs root", "libvirt"},
	{"vf-in-use", FAIL, REFUSE, {.vfs = "4", .replace = true}, {{VF0 "users", "[\"netdev eth5 up\"]"}}, "eth5", NULL},
	{"vf-in-use", FAIL, REFUSE, {}, {{VF1 "migratable", "\"disabled\""}, {VF0 "users", "[\"netdev eth4 up\"]"}, {VF1 "users", "[\"netdev eth5 up\"]"}}, "changed: VF 1 (0000:01:00.2): netdev eth5", NULL},
	{"vf-in-use", FAIL, REFUSE, {.undo = true}, {{VF0 "users", "[\"domain vm1 (running)\"]"}}, "vm1", NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {.undo = true}, {{"a/pfs/0/vfs", UNREAD}}, PF ": needs root", NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {.undo = true, ONE(VFM_STEP_VF_BIND, PF "/1", "pci-stub", NULL)}, {{"a/pfs/0/vfs", UNREAD}}, "needs root", NULL},
	{"vf-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_LINK, PF "/1", "down", "up")}, {{"a/pfs/0/vfs", UNREAD}}, "no step", NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {.undo = true, ONE(VFM_STEP_LINK, PF "/1", "up", "down")}, {{"a/pfs/0/vfs", UNREAD}}, "needs root", NULL},
	{"vf-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_MTU, PF "/1", "9000", "1500")}, {{VF1 "users", "[\"domain vm1 (running)\"]"}}, "vm1", NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {.undo = true}, {{"a/pfs", UNREAD}}, "which PFs", NULL},
	{"vf-in-use", SKIP, NONE, {.undo = true}, {{"a/pfs", "[]"}}, "no PF", NULL},
	/* firmware is the card's: by serial number, or slot */
	{"vf-in-use", PASS, NONE, {.firmware = true}, {MODE_OFF}, NULL, NULL},
	{"vf-in-use", FAIL, REFUSE, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:07:00.0", ",\"serial\":\"MT2314XZ00YA\"" OTHER_VFS("[\"netdev eth8 up\"]"))}}, "VF 0 (0000:01:02.1): netdev eth8 up", NULL},
	{"vf-in-use", FAIL, REFUSE, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:01:00.1", OTHER_VFS("[\"netdev eth8 up\"]"))}}, "eth8", NULL},
	{"vf-in-use", PASS, NONE, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:01:00.1", ",\"serial\":\"OTHER\"" OTHER_VFS("[\"netdev eth8 up\"]"))}}, NULL, NULL},
	{"vf-in-use", PASS, NONE, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:01:01.0", OTHER_VFS("[\"netdev eth8 up\"]"))}}, NULL, NULL},
	{"vf-in-use", UNKNOWN, REFUSE, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:01:00.1", ",\"vfs\":" UNREAD)}}, "0000:01:00.1: needs root", NULL},
	{"vf-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_FIRMWARE, PF " SRIOV_EN", "1", "0")}, {{VF1 "users", "[\"netdev eth5 up\"]"}}, "eth5", NULL},
	{"vf-in-use", FAIL, REFUSE, {.undo = true, ONE(VFM_STEP_FIRMWARE, "0000:01:00.7 SRIOV_EN", "1", "0")}, {{VF1 "users", "[\"netdev eth5 up\"]"}}, "eth5", NULL},
	{"vf-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_FIRMWARE, "0000:05:00.0 SRIOV_EN", "1", "0")}, {{VF1 "users", "[\"netdev eth5 up\"]"}}, NULL, NULL},

	{"vf-count", PASS, NONE, {}, {}, "no step", NULL},
	{"vf-count", PASS, NONE, {.vfs = "4"}, {{"a/pfs/0/num_vfs", "0"}}, "no VFs yet", NULL},
	{"vf-count", FAIL, REFUSE, {.vfs = "4"}, {}, "there are 2 VFs, and 4 are asked for", "ask for 2, or add --replace-vfs"},
	{"vf-count", PASS, NONE, {.vfs = "4", .replace = true}, {}, "2 VFs there are replaced by 4", NULL},
	{"vf-count", PASS, NONE, {.vfs = "4", .phases = VFM_PHASE_OVS}, {}, "no step", NULL},
	{"vf-count", PASS, NONE, {.vfs = "4", .firmware = true}, {MODE_OFF}, "no step", NULL},
	{"vf-count", SKIP, NONE, {}, {{"a/pfs/0/num_vfs", UNREAD}}, "how many VFs", NULL},
	{"vf-count", SKIP, NONE, {}, {{"a/pfs/0/num_vfs", "null"}}, "how many VFs", NULL},

	{"vf-port-elsewhere", PASS, NONE, {}, {}, "in no bridge of others", NULL},
	{"vf-port-elsewhere", FAIL, REFUSE, {.bridge = "br1"}, {OURS("1", "0")}, "somebody put the representor enp1s0npf0vf1 into the bridge br0", "# interrupts the VF's traffic:\novs-vsctl del-port br0 enp1s0npf0vf1"},
	{"vf-port-elsewhere", PASS, NONE, {.bridge = "br1", .vfs = "1"}, {OURS("1", "0")}, NULL, NULL},
	{"vf-port-elsewhere", PASS, NONE, {.bridge = "br1"}, {OURS("1", "0"), OURS("2", "1")}, NULL, NULL},
	{"vf-port-elsewhere", SKIP, NONE, {.bridge = "br1", .phases = VFM_PHASE_DEVICE}, {}, "no port is asked for", NULL},
	{"vf-port-elsewhere", UNKNOWN, WARN, {}, {{"a/pfs/0/vfs", UNREAD}}, "needs root", NULL},
	{"vf-port-elsewhere", UNKNOWN, WARN, {}, {{VF1 "representor/name", UNREAD}}, "needs root", NULL},
	{"vf-port-elsewhere", PASS, NONE, {.vfs = "1"}, {{VF1 "representor/name", UNREAD}}, NULL, NULL},
	{"vf-port-elsewhere", UNKNOWN, WARN, {}, {{BRIDGE "ports", UNREAD}}, "needs root", NULL},

	{"ipsec", PASS, NONE, {}, {{UPLINK "ipsec_count", "2"}}, "stays", NULL},
	{"ipsec", PASS, NONE, {}, {{"a/pfs/0/vf_autoprobe", "true"}, {UPLINK "ipsec_count", "2"}}, "stays", NULL},
	{"ipsec", PASS, NONE, {}, {LEGACY}, "no IPsec", NULL},
	{"ipsec", FAIL, REFUSE, {}, {LEGACY, {UPLINK "ipsec_count", "2"}}, "2 IPsec states and policies are offloaded to enp1s0np0", "ip xfrm state\nip xfrm policy"},
	{"ipsec", FAIL, REFUSE, {.undo = true}, {{UPLINK "ipsec_count", "1"}}, "1 IPsec", NULL},
	{"ipsec", UNKNOWN, WARN, {}, {LEGACY, {UPLINK "ipsec_count", UNREAD}}, "needs root", NULL},

	{"bridge-name", PASS, NONE, {}, {}, "br0 can be", NULL},
	{"bridge-name", PASS, NONE, {.bridge = "abcdefghijklmno"}, {}, NULL, NULL},
	{"bridge-name", SKIP, NONE, {.bridge = "a/b", .phases = VFM_PHASE_DEVICE}, {}, "no bridge is asked for", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "abcdefghijklmnop"}, {}, "15", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = ""}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a/b"}, {}, "a/b", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a:b"}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "."}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = ".."}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a b"}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a\tb"}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "-br"}, {}, NULL, NULL},
	{"bridge-name", PASS, NONE, {.bridge = "b-r.1"}, {}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "br7"}, {{"a/network/bridges", "[\"br6\",\"br7\"]"}}, "br7 is a Linux bridge", "ip -d link show dev br7"},
	{"bridge-name", PASS, NONE, {}, {{"a/network/bridges", "[\"br7\"]"}}, NULL, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "enp1s0np0"}, {}, "is an uplink", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "enp2s0np0"}, {{"a/pfs/-", OTHER_PF("0000:02:00.0", "")}}, "is an uplink", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "bond0"}, {BONDED}, "bond", NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "enp1s0npf0vf1"}, {}, "a representor", NULL},
	{"bridge-name", FAIL, REFUSE, {}, {{"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {PORTS "-", "{\"name\":\"enp2s0np0\",\"owner\":null}"}}, "not ours and has another uplink, enp2s0np0", "ovs-vsctl list-ports br0"},
	{"bridge-name", PASS, NONE, {}, {{"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {PORTS "-", "{\"name\":\"enp2s0np0\",\"owner\":null}"}, {BRIDGE "owner", "\"br0\""}}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {{"a/pfs/-", OTHER_PF("0000:02:00.0", "")}, {PORTS "-", "{\"name\":\"enp2s0np0\",\"owner\":null}"}, OURS("1", "0")}, NULL, NULL},
	{"bridge-name", SKIP, NONE, {}, {{"a/network/bridges", UNREAD}}, "which Linux bridges", NULL},

	{"bridge-in-use", PASS, NONE, {}, {{BRIDGE "addresses", ADDRESS}}, "no step removes a bridge", NULL},
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {OUR_BRIDGE, {BRIDGE "addresses", ADDRESS}}, "with them: br0: 192.0.2.1/24", NULL},
	{"bridge-in-use", UNKNOWN, REFUSE, {.undo = true, REMOVAL}, {OUR_BRIDGE, {BRIDGE "addresses", UNREAD}}, "needs root", NULL},

	{"firmware-affects-card", PASS, NONE, {}, {{"a/pfs/-", OTHER_PF("0000:01:00.1", "")}}, "no step", NULL},
	{"firmware-affects-card", PASS, NONE, {.firmware = true}, {{"a/pfs/-", OTHER_PF("0000:01:00.1", "")}}, "no step", NULL},
	{"firmware-affects-card", PASS, NONE, {.firmware = true}, {MODE_OFF}, "no other PF", NULL},
	{"firmware-affects-card", FAIL, INFO, {.firmware = true}, {MODE_OFF, {"a/pfs/-", OTHER_PF("0000:01:00.1", "")}}, "they hold for " PF ", 0000:01:00.1", NULL},
	{"firmware-affects-card", FAIL, INFO, {.undo = true, ONE(VFM_STEP_FIRMWARE, PF " SRIOV_EN", "1", "0")}, {{"a/pfs/-", OTHER_PF("0000:01:00.1", "")}}, "0000:01:00.1", NULL},

	/* rules about a host, before a preparation */
	{"privilege", UNKNOWN, WARN, {}, {{"a/host/privileged", "false"}}, NULL, NULL},
	{"pf-model", FAIL, REFUSE, {}, {{"a/pfs", "[]"}}, "no ConnectX PF at this address", NULL},
	{"host-arch", FAIL, REFUSE, {}, {{"a/host/arch", "\"s390x\""}}, NULL, NULL},
	{"iommu", FAIL, REFUSE, {}, {{"a/iommu/enabled", "false"}}, NULL, NULL},
	{"migration-mode", PASS, NONE, {}, {}, NULL, NULL},
	{"migration-mode", UNKNOWN, WARN, {}, {{FW "vf_migration_mode/current", UNREAD}, {"a/pfs/0/vfs", "[]"}}, "needs root", NULL},
	{"migration-mode", FAIL, REFUSE, {}, {MODE_OFF}, NULL, "# the same command with --set-firmware does this:\nmstconfig"},
	{"migration-mode", SKIP, NONE, {.firmware = true}, {MODE_OFF}, "come first", NULL},
	{"migration-mode", FAIL, REFUSE, {.firmware = true}, {{FW "vf_migration_mode/current", "null"}, {FW "vf_migration_mode/next", "null"}, {"a/pfs/0/vfs", "[]"}}, "too old", NULL},
	{"migration-mode", FAIL, REFUSE, {.firmware = true}, {{FW "vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/vfs", "[]"}}, "only from the next start", NULL},
	{"migration-mode-pending", FAIL, REFUSE, {.firmware = true}, {{FW "vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/vfs", "[]"}}, "restarted", "systemctl reboot"},
	{"migration-mode-pending", SKIP, NONE, {.firmware = true}, {{FW "vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {FW "sriov_en/next", "\"False(0)\""}, {"a/pfs/0/vfs", "[]"}}, "come first", NULL},
	{"sriov-enabled", FAIL, REFUSE, {.vfs = "9", .replace = true}, {}, "9 VFs are asked for, and the PF allows 8", "--set-firmware does this:\nmstconfig -d 0000:01:00.0 -y set NUM_OF_VFS=9\n"},
	{"sriov-enabled", PASS, NONE, {.vfs = "8", .replace = true}, {}, NULL, NULL},
	{"sriov-enabled", FAIL, REFUSE, {.vfs = "5", .replace = true}, {{FW "num_of_vfs/current", "\"4\""}}, "allows 4", NULL},
	{"sriov-enabled", FAIL, REFUSE, {}, {{FW "sriov_en/current", "\"False(0)\""}, {FW "sriov_en/next", "\"False(0)\""}}, NULL, "# the same command with --set-firmware does this:\nmstconfig"},
	{"sriov-enabled", PASS, NONE, {.vfs = "5", .replace = true}, {{FW "num_of_vfs/current", "\"many\""}}, NULL, NULL},
	{"sriov-enabled", SKIP, NONE, {.vfs = "9", .replace = true, .firmware = true}, {}, "come first", NULL},
	{"sriov-enabled", UNKNOWN, WARN, {}, {{"a/pfs/0/total_vfs", UNREAD}}, NULL, NULL},
	{"ovs-running", PASS, NONE, {}, {}, NULL, NULL},
	{"ovs-running", FAIL, REFUSE, {}, {{"a/ovs/running", "false"}}, "does not run", NULL},
	{"ovs-running", PASS, NONE, {.phases = VFM_PHASE_OVS}, {{"a/ovs/running", "false"}}, "database", NULL},
	{"ovs-running", FAIL, REFUSE, {.phases = VFM_PHASE_OVS}, {{"a/ovs/running", "false"}, {"a/ovs/bridges", UNREAD}}, NULL, NULL},
	{"ovs-running", SKIP, NONE, {.phases = VFM_PHASE_DEVICE}, {{"a/ovs/running", "false"}, {"a/ovs/bridges", UNREAD}}, NULL, NULL},
	{"ovs-running", SKIP, NONE, {.firmware = true}, {MODE_OFF, {"a/ovs/running", "false"}}, NULL, NULL},
	{"ovs-datapath", PASS, NONE, {}, {APART}, "br0", NULL},
	{"ovs-datapath", FAIL, REFUSE, {}, {APART, {BRIDGE "datapath_type", "\"netdev\""}}, "userspace", NULL},
	{"ovs-datapath", FAIL, WARN, {}, {APART, {BRIDGE "controller", "true"}}, "controller", NULL},
	{"ovs-datapath", PASS, NONE, {.phases = VFM_PHASE_OVS}, {{"a/ovs/running", "false"}, {BRIDGE "only_normal", UNREAD}}, "kernel datapath", NULL},
	{"ovs-datapath", UNKNOWN, WARN, {}, {{"a/ovs/bridges", UNREAD}}, "needs root", NULL},
	{"ovs-datapath", SKIP, NONE, {.bridge = "br7"}, {{BRIDGE "datapath_type", "\"netdev\""}}, "not there yet", NULL},
	{"ovs-datapath", SKIP, NONE, {.phases = VFM_PHASE_DEVICE}, {{BRIDGE "datapath_type", "\"netdev\""}}, NULL, NULL},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	check_rows(rows, VFM_ARRAY_SIZE(rows));
}

static bool has_row(const char *rule, enum vfm_status status, enum vfm_severity severity)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status &&
		    rows[i].severity == severity)
			return true;
	return false;
}

/* Each rule of the topic passes, fails and, where it can, is unknown in a row. */
static void test_tables(void **state)
{
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	(void)state;
	while ((rule = vfm_rule_next(rule))) {
		const struct vfm_severities *in = &rule->in[VFM_PROFILE_RHEL10];

		if (rule->topic != VFM_TOPIC_PREP)
			continue;
		count++;
		assert_int_equal(in->fail, rule->in[VFM_PROFILE_NVIDIA].fail);
		assert_int_equal(in->unknown, rule->in[VFM_PROFILE_NVIDIA].unknown);
		if (!has_row(rule->id, PASS, NONE) || !has_row(rule->id, FAIL, in->fail) ||
		    (in->unknown != NONE && !has_row(rule->id, UNKNOWN, in->unknown)))
			fail_msg("%s lacks a row", rule->id);
	}
	assert_true(count >= 7);
}

/* The rules of a host that no step of a preparation cures, and no others. */
static void test_before(void **state)
{
	static const char *const before[] = {
		"privilege",
		"host-arch",
		"iommu",
		"interrupt-remapping",
		"vfio-module",
		"pf-model",
		"link-type-eth",
		"psid-readable",
		"firmware-min",
		"firmware-readable",
		"migration-mode",
		"sriov-enabled",
		"migration-mode-pending",
		"ovs-running",
		"ovs-datapath",
	};
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	(void)state;
	while ((rule = vfm_rule_next(rule)))
		count += rule->before_prep;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(before); i++)
		if (!vfm_rule_find(before[i])->before_prep)
			fail_msg("%s is not asked before a preparation", before[i]);
	assert_int_equal(count, VFM_ARRAY_SIZE(before));
}

/* A ready host may be prepared again, in either profile, and nothing is unknown. */
static void test_ready(void **state)
{
	static const struct asked again = {.vfs = "2"};
	AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};

	(void)state;
	judge_asked(&prepared, &again, NULL, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
	for (size_t i = 0; i < prepared.findings.count; i++)
		if (prepared.findings.items[i].status != PASS)
			fail_msg("%s: %s", prepared.findings.items[i].rule->id,
				 prepared.findings.items[i].message);
	assert_true(vfm_may_prepare(&prepared.findings));
	assert_non_null(find(&prepared.findings, "firmware-min", PF));
	assert_non_null(find(&prepared.findings, "vf-in-use", PF));
	assert_null(find(&prepared.findings, "switchdev", NULL));
}

/* Nothing of a host that is bad in every way keeps it from being undone, and so of no other PF. */
static void test_undo_asks_nothing(void **state)
{
	static const struct edit edits[EDITS_MAX] = {
		{"a/iommu/enabled", "false"},
		{"a/pfs/0/psid", UNREAD},
		{"a/pfs/0/firmware_running", UNREAD},
		{"a/host/privileged", "false"},
		{"a/pfs/-", OTHER_PF("0000:02:00.0", OTHER_VFS("[\"netdev eth8 up\"]"))},
	};
	static const struct asked undo = {.undo = true};
	AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};

	(void)state;
	judge_asked(&prepared, &undo, edits, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
	for (size_t i = 0; i < prepared.findings.count; i++) {
		assert_int_equal(prepared.findings.items[i].rule->topic, VFM_TOPIC_PREP);
		assert_false(prepared.findings.items[i].rule->needs & VFM_NEED_PREP);
	}
	assert_non_null(find(&prepared.findings, "vf-in-use", "0000:02:00.0"));
	assert_true(vfm_may_prepare(&prepared.findings));
}

/* What else was judged does not count: a host is prepared because it is not ready. */
static void test_may_prepare(void **state)
{
	static const struct {
		struct edit edits[EDITS_MAX];
		bool may;
	} cases[] = {
		{{{NULL, NULL}}, true},
		{{{"a/pfs/0/uplink/netdev/up", "false"}}, true},
		{{{"a/ovs/max_idle_ms", "null"}}, true},
		{{{"a/iommu/enabled", "false"}}, false},
		{{LEGACY}, true},
		{{LEGACY, {VF0 "users", "[\"netdev eth5 up\"]"}}, false},
	};
	static const struct asked again = {.vfs = "2"};
	const unsigned int topics = VFM_TOPIC_BIT(VFM_TOPIC_PREP) | VFM_TOPIC_BIT(VFM_TOPIC_HOST);

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};

		judge_asked(&prepared, &again, cases[i].edits, topics);
		if (vfm_may_prepare(&prepared.findings) != cases[i].may)
			fail_msg("case %zu", i);
	}
}

/* What may be accepted does not stand in the way then. */
static void test_accepted(void **state)
{
	static const struct edit edits[EDITS_MAX] = {{"a/ovs/running", "false"}};
	static const struct asked again = {.vfs = "2"};
	AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};

	(void)state;
	judge_asked(&prepared, &again, edits, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
	assert_false(vfm_may_prepare(&prepared.findings));
	vfm_findings_done(&prepared.findings);
	vfm_strings_add(&accepted, "ovs-running");
	prepared.hosts.given.accepted = &accepted;
	assert_int_equal(vfm_judge(&prepared.hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_PREP),
				   &prepared.findings, NULL),
			 0);
	assert_true(vfm_may_prepare(&prepared.findings));
}

/* This many VFs, each with that user. */
static char *some_vfs(unsigned int count, const char *user)
{
	struct vfm_buffer vfs = {.data = NULL};

	for (unsigned int i = 0; i < count; i++)
		vfm_buffer_printf(&vfs,
				  "%s{\"number\":%u,\"bdf\":\"0000:01:01.%u\",\"users\":[\"%s\"]}",
				  i ? "," : "[", i, i % 8, user);
	vfm_buffer_puts(&vfs, "]");
	return vfm_buffer_steal(&vfs);
}

/* Of many VFs the first are named and the rest is counted. */
static void test_many_vfs(void **state)
{
	static const struct {
		unsigned int count;
		const char *user, *end;
	} cases[] = {
		{8, "claimed by x", "VF 7 (0000:01:01.7): claimed by x"},
		{11, "claimed by x", "VF 7 (0000:01:01.7): claimed by x; and 3 more VFs"},
		{9, "domain x (defined)", "domain x (defined); and 1 more VFs"},
	};
	static const struct asked undo = {.undo = true};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_FREE char *vfs = some_vfs(cases[i].count, cases[i].user);
		const struct edit edits[EDITS_MAX] = {{"a/pfs/0/vfs", vfs}};
		AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};
		const char *message;

		judge_asked(&prepared, &undo, edits, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
		message = find(&prepared.findings, "vf-in-use", PF)->message;
		assert_true(strlen(message) > strlen(cases[i].end));
		assert_string_equal(message + strlen(message) - strlen(cases[i].end), cases[i].end);
	}
}

/* The values that reports show beside a finding. */
static void test_seen(void **state)
{
	static const struct {
		const char *rule, *seen;
		struct asked asked;
		struct edit edits[EDITS_MAX];
	} cases[] = {
		{"bridge-name", "br7", {.bridge = "br7"}, {}},
		{"vf-count", "2", {.vfs = "4"}, {}},
		{"ipsec", "3", {}, {LEGACY, {UPLINK "ipsec_count", "3"}}},
		{"firmware-affects-card", PF, {.firmware = true}, {MODE_OFF}},
		{"uplink-elsewhere", "lbr0 (bridge)", {}, {{UPLINK "master", "\"lbr0 (bridge)\""}}},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};

		judge_asked(&prepared, &cases[i].asked, cases[i].edits,
			    VFM_TOPIC_BIT(VFM_TOPIC_PREP));
		assert_string_equal(find(&prepared.findings, cases[i].rule, PF)->source,
				    cases[i].seen);
	}
}

/* A case without request or without steps is judged by the rules that need neither, or one. */
static void test_needs(void **state)
{
	static const struct asked again = {.vfs = "2"};

	(void)state;
	for (unsigned int offered = 0; offered < 4; offered++) {
		AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};
		struct vfm_case *given = &prepared.hosts.given;
		const struct vfm_rule *rule = NULL;

		judge_asked(&prepared, &again, NULL, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
		vfm_findings_done(&prepared.findings);
		given->prep = offered & 1 ? given->prep : NULL;
		given->steps = offered & 2 ? given->steps : NULL;
		assert_int_equal(
			vfm_judge(given, VFM_TOPIC_BIT(VFM_TOPIC_PREP), &prepared.findings, NULL),
			0);
		while ((rule = vfm_rule_next(rule))) {
			bool met = (!(rule->needs & VFM_NEED_PREP) || given->prep) &&
				   (!(rule->needs & VFM_NEED_STEPS) || given->steps);

			if (rule->topic != VFM_TOPIC_PREP)
				continue;
			assert_true(rule->needs & (VFM_NEED_PREP | VFM_NEED_STEPS));
			assert_int_equal(met, find(&prepared.findings, rule->id, NULL) != NULL);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_undo_asks_nothing),
		cmocka_unit_test(test_may_prepare),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_many_vfs),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
