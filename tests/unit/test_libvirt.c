/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The libvirt reader's two halves, and which host functions a domain takes. */
#include "unit.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/deadline.h"
#include "base/quiet.h"
#include "domain/capabilities.h"
#include "domain/devices.h"
#include "facts/domains.h"
#include "facts/libvirt.h"
#include "facts/readers.h"

#define ADDRESS_1       "<address type='pci' domain='0x0000' bus='0xe1' slot='0x00' function='0x1'/>"
#define ADDRESS_2       "<address domain='0x0000' bus='0xe1' slot='0x1f' function='0x7'/>"
#define DOMAIN(devices) "<domain type='kvm'><devices>" devices "</devices></domain>"

struct devices_row {
	const char *what, *xml;
	int error;
	const char *bdfs; /* space-separated */
};

static const struct devices_row devices_rows[] = {
	{"no device", "<domain/>", 0, ""},
	{"VF as a network interface",
	 DOMAIN("<interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:01'/>"
		"<source>" ADDRESS_1 "</source><address type='pci' domain='0x0000' bus='0x05' "
		"slot='0x00' function='0x0'/></interface>"),
	 0, "0000:e1:00.1"},
	{"VF as a host device",
	 DOMAIN("<hostdev mode='subsystem' type='pci' managed='yes'><driver "
		"name='vfio'/><source>" ADDRESS_2 "</source></hostdev>"),
	 0, "0000:e1:1f.7"},
	{"interface of a pool, as a running domain's internal form shows it",
	 DOMAIN("<interface type='network'><source network='vfpool'/><actual type='hostdev'>"
		"<source>" ADDRESS_1 "</source></actual></interface>"),
	 0, "0000:e1:00.1"},
	{"interface of a pool at rest",
	 DOMAIN("<interface type='network'><source network='vfpool'/></interface>"), 0, ""},
	{"others",
	 DOMAIN("<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address "
		"uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>"
		"<hostdev mode='subsystem' type='usb'><source><address bus='1' "
		"device='2'/></source>"
		"</hostdev><interface type='bridge'><source bridge='br0'/></interface>"),
	 0, ""},
	{"two",
	 DOMAIN("<hostdev type='pci'><source>" ADDRESS_1 "</source></hostdev>"
		"<hostdev type='pci'><source>" ADDRESS_2 "</source></hostdev>"),
	 0, "0000:e1:00.1 0000:e1:1f.7"},
	{"decimal numbers, no domain",
	 DOMAIN("<hostdev type='pci'><source><address bus='225' slot='0' function='3'/></source>"
		"</hostdev>"),
	 0, "0000:e1:00.3"},
	{"no source", DOMAIN("<hostdev type='pci'/>"), -EINVAL, ""},
	{"no bus",
	 DOMAIN("<hostdev type='pci'><source><address slot='0' function='3'/></source></hostdev>"),
	 -EINVAL, ""},
	{"slot out of range",
	 DOMAIN("<hostdev type='pci'><source><address bus='1' slot='0x20' function='3'/></source>"
		"</hostdev>"),
	 -EINVAL, ""},
	{"words for a number",
	 DOMAIN("<hostdev type='pci'><source><address bus='one' slot='0' function='3'/></source>"
		"</hostdev>"),
	 -EINVAL, ""},
	{"nothing", "", -EINVAL, ""},
	{"no XML", "domain", -EINVAL, ""},
	{"cut off", "<domain><devices><hostdev type='pci'>", -EINVAL, ""},
	{"another document", "<network><name>default</name></network>", -EINVAL, ""},
	{"entities",
	 "<!DOCTYPE domain [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
	 "<domain><name>&b;</name></domain>",
	 -EINVAL, ""},
	{"a file of the host", "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>", -EINVAL,
	 ""},
	{"no UTF-8", "<domain><name>\xff\xfe</name></domain>", -EINVAL, ""},
};

