#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Prepares a lab host for the migration of VMs with a VF, by the documented
# commands one by one: what vfprep is there to replace.  Run on each host.
#
#   prepare-by-hand.sh [--pf BDF] [--vfs N] [--bridge NAME] [--mac-of VF MAC]… [--not-migratable VF]
#
# VFs are counted from 0.  VF n gets the MAC 52:54:00:77:00:0n unless told
# otherwise, the same on both hosts: a VM finds its VF at the same place.
set -euo pipefail
pf=0000:01:00.0 vfs=2 bridge=br0
declare -A mac refused

while [[ $# -gt 0 ]]; do
	case $1 in
	--pf) pf=$2; shift ;;
	--vfs) vfs=$2; shift ;;
	--bridge) bridge=$2; shift ;;
	--mac-of) mac[$2]=$3; shift 2 ;;
	--not-migratable) refused[$2]=1; shift ;;
	*) echo "prepare-by-hand.sh: what is $1?" >&2; exit 2 ;;
	esac
	shift
done
device=/sys/bus/pci/devices/$pf

# show CMD…: each command is printed, then run
show() {
	printf '+ %s\n' "$*"
	"$@"
}

write() {
	printf '+ echo %s > %s\n' "$1" "$2"
	echo "$1" >"$2"
}

# netdev NAME: the netdev of the PF whose port is called so by the driver (p0:
# the uplink, pf0vf1: the representor of VF 1)
netdev() {
	local dev name
	for dev in "$device"/net/*; do
		name=$(cat "$dev/phys_port_name" 2>/dev/null) || continue
		[[ $name != "$1" && $name != c0"$1" ]] || { echo "${dev##*/}"; return; }
	done
	echo "prepare-by-hand.sh: no netdev for port $1 of $pf" >&2
	exit 1
}

# port VF: the devlink port of a VF, as devlink itself lists it
port() {
	devlink -j port show | python3 -c '
import json, sys
pf, vf = sys.argv[1], int(sys.argv[2])
for name, port in json.load(sys.stdin)["port"].items():
    if name.startswith("pci/" + pf + "/") and port.get("flavour") == "pcivf" and port.get("vfnum") == vf:
        print(name)
' "$pf" "$1"
}

# the card: switchdev mode, then VFs that no driver of the host takes
show devlink dev eswitch set "pci/$pf" mode switchdev
write 0 "$device/sriov_drivers_autoprobe"
write "$vfs" "$device/sriov_numvfs"
udevadm settle
number=$(cat "$device"/net/*/phys_port_name 2>/dev/null | sed -n 's/^p\([0-9]*\)$/\1/p' | head -n 1)
for ((vf = 0; vf < vfs; vf++)); do
	function=$(port "$vf")
	show devlink port function set "$function" hw_addr "${mac[$vf]:-52:54:00:77:00:0$vf}"
	[[ ${refused[$vf]:-} ]] || show devlink port function set "$function" migratable enable
done
uplink=$(netdev "p$number")
show ip link set "$uplink" up

# the driver that libvirt will bind to a VF
show modprobe mlx5_vfio_pci

# Open vSwitch: offload takes a restart
show systemctl start openvswitch
show ovs-vsctl set Open_vSwitch . other_config:hw-offload=true
show ovs-vsctl set Open_vSwitch . other_config:max-idle=300000
show systemctl restart openvswitch
show ovs-vsctl --may-exist add-br "$bridge"
show ovs-vsctl --may-exist add-port "$bridge" "$uplink"
for ((vf = 0; vf < vfs; vf++)); do
	representor=$(netdev "pf${number}vf$vf")
	show ip link set "$representor" up
	show ovs-vsctl --may-exist add-port "$bridge" "$representor"
done

# an address of the host on the bridge, to reach the VM from; a network a card
# shellcheck source=/dev/null
. /run/lab/env
show ip link set "$bridge" up
show ip addr replace "10.$((76 + 16#${pf:5:2})).0.$LAB_NUMBER/24" dev "$bridge"
