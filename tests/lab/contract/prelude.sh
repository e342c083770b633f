# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the rows of behaviours.py can use; runs on a lab host, ahead of them.
# shellcheck disable=SC2034 # the rows use what is set here
PF=0000:01:00.0
DEV=pci/$PF
SYS=/sys/bus/pci/devices/$PF
KNOBS=/sys/module/mlx5_core/parameters
VFIO_KNOBS=/sys/module/mlx5_vfio_pci/parameters
DRIVERS=/sys/bus/pci/drivers
DEBUGFS=/sys/kernel/debug/vfio
VFIO_STATE=/lab/share/bin/vfio-state

settle() { udevadm settle --timeout=60; }
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# knob NAME VALUE…, vfio_knob NAME VALUE: as firmware or driver would be
knob() { printf '%s\n' "${*:2}" >"$KNOBS/$1"; }
vfio_knob() { printf '%s\n' "${*:2}" >"$VFIO_KNOBS/$1"; }

declare -A KNOB_DEFAULT
remember_knobs() {
	local file
	for file in "$KNOBS"/* "$VFIO_KNOBS"/*; do
		case ${file##*/} in
		calls | fake_ids) ;; # counts, and what is settled when the module is loaded
		*) KNOB_DEFAULT[$file]=$(<"$file") ;;
		esac
	done
}
default_knobs() {
	local file
	for file in "${!KNOB_DEFAULT[@]}"; do
		[[ $(<"$file") = "${KNOB_DEFAULT[$file]}" ]] || printf '%s\n' "${KNOB_DEFAULT[$file]}" >"$file"
	done
	knob calls 0
}

numvfs() { echo "$1" >"$SYS/sriov_numvfs"; }
autoprobe() { echo "$1" >"$SYS/sriov_drivers_autoprobe"; }

# the PF as a cold start leaves it, and all knobs as the lab sets them
fresh() {
	echo >"$SYS/driver_override"
	[[ $(<"$SYS/sriov_numvfs") = 0 ]] || numvfs 0
	default_knobs
	ip xfrm state flush
	ip xfrm policy flush
	rebind
	autoprobe 1
	settle
}
# the PF's driver anew: it takes the knobs of a start
rebind() {
	[[ ! -e $SYS/driver ]] || echo "$PF" >"$SYS/driver/unbind"
	echo "$PF" >"$DRIVERS/mlx5_core/bind"
}
mode() { devlink dev eswitch set "$DEV" mode "$1" && settle; }

vf() { basename "$(readlink "$SYS/virtfn$1")"; }
vf_driver() { basename "$(readlink "$SYS/virtfn$1/driver")"; }
group() { basename "$(readlink "$SYS/virtfn$1/iommu_group")"; }
# bind N DRIVER: by override, as an operator is told to
bind() {
	local bdf
	bdf=$(vf "$1")
	echo "$2" >"$SYS/virtfn$1/driver_override"
	unbind "$1"
	echo "$bdf" >/sys/bus/pci/drivers_probe
}
unbind() { [[ ! -e $SYS/virtfn$1/driver ]] || vf "$1" >"$SYS/virtfn$1/driver/unbind"; }

port_set() { devlink port function set "$DEV/$1" "${@:2}"; }
port_show() { devlink port show "$DEV/$1"; }
# netdev PORT-NAME: p0, pf0vf1
netdev() {
	local dir
	for dir in "$SYS"/net/*; do
		case $(cat "$dir/phys_port_name" 2>/dev/null) in
		"$1" | "c0$1") echo "${dir##*/}" ;;
		esac
	done
}
# xfrm_state NETDEV, xfrm_policy NETDEV: IPsec that the netdev does, a state by crypto offload and a
# policy by packet offload
xfrm_state() {
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 reqid 1 mode transport \
		aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 \
		offload dev "$1" dir out
}
xfrm_policy() {
	ip xfrm policy add src 192.0.2.1/32 dst 192.0.2.2/32 dir out offload packet dev "$1" \
		tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 1 mode transport
}
vfio() { "$VFIO_STATE" "$@"; }
calls() { sed -n "s/^$1 //p" "$KNOBS/calls"; }

# two VFs in switchdev mode that no driver has
two_free_vfs() {
	fresh && autoprobe 0 && numvfs 2 && mode switchdev
}

# ---- GPUs -------------------------------------------------------------------

# the GPU without SR-IOV
T4=0000:00:18.0
MDEV_BUS=/sys/class/mdev_bus
TYPES=$MDEV_BUS/$T4/mdev_supported_types
UUID=5f0e6c1a-0000-4000-8000-0000000000
MDEV=/sys/bus/mdev/devices/$UUID
GPU_KNOBS=/sys/module/nvidia/parameters

# vgpu_host KNOB=VALUE…: a vGPU host without vGPUs
vgpu_host() { /lab/host/gpu unload && /lab/host/gpu load "$@"; }
# the GPU with SR-IOV, its VF N and the folder of that
gpu() {
	local dev
	for dev in "$DRIVERS"/nvidia/0*; do
		[[ ! -e $dev/sriov_totalvfs ]] || basename "$(readlink -f "$dev")"
	done
}
gpu_vf() { basename "$(readlink "/sys/bus/pci/devices/$(gpu)/virtfn$1")"; }
gpu_vf_driver() { basename "$(readlink "$(gpu_vf_dir "$1")/driver")"; }
gpu_vf_dir() { echo "/sys/bus/pci/devices/$(gpu_vf "$1")"; }
# mdev_create TYPE NN: by the last two digits of its UUID
mdev_create() { echo "$UUID$2" >"$TYPES/nvidia-$1/create"; }
mdev_remove() { echo 1 >"$MDEV$1/remove"; }
available() { echo "available $(cat "$TYPES/nvidia-$1/available_instances")"; }
# vgpu_type VF TYPE, creatable VF
vgpu_type() { echo "$2" >"$(gpu_vf_dir "$1")/nvidia/current_vgpu_type"; }
creatable() { cat "$(gpu_vf_dir "$1")/nvidia/creatable_vgpu_types"; }

# ---- how rows are run and told apart ----------------------------------------

# scene NAME COMMAND: brings the host to where its rows begin
scene() {
	local said
	SCENE_ERROR=
	if ! said=$(eval "$2" 2>&1 </dev/null); then
		SCENE_ERROR="the scene $1 could not be set: $said"
	fi
}
# row ID COMMAND: prints RS, the id, the exit code, and all that was said
row() {
	local said code
	if [[ $SCENE_ERROR ]]; then
		printf '\036%s scene\n%s\n' "$1" "$SCENE_ERROR"
		return
	fi
	said=$(eval "$2" 2>&1 </dev/null)
	code=$?
	printf '\036%s %s\n%s\n' "$1" "$code" "$said"
}

modprobe vfio-pci
modprobe mlx5_vfio_pci
remember_knobs