static void test_devices(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(devices_rows); i++) {
		const struct devices_row *row = &devices_rows[i];
		VFM_AUTO_STRINGS struct vfm_strings bdfs = {.values = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_BUFFER struct vfm_buffer all = {.data = NULL};
		int r = vfm_domain_host_devices(row->xml, strlen(row->xml), "vm1", &bdfs, &err);

		for (size_t k = 0; r == 0 && k < bdfs.count; k++)
			vfm_buffer_printf(&all, "%s%s", k ? " " : "", bdfs.values[k]);
		vfm_buffer_puts(&all, "");
		if (r != row->error || !vfm_streq(all.data, row->bdfs))
			fail_msg("%s: %d '%s'", row->what, r, all.data);
		if (r < 0 && (!err.what || !vfm_streq(err.object, "vm1")))
			fail_msg("%s: the error does not say what and where", row->what);
	}
}

static void test_deep_document(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings bdfs = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer xml = {.data = NULL};

	(void)state;
	vfm_buffer_puts(&xml, "<domain>");
	for (int i = 0; i < 100000; i++)
		vfm_buffer_puts(&xml, "<a>");
	assert_int_equal(vfm_domain_host_devices(xml.data, xml.size, "vm1", &bdfs, NULL), -EINVAL);
}

static void test_host_uuid(void **state)
{
	static const char good[] = "<capabilities><host><uuid>11111111-2222-3333-4444-555555555555"
				   "</uuid><cpu/></host></capabilities>";
	static const char none[] = "<capabilities><host/></capabilities>";
	VFM_AUTO_FREE char *uuid = NULL;

	(void)state;
	assert_int_equal(vfm_capabilities_host_uuid(good, strlen(good), &uuid, NULL), 0);
	assert_string_equal(uuid, "11111111-2222-3333-4444-555555555555");
	assert_int_equal(vfm_capabilities_host_uuid(none, strlen(none), &uuid, NULL), -ENOENT);
}

/* A host with one VF, its other users and SMBIOS UUID as given (NULL: unknown). */
static void make_host(struct vfm_facts *facts, const char *other_user, bool others_known,
		      const char *smbios_uuid)
{
	VFM_AUTO_STRINGS struct vfm_strings users = {.values = NULL};
	struct vfm_pf_facts *pf;
	struct vfm_vf_facts *vf;

	memset(facts, 0, sizeof(*facts));
	pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));
	vf = vfm_fact_list_add(&pf->vfs, sizeof(*vf));
	vfm_fact_set_text(&vf->bdf, "0000:e1:00.1");
	if (other_user)
		vfm_strings_add(&users, other_user);
	if (others_known)
		vfm_fact_set_texts(&vf->users, &users);
	else
		vfm_fact_set_unknown(&vf->users.fact, "needs root");
	if (smbios_uuid)
		vfm_fact_set_text(&facts->host.smbios_uuid, smbios_uuid);
}

static const struct vfm_vf_facts *first_vf(const struct vfm_facts *facts)
{
	return vfm_list_at(const struct vfm_vf_facts,
			   &vfm_list_at(const struct vfm_pf_facts, &facts->pfs, 0)->vfs, 0);
}

#define RUNNING                                                                                    \
	"{\"part\":\"domain\",\"name\":\"vm1\",\"state\":\"running\",\"devices\":"                 \
	"[\"0000:e1:00.1\"],\"mdevs\":[]}\n"
#define DEFINED(name)                                                                              \
	"{\"part\":\"domain\",\"name\":\"" name                                                    \
	"\",\"state\":\"defined\",\"devices\":[\"0000:e1:00.0\",\"0000:e1:00.1\"],"                \
	"\"mdevs\":[]}\n"
#define ALL_DOMAINS "{\"part\":\"domains\",\"value\":2}\n"

struct users_row {
	const char *what, *told, *other_user;
	bool others_known;
	const char *users; /* comma-separated; "?REASON": unknown */
};

