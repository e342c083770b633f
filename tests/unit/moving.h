/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of the rules about a move: VM "vm1" runs on the ready host "a" with a VF, and all
 * that is known says that it may move to "b". A row changes some of it and says what a rule makes
 * of that.
 *
 * A change names a member of struct moving, whose type is checked when this is compiled, or a place
 * in a facts document (judging.h). What values and lists point to belongs to struct moving or to
 * the program's text: none of it is to be released by their own functions.
 */
#ifndef VFM_TESTS_MOVING_H
#define VFM_TESTS_MOVING_H

#include "domain/domain.h"
#include "judging.h"
#include "plan/move.h"
#include "plan/move_request.h"
#include "plan/request.h"
#include "probe/probe.h"

#define SOURCE_VF  "0000:01:00.1"
#define OTHER_VF   "0000:01:00.2"
#define MOVING_PF  "0000:01:00.0"
#define VM_UUID    "6c1bd3a0-0000-4000-8000-000000000001"
#define OTHER_UUID "6c1bd3a0-0000-4000-8000-000000000002"
#define VF_MAC     "52:54:00:00:00:01"
#define OTHER_MAC  "52:54:00:00:00:02"

enum { MOVING_MAX = 6, MOVING_LISTS = 24 };

struct moving {
	/* how the case is put together */
	bool no_probe, no_devices, no_facts[VFM_SIDE_MAX];
	enum vfm_profile profile;
	struct vfm_strings pools; /* networks that give VFs */

	struct vfm_domain domain;
	struct vfm_move_request move;
	struct vfm_probe probe;
	struct vfm_move_devices devices;

	/* what the lists of these point to; the counts are theirs */
	struct vfm_domain_interface interfaces[MOVING_MAX];
	struct vfm_domain_hostdev hostdevs[MOVING_MAX];
	struct vfm_domain_disk disks[MOVING_MAX];
	struct vfm_domain_hugepages vm_hugepages[MOVING_MAX];
	struct vfm_move_vf vfs[MOVING_MAX];
	struct vfm_move_unfit unfits[MOVING_MAX];
	struct vfm_move_slots slots[VFM_SIDE_MAX][MOVING_MAX];
	struct vfm_other_domain_probe domains[MOVING_MAX], jobs[MOVING_MAX];
	struct vfm_network_probe networks[MOVING_MAX], source_networks[MOVING_MAX];
	struct vfm_bridge_probe bridges[MOVING_MAX];
	struct vfm_storage_probe storage[MOVING_MAX];
	struct vfm_reach_probe reach[MOVING_MAX];
	struct vfm_device_probe device_probes[MOVING_MAX];
	struct vfm_hugepages_facts hugepages[MOVING_MAX];

	struct hosts hosts;
	struct vfm_case given;
	struct vfm_strings pfs, asked_vfs[VFM_SIDE_MAX];
	struct vfm_strings lists[MOVING_LISTS];
	size_t list_count;
};

/* ---- changes --------------------------------------------------------------- */

enum change_kind {
	CHANGE_NONE, /* ends the list */
	CHANGE_TEXT_FACT,
	CHANGE_TEXTS_FACT,
	CHANGE_BOOL_FACT,
	CHANGE_UINT_FACT,
	CHANGE_ABSENT,
	CHANGE_UNREAD,
	CHANGE_WORD,
	CHANGE_ADDRESS,
	CHANGE_STRINGS,
	CHANGE_NUMBER,
	CHANGE_DOCUMENT,
};

struct change {
	enum change_kind kind;
	size_t at, size;
	const char *text; /* of lists: items with '|' between; CHANGE_DOCUMENT: the place */
	const char *json;
	uint64_t number;
};

#define MEMBER(m) (((struct moving *)NULL)->m)
#define AT(m)     offsetof(struct moving, m)
/* Where m is, if it is of this type. */
#define AT_A(type, m) _Generic(MEMBER(m), type : AT(m))
#define AT_FACT(m)                                                                                 \
	_Generic(MEMBER(m), struct vfm_fact_text                                                   \
		 : AT(m), struct vfm_fact_texts                                                    \
		 : AT(m), struct vfm_fact_bool                                                     \
		 : AT(m), struct vfm_fact_uint                                                     \
		 : AT(m), struct vfm_fact_list                                                     \
		 : AT(m))

