# SPDX-License-Identifier: LGPL-2.1-or-later
"""What our tools rely on at a vGPU host, one row a behaviour: see behaviours.py.

A host is of one layout, mdev or vendor VFIO; rows on errnos that are not documented are not here.
"""

from behaviours import Scene, holds, refused

VERSION = r"\d+\.\d+(\.\d+)?"

ANY_HOST = (
    holds("gpu-sysfs-version", "6.3", "cat /sys/module/nvidia/version", rf"\A{VERSION}\n?\Z"),
    holds("gpu-proc-version", "6.3", "cat /proc/driver/nvidia/version",
          (rf"^NVRM version: NVIDIA UNIX x86_64 Kernel Module  {VERSION}  \w", r"^GCC version:  gcc version \d")),
    holds("gpu-versions-agree", "6.3",
          "grep -F \"  $(cat /sys/module/nvidia/version)  \" /proc/driver/nvidia/version", "NVRM version"),
    holds("gpu-version-of-open-modules", "6.3",
          "echo Y >$GPU_KNOBS/open_flavour; cat /proc/driver/nvidia/version; echo N >$GPU_KNOBS/open_flavour",
          rf"^NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {VERSION}  Release Build  \("),
    holds("gpu-information", "6.3", "cat /proc/driver/nvidia/gpus/*/information",
          (r"^Model:\s+\S", r"^GPU UUID:\s+GPU-[0-9a-f-]{36}$", r"^Bus Location:\s+0000:")),
    holds("gpu-ids", "6.2", "cat /sys/bus/pci/devices/$(gpu)/vendor $(gpu_vf_dir 0)/vendor", r"^0x10de\n0x10de$"),
    refused("gpu-vfs-not-by-sysfs", "6.2", "echo 1 >/sys/bus/pci/devices/$(gpu)/sriov_numvfs", "write error"),
    holds("gpu-vfs-by-sriov-manage", "6.2",
          "for word in -d -e; do sriov-manage $word $(gpu); cat /sys/bus/pci/devices/$(gpu)/sriov_numvfs; done; "
          "gpu_vf_driver 0", ("^0$", "^8$", "^nvidia$")),
)