static const struct users_row users_rows[] = {
	{"free", ALL_DOMAINS, NULL, true, ""},
	{"runs", RUNNING ALL_DOMAINS, NULL, true, "domain vm1 (running)"},
	{"runs, and is defined so", RUNNING DEFINED("vm1") ALL_DOMAINS, NULL, true,
	 "domain vm1 (running)"},
	{"runs, another one is defined with it", RUNNING DEFINED("vm2") ALL_DOMAINS, NULL, true,
	 "domain vm1 (running),domain vm2 (defined)"},
	{"beside others", DEFINED("vm2") ALL_DOMAINS, "netdev eth5 up", true,
	 "domain vm2 (defined),netdev eth5 up"},
	{"libvirt silent, nobody else", "", NULL, true, "?libvirt's domains: silence"},
	{"libvirt silent, somebody else", "", "open by pid 812", true, "open by pid 812"},
	{"not all domains told, but it runs", RUNNING, NULL, true, "domain vm1 (running)"},
	{"not all domains told", DEFINED("vm2"), NULL, true, "domain vm2 (defined)"},
	{"a domain unreadable", "{\"part\":\"domain\",\"error\":\"vm9: is no XML\"}\n" ALL_DOMAINS,
	 NULL, true, "?libvirt's domains: vm9: is no XML"},
	{"the list refused", "{\"part\":\"domains\",\"error\":\"access denied\"}\n", NULL, true,
	 "?libvirt's domains: access denied"},
	{"no connection", "{\"part\":\"connection\",\"error\":\"Connection refused\"}\n", NULL,
	 true, "?libvirt's domains: Connection refused"},
	{"others unknown, it runs", RUNNING ALL_DOMAINS, NULL, false, "domain vm1 (running)"},
	{"others unknown, idle", ALL_DOMAINS, NULL, false, "?needs root"},
	{"last line cut off", ALL_DOMAINS "{\"part\":\"domain\",\"name\":\"vm1\",\"sta", NULL, true,
	 ""},
	{"lines of no meaning", "garbage\n[]\n{\"part\":7}\n{\"part\":\"later\"}\n" ALL_DOMAINS,
	 NULL, true, ""},
	{"domain without its devices",
	 "{\"part\":\"domain\",\"name\":\"vm1\",\"state\":\"running\"}\n" ALL_DOMAINS, NULL, true,
	 "?libvirt's domains: a domain could not be read"},
	{"domain without its mediated devices",
	 "{\"part\":\"domain\",\"name\":\"vm1\",\"state\":\"running\",\"devices\":[]}"
	 "\n" ALL_DOMAINS,
	 NULL, true, "?libvirt's domains: a domain could not be read"},
};

static void test_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(users_rows); i++) {
		const struct users_row *row = &users_rows[i];
		VFM_AUTO_BUFFER struct vfm_buffer seen = {.data = NULL};
		VFM_AUTO_FACTS struct vfm_facts facts;
		const struct vfm_fact_texts *users;

		make_host(&facts, row->other_user, row->others_known, NULL);
		vfm_libvirt_fill(row->told, strlen(row->told), "silence", &facts);
		users = &first_vf(&facts)->users;
		if (!vfm_known(&users->fact))
			vfm_buffer_printf(&seen, "?%s", vfm_fact_reason(&users->fact));
		for (size_t k = 0; vfm_known(&users->fact) && k < users->count; k++)
			vfm_buffer_printf(&seen, "%s%s", k ? "," : "", users->values[k]);
		vfm_buffer_puts(&seen, "");
		if (!vfm_streq(seen.data, row->users))
			fail_msg("%s: '%s'", row->what, seen.data);
	}
}

#define MDEV "3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006"
#define HAS(name, state, mdev)                                                                     \
	"{\"part\":\"domain\",\"name\":\"" name "\",\"state\":\"" state                            \
	"\",\"devices\":[],\"mdevs\":[\"" mdev "\"]}\n"

