/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about a VM and the host that it is to run on, by rows (moving.h): machine type, path,
 * CPU, cells, memory. The last test holds rows and tables against what was released.
 */
#include "moving.h"
#include "rulewords.h"

#define NVIDIA NUMBER(profile, VFM_PROFILE_NVIDIA)

/* clang-format off */

#define MACHINE(v)    WORD(domain.machine, v)
#define RELEASE(a, b) DOCUMENT("a/host/os_version", a), DOCUMENT("b/host/os_version", b)
#define PASSTHROUGH   NUMBER(domain.cpu.mode, VFM_CPU_MODE_HOST_PASSTHROUGH)
#define ARM           WORD(domain.arch, "aarch64"), MACHINE("virt-rhel10.0.0"), \
		      TEXTS(probe.destination.machines, "virt-rhel10.0.0")
#define MIDRS(a, b)   DOCUMENT("a/cpu/midr", a), DOCUMENT("b/cpu/midr", b)
#define MIDR          "\"0x00000000413fd0c1\""
#define NO_SOURCE     NUMBER(no_facts[VFM_SOURCE], true)
#define NO_AGENT      NUMBER(no_facts[VFM_DESTINATION], true)
#define PINNED(cpus)  STRINGS(domain.pins, "vcpu 0: " cpus), STRINGS(domain.pin_cpus, cpus)
#define BOUND(cells)  WORD(domain.numa_nodeset, cells)
#define TWO_CELLS     "[{\"cell\":0,\"cpus\":\"0-3,8-11\",\"memory_kib\":1},{\"cell\":1,\"cpus\":\"4-7,12-15\",\"memory_kib\":1}]"
#define OTHER_CELLS   "[{\"cell\":0,\"cpus\":\"0-7\",\"memory_kib\":1},{\"cell\":1,\"cpus\":\"8-15\",\"memory_kib\":1}]"
#define SWAPPED_CELLS "[{\"cell\":1,\"cpus\":\"0-63\",\"memory_kib\":1}]"
#define CELLS(a, b)   DOCUMENT("a/numa", a), DOCUMENT("b/numa", b)
#define AVAILABLE(v)  DOCUMENT("b/memory/available_kib", v)
#define HUGE(kib)     NUMBER(domain.hugepages_count, 1), NUMBER(vm_hugepages[0].size_kib, kib)
#define POOL(n, kib, all, left) \
	UINT(hugepages[n].size_kib, kib), UINT(hugepages[n].total, all), UINT(hugepages[n].free, left)
#define ONE_POOL(kib, all, left)  COUNT(probe.resources.hugepages, 1), POOL(0, kib, all, left)
#define SESSION       TEXT(probe.destination.uri, "qemu+ssh://b/session")
#define TWO_MDEVS     NUMBER(domain.hostdev_count, 2), NUMBER(hostdevs[0].type, VFM_HOSTDEV_MDEV), \
		      NUMBER(hostdevs[1].type, VFM_HOSTDEV_MDEV)
#define LIMITED(kib)  UINT(probe.resources.memlock_kib, kib)

