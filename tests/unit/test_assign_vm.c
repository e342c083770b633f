/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which VF 'auto' takes, what is passed over, and whether a VM has a place for one. */
#include "judging.h"

#include "base/quiet.h"
#include "domain/domain.h"
#include "domain/vf_xml.h"
#include "judge/assign.h"

#define PF  "0000:01:00.0"
#define VF0 "0000:01:00.1"
#define VF1 "0000:01:00.2"

#define MODE   "a/pfs/0/eswitch_mode"
#define FLAG   "a/pfs/0/vfs/0/migratable"
#define USERS  "a/pfs/0/vfs/0/users"
#define USERS1 "a/pfs/0/vfs/1/users"
#define DRIVER "a/pfs/0/vfs/0/driver"
#define STATE  "a/pfs/0/vfs/0/vfio_state"

static const struct vfm_vf_way managed = {.managed = true, .driver_model = VFM_VARIANT_DRIVER};
static const struct vfm_vf_way unmanaged = {.managed = false};

/* ---- the choice ------------------------------------------------------------- */

static const struct spare_row {
	const char *what;
	struct edit edits[3];
	const char *spares; /* in order, each with a blank behind it */
	const char *passed; /* address; "": none */
	const char *words;
} spare_rows[] = {
	{"all are free", {{NULL, NULL}}, VF0 " " VF1 " ", "", NULL},
	{"one is in a VM",
	 {{USERS, "[\"domain vm1 (running)\"]"}},
	 VF1 " ",
	 VF0,
	 "is in use: domain vm1 (running)"},
	{"one is claimed", {{USERS, "[\"claimed by x\"]"}}, VF1 " ", VF0, "claimed by x"},
	{"one is not migratable", {{FLAG, "\"disabled\""}}, VF1 " ", VF0, "flag is off"},
	{"one is not known", {{FLAG, UNREAD}}, VF1 " ", VF0, "is not known: needs root"},
	{"one is the host's", {{DRIVER, "\"mlx5_core\""}}, VF1 " ", VF0, "is bound to mlx5_core"},
	{"what a domain at rest has comes last",
	 {{USERS, "[\"domain vm1 (defined)\"]"}},
	 VF1 " " VF0 " ",
	 "",
	 NULL},
	{"if it has to be, that one",
	 {{USERS, "[\"domain vm1 (defined)\"]"}, {USERS1, "[\"open by pid 812\"]"}},
	 VF0 " ",
	 VF1,
	 "open by pid 812"},
	{"no VFs", {{"a/pfs/0/vfs", "[]"}}, "", PF, "has no VFs"},
	{"VFs unread", {{"a/pfs/0/vfs", UNREAD}}, "", PF, "which VFs it has is not known"},
	{"an address unread",
	 {{"a/pfs/0/vfs/0/bdf", UNREAD}},
	 VF1 " ",
	 PF,
	 "the address of a VF of it is not known"},
	{"no cards", {{"a/pfs", "[]"}}, "", "", NULL},
};

static void check_spares(const struct spare_row *row)
{
	VFM_AUTO_VF_SPARES struct vfm_vf_spares spares = {.items = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;

	load(&facts, row->edits, VFM_ARRAY_SIZE(row->edits), 'a');
	assert_int_equal(vfm_vf_spares(&facts, &managed, &spares, &err), 0);
	for (size_t i = 0; i < spares.count; i++)
		vfm_buffer_printf(&text, "%s ", spares.items[i].vf->bdf.value);
	if (!vfm_streq(text.data ? text.data : "", row->spares))
		fail_msg("%s: %s", row->what, text.data ? text.data : "none");
	if (spares.passed_count != (*row->passed ? 1 : 0))
		fail_msg("%s: %zu passed over", row->what, spares.passed_count);
	if (!*row->passed)
		return;
	assert_string_equal(spares.passed[0].bdf, row->passed);
	if (!strstr(spares.passed[0].words, row->words))
		fail_msg("%s: %s", row->what, spares.passed[0].words);
}

static void test_spares(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(spare_rows); i++)
		check_spares(&spare_rows[i]);
}

static void test_cards_unread(void **state)
{
	static const struct edit edits[] = {{"a/pfs", UNREAD}};
	VFM_AUTO_VF_SPARES struct vfm_vf_spares spares = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	load(&facts, edits, VFM_ARRAY_SIZE(edits), 'a');
	assert_int_equal(vfm_vf_spares(&facts, &managed, &spares, &err), -ENODATA);
	assert_non_null(strstr(err.what, "needs root"));
}

/* ---- the driver ------------------------------------------------------------- */