/* Owner: a text, "-" for none, "?REASON" for unknown; the same of users, comma-separated. */
static const struct owner_row {
	const char *what, *told, *before, *owner, *users;
} owner_rows[] = {
	{"nobody's", ALL_DOMAINS, "?it is not in use", "-", ""},
	{"runs", HAS("vm1", "running", MDEV) ALL_DOMAINS, "?", "vm1", "domain vm1 (running)"},
	{"runs, as NVML says too", HAS("vm1", "running", MDEV) ALL_DOMAINS, "4a64", "vm1",
	 "domain vm1 (running)"},
	{"in capitals", HAS("vm1", "running", "3F6C21E4-0D1F-4A9B-B6D1-52C1F4A7E006") ALL_DOMAINS,
	 "?", "vm1", "domain vm1 (running)"},
	{"runs, and is defined so",
	 HAS("vm1", "running", MDEV) HAS("vm1", "defined", MDEV) ALL_DOMAINS, "?", "vm1",
	 "domain vm1 (running)"},
	{"another is defined with it",
	 HAS("vm1", "running", MDEV) HAS("vm2", "defined", MDEV) ALL_DOMAINS, "?", "vm1",
	 "domain vm1 (running),domain vm2 (defined)"},
	{"a definition is no owner", HAS("vm2", "defined", MDEV) ALL_DOMAINS, "?x", "-",
	 "domain vm2 (defined)"},
	{"another's", HAS("vm1", "running", "5f0e6c1a-0000-4000-8000-000000000001") ALL_DOMAINS,
	 "?", "-", ""},
	{"a VM that libvirt does not have", ALL_DOMAINS, "4a64", "4a64", ""},
	{"libvirt silent", "", "4a64", "4a64", "?libvirt's domains: silence"},
	{"libvirt silent, NVML too", "", "?it hangs", "?it hangs", "?libvirt's domains: silence"},
	{"libvirt silent, NVML knows of none", "", "-", "?libvirt's domains: silence",
	 "?libvirt's domains: silence"},
	{"not all told, but it runs", HAS("vm1", "running", MDEV), "?", "vm1",
	 "domain vm1 (running)"},
};

static void test_owners(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(owner_rows); i++) {
		const struct owner_row *row = &owner_rows[i];
		VFM_AUTO_BUFFER struct vfm_buffer owner = {.data = NULL}, users = {.data = NULL};
		VFM_AUTO_FACTS struct vfm_facts facts;
		struct vfm_gpu_facts *gpu;
		struct vfm_vgpu_facts *vgpu;

		make_host(&facts, NULL, true, NULL);
		gpu = vfm_fact_list_add(&facts.nvidia.gpus, sizeof(*gpu));
		vgpu = vfm_fact_list_add(&gpu->vgpus, sizeof(*vgpu));
		vfm_fact_set_text(&vgpu->device, MDEV);
		if (*row->before == '?')
			vfm_fact_set_unknown(&vgpu->owner.fact, "%s", row->before + 1);
		else
			vfm_fact_set_text(&vgpu->owner,
					  vfm_streq(row->before, "-") ? NULL : row->before);
		vfm_libvirt_fill(row->told, strlen(row->told), "silence", &facts);
		if (vfm_known(&vgpu->owner.fact))
			vfm_buffer_puts(&owner, vgpu->owner.value);
		else if (vgpu->owner.fact.state == VFM_ABSENT)
			vfm_buffer_puts(&owner, "-");
		else
			vfm_buffer_printf(&owner, "?%s", vfm_fact_reason(&vgpu->owner.fact));
		if (!vfm_known(&vgpu->users.fact))
			vfm_buffer_printf(&users, "?%s", vfm_fact_reason(&vgpu->users.fact));
		for (size_t k = 0; vfm_known(&vgpu->users.fact) && k < vgpu->users.count; k++)
			vfm_buffer_printf(&users, "%s%s", k ? "," : "", vgpu->users.values[k]);
		vfm_buffer_puts(&users, "");
		if (!vfm_streq(owner.data, row->owner) || !vfm_streq(users.data, row->users))
			fail_msg("%s: '%s', '%s'", row->what, owner.data, users.data);
	}
}

/* A VF with a vGPU is met by its address. */
static void test_owner_of_vf(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	struct vfm_gpu_facts *gpu;
	struct vfm_vgpu_facts *vgpu;

	(void)state;
	make_host(&facts, NULL, true, NULL);
	gpu = vfm_fact_list_add(&facts.nvidia.gpus, sizeof(*gpu));
	vgpu = vfm_fact_list_add(&gpu->vgpus, sizeof(*vgpu));
	vfm_fact_set_text(&vgpu->device, "0000:e1:00.1");
	vfm_libvirt_fill(RUNNING ALL_DOMAINS, strlen(RUNNING ALL_DOMAINS), "silence", &facts);
	assert_true(vfm_fact_is_text(&vgpu->owner, "vm1"));
}

#define MDEV_XML(uuid)                                                                             \
	"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address " uuid            \
	"/></source></hostdev>"