/* clang-format off */
#define TEXT(m, v)      {CHANGE_TEXT_FACT, AT_A(struct vfm_fact_text, m), 0, v, NULL, 0}
#define TEXTS(m, v)     {CHANGE_TEXTS_FACT, AT_A(struct vfm_fact_texts, m), 0, v, NULL, 0}
#define BOOL(m, v)      {CHANGE_BOOL_FACT, AT_A(struct vfm_fact_bool, m), 0, NULL, NULL, v}
#define UINT(m, v)      {CHANGE_UINT_FACT, AT_A(struct vfm_fact_uint, m), 0, NULL, NULL, v}
#define NO_FACT(m)      {CHANGE_ABSENT, AT_FACT(m), 0, NULL, NULL, 0}
#define NOT_READ(m)     {CHANGE_UNREAD, AT_FACT(m), 0, "not asked", NULL, 0}
#define WORD(m, v)      {CHANGE_WORD, _Generic(MEMBER(m), char *: AT(m), const char *: AT(m)), 0, v, NULL, 0}
#define ADDRESS(m, v)   {CHANGE_ADDRESS, AT(m), sizeof(MEMBER(m)), v, NULL, 0}
#define STRINGS(m, v)   {CHANGE_STRINGS, AT_A(struct vfm_strings, m), 0, v, NULL, 0}
#define NUMBER(m, v)    {CHANGE_NUMBER, AT(m), sizeof(MEMBER(m)), NULL, NULL, v}
#define COUNT(m, v)     NUMBER(m.count, v)
#define DOCUMENT(p, v)  {CHANGE_DOCUMENT, 0, 0, p, v, 0}

/* The kinds of VM and move; a running VM with a VF on shared storage where none is said. */
#define NO_VF    NUMBER(domain.interface_count, 1), NUMBER(devices.count, 0)
#define OFFLINE  NUMBER(move.migration.offline, true), TEXT(probe.vm.state, "shut off"), \
		 TEXT(probe.vm.state_words, "shut off")
#define COPIED   NUMBER(move.migration.copy, VFM_COPY_ALL)
/* clang-format on */

/* A list of its own, whose items stand in text with '|' between. */
static inline struct vfm_strings *moving_list(struct moving *moving, const char *text)
{
	struct vfm_strings *list = &moving->lists[moving->list_count++];

	assert_true(moving->list_count <= MOVING_LISTS);
	while (*text) {
		size_t size = strcspn(text, "|");

		vfm_strings_addf(list, "%.*s", (int)size, text);
		text += size + (text[size] == '|');
	}
	return list;
}

static inline void change_number(void *place, const struct change *change)
{
	uint8_t small = (uint8_t)change->number;
	uint32_t number = (uint32_t)change->number;

	if (change->size == sizeof(small))
		memcpy(place, &small, sizeof(small));
	else if (change->size == sizeof(number))
		memcpy(place, &number, sizeof(number));
	else if (change->size == sizeof(change->number))
		memcpy(place, &change->number, sizeof(change->number));
	else
		fail_msg("no number has %zu bytes", change->size);
}

static inline void change_list(struct moving *moving, void *place, const struct change *change)
{
	struct vfm_strings *list = moving_list(moving, change->text);
	struct vfm_fact_texts *fact = place;

	if (change->kind == CHANGE_STRINGS)
		*(struct vfm_strings *)place = *list;
	else
		*fact = (struct vfm_fact_texts){{VFM_KNOWN, NULL}, list->values, list->count};
}