SCENES = (
    Scene("vGPUs as mediated devices", "vgpu_host layout=mdev", (
        holds("mdev-types", "6.1", "ls $TYPES", r"^nvidia-\d+$"),
        holds("mdev-type-files", "6.1", "ls -1 $TYPES/nvidia-232",
              tuple(rf"^{name}$" for name in
                    ("available_instances", "create", "description", "device_api", "devices", "name"))),
        holds("mdev-type-name", "6.1", "cat $TYPES/*/name", r"^(GRID|NVIDIA) \S+-\d+[ABCQ]$"),
        holds("mdev-type-description", "6.1", "cat $TYPES/nvidia-232/description",
              r"^num_heads=\d+, frl_config=\d+, framebuffer=4096M, max_resolution=\d+x\d+, max_instance=4$"),
        holds("mdev-device-api", "6.1", "cat $TYPES/nvidia-232/device_api", r"^vfio-pci$"),
        holds("mdev-available-is-decimal", "6.1", "cat $TYPES/*/available_instances", hides=r"[^\d\n]"),
        holds("mdev-created", "6.1",
              "available 232; mdev_create 232 01; available 232; ls $TYPES/nvidia-232/devices; ls ${MDEV}01",
              ("^available 4$", "^available 3$", "^5f0e6c1a-0000-4000-8000-000000000001$", "^mdev_type$",
               "^remove$", "^nvidia$")),
        holds("mdev-has-its-type", "6.1", "readlink ${MDEV}01/mdev_type", "/nvidia-232$"),
        holds("mdev-one-size-a-gpu", "6.1", "available 231; available 233; available 322",
              r"^available 0\navailable 0\navailable 3$"),
        refused("mdev-other-size-is-refused", "6.1", "mdev_create 231 02", "write error"),
        refused("mdev-full", "6.1",
                "mdev_create 232 02; mdev_create 322 03; mdev_create 232 04; available 232; mdev_create 232 05",
                ("^available 0$", "write error")),
        holds("mdev-gives-back", "6.1",
              "for n in 01 02 03 04; do mdev_remove $n; done; available 232; available 234; ls $TYPES/nvidia-232/devices",
              ("^available 4$", "^available 1$"), "5f0e6c1a"),
        holds("mdev-params", "6.1",
              "mdev_create 232 06; echo frame_rate_limiter=0, disable_vnc=1 >${MDEV}06/nvidia/vgpu_params; "
              "cat ${MDEV}06/nvidia/vgpu_params; mdev_remove 06", "^frame_rate_limiter=0, disable_vnc=1$"),
        holds("mdev-vf-is-a-parent", "6.1",
              "for dev in $(gpu_vf 0) $(gpu); do [ -e $MDEV_BUS/$dev ] && echo parent || echo none; done; "
              "gpu_vf_driver 0; ls $MDEV_BUS/$(gpu_vf 0)/mdev_supported_types",
              (r"^parent\nnone$", "^nvidia$", r"^nvidia-\d+$")),
        holds("mdev-one-on-a-vf", "6.1",
              "dir=$MDEV_BUS/$(gpu_vf 0)/mdev_supported_types/nvidia-1153; cat $dir/available_instances; "
              "echo ${UUID}07 >$dir/create; cat $dir/available_instances; mdev_remove 07", r"^1\n0$"),
        holds("mdev-has-no-vf-types", "6.2", "ls $(gpu_vf_dir 0)", hides=r"^nvidia$"),
        holds("mdev-libvirt-lists", "4.7", "virsh -q nodedev-list --cap mdev_types", "^pci_0000_00_18_0$"),
        holds("mdev-libvirt-describes", "4.7", "virsh -q nodedev-dumpxml pci_0000_00_18_0",
              ("<type id='nvidia-232'>", "<name>GRID T4-4Q</name>", "<deviceAPI>vfio-pci</deviceAPI>",
               "<availableInstances>4</availableInstances>")),
    )),
    Scene("vGPUs as VFs", "vgpu_host layout=vfio", ANY_HOST + (
        holds("vf-types-bound", "6.2", "gpu_vf_driver 0", "^nvidia$"),
        holds("vf-types-files", "6.2", "ls -1 $(gpu_vf_dir 0)/nvidia",
              r"^creatable_vgpu_types\ncurrent_vgpu_type\nvgpu_params$"),
        refused("vf-types-not-at-the-pf", "6.2", "ls /sys/bus/pci/devices/$(gpu)/nvidia", "No such file"),
        holds("vf-types-creatable", "6.2", "creatable 0",
              (r"\AID\s+: vGPU Name$", r"^\d+\s+: NVIDIA L40S-\d+[ABCQ]$")),
        holds("vf-types-header-is-optional", "6.2",
              "echo N >$GPU_KNOBS/list_header; creatable 0; echo Y >$GPU_KNOBS/list_header", r"^\d+\s+: ", "^ID"),
        holds("vf-types-none-at-first", "6.2", "cat $(gpu_vf_dir 0)/nvidia/current_vgpu_type", r"^0$"),
        refused("vf-types-none-is-no-device", "6.2", "vfio show $(gpu_vf 0)", "ENODEV"),
        holds("vf-types-set", "6.2", "vgpu_type 0 1153; cat $(gpu_vf_dir 0)/nvidia/current_vgpu_type", "^1153$"),
        holds("vf-types-one-size-a-gpu", "6.2", "creatable 1", (r"^1153\s", r"^1173\s"), r"^1151\s"),
        refused("vf-types-other-size-is-refused", "6.2", "vgpu_type 1 1151", "write error"),
        refused("vf-types-another-while-there-is-one", "6.2", "vgpu_type 0 1173", "write error"),
        refused("vf-types-unknown", "6.2", "vgpu_type 1 4711", "write error"),
        holds("vf-types-only-the-header-when-full", "6.2",
              "vgpu_type 0 0; vgpu_type 0 1159; creatable 1", r"\AID\s+: vGPU Name\s*\Z"),
        refused("vf-types-full", "6.2", "vgpu_type 1 1159", "write error"),
        holds("vf-types-removed", "6.2", "vgpu_type 0 0; creatable 1", r"^1159\s"),
        holds("vf-types-mixed", "6.2",
              "echo 1 >/proc/driver/nvidia/gpus/$(gpu)/mixed; vgpu_type 0 1153; creatable 1", (r"^1151\s", r"^1155\s")),
        refused("vf-types-mixed-before-the-first", "6.2",
                "echo 0 >/proc/driver/nvidia/gpus/$(gpu)/mixed", "write error"),
        holds("vf-types-mixed-is-not-kept", "6.2",
              "vgpu_type 0 0; sriov-manage -d $(gpu); sriov-manage -e $(gpu); vgpu_type 0 1153; creatable 1",
              r"^1153\s", r"^1151\s"),
        holds("vf-types-no-mdev", "6.2", "ls $MDEV_BUS 2>/dev/null || true", hides="0000"),
        holds("vf-types-without-sriov-none", "6.2", "ls /sys/bus/pci/devices/$T4", hides=("^nvidia$", "^mdev_")),
    )),
    Scene("a vGPU migrates", "vgpu_host layout=vfio && vgpu_type 0 1153 && vgpu_type 1 1153", (
        holds("vgpu-migration-features", "3.1", "vfio show $(gpu_vf 0)", "^migration: STOP_COPY P2P PRE_COPY$"),
        holds("vgpu-dirty-tracking", "3.1", "vfio log $(gpu_vf 0)",
              ("log_start: ok", "log_report: ok", "log_stop: ok")),
        holds("vgpu-state-moves", "3.1", "vfio move $(gpu_vf 0) $(gpu_vf 1)", "^moved: ok$"),
        refused("vgpu-empty-state-is-refused", "3.1", "vfio walk $(gpu_vf 0) RESUMING STOP", "^set STOP: EINVAL$"),
        holds("vgpu-state-of-same-version", "6.5", "vfio save $(gpu_vf 0) /tmp/state; vfio load $(gpu_vf 1) /tmp/state",
              "^set RUNNING: ok$"),
        refused("vgpu-state-of-other-type", "6.5",
                "vgpu_type 1 0; vgpu_type 1 1173; vfio load $(gpu_vf 1) /tmp/state", "^write: EINVAL$"),
        refused("vgpu-state-of-other-version", "6.5",
                "vgpu_host layout=vfio version=535.129.03; vgpu_type 1 1153; vfio load $(gpu_vf 1) /tmp/state",
                "^write: EINVAL$"),
        refused("vgpu-refused-at-the-end", "6.5",
                "echo N >$GPU_KNOBS/early_check; vfio load $(gpu_vf 1) /tmp/state",
                (r"^write: \d+$", "^set STOP: EINVAL$")),
        refused("vgpu-unified-memory-forbids", "6.5",
                "echo enable_uvm=1 >$(gpu_vf_dir 1)/nvidia/vgpu_params; vfio show $(gpu_vf 1)", "^migration: ENOTTY$"),
    )),
)

MUTATIONS = (
    ("gpu-versions-agree", "cat() { echo 1.2; }"),
    # of a card that has VFs already another number is refused too
    ("gpu-vfs-not-by-sysfs", "echo 0 >$SYS/sriov_numvfs; gpu() { basename $(readlink -f $SYS); }"),
    ("mdev-created", "mdev_create() { :; }"),
    ("mdev-one-size-a-gpu", "mdev_create() { :; }"),
    ("mdev-full", "vgpu_host layout=mdev total_mb=49152"),
    ("mdev-vf-is-a-parent", "sriov-manage -d ALL"),
    ("vf-types-files", "gpu_vf_dir() { echo /sys/bus/pci/devices/$T4; }"),
    ("vf-types-one-size-a-gpu", "vgpu_type() { :; }"),
    ("vf-types-only-the-header-when-full", "vgpu_host layout=vfio total_mb=98304"),
    ("vf-types-no-mdev", "vgpu_host layout=mdev"),
    ("vgpu-migration-features", "echo N >$GPU_KNOBS/precopy"),
    ("vgpu-state-moves", "echo 4 >$GPU_KNOBS/fail_state"),
    ("vgpu-state-of-same-version", "vgpu_type 1 0; vgpu_type 1 1173"),
)