static void test_mdevs(void **state)
{
	static const struct devices_row rows[] = {
		{"no device", "<domain/>", 0, ""},
		{"two, in lower case",
		 DOMAIN(MDEV_XML("uuid='" MDEV "'")
				MDEV_XML("uuid='C2177883-F1BB-47F0-914D-32A22E3A8804'")),
		 0, MDEV " c2177883-f1bb-47f0-914d-32a22e3a8804"},
		{"a function of the host",
		 DOMAIN("<hostdev type='pci'><source>" ADDRESS_1 "</source></hostdev>"), 0, ""},
		{"no UUID", DOMAIN(MDEV_XML("")), -EINVAL, ""},
		{"no address", DOMAIN("<hostdev type='mdev'/>"), -EINVAL, ""},
		{"no such UUID", DOMAIN(MDEV_XML("uuid='" MDEV "0'")), -EINVAL, ""},
		{"words", DOMAIN(MDEV_XML("uuid='one'")), -EINVAL, ""},
		{"no XML", "domain", -EINVAL, ""},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_STRINGS struct vfm_strings uuids = {.values = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer all = {.data = NULL};
		int r = vfm_domain_mdevs(rows[i].xml, strlen(rows[i].xml), "vm1", &uuids, NULL);

		for (size_t k = 0; r == 0 && k < uuids.count; k++)
			vfm_buffer_printf(&all, "%s%s", k ? " " : "", uuids.values[k]);
		vfm_buffer_puts(&all, "");
		if (r != rows[i].error || !vfm_streq(all.data, rows[i].bdfs))
			fail_msg("%s: %d '%s'", rows[i].what, r, all.data);
	}
}

#define UUID_A "aaaaaaaa-2222-3333-4444-555555555555"
#define UUID_B "bbbbbbbb-2222-3333-4444-555555555555"

static void test_versions_and_uuid(void **state)
{
	static const char told[] = "{\"part\":\"version\",\"value\":11003000}\n"
				   "{\"part\":\"uri\",\"value\":\"qemu:///system\"}\n"
				   "{\"part\":\"qemu_version\",\"value\":10000013}\n"
				   "{\"part\":\"host_uuid\",\"value\":\"" UUID_A "\"}\n";
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	make_host(&facts, NULL, true, UUID_B);
	vfm_libvirt_fill(told, strlen(told), "silence", &facts);
	assert_true(vfm_fact_is_text(&facts.libvirt.version, "11.3.0"));
	assert_true(vfm_fact_is_text(&facts.libvirt.qemu_version, "10.0.13"));
	assert_true(vfm_fact_is_text(&facts.libvirt.uri, "qemu:///system"));
	assert_true(vfm_fact_is_text(&facts.host.uuid, UUID_A));
}

static void test_parts_missing(void **state)
{
	static const char told[] = "{\"part\":\"version\",\"value\":11003000}\n"
				   "{\"part\":\"qemu_version\",\"error\":\"no QEMU\"}\n"
				   "{\"part\":\"host_uuid\",\"error\":\"no capabilities\"}\n";
	VFM_AUTO_FACTS struct vfm_facts facts, bare;

	(void)state;
	make_host(&facts, NULL, true, UUID_B);
	vfm_libvirt_fill(told, strlen(told), "silence", &facts);
	assert_true(vfm_fact_is_text(&facts.libvirt.version, "11.3.0"));
	assert_string_equal(vfm_fact_reason(&facts.libvirt.qemu_version.fact), "no QEMU");
	assert_string_equal(vfm_fact_reason(&facts.libvirt.uri.fact), "silence");
	/* libvirt's UUID is usually the SMBIOS one: better than nothing. */
	assert_true(vfm_fact_is_text(&facts.host.uuid, UUID_B));

	make_host(&bare, NULL, true, NULL);
	vfm_libvirt_fill(told, strlen(told), "silence", &bare);
	assert_int_equal(bare.host.uuid.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&bare.host.uuid.fact), "no capabilities");
}