static inline void change(struct moving *moving, const struct change *change)
{
	void *place = (char *)moving + change->at;
	char *text = (char *)(uintptr_t)change->text;

	switch (change->kind) {
	case CHANGE_TEXT_FACT:
		*(struct vfm_fact_text *)place = (struct vfm_fact_text){{VFM_KNOWN, NULL}, text};
		break;
	case CHANGE_BOOL_FACT:
		*(struct vfm_fact_bool *)place =
			(struct vfm_fact_bool){{VFM_KNOWN, NULL}, change->number != 0};
		break;
	case CHANGE_UINT_FACT:
		*(struct vfm_fact_uint *)place =
			(struct vfm_fact_uint){{VFM_KNOWN, NULL}, change->number};
		break;
	case CHANGE_ABSENT:
		*(struct vfm_fact *)place = (struct vfm_fact){VFM_ABSENT, NULL};
		break;
	case CHANGE_UNREAD:
		*(struct vfm_fact *)place = (struct vfm_fact){VFM_UNKNOWN, text};
		break;
	case CHANGE_WORD:
		memcpy(place, &text, sizeof(text));
		break;
	case CHANGE_ADDRESS:
		snprintf(place, change->size, "%s", text);
		break;
	case CHANGE_TEXTS_FACT:
	case CHANGE_STRINGS:
		change_list(moving, place, change);
		break;
	case CHANGE_NUMBER:
		change_number(place, change);
		break;
	case CHANGE_NONE:
	case CHANGE_DOCUMENT:
		break;
	}
}

static inline void change_all(struct moving *moving, const struct change *changes, size_t max)
{
	for (size_t i = 0; i < max && changes[i].kind != CHANGE_NONE; i++)
		change(moving, &changes[i]);
}

/* ---- the case that passes -------------------------------------------------- */

/* clang-format off */
static const struct change moving_vm[] = {
	WORD(domain.name, "vm1"), WORD(domain.uuid, VM_UUID), WORD(domain.type, "kvm"),
	WORD(domain.arch, "x86_64"), WORD(domain.machine, "pc-q35-rhel10.0.0"),
	WORD(domain.emulator, "/usr/libexec/qemu-kvm"),
	NUMBER(domain.memory_kib, 2 << 20), NUMBER(domain.current_memory_kib, 2 << 20),
	NUMBER(domain.vcpus, 2), NUMBER(domain.vcpus_max, 2),
	NUMBER(domain.cpu.mode, VFM_CPU_MODE_CUSTOM), WORD(domain.cpu.model, "SapphireRapids"),
	WORD(domain.cpu.xml, "<cpu mode='custom'><model>SapphireRapids</model></cpu>"),
	NUMBER(domain.interface_count, 2), NUMBER(domain.disk_count, 1),
	NUMBER(domain.guest_agent, true), NUMBER(domain.guest_agent_connected, true),
	NUMBER(domain.has_pcie, true),

	NUMBER(interfaces[0].type, VFM_INTERFACE_BRIDGE), WORD(interfaces[0].type_name, "bridge"),
	WORD(interfaces[0].mac, OTHER_MAC), WORD(interfaces[0].model, "virtio"),
	WORD(interfaces[0].alias, "net0"), WORD(interfaces[0].source, "br1"),
	NUMBER(interfaces[1].type, VFM_INTERFACE_HOSTDEV), WORD(interfaces[1].type_name, "hostdev"),
	WORD(interfaces[1].mac, VF_MAC), WORD(interfaces[1].alias, "hostdev0"),
	ADDRESS(interfaces[1].host_address, SOURCE_VF),
	NUMBER(interfaces[1].has_managed, true), NUMBER(interfaces[1].managed, true),

	NUMBER(disks[0].type, VFM_DISK_FILE), WORD(disks[0].type_name, "file"),
	WORD(disks[0].target, "vda"), WORD(disks[0].bus, "virtio"), WORD(disks[0].alias, "virtio-disk0"),
	WORD(disks[0].source, "/srv/vm1.qcow2"), WORD(disks[0].format, "qcow2"),

	NUMBER(vfs[0].form, VFM_MOVE_INTERFACE), WORD(vfs[0].alias, "hostdev0"), WORD(vfs[0].mac, VF_MAC),
	ADDRESS(vfs[0].source, SOURCE_VF), ADDRESS(vfs[0].source_pf, MOVING_PF),
	ADDRESS(vfs[0].destination, SOURCE_VF), ADDRESS(vfs[0].destination_pf, MOVING_PF),
	WORD(vfs[0].port.representor, "enp1s0npf0vf0"), WORD(vfs[0].port.bridge, "br0"),
	NUMBER(vfs[0].port.vlan, (uint32_t)VFM_VLAN_NONE), NUMBER(vfs[0].port.mtu, 1500),
	WORD(vfs[0].why, "0000:01:00.1 -> 0000:01:00.1: the same card position; the same VF number"),
	NUMBER(devices.count, 1), NUMBER(devices.complete, true),
	ADDRESS(slots[0][0].pf, MOVING_PF), NUMBER(slots[0][0].needed, 1),
	ADDRESS(slots[1][0].pf, MOVING_PF), NUMBER(slots[1][0].needed, 1),
	NUMBER(devices.slot_count[0], 1), NUMBER(devices.slot_count[1], 1),

	WORD(move.vm, "vm1"), WORD(move.source_uri, "qemu:///system"),
	WORD(move.destination_uri, "qemu+ssh://root@b/system"), WORD(move.destination_host, "b"),
	NUMBER(move.transport, VFM_TRANSPORT_SSH), NUMBER(move.max_downtime_ms, 300),
	NUMBER(move.migration.peer_to_peer, true),
};