static const struct driver_row {
	const char *what;
	const struct vfm_vf_way *way;
	struct edit edits[2];
	int error;
	const char *words, *hint;
} driver_rows[] = {
	{"none", &managed, {{DRIVER, "null"}}, 0, NULL, NULL},
	{"a stub", &managed, {{DRIVER, "\"pci-stub\""}}, 0, NULL, NULL},
	{"the variant driver",
	 &managed,
	 {{DRIVER, "\"mlx5_vfio_pci\""}, {STATE, "\"RUNNING\""}},
	 0,
	 NULL,
	 NULL},
	{"without debugfs",
	 &managed,
	 {{DRIVER, "\"mlx5_vfio_pci\""}, {STATE, UNREAD}},
	 0,
	 NULL,
	 NULL},
	{"bound too early",
	 &managed,
	 {{DRIVER, "\"mlx5_vfio_pci\""}, {STATE, "null"}},
	 -EPERM,
	 "was bound before the VF was migratable",
	 "nodedev-detach pci_0000_01_00_1 --driver pci-stub"},
	{"the host's",
	 &managed,
	 {{DRIVER, "\"mlx5_core\""}},
	 -EPERM,
	 "is bound to mlx5_core",
	 "--driver pci-stub"},
	{"vfio-pci",
	 &managed,
	 {{DRIVER, "\"vfio-pci\""}},
	 -EPERM,
	 "is bound to vfio-pci",
	 "--driver pci-stub"},
	{"unread", &managed, {{DRIVER, UNREAD}}, -ENODATA, "its driver is not known", "as root"},
	{"none, for a libvirt that binds none",
	 &unmanaged,
	 {{DRIVER, "null"}},
	 -EPERM,
	 "is bound to no driver, and this libvirt does not bind",
	 "nodedev-detach pci_0000_01_00_1 --driver mlx5_vfio_pci"},
	{"the variant driver, for such a libvirt",
	 &unmanaged,
	 {{DRIVER, "\"mlx5_vfio_pci\""}, {STATE, "\"RUNNING\""}},
	 0,
	 NULL,
	 NULL},
};

static void test_drivers(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(driver_rows); i++) {
		const struct driver_row *row = &driver_rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FACTS struct vfm_facts facts;
		struct vfm_vf_found found;
		int r;

		load(&facts, row->edits, VFM_ARRAY_SIZE(row->edits), 'a');
		found.pf = vfm_facts_pf(&facts, PF);
		found.vf = vfm_pf_vf(found.pf, 0);
		r = vfm_vf_bindable(&found, row->way, &err);
		if (r != row->error || (r < 0 && !strstr(err.what, row->words)) ||
		    (r < 0 && !strstr(err.hint, row->hint)))
			fail_msg("%s: %d %s", row->what, r, err.what ? err.what : "");
	}
}

/* ---- the VM ------------------------------------------------------------------- */

#define DOMAIN(devices)                                                                            \
	"<domain type='kvm'><name>vm1</name><uuid>5c1bd3a0-0000-4000-8000-00000000000b</uuid>"     \
	"<memory>8192</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-9.2'>hvm"      \
	"</type></os><devices>" devices "</devices></domain>"
#define PCIE        "<controller type='pci' index='0' model='pcie-root'/>"
#define PORT(index) "<controller type='pci' index='" index "' model='pcie-root-port'/>"
#define ON(bus)     "<address type='pci' domain='0' bus='" bus "' slot='0' function='0'/>"
#define DISK(bus)   "<memballoon model='virtio'>" ON(bus) "</memballoon>"

static const struct vm_row {
	const char *what, *xml;
	bool live;
	int error;
	const char *words;
} vm_rows[] = {
	{"a free port", DOMAIN(PCIE PORT("1") PORT("2") DISK("0x01")), true, 0, NULL},
	{"no port at all", DOMAIN(PCIE), true, -EPERM, "no free PCIe root port (of 0)"},
	{"all are taken", DOMAIN(PCIE PORT("1") DISK("0x01")), true, -EPERM,
	 "no free PCIe root port (of 1)"},
	{"a bus in decimal is the same", DOMAIN(PCIE PORT("1") DISK("1")), true, -EPERM, "(of 1)"},
	{"a port that plugs nothing",
	 DOMAIN(PCIE "<controller type='pci' index='1' model='pcie-root-port'><target "
		     "hotplug='off'/></controller>"),
	 true, -EPERM, "(of 1)"},
	{"a switch's port is one",
	 DOMAIN(PCIE PORT("1") "<controller type='pci' index='2' "
			       "model='pcie-switch-upstream-port'>" ON(
				       "0x01") "</controller><controller type='pci' index='3' "
					       "model='pcie-switch-downstream-port'/>"),
	 true, 0, NULL},
	{"a switch takes its root port",
	 DOMAIN(PCIE PORT("1") "<controller type='pci' index='2' "
			       "model='pcie-switch-upstream-port'>" ON("0x01") "</controller>"),
	 true, -EPERM, "(of 1)"},
	{"a definition gets ports by itself", DOMAIN(PCIE PORT("1") DISK("0x01")), false, 0, NULL},
	{"conventional PCI has slots",
	 DOMAIN("<controller type='pci' index='0' model='pci-root'/>"), true, 0, NULL},
	{"an IOMMU", DOMAIN(PCIE PORT("1") "<iommu model='intel'/>"), true, -EPERM,
	 "IOMMU of its own (intel)"},
	{"an IOMMU in the definition", DOMAIN(PCIE PORT("1") "<iommu model='virtio'/>"), false,
	 -EPERM, "IOMMU of its own (virtio)"},
};

static void test_vms(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(vm_rows); i++) {
		const struct vm_row *row = &vm_rows[i];
		VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r;

		assert_int_equal(vfm_domain_parse(row->xml, strlen(row->xml), "vm1", &domain, NULL),
				 0);
		r = vfm_vm_takes_vf(&domain, row->live, "qemu:///system", &err);
		if (r != row->error || (r < 0 && !strstr(err.what, row->words)))
			fail_msg("%s: %d %s", row->what, r, err.what ? err.what : "");
		if (r < 0)
			assert_non_null(strstr(err.hint, "virsh -c qemu:///system edit vm1"));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spares),
		cmocka_unit_test(test_cards_unread),
		cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_vms),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