/* The asking half against libvirt's built-in test driver: the lines it writes. */
static char *tell(const char *uri)
{
	VFM_AUTO_CLOSE int fd = memfd_create("told", MFD_CLOEXEC);
	char *told = NULL;

	assert_true(fd >= 0);
	assert_int_equal(vfm_libvirt_tell(uri, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(vfm_fd_read(fd, "told", 1 << 20, &told, NULL, NULL), 0);
	return told;
}

static void test_tell(void **state)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/libvirt/node.xml", getenv("VFM_TEST_DATA"));
	VFM_AUTO_FREE char *uri = vfm_text_printf("test://%s", path);
	VFM_AUTO_FREE char *told = tell(uri);
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_vf_facts *vf;

	(void)state;
	make_host(&facts, NULL, true, UUID_B);
	vfm_libvirt_fill(told, strlen(told), "silence", &facts);
	vf = first_vf(&facts);
	assert_int_equal(facts.libvirt.version.fact.state, VFM_KNOWN);
	assert_int_equal(facts.libvirt.qemu_version.fact.state, VFM_KNOWN);
	assert_true(vfm_fact_is_text(&facts.libvirt.uri, uri));
	assert_true(vfm_known(&vf->users.fact));
	assert_int_equal(vf->users.count, 2);
	assert_string_equal(vf->users.values[0], "domain runs (running)");
	assert_string_equal(vf->users.values[1], "domain sleeps (defined)");
}

static const struct vfm_host_domain *domain_of(const struct vfm_domains *domains, const char *name,
					       bool running)
{
	for (size_t i = 0; i < domains->count; i++)
		if (vfm_streq(domains->items[i].name, name) && domains->items[i].running == running)
			return &domains->items[i];
	fail_msg("no domain %s", name);
	return NULL;
}

/* The same driver asked through the child: every domain, in both of its states. */
static void test_domains(void **state)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/libvirt/node.xml", getenv("VFM_TEST_DATA"));
	VFM_AUTO_FREE char *uri = vfm_text_printf("test://%s", path);
	VFM_AUTO_DOMAINS struct vfm_domains domains = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_host_domain *sleeps;
	struct vfm_version version;

	(void)state;
	if (vfm_domains_read(uri, vfm_deadline_in(60000), &domains, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	assert_int_equal(vfm_parse_version(domains.version, &version), 0);
	assert_int_equal(domains.count, 3);
	assert_int_equal(domain_of(&domains, "runs", true)->bdfs.count, 1);
	assert_int_equal(domain_of(&domains, "runs", false)->macs.count, 0);
	sleeps = domain_of(&domains, "sleeps", false);
	assert_string_equal(sleeps->bdfs.values[0], "0000:e1:00.1");
	assert_string_equal(sleeps->macs.values[0], "52:54:00:00:00:01");
	assert_string_equal(sleeps->tagged.values[0], "52:54:00:00:00:01");
}

/* One VM's document, by name and by UUID; without its secrets; and what libvirt says instead. */
static void test_document(void **state)
{
	static const char *const names[] = {"sleeps", "4a64cc71-19c4-2fd0-2323-3050941ea3c4"};
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/libvirt/node.xml", getenv("VFM_TEST_DATA"));
	VFM_AUTO_FREE char *uri = vfm_text_printf("test://%s", path);
	VFM_AUTO_FREE char *none = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT, other = VFM_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		VFM_AUTO_FREE char *xml = NULL;

		assert_int_equal(
			vfm_domain_document_read(uri, names[i], vfm_deadline_in(60000), &xml, &err),
			0);
		assert_non_null(strstr(xml, "<name>sleeps</name>"));
		assert_non_null(strstr(xml, "type='vnc'"));
		assert_null(strstr(xml, "hunter2"));
	}
	assert_int_equal(
		vfm_domain_document_read(uri, "nobody", vfm_deadline_in(60000), &none, &err), -EIO);
	assert_string_equal(err.object, "nobody");
	assert_non_null(strstr(err.what, "Domain not found"));
	assert_int_equal(vfm_domain_document_read("test:///no/such/file.xml", "sleeps",
						  vfm_deadline_in(60000), &none, &other),
			 -EIO);
	assert_non_null(strstr(other.what, "file.xml"));
	assert_null(none);
}

#define VERSION     "{\"part\":\"version\",\"value\":11003000}\n"
#define HELD(lists) "{\"part\":\"domain\",\"name\":\"vm1\",\"state\":\"running\"," lists "}\n"
#define LISTS       "\"devices\":[],\"macs\":[\"52:54:00:00:00:01\"],\"tagged\":[]"

/* told, and the error; NULL: none */
static const char *const domains_rows[][2] = {
	{VERSION HELD(LISTS) ALL_DOMAINS, NULL},
	{VERSION ALL_DOMAINS "{\"part\":\"qemu_version\",\"error\":\"no QEMU\"}\n", NULL},
	{VERSION ALL_DOMAINS "{\"part\":\"host_uu", NULL},
	{"", "silence"},
	{VERSION HELD(LISTS), "silence"},
	{HELD(LISTS) ALL_DOMAINS, "silence"},
	{"{\"part\":\"connection\",\"error\":\"refused\"}\n", "refused"},
	{VERSION "{\"part\":\"domain\",\"error\":\"vm9: is no XML\"}\n" ALL_DOMAINS,
	 "vm9: is no XML"},
	{VERSION HELD("\"devices\":[],\"tagged\":[]") ALL_DOMAINS, "could not be read"},
	{VERSION HELD("\"devices\":[],\"macs\":[7],\"tagged\":[]") ALL_DOMAINS,
	 "could not be read"},
	{"{\"part\":\"version\",\"value\":-1}\n" ALL_DOMAINS, "could not be read"},
};

static void test_domains_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(domains_rows); i++) {
		const char *told = domains_rows[i][0], *expected = domains_rows[i][1];
		VFM_AUTO_DOMAINS struct vfm_domains domains = {.items = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = vfm_domains_parse(told, strlen(told), "test:///x", "silence", &domains,
					  &err);

		if (r != (expected ? -EIO : 0) || (expected && !strstr(err.what, expected)))
			fail_msg("%zu: %d '%s'", i, r, err.what ? err.what : "");
		if (expected)
			assert_int_equal(domains.count, 0);
		else
			assert_string_equal(domains.version, "11.3.0");
	}
}

