/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about what else has to be there or to move along, and about how the migration goes, by
 * rows (moving.h). The last test holds rows and tables against what was released.
 */
#include "moving.h"
#include "rulewords.h"

#define NVIDIA NUMBER(profile, VFM_PROFILE_NVIDIA)

/* clang-format off */

#define SECRET       "11111111-0000-4000-8000-000000000001"
#define SECRETS      STRINGS(domain.secrets, SECRET "|usage:vm1")
#define EFI          NUMBER(domain.firmware, VFM_FIRMWARE_EFI), WORD(domain.loader, "/usr/share/OVMF.fd"), \
		     WORD(domain.nvram, "/srv/vm1_VARS.fd")
#define SECURE       EFI, NUMBER(domain.secure_boot, true)
#define MISSING(v)   TEXTS(probe.resources.paths_missing, v)
#define PATHS(v)     STRINGS(domain.host_paths, v)
#define NVRAM(here, there) \
	COUNT(probe.storage, 2), TEXT(storage[1].target, "nvram"), \
	BOOL(storage[1].at_source.reachable, here), BOOL(storage[1].at_destination.reachable, there)
#define NVRAM_IS(a, b) TEXT(storage[1].at_source.identity, a), TEXT(storage[1].at_destination.identity, b), \
	BOOL(storage[1].at_destination.cluster, true)
#define TPM(v)       STRINGS(domain.tpms, v)
#define SEV          WORD(domain.launch_security, "sev")
#define BACK_ENDS    STRINGS(domain.vhost_users, "interface: /run/vhost0|disk: /run/vhost1")
#define VIRTIOFS     STRINGS(domain.filesystems, "virtiofs: /srv -> share")
#define MEASURED(v)  NUMBER(move.measure_dirty_s, 5), UINT(probe.vm.dirty_rate_mib_s, v)
#define BANDWIDTH(v) NUMBER(move.migration.bandwidth_mib_s, v)
#define SPEED(s, v)  DOCUMENT(s "/pfs/0/uplink/speed_mbps", v)
/* A machine type with which a device's state goes by all connections. */
#define SPREAD       WORD(domain.machine, "pc-q35-10.0")
#define STATE(v)     UINT(device_probes[0].state_bytes, v)