static const struct moving_row rows[] = {
	{"machine-type", PASS, NONE, {}, "b lists the machine type pc-q35-rhel10.0.0", NULL, "vm1"},
	{"machine-type", PASS, NONE, {OFFLINE, NO_VF}, NULL, NULL, NULL},
	{"machine-type", FAIL, REFUSE, {TEXTS(probe.destination.machines, "pc-q35-rhel9.6.0|q35")}, "b does not list the machine type pc-q35-rhel10.0.0", "virsh edit vm1", NULL},
	{"machine-type", FAIL, REFUSE, {OFFLINE, TEXTS(probe.destination.machines, "pc-q35-rhel9.6.0|q35")}, "does not list", NULL, NULL},
	{"machine-type", FAIL, REFUSE, {NVIDIA, TEXTS(probe.destination.machines, "pc-q35-rhel10.0.01")}, "does not list", NULL, NULL},
	{"machine-type", FAIL, REFUSE, {MACHINE("pc-i440fx-rhel7.6.0"), TEXTS(probe.destination.machines, "pc-i440fx-rhel7.6.0")}, "only q35", "q35", NULL},
	{"machine-type", FAIL, REFUSE, {BOOL(probe.destination.emulator, false)}, "no usable emulator /usr/libexec/qemu-kvm", "package", NULL},
	{"machine-type", PASS, NONE, {ARM}, "virt-rhel10.0.0", NULL, NULL},
	{"machine-type", PASS, NONE, {MACHINE("q35")}, NULL, NULL, NULL},
	{"machine-type", UNKNOWN, REFUSE, {NOT_READ(probe.destination.machines)}, "which machine types the destination has is not known: not asked", NULL, NULL},
	{"machine-type", UNKNOWN, REFUSE, {NO_FACT(probe.destination.machines)}, "there is none", NULL, NULL},
	{"machine-type", UNKNOWN, REFUSE, {MACHINE(NULL)}, "the VM names none", NULL, NULL},

	{"support-path", PASS, NONE, {}, "from rhel 10.1 to 10.1, with pc-q35-rhel10.0.0, is in 12.10: the same version", NULL, NULL},
	{"support-path", PASS, NONE, {RELEASE("\"10.0\"", "\"10.1\"")}, "forward", NULL, NULL},
	{"support-path", PASS, NONE, {RELEASE("\"10.2\"", "\"10.1\""), OFFLINE}, "backward", NULL, NULL},
	{"support-path", FAIL, WARN, {RELEASE("\"9.6\"", "\"10.1\"")}, "not listed in 12.10: from rhel 9.6 to rhel 10.1", NULL, NULL},
	{"support-path", FAIL, WARN, {RELEASE("\"10.1\"", "\"9.6\""), NVIDIA}, "not listed", NULL, NULL},
	{"support-path", FAIL, WARN, {RELEASE("\"11.0\"", "\"11.0\"")}, "not listed", NULL, NULL},
	{"support-path", FAIL, WARN, {DOCUMENT("a/host/os_id", "\"debian\"")}, "from debian 10.1", NULL, NULL},
	{"support-path", FAIL, WARN, {DOCUMENT("b/host/os_id", "\"centos\"")}, "to centos 10.1", NULL, NULL},
	{"support-path", FAIL, WARN, {RELEASE("\"rolling\"", "\"10.1\"")}, "from rhel rolling", NULL, NULL},
	{"support-path", FAIL, WARN, {ARM}, "virt-rhel10.0.0", NULL, NULL},
	{"support-path", UNKNOWN, INFO, {DOCUMENT("a/host/os_version", UNREAD)}, "needs root", NULL, NULL},
	{"support-path", UNKNOWN, INFO, {DOCUMENT("b/host/os_id", UNREAD)}, "needs root", NULL, NULL},
	{"support-path", UNKNOWN, INFO, {NO_SOURCE}, "no facts of a", NULL, NULL},
	{"support-path", UNKNOWN, INFO, {NO_AGENT}, "no facts of b", NULL, NULL},
	{"support-path", UNKNOWN, INFO, {MACHINE(NULL)}, "names no machine type", NULL, NULL},

	{"cpu-compatible", PASS, NONE, {}, "b runs the VM's CPU: identical", NULL, NULL},
	{"cpu-compatible", PASS, NONE, {TEXT(probe.destination.cpu_of_vm, "superset"), NO_VF}, "superset", NULL, NULL},
	{"cpu-compatible", FAIL, REFUSE, {TEXT(probe.destination.cpu_of_vm, "incompatible"), TEXT(probe.destination.cpu_words, "lacks avx512f")}, "b does not run the VM's CPU: lacks avx512f", "vfmigrate cpu-baseline --from qemu:///system --to qemu+ssh://root@b/system --vm vm1", NULL},
	{"cpu-compatible", FAIL, REFUSE, {NVIDIA, TEXT(probe.destination.cpu_of_vm, "incompatible")}, NULL, NULL, NULL},
	{"cpu-compatible", UNKNOWN, WARN, {TEXT(probe.destination.cpu_of_vm, "newer word")}, "newer word", NULL, NULL},
	{"cpu-compatible", UNKNOWN, WARN, {NOT_READ(probe.destination.cpu_of_vm)}, "not asked", NULL, NULL},
	{"cpu-compatible", UNKNOWN, WARN, {NO_FACT(probe.destination.cpu_of_vm)}, NULL, NULL, NULL},
	{"cpu-compatible", PASS, NONE, {NO_FACT(probe.destination.cpu_of_vm), WORD(domain.cpu.xml, NULL)}, "no CPU but its machine type's", NULL, NULL},
	{"cpu-compatible", SKIP, NONE, {ARM}, "cpu-identical", NULL, NULL},
	{"cpu-compatible", SKIP, NONE, {OFFLINE}, "does not run", NULL, NULL},

	{"cpu-identical", SKIP, NONE, {}, "does not see the host's own CPU", NULL, NULL},
	{"cpu-identical", SKIP, NONE, {OFFLINE, PASSTHROUGH}, "does not run", NULL, NULL},
	{"cpu-identical", SKIP, NONE, {PASSTHROUGH, WORD(domain.type, "qemu")}, NULL, NULL, NULL},
	{"cpu-identical", PASS, NONE, {PASSTHROUGH}, "identical", NULL, NULL},
	{"cpu-identical", PASS, NONE, {NUMBER(domain.cpu.mode, VFM_CPU_MODE_MAXIMUM), NO_VF}, "identical", NULL, NULL},
	{"cpu-identical", PASS, NONE, {PASSTHROUGH, DOCUMENT("b/cpu/microcode", "\"0x1\"")}, NULL, NULL, NULL},
	{"cpu-identical", FAIL, REFUSE, {PASSTHROUGH, DOCUMENT("b/cpu/model", "85")}, "of a and b are not identical, by model", "cpu-baseline", NULL},
	{"cpu-identical", FAIL, REFUSE, {PASSTHROUGH, DOCUMENT("b/cpu/stepping", "7"), DOCUMENT("a/cpu/flags_digest", "\"1\"")}, "by stepping, flags", NULL, NULL},
	{"cpu-identical", FAIL, REFUSE, {PASSTHROUGH, NVIDIA, DOCUMENT("b/cpu/family", "25")}, "by family", NULL, NULL},
	{"cpu-identical", FAIL, REFUSE, {PASSTHROUGH, DOCUMENT("b/cpu/vendor", "\"AuthenticAMD\""), DOCUMENT("b/cpu/stepping", UNREAD)}, "by vendor", NULL, NULL},
	{"cpu-identical", UNKNOWN, WARN, {PASSTHROUGH, DOCUMENT("b/cpu/stepping", UNREAD)}, "stepping is not known: needs root", NULL, NULL},
	{"cpu-identical", UNKNOWN, WARN, {PASSTHROUGH, DOCUMENT("a/cpu/flags_digest", UNREAD)}, "flags is not known", NULL, NULL},
	{"cpu-identical", UNKNOWN, WARN, {PASSTHROUGH, NO_AGENT}, "no facts of b", NULL, NULL},
	{"cpu-identical", UNKNOWN, WARN, {PASSTHROUGH, NO_SOURCE}, "no facts of a", NULL, NULL},
	{"cpu-identical", PASS, NONE, {ARM, MIDRS(MIDR, MIDR)}, "identical", NULL, NULL},
	{"cpu-identical", PASS, NONE, {ARM, MIDRS(MIDR, MIDR), DOCUMENT("b/cpu/stepping", "7")}, NULL, NULL, NULL},
	{"cpu-identical", FAIL, REFUSE, {ARM, MIDRS(MIDR, "\"0x00000000413fd0c2\"")}, "by MIDR", "64-bit ARM", NULL},
	{"cpu-identical", FAIL, REFUSE, {ARM, MIDRS(MIDR, MIDR), DOCUMENT("b/cpu/page_size_bytes", "65536")}, "by page size", NULL, NULL},
	{"cpu-identical", FAIL, REFUSE, {ARM, MIDRS(MIDR, MIDR), DOCUMENT("b/host/bios_version", "\"2.20\"")}, "by firmware", NULL, NULL},
	{"cpu-identical", UNKNOWN, WARN, {ARM}, "MIDR is not known", NULL, NULL},
	{"cpu-identical", SKIP, NONE, {ARM, WORD(domain.type, "qemu")}, NULL, NULL, NULL},

	{"numa-topology", PASS, NONE, {}, "bound to no CPU", NULL, NULL},
	{"numa-topology", SKIP, NONE, {OFFLINE, PINNED("99")}, "does not run", NULL, NULL},
	{"numa-topology", PASS, NONE, {PINNED("0-1,63")}, "are there", NULL, NULL},
	{"numa-topology", FAIL, REFUSE, {PINNED("2-3|62-64")}, "pinned to CPU 64, which b does not have", "virsh vcpupin vm1", NULL},
	{"numa-topology", FAIL, REFUSE, {NVIDIA, NO_VF, PINNED("64")}, "CPU 64", NULL, NULL},
	{"numa-topology", PASS, NONE, {BOUND("0")}, "are there", NULL, NULL},
	{"numa-topology", FAIL, REFUSE, {BOUND("0-1")}, "NUMA cell 1, which b does not have", "virsh numatune vm1", NULL},
	{"numa-topology", FAIL, REFUSE, {STRINGS(domain.numa_memnodes, "0|2")}, "NUMA cell 2", NULL, NULL},
	{"numa-topology", PASS, NONE, {PINNED("4-7"), BOUND("1"), CELLS(TWO_CELLS, TWO_CELLS)}, NULL, NULL, NULL},
	{"numa-topology", FAIL, REFUSE, {PINNED("0-7"), BOUND("0-1"), CELLS(TWO_CELLS, OTHER_CELLS)}, "pinned to CPU 4, which is in cell 1 on a and in cell 0 on b", NULL, NULL},
	{"numa-topology", PASS, NONE, {PINNED("0-7"), CELLS(TWO_CELLS, OTHER_CELLS)}, NULL, NULL, NULL},
	{"numa-topology", FAIL, REFUSE, {BOUND("0"), DOCUMENT("b/numa", SWAPPED_CELLS)}, "cell 0", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("2"), DOCUMENT("b/numa", UNREAD)}, "needs root", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("2"), DOCUMENT("b/numa/0/cpus", UNREAD)}, "needs root", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("2"), BOUND("0"), DOCUMENT("a/numa", UNREAD)}, "same cells is not known: needs root", NULL, NULL},
	{"numa-topology", PASS, NONE, {PINNED("2"), DOCUMENT("a/numa", UNREAD)}, NULL, NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("2"), BOUND("0"), NO_SOURCE}, "no facts of the source", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("two")}, "no list of numbers", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("0-8192")}, "no list of numbers", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {PINNED("5-2")}, "no list of numbers", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {BOUND("0,")}, "no list of numbers", NULL, NULL},
	{"numa-topology", PASS, NONE, {NO_AGENT, BOUND("0")}, "are there", NULL, NULL},
	{"numa-topology", FAIL, REFUSE, {NO_AGENT, BOUND("1")}, "NUMA cell 1, and b has 1", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {NO_AGENT, BOUND("0"), PINNED("1")}, "no facts of b", NULL, NULL},
	{"numa-topology", UNKNOWN, WARN, {NO_AGENT, BOUND("0"), NOT_READ(probe.resources.cells)}, "not asked", NULL, NULL},

	{"memory-available", PASS, NONE, {}, "takes 2048 MiB, and b has 195312 MiB", NULL, NULL},
	{"memory-available", PASS, NONE, {AVAILABLE("2097152")}, NULL, NULL, NULL},
	{"memory-available", FAIL, REFUSE, {AVAILABLE("2097151")}, "takes 2048 MiB, all of it at once for its VFIO device, and b has 2047 MiB", "other VMs of b", NULL},
	{"memory-available", FAIL, REFUSE, {AVAILABLE("2097151"), NVIDIA, NO_VF}, "takes 2048 MiB, and", NULL, NULL},
	{"memory-available", PASS, NONE, {AVAILABLE("1048576"), NO_VF, UINT(probe.vm.balloon_kib, 1048576)}, "takes 1024 MiB", NULL, NULL},
	{"memory-available", FAIL, REFUSE, {AVAILABLE("1048576"), UINT(probe.vm.balloon_kib, 1048576)}, NULL, NULL, NULL},
	{"memory-available", FAIL, REFUSE, {AVAILABLE("1048576"), NO_VF, UINT(probe.vm.balloon_kib, 1048576), NUMBER(domain.memory_locked, true)}, NULL, NULL, NULL},
	{"memory-available", PASS, NONE, {AVAILABLE("1048576"), NO_VF, NOT_READ(probe.vm.balloon_kib), NUMBER(domain.current_memory_kib, 1048576)}, NULL, NULL, NULL},
	{"memory-available", FAIL, REFUSE, {AVAILABLE("1048576"), NO_VF, NOT_READ(probe.vm.balloon_kib), NUMBER(domain.current_memory_kib, 0)}, NULL, NULL, NULL},
	{"memory-available", PASS, NONE, {AVAILABLE("1"), HUGE(2048)}, "see hugepages", NULL, NULL},
	{"memory-available", UNKNOWN, WARN, {AVAILABLE("1048576"), HUGE(2048), WORD(vm_hugepages[0].nodeset, "0")}, "how much of the VM's is in huge pages is not known", NULL, NULL},
	{"memory-available", PASS, NONE, {HUGE(2048), WORD(vm_hugepages[0].nodeset, "0")}, NULL, NULL, NULL},
	{"memory-available", PASS, NONE, {NO_AGENT}, "b has 65536 MiB", NULL, NULL},
	{"memory-available", UNKNOWN, WARN, {NO_AGENT, UINT(probe.resources.free_kib, 1 << 20)}, "what its caches would give back is not known", NULL, NULL},
	{"memory-available", UNKNOWN, WARN, {AVAILABLE(UNREAD), UINT(probe.resources.free_kib, 1 << 20)}, NULL, NULL, NULL},
	{"memory-available", UNKNOWN, WARN, {NO_AGENT, NOT_READ(probe.resources.free_kib)}, "not asked", NULL, NULL},
	{"memory-available", SKIP, NONE, {OFFLINE, AVAILABLE("1")}, "does not run", NULL, NULL},

	{"memlock", PASS, NONE, {}, "up to 3072 MiB, and there is no limit", NULL, NULL},
	/* All VFIO devices map the memory once, but each vDPA device does, and each behind a vIOMMU. */
	{"memlock", PASS, NONE, {TWO_MDEVS}, "up to 3072 MiB", NULL, NULL},
	{"memlock", PASS, NONE, {TWO_MDEVS, WORD(domain.iommu, "intel")}, "up to 7168 MiB", NULL, NULL},
	{"memlock", PASS, NONE, {NUMBER(interfaces[0].type, VFM_INTERFACE_VDPA)}, "up to 5120 MiB", NULL, NULL},
	{"memlock", PASS, NONE, {NO_VF, NUMBER(interfaces[0].type, VFM_INTERFACE_VDPA)}, "up to 3072 MiB", NULL, NULL},
	{"memlock", PASS, NONE, {NO_VF, NUMBER(disks[0].type, VFM_DISK_NVME)}, "up to 3072 MiB", NULL, NULL},
	{"memlock", SKIP, NONE, {NO_VF, WORD(domain.iommu, "intel")}, "nothing of this VM", NULL, NULL},
	{"memlock", FAIL, REFUSE, {NUMBER(interfaces[0].type, VFM_INTERFACE_VDPA), NUMBER(domain.hard_limit_kib, (4 << 20) - 1)}, "QEMU locks 4096 MiB, and the VM's hard_limit is 4095 MiB", NULL, NULL},
	{"memlock", SKIP, NONE, {NO_VF}, "nothing of this VM has to be locked", NULL, NULL},
	{"memlock", SKIP, NONE, {OFFLINE}, "does not run", NULL, NULL},
	{"memlock", PASS, NONE, {LIMITED(65536)}, "libvirt's daemon lets it", NULL, NULL},
	{"memlock", PASS, NONE, {NOT_READ(probe.resources.memlock_kib)}, "libvirt's daemon lets it", NULL, NULL},
	{"memlock", FAIL, REFUSE, {SESSION, LIMITED(65536)}, "a user's daemon of b lets it lock 64 MiB", "/system", NULL},
	{"memlock", FAIL, REFUSE, {SESSION, NVIDIA, LIMITED(3145727)}, NULL, NULL, NULL},
	{"memlock", PASS, NONE, {SESSION, LIMITED(3145728)}, "may lock 3072 MiB", NULL, NULL},
	{"memlock", FAIL, REFUSE, {NUMBER(domain.hard_limit_kib, (2 << 20) - 1)}, "hard_limit is 2047 MiB", "virsh memtune vm1 --hard-limit -1 --live --config", NULL},
	{"memlock", PASS, NONE, {NUMBER(domain.hard_limit_kib, 2 << 20)}, "up to 2048 MiB", NULL, NULL},
	{"memlock", PASS, NONE, {SESSION, NUMBER(domain.hard_limit_kib, 2 << 20), LIMITED(2 << 20)}, NULL, NULL, NULL},
	{"memlock", FAIL, REFUSE, {NO_VF, NUMBER(domain.memory_locked, true), SESSION, LIMITED(64 << 20)}, "up to all that it has, and a user's daemon", NULL, NULL},
	{"memlock", PASS, NONE, {NO_VF, NUMBER(domain.memory_locked, true), SESSION}, "up to all that it has, and there is no limit", NULL, NULL},
	{"memlock", FAIL, REFUSE, {NO_VF, NUMBER(domain.memory_locked, true), NUMBER(domain.hard_limit_kib, (2 << 20) - 1)}, "hard_limit is 2047 MiB", NULL, NULL},
	{"memlock", UNKNOWN, WARN, {SESSION, NOT_READ(probe.resources.memlock_kib)}, "not asked", NULL, NULL},
	{"memlock", UNKNOWN, WARN, {NOT_READ(probe.destination.uri), NOT_READ(probe.resources.memlock_kib)}, NULL, NULL, NULL},
	{"memlock", UNKNOWN, WARN, {NOT_READ(probe.destination.uri), LIMITED(65536)}, "whether libvirt's daemon", NULL, NULL},

	{"hugepages", SKIP, NONE, {}, "has no huge pages", NULL, NULL},
	{"hugepages", SKIP, NONE, {OFFLINE, HUGE(2048)}, "does not run", NULL, NULL},
	{"hugepages", PASS, NONE, {HUGE(2048), ONE_POOL(2048, 1024, 1024)}, "b has the huge pages of 2048 KiB", NULL, NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(2048), ONE_POOL(2048, 1100, 1023)}, "too few", "echo 1101 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(1048576), NVIDIA, ONE_POOL(2048, 1024, 1024)}, "of 1048576 KiB, and b has none", "echo 2 > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(2048), NO_VF}, "b has none", NULL, NULL},
	{"hugepages", PASS, NONE, {HUGE(0), ONE_POOL(2048, 1024, 1024)}, "of the host's default size", NULL, NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(0), ONE_POOL(2048, 1024, 1)}, "default size", NULL, NULL},
	{"hugepages", UNKNOWN, WARN, {HUGE(0), COUNT(probe.resources.hugepages, 2), POOL(0, 2048, 1024, 1024), POOL(1, 1048576, 0, 0)}, "nor is which size that is", NULL, NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(0), COUNT(probe.resources.hugepages, 2), POOL(0, 2048, 1024, 0), POOL(1, 1048576, 0, 0)}, NULL, NULL, NULL},
	{"hugepages", UNKNOWN, WARN, {HUGE(2048), WORD(vm_hugepages[0].nodeset, "0"), ONE_POOL(2048, 1024, 512)}, "the guest's cells", NULL, NULL},
	{"hugepages", FAIL, REFUSE, {HUGE(2048), WORD(vm_hugepages[0].nodeset, "0"), ONE_POOL(2048, 1024, 0)}, NULL, NULL, NULL},
	{"hugepages", FAIL, REFUSE, {NUMBER(domain.hugepages_count, 2), NUMBER(vm_hugepages[0].size_kib, 2048), NUMBER(vm_hugepages[1].size_kib, 1048576), WORD(vm_hugepages[1].nodeset, "1"), ONE_POOL(2048, 1024, 1024)}, "of 1048576 KiB", NULL, NULL},
	{"hugepages", UNKNOWN, WARN, {HUGE(2048), ONE_POOL(2048, 1024, 1024), NOT_READ(hugepages[0].free)}, "how many", NULL, NULL},
	{"hugepages", UNKNOWN, WARN, {HUGE(2048), NO_AGENT, NOT_READ(probe.resources.hugepages)}, "not asked", NULL, NULL},
	{"hugepages", PASS, NONE, {HUGE(2048), NOT_READ(probe.resources.hugepages), DOCUMENT("b/memory/hugepages", "[{\"size_kib\":2048,\"total\":2000,\"free\":2000}]")}, NULL, NULL, NULL},
};

