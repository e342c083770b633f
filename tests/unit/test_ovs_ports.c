/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which ports lead out of the host, over a tree of network interfaces like the kernel's: made of
 * links and files in a directory, with real names of what a card, a bond and a tunnel look like.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts/ovs_ports.h"
#include "unit.h"

#define OURS "0000:01:00.0"

struct entry {
	const char *path; /* in the tree; one that ends in '/' is a directory */
	const char *text; /* of a file; NULL: see target */
	const char *target;
};

static const struct entry tree[] = {
	{"class/", NULL, NULL},
	/* a card of somebody else's, and a VF of it */
	{"card/", NULL, NULL},
	{"class/eno1/", NULL, NULL},
	{"class/eno1/device", NULL, "../../card"},
	{"other-vf/", NULL, NULL},
	{"other-vf/physfn", NULL, "../0000:07:00.0"},
	{"class/eno1v0/", NULL, NULL},
	{"class/eno1v0/device", NULL, "../../other-vf"},
	/* ours: uplink, representors in two manners of names, VF */
	{"pf/", NULL, NULL},
	{"class/up/", NULL, NULL},
	{"class/up/device", NULL, "../../pf"},
	{"class/up/phys_port_name", "p0\n", NULL},
	{"class/rep0/", NULL, NULL},
	{"class/rep0/device", NULL, "../../pf"},
	{"class/rep0/phys_port_name", "pf0vf0\n", NULL},
	{"class/rep1/", NULL, NULL},
	{"class/rep1/device", NULL, "../../pf"},
	{"class/rep1/phys_port_name", "c12pf0sf88\n", NULL},
	{"class/c0/", NULL, NULL},
	{"class/c0/device", NULL, "../../pf"},
	{"class/c0/phys_port_name", "c0\n", NULL},
	{"vf/", NULL, NULL},
	{"vf/physfn", NULL, "../" OURS},
	{"class/vf0/", NULL, NULL},
	{"class/vf0/device", NULL, "../../vf"},
	/* bonds of the kernel's, and a VLAN */
	{"class/bond0/", NULL, NULL},
	{"class/bond0/lower_m0", NULL, "../m0"},
	{"class/bond0/lower_m1", NULL, "../m1"},
	{"class/m0/", NULL, NULL},
	{"class/m0/master", NULL, "../bond0"},
	{"class/m1/", NULL, NULL},
	{"class/m1/device", NULL, "../../card"},
	{"class/m1/master", NULL, "../bond0"},
	{"class/bond1/", NULL, NULL},
	{"class/bond1/lower_m2", NULL, "../m2"},
	{"class/m2/", NULL, NULL},
	{"class/m2/master", NULL, "../bond1"},
	{"class/eno1.7/", NULL, NULL},
	{"class/eno1.7/lower_eno1", NULL, "../eno1"},
	/* what is nothing but software, and what cannot be read */
	{"class/br0/", NULL, NULL},
	{"class/broken/", NULL, NULL},
	{"class/broken/device", NULL, "../../card"},
	{"class/broken/phys_port_name/", NULL, NULL},
	{"class/bond2/", NULL, NULL},
	{"class/bond2/lower_broken2", NULL, "../broken2"},
	{"class/bond2/lower_m3", NULL, "../m3"},
	{"class/broken2/", NULL, NULL},
	{"class/broken2/device", NULL, "../../card"},
	{"class/broken2/phys_port_name/", NULL, NULL},
	{"class/broken2/master", NULL, "../bond2"},
	{"class/m3/", NULL, NULL},
	{"class/m3/device", NULL, "../../card"},
	{"class/m3/master", NULL, "../bond2"},
	{"outside/", NULL, NULL},
	{"outside/device", NULL, "../card"},
};

static void make(const char *directory, const struct entry *entry)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, entry->path);

	if (entry->text)
		assert_int_equal(
			vfm_file_write_atomic(path, entry->text, strlen(entry->text), 0644, NULL),
			0);
	else if (entry->target)
		assert_int_equal(symlink(entry->target, path), 0);
	else
		assert_int_equal(mkdir(path, 0755), 0);
}

static void unmake(const char *directory, const struct entry *entry)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, entry->path);

	if (entry->text || entry->target)
		assert_int_equal(unlink(path), 0);
	else
		assert_int_equal(rmdir(path), 0);
}

struct row {
	const char *interfaces[3];
	enum vfm_fact_state state;
	bool physical;
};