static const struct change moving_daemons[] = {
	TEXT(probe.vm.name, "vm1"), TEXT(probe.vm.uuid, VM_UUID), TEXT(probe.vm.state, "running"),
	TEXT(probe.vm.state_words, "running (booted)"), BOOL(probe.vm.persistent, true),
	BOOL(probe.vm.autostart, false), NO_FACT(probe.vm.job), BOOL(probe.vm.managed_save, false),
	UINT(probe.vm.snapshots, 0), UINT(probe.vm.external_snapshots, 0),
	UINT(probe.vm.checkpoints, 0), BOOL(probe.vm.guest_agent, true), NO_FACT(probe.vm.autoloads),
	NOT_READ(probe.vm.dirty_rate_mib_s), UINT(probe.vm.balloon_kib, 2 << 20),

	TEXT(probe.source.uri, "qemu:///system"), TEXT(probe.source.driver, "QEMU"),
	TEXT(probe.source.hostname, "a"),
	TEXT(probe.source.host_uuid, "5c1bd3a0-0000-4000-8000-00000000000a"),
	TEXT(probe.source.libvirt_version, "11.3.0"), TEXT(probe.source.qemu_version, "10.0.3"),
	BOOL(probe.source.kvm, true), BOOL(probe.source.emulator, true),
	TEXTS(probe.source.machines, "pc-q35-rhel10.0.0|pc-q35-rhel9.6.0|q35"),
	TEXT(probe.source.secure_model, "selinux"), BOOL(probe.source.efi, true),
	BOOL(probe.source.efi_secure, true), TEXTS(probe.source.tpm_backends, "emulator"),
	TEXTS(probe.source.launch_security, ""), BOOL(probe.source.virtiofs, true),
	NO_FACT(probe.source.cpu_of_vm), NO_FACT(probe.source.cpu_words),
	TEXT(probe.source.cpu_model, "SapphireRapids"),
	UINT(probe.source.migration_port_min, 49152), UINT(probe.source.migration_port_max, 49215),

	TEXT(probe.destination.uri, "qemu+ssh://root@b/system"), TEXT(probe.destination.driver, "QEMU"),
	TEXT(probe.destination.hostname, "b"),
	TEXT(probe.destination.host_uuid, "5c1bd3a0-0000-4000-8000-00000000000b"),
	TEXT(probe.destination.libvirt_version, "11.3.0"),
	TEXT(probe.destination.qemu_version, "10.0.3"),
	BOOL(probe.destination.kvm, true), BOOL(probe.destination.emulator, true),
	TEXTS(probe.destination.machines, "pc-q35-rhel10.0.0|pc-q35-rhel9.6.0|q35"),
	TEXT(probe.destination.secure_model, "selinux"), BOOL(probe.destination.efi, true),
	BOOL(probe.destination.efi_secure, true), TEXTS(probe.destination.tpm_backends, "emulator"),
	TEXTS(probe.destination.launch_security, ""), BOOL(probe.destination.virtiofs, true),
	TEXT(probe.destination.cpu_of_vm, "identical"), NO_FACT(probe.destination.cpu_words),
	TEXT(probe.destination.cpu_model, "SapphireRapids"),
	UINT(probe.destination.migration_port_min, 49152),
	UINT(probe.destination.migration_port_max, 49215),

	BOOL(probe.peer_to_peer, true), NO_FACT(probe.peer_to_peer_why),
	NUMBER(probe.domains.fact.state, VFM_KNOWN), COUNT(probe.domains, 1),
	TEXT(domains[0].name, "other"), TEXT(domains[0].uuid, OTHER_UUID), BOOL(domains[0].active, true),
	BOOL(domains[0].autostart, true), TEXTS(domains[0].macs, "52:54:00:00:00:09"),
	TEXTS(domains[0].disks, "/srv/other.qcow2"), NO_FACT(domains[0].job), TEXTS(domains[0].vfs, ""),
	NUMBER(probe.source_jobs.fact.state, VFM_KNOWN), COUNT(probe.source_jobs, 0),
	NUMBER(probe.networks.fact.state, VFM_KNOWN), COUNT(probe.networks, 0),
	NUMBER(probe.source_networks.fact.state, VFM_KNOWN), COUNT(probe.source_networks, 0),
	NUMBER(probe.bridges.fact.state, VFM_KNOWN), COUNT(probe.bridges, 1),
	TEXT(bridges[0].name, "br1"), BOOL(bridges[0].source, true), BOOL(bridges[0].destination, true),
	NUMBER(probe.devices.fact.state, VFM_KNOWN), COUNT(probe.devices, 1),
	TEXT(device_probes[0].source, SOURCE_VF), UINT(device_probes[0].state_bytes, 8 << 20),
	BOOL(device_probes[0].p2p, true), TEXT(device_probes[0].state, "RUNNING"),
	TEXT(probe.source_link.gateway_mac, "52:54:00:ff:00:01"),
	TEXT(probe.destination_link.gateway_mac, "52:54:00:ff:00:01"),
	TEXT(probe.source_link.lldp, "leaf1 Ethernet1"), TEXT(probe.destination_link.lldp, "leaf1 Ethernet2"),
	BOOL(probe.nfs_sebool, true),

	NUMBER(probe.reach.fact.state, VFM_KNOWN), COUNT(probe.reach, 2),
	TEXT(reach[0].what, "control"), TEXT(reach[0].host, "b"), TEXT(reach[0].address, "192.0.2.2"),
	BOOL(reach[0].loopback, false), UINT(reach[0].port, 22), TEXT(reach[0].answer, "open"),
	TEXT(reach[1].what, "migration"), TEXT(reach[1].host, "b"), TEXT(reach[1].address, "192.0.2.2"),
	BOOL(reach[1].loopback, false), UINT(reach[1].port, 49215), TEXT(reach[1].answer, "refused"),
};