#define LIVE VFM_APPLIES_LIVE

static const struct moving_released released[] = {
	{"machine-type", "R/R", "R/R", 'n', 0},
	{"support-path", "W/I", "W/I", 'y', 0},
	{"cpu-compatible", "R/W", "R/W", 'u', LIVE},
	{"cpu-identical", "R/W", "R/W", 'u', LIVE},
	{"numa-topology", "R/W", "R/W", 'y', LIVE},
	{"memory-available", "R/W", "R/W", 'u', 0},
	{"memlock", "R/W", "R/W", 'u', 0},
	{"hugepages", "R/W", "R/W", 'u', 0},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	moving_check_rows(rows, VFM_ARRAY_SIZE(rows));
}

static void test_both_sides(void **state)
{
	static const struct change changes[] = {
		MACHINE("pc-q35-rhel9.4.0"),
		PASSTHROUGH,
		DOCUMENT("b/cpu/stepping", "7"),
		AVAILABLE("1048576"),
		HUGE(2048),
		ONE_POOL(2048, 8, 7),
		LIMITED(65536),
	};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	moving_init(&moving, changes, VFM_ARRAY_SIZE(changes));
	moving_judge(&moving, &findings);
	assert_string_equal(find(&findings, "machine-type", NULL)->source, "pc-q35-rhel9.4.0");
	assert_string_equal(find(&findings, "machine-type", NULL)->destination, "not listed");
	assert_string_equal(find(&findings, "support-path", NULL)->source, "rhel 10.1");
	assert_string_equal(find(&findings, "cpu-identical", NULL)->source,
			    "vendor GenuineIntel, family 6, model 143, stepping 8, "
			    "flags 0123456789abcdef");
	assert_string_equal(find(&findings, "cpu-identical", NULL)->destination,
			    "vendor GenuineIntel, family 6, model 143, stepping 7, "
			    "flags 0123456789abcdef");
	assert_string_equal(find(&findings, "hugepages", NULL)->source, "2048 MiB of 2048 KiB");
	assert_string_equal(find(&findings, "hugepages", NULL)->destination, "2048 KiB: 7 free");
	assert_string_equal(find(&findings, "memlock", NULL)->destination,
			    "65536 KiB, and more by libvirt");
	assert_false(vfm_may_move(&findings));
	vfm_findings_done(&findings);
	moving_done(&moving);
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
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