static const struct moving_row rows[] = {
	{"secrets", PASS, NONE, {}, "needs no secret", NULL, "vm1"},
	{"secrets", PASS, NONE, {SECRETS}, "are there", NULL, NULL},
	{"secrets", FAIL, REFUSE, {SECRETS, TEXTS(probe.resources.secrets_missing, SECRET)}, "b does not have the secrets of the VM: " SECRET, "virsh secret-set-value " SECRET " --file VALUE", NULL},
	{"secrets", FAIL, REFUSE, {NVIDIA, OFFLINE, SECRETS, TEXTS(probe.resources.secrets_missing, "usage:vm1")}, "usage:vm1", "the usage vm1", NULL},
	{"secrets", UNKNOWN, WARN, {SECRETS, NOT_READ(probe.resources.secrets_missing)}, "not asked", NULL, NULL},

	{"firmware-nvram", PASS, NONE, {}, "QEMU's own firmware", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI}, "b has the firmware", NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, BOOL(probe.destination.efi, false)}, "b offers no EFI firmware", "dnf install edk2-ovmf", NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, NVIDIA, DOCUMENT("b/host/os_id", "\"debian\""), BOOL(probe.destination.efi, false)}, NULL, "apt-get install ovmf", NULL},
	{"firmware-nvram", FAIL, REFUSE, {SECURE, BOOL(probe.destination.efi_secure, false)}, "no EFI firmware with Secure Boot", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI, BOOL(probe.destination.efi_secure, false)}, NULL, NULL, NULL},
	{"firmware-nvram", UNKNOWN, WARN, {EFI, NOT_READ(probe.destination.efi)}, "which firmware", NULL, NULL},
	{"firmware-nvram", UNKNOWN, WARN, {SECURE, NOT_READ(probe.destination.efi_secure)}, "which firmware", NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, MISSING("/usr/share/OVMF.fd")}, "b does not have the firmware that the VM names: /usr/share/OVMF.fd", NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, WORD(domain.nvram_template, "/usr/share/VARS.fd"), MISSING("/usr/share/VARS.fd|/usr/share/OVMF.fd")}, "/usr/share/OVMF.fd, /usr/share/VARS.fd", NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {WORD(domain.loader, "/srv/bios"), MISSING("/srv/bios")}, NULL, NULL, NULL},
	/* Other files are another rule's. */
	{"firmware-nvram", PASS, NONE, {PATHS("rng: /dev/urandom"), NOT_READ(probe.resources.paths_missing)}, "QEMU's own firmware", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI, PATHS("rng: /dev/hwrng"), MISSING("/dev/hwrng")}, "b has the firmware", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {NUMBER(domain.firmware, VFM_FIRMWARE_EFI), NOT_READ(probe.resources.paths_missing)}, "b has the firmware", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {BACK_ENDS, MISSING("interface: /run/vhost0")}, NULL, NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI, BACK_ENDS, MISSING("/run/vhost0")}, NULL, NULL, NULL},
	{"firmware-nvram", UNKNOWN, WARN, {EFI, NOT_READ(probe.resources.paths_missing)}, "not asked", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI, NVRAM(true, false)}, NULL, NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, OFFLINE, NVRAM(true, false)}, "do not move with a definition", "scp -p /srv/vm1_VARS.fd root@b:/srv/vm1_VARS.fd", NULL},
	{"firmware-nvram", PASS, NONE, {EFI, OFFLINE, NVRAM(false, false)}, "no variables of the firmware yet", NULL, NULL},
	{"firmware-nvram", PASS, NONE, {EFI, OFFLINE, NVRAM(true, true), NVRAM_IS("nfs s:/v inode 1", "nfs s:/v inode 1")}, "storage of both hosts", NULL, NULL},
	{"firmware-nvram", UNKNOWN, WARN, {EFI, OFFLINE, NVRAM(true, true), NVRAM_IS("nfs s:/v inode 1", "nfs t:/v inode 1")}, "are the same", NULL, NULL},
	{"firmware-nvram", FAIL, REFUSE, {EFI, OFFLINE, NVRAM(true, true), NVRAM_IS("xfs 1 /v inode 1", "xfs 2 /v inode 1"), BOOL(storage[1].at_destination.cluster, false)}, "other variables", NULL, NULL},
	{"firmware-nvram", UNKNOWN, WARN, {EFI, OFFLINE}, "not looked at", NULL, NULL},

	{"host-paths", PASS, NONE, {}, "names no file", NULL, NULL},
	{"host-paths", PASS, NONE, {PATHS("rng: /dev/urandom|rng: /dev/random"), NOT_READ(probe.resources.paths_missing)}, "names no file", NULL, NULL},
	{"host-paths", PASS, NONE, {PATHS("rng: /dev/hwrng|kernel: /srv/vmlinuz"), MISSING("/dev/other")}, "b has the files", NULL, NULL},
	{"host-paths", PASS, NONE, {EFI, OFFLINE, PATHS("rng: /dev/hwrng"), MISSING("/usr/share/OVMF.fd")}, "b has the files", NULL, NULL},
	{"host-paths", FAIL, REFUSE, {PATHS("rng: /dev/hwrng|kernel: /srv/vmlinuz"), MISSING("/srv/vmlinuz")}, "b does not have what the VM names: kernel: /srv/vmlinuz", "# on b:", NULL},
	{"host-paths", FAIL, REFUSE, {NVIDIA, OFFLINE, PATHS("rng: /dev/hwrng"), MISSING("/dev/hwrng")}, "rng: /dev/hwrng", NULL, NULL},
	{"host-paths", UNKNOWN, WARN, {PATHS("rng: /dev/hwrng"), NOT_READ(probe.resources.paths_missing)}, "not asked", NULL, NULL},

	{"tpm", PASS, NONE, {}, "no TPM", NULL, NULL},
	{"tpm", PASS, NONE, {TPM("emulator|secret:" SECRET)}, "moves along", NULL, NULL},
	{"tpm", FAIL, REFUSE, {TPM("emulator"), TEXTS(probe.destination.tpm_backends, "passthrough")}, "b offers no emulated TPM", "dnf install swtpm", NULL},
	{"tpm", FAIL, REFUSE, {TPM("emulator"), NO_FACT(probe.destination.tpm_backends), DOCUMENT("b/host/os_id", "\"ubuntu\"")}, NULL, "apt-get install swtpm", NULL},
	{"tpm", FAIL, REFUSE, {NVIDIA, TPM("passthrough")}, "the TPM of the host a", "virsh edit vm1", NULL},
	{"tpm", UNKNOWN, WARN, {TPM("emulator"), NOT_READ(probe.destination.tpm_backends)}, "not asked", NULL, NULL},
	{"tpm", UNKNOWN, WARN, {TPM("emulator"), OFFLINE}, "does not move with a definition", "rsync -a /var/lib/libvirt/swtpm/" VM_UUID "/ root@b:/var/lib/libvirt/swtpm/" VM_UUID "/", NULL},
	{"tpm", UNKNOWN, WARN, {TPM("external")}, "run by somebody else", NULL, NULL},

	{"launch-security", PASS, NONE, {}, "not encrypted", NULL, NULL},
	{"launch-security", FAIL, REFUSE, {SEV, TEXTS(probe.destination.launch_security, "sev")}, "QEMU moves no VM with launch security (sev)", "--offline", NULL},
	{"launch-security", FAIL, REFUSE, {NVIDIA, SEV, NO_VF}, NULL, NULL, NULL},
	{"launch-security", PASS, NONE, {SEV, OFFLINE, TEXTS(probe.destination.launch_security, "tdx|sev")}, "b offers sev", NULL, NULL},
	{"launch-security", FAIL, REFUSE, {SEV, OFFLINE, TEXTS(probe.destination.launch_security, "sev-snp")}, "b does not offer sev", NULL, NULL},
	{"launch-security", UNKNOWN, WARN, {SEV, OFFLINE, NOT_READ(probe.destination.launch_security)}, "not asked", NULL, NULL},

	{"vhost-user", PASS, NONE, {}, "no device with a back end", NULL, NULL},
	{"vhost-user", UNKNOWN, WARN, {BACK_ENDS}, "a socket does not tell", NULL, NULL},
	{"vhost-user", FAIL, REFUSE, {BACK_ENDS, MISSING("/run/vhost1")}, "b has no back end for disk: /run/vhost1", "start the back ends", NULL},
	{"vhost-user", FAIL, REFUSE, {NVIDIA, BACK_ENDS, MISSING("disk: /run/vhost1|interface: /run/vhost0")}, "interface: /run/vhost0, disk: /run/vhost1", NULL, NULL},
	{"vhost-user", PASS, NONE, {VIRTIOFS}, "b offers virtiofs", NULL, NULL},
	{"vhost-user", FAIL, REFUSE, {VIRTIOFS, BOOL(probe.destination.virtiofs, false)}, "b offers no virtiofs", "virtiofsd", NULL},
	{"vhost-user", UNKNOWN, WARN, {VIRTIOFS, NOT_READ(probe.destination.virtiofs)}, "not asked", NULL, NULL},
	{"vhost-user", PASS, NONE, {STRINGS(domain.filesystems, "path: /srv -> share"), BOOL(probe.destination.virtiofs, false)}, NULL, NULL, NULL},

	{"dirty-rate", SKIP, NONE, {}, "--measure-dirty S", NULL, NULL},
	{"dirty-rate", SKIP, NONE, {OFFLINE, MEASURED(1)}, "does not run", NULL, NULL},
	{"dirty-rate", PASS, NONE, {MEASURED(100)}, "dirties 100 MiB/s, and 23841 MiB/s can be sent (by the link); it counts guest RAM only", NULL, NULL},
	{"dirty-rate", PASS, NONE, {MEASURED(100), BANDWIDTH(101)}, "101 MiB/s can be sent (as asked)", NULL, NULL},
	{"dirty-rate", FAIL, WARN, {MEASURED(100), BANDWIDTH(100)}, "the migration would not end; it counts guest RAM only", "--auto-converge", NULL},
	{"dirty-rate", FAIL, WARN, {NVIDIA, NO_VF, MEASURED(100), BANDWIDTH(99)}, "would not end", "--postcopy", NULL},
	{"dirty-rate", FAIL, WARN, {MEASURED(120), SPEED("b", "1000")}, "119 MiB/s can be sent (by the link)", NULL, NULL},
	{"dirty-rate", FAIL, WARN, {MEASURED(120), BANDWIDTH(4000), SPEED("a", "1000")}, "119 MiB/s", NULL, NULL},
	{"dirty-rate", UNKNOWN, INFO, {NUMBER(move.measure_dirty_s, 5)}, "not asked", NULL, NULL},
	{"dirty-rate", UNKNOWN, INFO, {NO_VF, MEASURED(100)}, "--bandwidth", NULL, NULL},
	{"dirty-rate", UNKNOWN, INFO, {MEASURED(100), SPEED("b", UNREAD)}, "needs root", NULL, NULL},
	{"dirty-rate", PASS, NONE, {MEASURED(100), SPEED("b", UNREAD), BANDWIDTH(101)}, NULL, NULL, NULL},

	{"downtime-estimate", PASS, NONE, {}, "at most 300 ms are asked for: device state 8 MiB / 10 Gbit/s = 7 ms + stop/resume 53 ms = 60 ms", NULL, NULL},
	{"downtime-estimate", SKIP, NONE, {OFFLINE}, "does not run", NULL, NULL},
	{"downtime-estimate", SKIP, NONE, {NO_VF}, "without such a device", NULL, NULL},
	{"downtime-estimate", PASS, NONE, {NUMBER(move.max_downtime_ms, 60)}, NULL, NULL, NULL},
	{"downtime-estimate", FAIL, REFUSE, {NUMBER(move.max_downtime_ms, 59), NUMBER(move.downtime_asked, true)}, "longer than the 59 ms that are asked for: device state", "--max-downtime 100", NULL},
	{"downtime-estimate", FAIL, REFUSE, {NVIDIA, STATE(UINT64_C(1) << 30), SPREAD}, "longer than the 300 ms that are the default", "--connections auto", NULL},
	{"downtime-estimate", PASS, NONE, {STATE(UINT64_C(1) << 30), SPREAD, NUMBER(move.migration.connections, VFM_MOVE_CONNECTIONS_AUTO)}, "1024 MiB / 60 Gbit/s", NULL, NULL},
	{"downtime-estimate", FAIL, REFUSE, {STATE(UINT64_C(1) << 30), NUMBER(move.migration.connections, VFM_MOVE_CONNECTIONS_AUTO)}, "1024 MiB / 10 Gbit/s = 859 ms (by one connection: RHEL's QEMU has it so)", NULL, NULL},
	{"downtime-estimate", FAIL, REFUSE, {MEASURED(400), BANDWIDTH(400)}, "memory of the last pass 400 MiB", NULL, NULL},
	{"downtime-estimate", FAIL, REFUSE, {TEXT(probe.source.qemu_version, "8.0.5")}, "without switchover-ack 1480 ms", NULL, NULL},
	{"downtime-estimate", PASS, NONE, {NOT_READ(device_probes[0].state_bytes)}, "300 MB (300 MB a VF: published for mlx5", NULL, NULL},
	{"downtime-estimate", UNKNOWN, WARN, {NOT_READ(probe.destination.qemu_version)}, "switchover-ack is not known", NULL, NULL},
	{"downtime-estimate", UNKNOWN, WARN, {SPEED("b", UNREAD)}, "the uplink of 0000:01:00.0 on b: needs root", NULL, NULL},
	{"downtime-estimate", UNKNOWN, WARN, {NUMBER(no_facts[VFM_DESTINATION], true)}, "no facts of 0000:01:00.0 on b", NULL, NULL},
	{"downtime-estimate", UNKNOWN, WARN, {NO_VF, NUMBER(domain.hostdev_count, 1), NUMBER(hostdevs[0].type, VFM_HOSTDEV_MDEV), WORD(hostdevs[0].mdev_uuid, OTHER_UUID), BANDWIDTH(1000)}, "the size of a vGPU's state", NULL, NULL},

	{"guest-agent", PASS, NONE, {}, "answers", NULL, NULL},
	{"guest-agent", PASS, NONE, {NO_VF}, NULL, NULL, NULL},
	{"guest-agent", SKIP, NONE, {OFFLINE}, "does not run", NULL, NULL},
	{"guest-agent", FAIL, INFO, {NUMBER(domain.guest_agent, false), NO_FACT(probe.vm.guest_agent)}, "no channel", NULL, NULL},
	{"guest-agent", FAIL, INFO, {NVIDIA, BOOL(probe.vm.guest_agent, false)}, "does not answer", "systemctl start qemu-guest-agent", NULL},
	{"guest-agent", UNKNOWN, INFO, {NOT_READ(probe.vm.guest_agent)}, "not asked", NULL, NULL},
};

#define LIVE VFM_APPLIES_LIVE

static const struct moving_released released[] = {
	{"secrets", "R/W", "R/W", 'y', 0},
	{"firmware-nvram", "R/W", "R/W", 'y', 0},
	{"host-paths", "R/W", "R/W", 'y', 0},
	{"tpm", "R/W", "R/W", 'y', 0},
	{"launch-security", "R/W", "R/W", 'y', 0},
	{"vhost-user", "R/W", "R/W", 'y', 0},
	{"dirty-rate", "W/I", "W/I", 'y', LIVE},
	{"downtime-estimate", "R/W", "R/W", 'y', LIVE | VFM_APPLIES_VF | VFM_APPLIES_VGPU},
	{"guest-agent", "I/I", "I/I", 'y', LIVE},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	moving_check_rows(rows, VFM_ARRAY_SIZE(rows));
}

static void test_released(void **state)
{
	(void)state;
	moving_check_released(released, VFM_ARRAY_SIZE(released), rows, VFM_ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