static void test_tell_refused(void **state)
{
	VFM_AUTO_FREE char *told = tell("test:///no/such/file.xml");

	(void)state;
	assert_non_null(strstr(told, "{\"part\":\"connection\",\"error\":\""));
	assert_non_null(strstr(told, "file.xml"));
	assert_null(strstr(told, "\"value\""));
}

/* A /run of our own with an empty /run/libvirt; false (and why) where that cannot be had. */
static bool own_run(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, NULL) < 0 || mkdir("/run/libvirt", 0755) < 0) {
		print_message("skipped: no mount namespace of our own: %s\n", strerror(errno));
		return false;
	}
	return true;
}

/* The reason that the reader gives within a deadline that it keeps. */
static void check_unknown(const char *reason)
{
	const struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(1000)};
	VFM_AUTO_FACTS struct vfm_facts facts;

	make_host(&facts, NULL, true, UUID_B);
	vfm_read_libvirt(&options, &facts);
	if (!strstr(vfm_fact_reason(&facts.libvirt.version.fact), reason))
		fail_msg("'%s'", vfm_fact_reason(&facts.libvirt.version.fact));
	assert_int_equal(facts.libvirt.version.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.libvirt.qemu_version.fact.state, VFM_UNKNOWN);
	assert_int_equal(first_vf(&facts)->users.fact.state, VFM_UNKNOWN);
	assert_true(vfm_fact_is_text(&facts.host.uuid, UUID_B));
}

/* A daemon that is not there, one that died, and one that accepts and then says nothing. */
static void test_daemons(void **state)
{
	const struct sockaddr_un address = {AF_UNIX, "/run/libvirt/libvirt-sock-ro"};
	VFM_AUTO_CLOSE int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (!own_run())
		skip();
	check_unknown("no libvirt daemon socket at /run/libvirt/virtqemud-sock-ro");
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	check_unknown("Connection refused");
	assert_int_equal(listen(listener, 5), 0);
	check_unknown("libvirt gave no answer within");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_deep_document),
		cmocka_unit_test(test_host_uuid),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_owner_of_vf),
		cmocka_unit_test(test_mdevs),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_versions_and_uuid),
		cmocka_unit_test(test_parts_missing),
		cmocka_unit_test(test_tell),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_domains_told),
		cmocka_unit_test(test_tell_refused),
		cmocka_unit_test(test_daemons), /* last: leaves its own /run */
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