#define SHARED(side)                                                                               \
	BOOL(storage[0].side.reachable, true),                                                     \
	TEXT(storage[0].side.identity, "nfs 192.0.2.9:/export/vms/vm1.qcow2 inode 7"),             \
	TEXT(storage[0].side.filesystem, "nfs4"), BOOL(storage[0].side.cluster, true),             \
	TEXT(storage[0].side.options, "rw,vers=4.2"), UINT(storage[0].side.size_bytes, 1 << 30),   \
	UINT(storage[0].side.free_bytes, UINT64_C(100) << 30), BOOL(storage[0].side.directory, true), \
	TEXT(storage[0].side.kind, "file"), TEXT(storage[0].side.locks, "server")

static const struct change moving_resources[] = {
	NUMBER(probe.storage.fact.state, VFM_KNOWN), COUNT(probe.storage, 1),
	TEXT(storage[0].target, "vda"), TEXT(storage[0].source, "/srv/vm1.qcow2"),
	SHARED(at_source), SHARED(at_destination), TEXT(storage[0].pool, "images"), NO_FACT(storage[0].used_by),
	UINT(probe.resources.free_kib, 64 << 20), NO_FACT(probe.resources.memlock_kib),
	NUMBER(probe.resources.hugepages.fact.state, VFM_KNOWN), COUNT(probe.resources.hugepages, 0),
	UINT(probe.resources.cells, 1), TEXTS(probe.resources.secrets_missing, ""),
	TEXTS(probe.resources.paths_missing, ""),
};
/* clang-format on */