static const struct row rows[] = {
	{{"eno1"}, VFM_KNOWN, true},
	{{"eno1v0"}, VFM_KNOWN, true},
	{{"up"}, VFM_KNOWN, true},
	{{"rep0"}, VFM_KNOWN, false},
	{{"rep1"}, VFM_KNOWN, false},
	{{"c0"}, VFM_KNOWN, true},
	{{"vf0"}, VFM_KNOWN, false},
	{{"bond0"}, VFM_KNOWN, true},
	{{"bond1"}, VFM_KNOWN, false},
	{{"eno1.7"}, VFM_KNOWN, false},
	{{"br0"}, VFM_KNOWN, false},
	{{"broken"}, VFM_UNKNOWN, false},
	{{"bond2"}, VFM_KNOWN, true},
	{{"gone"}, VFM_ABSENT, false},
	{{""}, VFM_ABSENT, false},
	{{"."}, VFM_ABSENT, false},
	{{".."}, VFM_ABSENT, false},
	{{"../outside"}, VFM_ABSENT, false},
	{{NULL}, VFM_ABSENT, false},
	/* a bond of Open vSwitch */
	{{"br0", "gone", "eno1"}, VFM_KNOWN, true},
	{{"broken", "eno1"}, VFM_KNOWN, true},
	{{"broken", "br0"}, VFM_UNKNOWN, false},
	{{"gone", "rep0"}, VFM_KNOWN, false},
};

/* One bridge with the row's port, read from a directory like the kernel's. */
static void look(const struct row *row, const char *directory, struct vfm_facts *facts)
{
	struct vfm_ovs_port port = {
		.name = (char *)"port",
		.interfaces = (char **)row->interfaces,
	};
	struct vfm_ovs_bridge bridge = {.name = (char *)"br0", .ports = &port, .port_count = 1};
	const struct vfm_ovs_snapshot snapshot = {.bridges = &bridge, .bridge_count = 1};
	struct vfm_ovs_bridge_facts *of;
	struct vfm_ovs_port_facts *told;
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));

	while (port.interface_count < VFM_ARRAY_SIZE(row->interfaces) &&
	       row->interfaces[port.interface_count])
		port.interface_count++;
	vfm_fact_set_text(&pf->bdf, OURS);
	/* What the database no longer has is not looked for. */
	of = vfm_fact_list_add(&facts->ovs.bridges, sizeof(*of));
	vfm_fact_set_text(&of->name, "br9");
	of = vfm_fact_list_add(&facts->ovs.bridges, sizeof(*of));
	vfm_fact_set_text(&of->name, "br0");
	told = vfm_fact_list_add(&of->ports, sizeof(*told));
	vfm_fact_set_text(&told->name, "other");
	told = vfm_fact_list_add(&of->ports, sizeof(*told));
	vfm_fact_set_text(&told->name, "port");
	vfm_ovs_ports_fill(&snapshot, directory, facts);
}

static const struct vfm_fact_bool *told_of(const struct vfm_facts *facts, size_t port)
{
	const struct vfm_ovs_bridge_facts *bridge =
		vfm_list_at(struct vfm_ovs_bridge_facts, &facts->ovs.bridges, 1);

	return &vfm_list_at(struct vfm_ovs_port_facts, &bridge->ports, port)->physical;
}

static void test_rows(void **state)
{
	char directory[] = "/tmp/vfmig-test-XXXXXX";
	VFM_AUTO_FREE char *class = NULL;
	size_t failed = 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	class = vfm_text_printf("%s/class", directory);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(tree); i++)
		make(directory, &tree[i]);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		const struct vfm_fact_bool *told;

		look(&rows[i], class, &facts);
		told = told_of(&facts, 1);
		if (told->fact.state != rows[i].state ||
		    (rows[i].state == VFM_KNOWN && told->value != rows[i].physical)) {
			print_error("row %zu, %s: state %d, %d, %s\n", i,
				    rows[i].interfaces[0] ? rows[i].interfaces[0] : "none",
				    told->fact.state, told->value, vfm_fact_reason(&told->fact));
			failed++;
		}
		assert_string_equal(vfm_fact_reason(&told_of(&facts, 0)->fact), "not read");
	}
	for (size_t i = VFM_ARRAY_SIZE(tree); i > 0; i--)
		unmake(directory, &tree[i - 1]);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(failed, 0);
}

/* Without the kernel's tree nothing is said of an interface, not even that it is not there. */
static void test_no_tree(void **state)
{
	static const struct row row = {{"eno1"}, VFM_UNKNOWN, false};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	(void)state;
	look(&row, "/nonexistent/class/net", &facts);
	assert_int_equal(told_of(&facts, 1)->fact.state, VFM_UNKNOWN);
	assert_non_null(strstr(vfm_fact_reason(&told_of(&facts, 1)->fact), "No such file"));
}

/* The kernel's own: every host has a loopback interface, which is no device. */
static void test_this_host(void **state)
{
	static const struct row row = {{"lo"}, VFM_KNOWN, false};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	(void)state;
	look(&row, VFM_NET_DIRECTORY, &facts);
	assert_true(vfm_fact_is_false(told_of(&facts, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_tree),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