/* The lists, whose counts are changes. */
static inline void moving_link(struct moving *moving)
{
	moving->domain.interfaces = moving->interfaces;
	moving->domain.hostdevs = moving->hostdevs;
	moving->domain.disks = moving->disks;
	moving->domain.hugepages = moving->vm_hugepages;
	moving->devices.vfs = moving->vfs;
	moving->devices.slots[VFM_SOURCE] = moving->slots[VFM_SOURCE];
	moving->devices.slots[VFM_DESTINATION] = moving->slots[VFM_DESTINATION];
	for (size_t i = 0; i < MOVING_MAX; i++)
		moving->vfs[i].unfits = moving->unfits;
	moving->probe.domains.items = moving->domains;
	moving->probe.source_jobs.items = moving->jobs;
	moving->probe.networks.items = moving->networks;
	moving->probe.source_networks.items = moving->source_networks;
	moving->probe.bridges.items = moving->bridges;
	moving->probe.storage.items = moving->storage;
	moving->probe.reach.items = moving->reach;
	moving->probe.devices.items = moving->device_probes;
	moving->probe.resources.hugepages.items = moving->hugepages;
}

static inline void moving_ask(struct moving *moving)
{
	struct vfm_case *given = &moving->given;

	*given = moving->hosts.given;
	vfm_strings_add(&moving->pfs, MOVING_PF);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		struct vfm_party *party = &given->party[side];

		for (size_t i = 0; i < moving->devices.count; i++)
			vfm_strings_add(&moving->asked_vfs[side],
					side == VFM_SOURCE ? moving->vfs[i].source
							   : moving->vfs[i].destination);
		party->only = true;
		party->pfs = moving->devices.count ? &moving->pfs : NULL;
		party->vfs = &moving->asked_vfs[side];
		if (moving->no_facts[side])
			party->facts = NULL;
	}
	given->profile = moving->profile;
	given->domain = &moving->domain;
	given->move = &moving->move;
	given->probe = moving->no_probe ? NULL : &moving->probe;
	given->devices = moving->no_devices ? NULL : &moving->devices;
	given->applies = vfm_move_applies(&moving->domain, &moving->move, &moving->pools,
					  given->party[VFM_SOURCE].facts);
}

static inline void moving_init(struct moving *moving, const struct change *changes, size_t max)
{
	struct edit edits[EDITS_MAX] = {{NULL, NULL}};
	size_t count = 0;

	memset(moving, 0, sizeof(*moving));
	change_all(moving, moving_vm, VFM_ARRAY_SIZE(moving_vm));
	change_all(moving, moving_daemons, VFM_ARRAY_SIZE(moving_daemons));
	change_all(moving, moving_resources, VFM_ARRAY_SIZE(moving_resources));
	change_all(moving, changes, max);
	moving_link(moving);
	for (size_t i = 0; i < max && changes[i].kind != CHANGE_NONE; i++) {
		if (changes[i].kind != CHANGE_DOCUMENT)
			continue;
		assert_true(count < EDITS_MAX);
		edits[count++] = (struct edit){changes[i].text, changes[i].json};
	}
	hosts_init(&moving->hosts, edits, EDITS_MAX);
	moving_ask(moving);
}

static inline void moving_done(struct moving *moving)
{
	hosts_done(&moving->hosts);
	for (size_t i = 0; i < moving->list_count; i++)
		vfm_strings_done(&moving->lists[i]);
	vfm_strings_done(&moving->pfs);
	vfm_strings_done(&moving->asked_vfs[VFM_SOURCE]);
	vfm_strings_done(&moving->asked_vfs[VFM_DESTINATION]);
}

#define MOVING_TOPICS (ALL_TOPICS | VFM_TOPIC_BIT(VFM_TOPIC_MOVE))

static inline void moving_judge(const struct moving *moving, struct vfm_findings *findings)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	assert_int_equal(vfm_judge(&moving->given, MOVING_TOPICS, findings, &err), 0);
}

/* ---- rows ------------------------------------------------------------------ */

enum { MOVING_CHANGES = 14 };

struct moving_row {
	const char *rule;
	enum vfm_status status;
	enum vfm_severity severity;
	struct change changes[MOVING_CHANGES];
	const char *message; /* words of the message; NULL: any */
	const char *fix;     /* words of the fix; NULL: not looked at */
	const char *object;  /* which finding; NULL: the rule's first */
};

static inline bool moving_row_holds(const struct moving_row *row, size_t number,
				    const struct vfm_finding *finding)
{
	if (!finding) {
		print_error("row %zu: %s did not speak\n", number, row->rule);
	} else if (finding->status != row->status || finding->severity != row->severity) {
		print_error("row %zu: %s: %s (%s): %s\n", number, row->rule,
			    vfm_status_name(finding->status), vfm_severity_name(finding->severity),
			    finding->message);
	} else if (row->message && !strstr(finding->message, row->message)) {
		print_error("row %zu: %s: \"%s\" lacks \"%s\"\n", number, row->rule,
			    finding->message, row->message);
	} else if (row->fix && (!finding->fix || !strstr(finding->fix, row->fix))) {
		print_error("row %zu: %s: the fix \"%s\" lacks \"%s\"\n", number, row->rule,
			    finding->fix ? finding->fix : "", row->fix);
	} else {
		return true;
	}
	return false;
}

/* Judges each row and fails for those that do not hold. */
static inline void moving_check_rows(const struct moving_row *rows, size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		static struct moving moving; /* larger than a stack frame may be */
		struct vfm_findings findings = {.items = NULL};

		moving_init(&moving, rows[i].changes, MOVING_CHANGES);
		moving_judge(&moving, &findings);
		failed += !moving_row_holds(&rows[i], i,
					    find(&findings, rows[i].rule, rows[i].object));
		vfm_findings_done(&findings);
		moving_done(&moving);
	}
	assert_int_equal(failed, 0);
}

/* ---- the contract ---------------------------------------------------------- */

/* fail/unknown as refuse, warn, info, - for cannot be; accepted: no, while unknown, yes. */
struct moving_released {
	const char *id;
	const char *rhel10, *nvidia;
	char waivable;
	unsigned int applies;
};

static inline void moving_check_severities(const struct vfm_rule *rule, enum vfm_profile profile,
					   const char *expected)
{
	static const char letters[VFM_SEVERITY_MAX] = {'-', 'I', 'W', 'R'};
	char found[] = {letters[rule->in[profile].fail], '/', letters[rule->in[profile].unknown],
			'\0'};

	if (!vfm_streq(found, expected))
		fail_msg("%s in %s: %s, released as %s", rule->id, vfm_profile_name(profile), found,
			 expected);
}

static inline bool moving_has_row(const struct moving_row *rows, size_t count, const char *rule,
				  enum vfm_status status)
{
	for (size_t i = 0; i < count; i++) {
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status)
			return true;
	}
	return false;
}

/* It says why it holds: nothing can ask for a tunnel. */
static inline bool moving_never_fails(const struct vfm_rule *rule)
{
	return vfm_streq(rule->id, "no-tunnelled");
}

/* Each rule is as released, and has rows for what it can say. */
static inline void moving_check_released(const struct moving_released *released, size_t count,
					 const struct moving_row *rows, size_t row_count)
{
	static const char letters[VFM_WAIVABLE_MAX] = {'n', 'u', 'y'};

	for (size_t i = 0; i < count; i++) {
		const struct vfm_rule *rule = vfm_rule_find(released[i].id);
		const struct vfm_severities *in;

		if (!rule) {
			fail_msg("the rule %s is gone", released[i].id);
			return;
		}
		in = &rule->in[VFM_PROFILE_RHEL10];
		moving_check_severities(rule, VFM_PROFILE_RHEL10, released[i].rhel10);
		moving_check_severities(rule, VFM_PROFILE_NVIDIA, released[i].nvidia);
		assert_int_equal(letters[rule->waivable], released[i].waivable);
		if (rule->applies != released[i].applies)
			fail_msg("%s applies to %#x", rule->id, rule->applies);
		if (!moving_has_row(rows, row_count, rule->id, VFM_STATUS_PASS) ||
		    (in->fail && !moving_never_fails(rule) &&
		     !moving_has_row(rows, row_count, rule->id, VFM_STATUS_FAIL)) ||
		    (in->unknown &&
		     !moving_has_row(rows, row_count, rule->id, VFM_STATUS_UNKNOWN)) ||
		    (rule->applies && !moving_has_row(rows, row_count, rule->id, VFM_STATUS_SKIP)))
			fail_msg("%s has no row for one of its answers", rule->id);
	}
}

#endif
