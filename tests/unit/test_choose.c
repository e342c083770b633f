/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which VF of the destination takes over which of the source.
 *
 * Hosts are made of the ready one: "2 3" is a host with two PFs of two and three VFs, PF 0 at
 * 0000:01:00.0. A VM is a list of its VFs, "0/1" VF 1 of PF 0, with "=1/0" for --dest-vf, "@1" for
 * a pool of the destination's PF 1. What is chosen is written in the same way.
 */
#include "judging.h"

#include "plan/choose.h"
#include "plan/request.h"

/* ---- hosts ---------------------------------------------------------------- */

static void put_text(json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void put_int(json_object *object, const char *key, int value)
{
	json_object_object_add(object, key, json_object_new_int(value));
}

static json_object *clone(json_object *object)
{
	json_object *copy = NULL;

	assert_int_equal(json_object_deep_copy(object, &copy, NULL), 0);
	return copy;
}

static const char *pf_bdf(unsigned int pf)
{
	static char text[VFM_BDF_TEXT_SIZE];

	snprintf(text, sizeof(text), "0000:%02x:00.0", pf + 1);
	return text;
}

static const char *vf_bdf(unsigned int pf, unsigned int vf)
{
	static char text[VFM_BDF_TEXT_SIZE];

	snprintf(text, sizeof(text), "0000:%02x:%02x.%u", pf + 1, (vf + 1) / 8, (vf + 1) % 8);
	return text;
}

/* The port of the model called anew. */
static void add_port(json_object *ports, json_object *model, const char *name)
{
	json_object *port = clone(model);

	put_text(port, "name", name);
	json_object_array_add(ports, port);
}

static json_object *make_vf(json_object *model, unsigned int pf, unsigned int number)
{
	json_object *vf = clone(model), *representor = json_object_object_get(vf, "representor");
	char name[32];

	snprintf(name, sizeof(name), "r%uv%u", pf, number);
	put_int(vf, "number", (int)number);
	put_text(vf, "bdf", vf_bdf(pf, number));
	put_text(representor, "name", name);
	return vf;
}

static json_object *make_pf(json_object *model, unsigned int pf, unsigned int count)
{
	json_object *copy = clone(model), *vfs = json_object_new_array();
	json_object *first = json_object_array_get_idx(json_object_object_get(model, "vfs"), 0);
	json_object *netdev;
	char name[32];

	snprintf(name, sizeof(name), "u%u", pf);
	json_pointer_get(copy, "/uplink/netdev", &netdev);
	put_text(copy, "bdf", pf_bdf(pf));
	put_text(netdev, "name", name);
	put_int(copy, "num_vfs", (int)count);
	put_int(copy, "total_vfs", 127);
	for (unsigned int i = 0; i < count; i++)
		json_object_array_add(vfs, make_vf(first, pf, i));
	json_object_object_add(copy, "vfs", vfs);
	return copy;
}

/* Replaces PFs and ports of the document by those of "2 3". */
static void make_cards(json_object *document, const char *counts)
{
	json_object *pfs, *ports, *pf_model, *port_model, *bridge;
	json_object *made = json_object_new_array(), *made_ports = json_object_new_array();
	unsigned int pf = 0;
	char name[32];

	json_pointer_get(document, "/pfs", &pfs);
	json_pointer_get(document, "/ovs/bridges/0", &bridge);
	ports = json_object_object_get(bridge, "ports");
	pf_model = json_object_array_get_idx(pfs, 0);
	port_model = json_object_array_get_idx(ports, 0);
	for (const char *p = counts; *p; p += strspn(p, " "), pf++) {
		unsigned int count = (unsigned int)strtoul(p, (char **)&p, 10);

		json_object_array_add(made, make_pf(pf_model, pf, count));
		snprintf(name, sizeof(name), "u%u", pf);
		add_port(made_ports, port_model, name);
		for (unsigned int i = 0; i < count; i++) {
			snprintf(name, sizeof(name), "r%uv%u", pf, i);
			add_port(made_ports, port_model, name);
		}
	}
	json_object_object_add(bridge, "ports", made_ports);
	json_object_object_add(document, "pfs", made);
}

static void reverse(json_object *array)
{
	size_t count = json_object_is_type(array, json_type_array) ? json_object_array_length(array)
								   : 0; /* unread */

	for (size_t i = 0; i < count / 2; i++) {
		json_object *a = json_object_get(json_object_array_get_idx(array, i));
		json_object *b = json_object_get(json_object_array_get_idx(array, count - 1 - i));

		json_object_array_put_idx(array, i, b);
		json_object_array_put_idx(array, count - 1 - i, a);
	}
}

/* The same facts in another order. */
static void turn_around(json_object *document)
{
	json_object *pfs = json_object_object_get(document, "pfs");

	reverse(pfs);
	for (size_t i = 0;
	     json_object_is_type(pfs, json_type_array) && i < json_object_array_length(pfs); i++)
		reverse(json_object_object_get(json_object_array_get_idx(pfs, i), "vfs"));
}

static void make_host(struct vfm_facts *facts, const char *cards, const struct edit *edits,
		      size_t max, char host, bool turned)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_FREE char *text = NULL;
	size_t size;

	text = unit_data("facts/ready.json", &size);
	assert_int_equal(vfm_json_parse(text, size, "ready.json", &json, &err), 0);
	make_cards(json, cards);
	edit(&json, other_host, VFM_ARRAY_SIZE(other_host), host);
	edit(&json, edits, max, host);
	if (turned)
		turn_around(json);
	if (vfm_facts_from_json(json, facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
}

/* ---- VMs ------------------------------------------------------------------ */

struct vm {
	struct vfm_choose_vf vfs[VFM_CHOOSE_MAX_VFS + 1];
	char source[VFM_CHOOSE_MAX_VFS + 1][VFM_BDF_TEXT_SIZE];
	char fixed[VFM_CHOOSE_MAX_VFS + 1][VFM_BDF_TEXT_SIZE];
	struct vfm_strings pool[VFM_CHOOSE_MAX_VFS + 1];
	size_t count;
};

static const char *read_vf(const char *text, char bdf[VFM_BDF_TEXT_SIZE])
{
	char *end;
	unsigned int pf = (unsigned int)strtoul(text, &end, 10);

	assert_int_equal(*end, '/');
	snprintf(bdf, VFM_BDF_TEXT_SIZE, "%s",
		 vf_bdf(pf, (unsigned int)strtoul(end + 1, &end, 10)));
	return end;
}

static void vm_init(struct vm *vm, const char *text)
{
	memset(vm, 0, sizeof(*vm));
	while (*text) {
		size_t n = vm->count++;

		text = read_vf(text, vm->source[n]);
		vm->vfs[n].source = vm->source[n];
		if (*text == '=') {
			text = read_vf(text + 1, vm->fixed[n]);
			vm->vfs[n].fixed = vm->fixed[n];
		}
		while (*text == '@') {
			vfm_strings_add(&vm->pool[n], pf_bdf((unsigned int)strtoul(
							      text + 1, (char **)&text, 10)));
			vm->vfs[n].form = VFM_MOVE_POOL;
			vm->vfs[n].network = "vfpool";
			vm->vfs[n].pool = &vm->pool[n];
		}
		text += strspn(text, " ");
	}
}

static void vm_done(struct vm *vm)
{
	for (size_t i = 0; i < vm->count; i++)
		vfm_strings_done(&vm->pool[i]);
}

static unsigned int pf_of(const char *bdf)
{
	return (unsigned int)strtoul(bdf + 5, NULL, 16) - 1;
}

/* "0/0>0/1 make;" of one VF. */
static void put_result(struct vfm_buffer *text, const struct vfm_move_vf *vf)
{
	vfm_buffer_printf(text, "%s%u/%u", text->size ? " " : "", pf_of(vf->source),
			  vf->source_number);
	if (vf->unfit != VFM_UNFIT_NOT)
		vfm_buffer_printf(text, ":%s", vfm_unfit_name(vf->unfit));
	else if (vf->libvirt_picks)
		vfm_buffer_puts(text, ">picked");
	else
		vfm_buffer_printf(text, ">%u/%u", pf_of(vf->destination_pf),
				  vf->destination_number);
	if (vf->port.make)
		vfm_buffer_puts(text, ",make");
	if (vf->port.set_up)
		vfm_buffer_puts(text, ",up");
	if (vf->doubtful)
		vfm_buffer_puts(text, ",doubt");
	if (vf->port.vlan != VFM_VLAN_NONE)
		vfm_buffer_printf(text, ",tag=%d", vf->port.vlan);
}

/* ---- rows ----------------------------------------------------------------- */

struct row {
	const char *what;
	const char *a, *b; /* hosts */
	const char *vm;
	const char *result;
	const char *words; /* in the first line of 'why' that has none of its own; or NULL */
	struct edit edits[EDITS_MAX];
	unsigned int busy_a, busy_b; /* slots of PF 0 */
	bool offline;
	const char *accept;
};

#define USED     "[\"domain x (running)\"]"
#define DEFINED  "[\"domain x (defined)\"]"
#define B_VF(n)  "b/pfs/0/vfs/" #n "/"
#define B_PF1(n) "b/pfs/1/vfs/" #n "/"
#define A_VF(n)  "a/pfs/0/vfs/" #n "/"
/* ports of a host with one PF: the uplink, then its VFs */
#define B_PORT0 "b/ovs/bridges/0/ports/1/"
#define OTHER_PORT                                                                                 \
	"[{\"name\":\"br1\",\"datapath_type\":\"system\",\"controller\":false,"                    \
	"\"only_normal\":true,\"rstp\":false,\"owner\":null,\"addresses\":[],\"ports\":[]}]"

static const struct row rows[] = {
	{.what = "one VF",
	 .a = "2",
	 .b = "2",
	 .vm = "0/1",
	 .result = "0/1>0/1",
	 .words = "0000:01:00.2 -> 0000:01:00.2: the same card position; the same VF number"},
	{.what = "no VF", .a = "2", .b = "2", .vm = "", .result = ""},
	{.what = "the number is used",
	 .a = "2",
	 .b = "3",
	 .vm = "0/1",
	 .result = "0/1>0/0",
	 .words = "VF 1 does not fit (is in use: domain x (running))",
	 .edits = {{B_VF(1) "users", USED}}},
	{.what = "an inactive domain names it",
	 .a = "2",
	 .b = "3",
	 .vm = "0/1",
	 .result = "0/1>0/0",
	 .words = "VF 1 is used by domain x (defined)",
	 .edits = {{B_VF(1) "users", DEFINED}}},
	{.what = "the VM itself names it",
	 .a = "2",
	 .b = "3",
	 .vm = "0/1",
	 .result = "0/1>0/1",
	 .edits = {{B_VF(1) "users", "[\"domain vm1 (defined)\"]"}}},
	{.what = "a name that begins alike",
	 .a = "2",
	 .b = "3",
	 .vm = "0/1",
	 .result = "0/1>0/0",
	 .edits = {{B_VF(1) "users", "[\"domain vm1 (defined) (defined)\"]"}}},
	{.what = "all are named by inactive domains",
	 .a = "2",
	 .b = "2",
	 .vm = "0/1",
	 .result = "0/1>0/1",
	 .words = "domain x (defined) names it",
	 .edits = {{B_VF(0) "users", DEFINED}, {B_VF(1) "users", DEFINED}}},
	{.what = "another card before a defined one",
	 .a = "2",
	 .b = "1 1",
	 .vm = "0/0",
	 .result = "0/0>1/0",
	 .words = "has none left that serves as well",
	 .edits = {{B_VF(0) "users", DEFINED}}},
	{.what = "claimed",
	 .a = "2",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "no VF of b fits; 0000:01:00.1: is in use: claimed by vfmigrate: vm2",
	 .edits = {{B_VF(0) "users", "[\"claimed by vfmigrate: vm2\"]"}}},
	{.what = "users unread",
	 .a = "2",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "who uses it is not known: needs root",
	 .edits = {{B_VF(0) "users", UNREAD}}},
	{.what = "fewer numbers",
	 .a = "3",
	 .b = "2",
	 .vm = "0/2",
	 .result = "0/2>0/0",
	 .words = "0000:01:00.0 has no VF 2"},
	{.what = "two VFs of one PF",
	 .a = "2",
	 .b = "2",
	 .vm = "0/1 0/0",
	 .result = "0/1>0/1 0/0>0/0"},
	{.what = "one number goes to the other",
	 .a = "3",
	 .b = "3",
	 .vm = "0/1=0/0 0/0",
	 .result = "0/1>0/0 0/0>0/1",
	 .words = "named by --dest-vf"},

	/* what does not fit */
	{.what = "PSID",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "the PSID differs: MT_0000000838 on a, MT_0000000999 on b",
	 .edits = {{"b/pfs/0/psid", "\"MT_0000000999\""}}},
	{.what = "PSID, offline",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/0",
	 .edits = {{"b/pfs/0/psid", "\"MT_0000000999\""}},
	 .offline = true},
	{.what = "PSID: another card has it",
	 .a = "2",
	 .b = "2 2",
	 .vm = "0/0",
	 .result = "0/0>1/0",
	 .words = "another card position, since 0000:01:00.0 does not fit",
	 .edits = {{"b/pfs/0/psid", "\"MT_0000000999\""}}},
	{.what = "firmware",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "the running firmware differs: 28.43.1014 on a, 28.43.2000 on b",
	 .edits = {{"b/pfs/0/firmware_running", "\"28.43.2000\""}}},
	{.what = "firmware is never waived",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .accept = "firmware-match",
	 .edits = {{"b/pfs/0/firmware_running", "\"28.43.2000\""}}},
	{.what = "PSID unread",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "the PSID on a is not known: needs root",
	 .edits = {{"a/pfs/0/psid", UNREAD}}},
	{.what = "a rule of the PF refuses",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "pf-link: the uplink u0 is down",
	 .edits = {{"b/pfs/0/uplink/netdev/up", "false"}}},
	{.what = "and is accepted",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/0",
	 .accept = "pf-link",
	 .edits = {{"b/pfs/0/uplink/netdev/up", "false"}}},
	{.what = "not migratable",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .words = "VF 0 does not fit (is not migratable: its migratable flag is off)",
	 .edits = {{B_VF(0) "migratable", "\"disabled\""}}},
	{.what = "legacy",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "not in switchdev mode",
	 .edits = {{"b/pfs/0/eswitch_mode", "\"legacy\""}}},
	{.what = "a driver of the host",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .words = "VF 0 does not fit (the VF is bound to mlx5_core)",
	 .edits = {{B_VF(0) "driver", "\"mlx5_core\""}}},
	{.what = "pci-stub",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/0",
	 .edits = {{B_VF(0) "driver", "\"pci-stub\""}}},
	{.what = "bound before it was migratable",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .edits = {{B_VF(0) "driver", "\"mlx5_vfio_pci\""}}},
	{.what = "bound, and proved",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/0",
	 .edits = {{B_VF(0) "driver", "\"mlx5_vfio_pci\""}, {B_VF(0) "vfio_state", "\"RUNNING\""}}},
	{.what = "bound, and nothing else: doubtful",
	 .a = "2",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,doubt",
	 .words = "; but the VF is bound to mlx5_vfio_pci",
	 .edits = {{B_VF(0) "driver", "\"mlx5_vfio_pci\""}, {B_VF(0) "vfio_state", UNREAD}}},
	{.what = "what is not doubtful first",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .words = "VF 0 serves less well",
	 .edits = {{B_VF(0) "driver", "\"mlx5_vfio_pci\""}, {B_VF(0) "vfio_state", UNREAD}}},
	{.what = "not alone in its group",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .edits = {{B_VF(0) "iommu_group_alone", "false"}}},

	/* capabilities */
	{.what = "RoCE",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .words = "roce is enabled on 0000:01:00.1, disabled on 0000:01:00.1",
	 .edits = {{B_VF(0) "roce", "\"disabled\""}}},
	{.what = "IPsec",
	 .a = "2",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "ipsec_crypto is disabled on 0000:01:00.1, enabled on 0000:01:00.1; "
		  "ipsec_packet is",
	 .edits = {{B_VF(0) "ipsec_crypto", "\"enabled\""},
		   {B_VF(0) "ipsec_packet", "\"enabled\""}}},
	{.what = "each its like",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0 0/1",
	 .result = "0/0>0/1 0/1>0/0",
	 .edits = {{A_VF(0) "max_io_eqs", "8"}, {B_VF(1) "max_io_eqs", "8"}}},
	{.what = "MSI-X",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "msix_count is 12 on 0000:01:00.1, 64 on 0000:01:00.1",
	 .edits = {{B_VF(0) "msix_count", "64"}}},
	{.what = "MSI-X, accepted",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,doubt",
	 .words = "; but msix_count is 12",
	 .accept = "vf-caps",
	 .edits = {{B_VF(0) "msix_count", "64"}}},
	{.what = "unknown: warned of by the rule, so last",
	 .a = "1",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .edits = {{B_VF(0) "max_io_eqs", UNREAD}}},
	{.what = "unknown, and no other",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,doubt",
	 .words = "; but the capabilities of 0000:01:00.1 on b are not known: needs root",
	 .edits = {{B_VF(0) "max_io_eqs", UNREAD}}},

	/* bridges and ports */
	{.what = "no port yet",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,make",
	 .words = "its port is to be made in br0",
	 .edits = {{B_PORT0 "name", "\"other\""}}},
	{.what = "one that has a port first",
	 .a = "1",
	 .b = "2",
	 .vm = "0/0",
	 .result = "0/0>0/1",
	 .edits = {{B_PORT0 "name", "\"other\""}}},
	{.what = "down",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,up",
	 .words = "its representor r0v0 is to be set up",
	 .edits = {{B_VF(0) "representor/up", "false"}}},
	{.what = "bridges of other names",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "its port is in the bridge br1, that of 0000:01:00.1 "
		  "in br0",
	 .edits = {{"b/ovs/bridges/0/name", "\"br1\""}}},
	{.what = "bridges of other names, accepted",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,doubt",
	 .accept = "ovs-vf-port",
	 .edits = {{"b/ovs/bridges/0/name", "\"br1\""}}},
	{.what = "no bridge of the name",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "there is no bridge br0 on b",
	 .accept = "ovs-uplink-port",
	 .edits = {{"b/ovs/bridges", OTHER_PORT}}},
	{.what = "bridges unread",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .accept = "ovs-uplink-port",
	 .words = "needs root",
	 .edits = {{"b/ovs/bridges", UNREAD}}},
	{.what = "an error of the port",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "could not open",
	 .edits = {{B_PORT0 "error", "\"could not open\""}}},
	{.what = "the source is in no bridge",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0",
	 .edits = {{"a/ovs/bridges/0/ports/1/name", "\"other\""}}},
	{.what = "the source's bridges unread",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:source-unknown",
	 .words = "needs root",
	 .edits = {{"a/ovs/bridges", UNREAD}}},
	{.what = "no representor",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "its representor is not known: there is none",
	 .edits = {{B_VF(0) "representor/name", "null"}}},
	{.what = "tag",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0>0/0,tag=12",
	 .edits = {{"a/ovs/bridges/0/ports/1/tag", "12"}}},
	{.what = "tag unread",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:source-unknown",
	 .words = "what its port has is not known: needs root",
	 .edits = {{"a/ovs/bridges/0/ports/1/tag", UNREAD}}},

	/* slots */
	{.what = "four of one PF",
	 .a = "7",
	 .b = "7",
	 .vm = "0/0 0/1 0/2 0/3",
	 .result = "0/0>0/0 0/1>0/1 0/2>0/2 0/3>0/3"},
	{.what = "five of one PF",
	 .a = "7",
	 .b = "7 7",
	 .vm = "0/0 0/1 0/2 0/3 0/4",
	 .result = "0/0:source-slots 0/1:source-slots 0/2:source-slots 0/3:source-slots "
		   "0/4:source-slots",
	 .words = "the VM has 5 VFs of 0000:01:00.0, and at most 4 of one PF"},
	{.what = "five of one PF, offline",
	 .a = "7",
	 .b = "7",
	 .vm = "0/0 0/1 0/2 0/3 0/4",
	 .result = "0/0>0/0 0/1>0/1 0/2>0/2 0/3>0/3 0/4>0/4",
	 .offline = true},
	{.what = "slots of the source are taken",
	 .a = "7",
	 .b = "7",
	 .vm = "0/0 0/1",
	 .result = "0/0:source-slots 0/1:source-slots",
	 .words = "3 VFs of 0000:01:00.0 are in migration already, and this VM has 2",
	 .busy_a = 3},
	{.what = "one is left",
	 .a = "7",
	 .b = "7",
	 .vm = "0/6",
	 .result = "0/6>0/6",
	 .busy_a = 3,
	 .busy_b = 3},
	{.what = "none is left there",
	 .a = "7",
	 .b = "7",
	 .vm = "0/6",
	 .result = "0/6:none-fits",
	 .words = "4 of its VFs are in migration, of at most 4",
	 .busy_b = 4},
	{.what = "none is left on the PF",
	 .a = "7",
	 .b = "7 7",
	 .vm = "0/6",
	 .result = "0/6>1/6",
	 .busy_b = 4},
	{.what = "two want the one slot",
	 .a = "7",
	 .b = "7",
	 .vm = "0/0 0/1",
	 .result = "0/0>0/0 0/1:none-left",
	 .busy_b = 3},
	{.what = "a group goes where it finds room",
	 .a = "7",
	 .b = "7 7",
	 .vm = "0/0 0/1",
	 .result = "0/0>1/0 0/1>1/1",
	 .busy_b = 3},
	{.what = "a group is spread where it has to be",
	 .a = "7",
	 .b = "7 1",
	 .vm = "0/0 0/1",
	 .result = "0/0>1/0 0/1>0/1",
	 .busy_b = 3},

	/* groups */
	{.what = "two PFs", .a = "2 2", .b = "2 2", .vm = "0/0 1/0", .result = "0/0>0/0 1/0>1/0"},
	{.what = "two PFs stay two, though one has the numbers",
	 .a = "2 2",
	 .b = "2 2",
	 .vm = "0/0 1/1",
	 .result = "0/0>0/0 1/1>1/0",
	 .edits = {{B_PF1(1) "users", USED}}},
	{.what = "two PFs change places",
	 .a = "2 2",
	 .b = "1 2",
	 .vm = "0/0 0/1 1/0",
	 .result = "0/0>1/0 0/1>1/1 1/0>0/0"},
	{.what = "two PFs become one",
	 .a = "2 2",
	 .b = "2",
	 .vm = "0/0 1/0",
	 .result = "0/0>0/0 1/0>0/1",
	 .words = "the same VF number"},
	{.what = "three PFs, and the one in the middle is full",
	 .a = "1 1 1",
	 .b = "1 1 1 1",
	 .vm = "0/0 1/0 2/0",
	 .result = "0/0>0/0 1/0>3/0 2/0>2/0",
	 .edits = {{B_PF1(0) "users", USED}}},
	{.what = "a group is not torn for its numbers",
	 .a = "3 3",
	 .b = "3 3",
	 .vm = "0/0 0/2",
	 .result = "0/0>1/0 0/2>1/2",
	 .edits = {{B_VF(1) "users", USED}, {B_VF(2) "users", USED}}},

	/* --dest-vf */
	{.what = "fixed", .a = "2", .b = "3", .vm = "0/0=0/2", .result = "0/0>0/2"},
	{.what = "fixed, and defined",
	 .a = "2",
	 .b = "3",
	 .vm = "0/0=0/2",
	 .result = "0/0>0/2",
	 .words = "named by --dest-vf; domain x (defined) names it",
	 .edits = {{B_VF(2) "users", DEFINED}}},
	{.what = "fixed, and used",
	 .a = "2",
	 .b = "3",
	 .vm = "0/0=0/2",
	 .result = "0/0:in-use",
	 .words = "--dest-vf 0000:01:00.3: is in use: domain x (running)",
	 .edits = {{B_VF(2) "users", USED}}},
	{.what = "fixed on a PF of another PSID",
	 .a = "2",
	 .b = "2 2",
	 .vm = "0/0=1/1",
	 .result = "0/0:psid",
	 .words = "--dest-vf 0000:02:00.2: the PSID differs",
	 .edits = {{"b/pfs/1/psid", "\"MT_0000000999\""}}},
	{.what = "fixed on nothing",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0=0/5",
	 .result = "0/0:not-named",
	 .words = "--dest-vf 0000:01:00.6: is no known VF of b"},
	{.what = "one for two",
	 .a = "2",
	 .b = "2",
	 .vm = "0/0=0/1 0/1=0/1",
	 .result = "0/0:none-left 0/1>0/1"},
	{.what = "one fixed, the group follows",
	 .a = "2",
	 .b = "2 2",
	 .vm = "0/0=1/0 0/1",
	 .result = "0/0>1/0 0/1>1/1"},

	/* pools */
	{.what = "a pool",
	 .a = "2",
	 .b = "3",
	 .vm = "0/0@0",
	 .result = "0/0>picked",
	 .words = "0000:01:00.1 -> network vfpool: libvirt picks the VF, so none can be claimed; 3 "
		  "that fit are free there"},
	{.what = "a pool with one that does not fit",
	 .a = "2",
	 .b = "3",
	 .vm = "0/0@0",
	 .result = "0/0>picked",
	 .words = "2 that fit are free there; it may pick one that does not "
		  "fit: 0000:01:00.2 is not migratable",
	 .edits = {{B_VF(1) "migratable", "\"disabled\""}}},
	{.what = "a pool with one in use, and one that does not fit",
	 .a = "2",
	 .b = "3",
	 .vm = "0/0@0",
	 .result = "0/0>picked",
	 .words = "1 that fits is free there; it may pick one that does not fit: 0000:01:00.2 is "
		  "not migratable",
	 .edits = {{B_VF(0) "users", USED}, {B_VF(1) "migratable", "\"disabled\""}}},
	{.what = "a pool of another PF",
	 .a = "2",
	 .b = "1 1",
	 .vm = "0/0@1",
	 .result = "0/0>picked",
	 .words = "; 1 that fits is free there"},
	{.what = "a pool of two PFs",
	 .a = "2",
	 .b = "1 1",
	 .vm = "0/0@0@1 0/1@0@1",
	 .result = "0/0>picked 0/1>picked"},
	{.what = "a pool with too few",
	 .a = "2",
	 .b = "1 2",
	 .vm = "0/0@0 0/1@0",
	 .result = "0/0>picked 0/1:none-left"},
	{.what = "a pool, and no port",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0@0",
	 .result = "0/0:none-fits",
	 .words = "libvirt picks the VF: a port cannot be made before",
	 .edits = {{B_PORT0 "name", "\"other\""}}},
	{.what = "a pool, and --dest-vf",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0=0/0@0",
	 .result = "0/0:not-named",
	 .words = "libvirt picks the VF of the network vfpool"},

	/* the source */
	{.what = "not there",
	 .a = "1",
	 .b = "1",
	 .vm = "0/5",
	 .result = "0/0:source-unknown",
	 .words = "is no VF of a ConnectX card"},
	{.what = "no card there",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "no VF of b fits",
	 .edits = {{"b/pfs", "[]"}}},
	{.what = "cards unread",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .edits = {{"b/pfs", UNREAD}}},
	{.what = "VFs unread",
	 .a = "1",
	 .b = "1",
	 .vm = "0/0",
	 .result = "0/0:none-fits",
	 .words = "needs root",
	 .edits = {{"b/pfs/0/vfs", UNREAD}}},
};

/* Chooses for the row; 'turned': with every list the other way round. */
static void choose(const struct row *row, bool turned, struct vfm_move_devices *devices)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	struct vfm_choose_busy busy[VFM_SIDE_MAX] = {{"0000:01:00.0", row->busy_a},
						     {"0000:01:00.0", row->busy_b}};
	struct vfm_facts facts[VFM_SIDE_MAX];
	struct vfm_case given = {.accepted = &accepted, .now_s = 1769860900};
	struct vfm_choose_request request = {.given = &given, .vm = "vm1", .live = !row->offline};
	struct vm vm;

	make_host(&facts[VFM_SOURCE], row->a, row->edits, EDITS_MAX, 'a', turned);
	make_host(&facts[VFM_DESTINATION], row->b, row->edits, EDITS_MAX, 'b', turned);
	vm_init(&vm, row->vm);
	if (row->accept)
		vfm_strings_add(&accepted, row->accept);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		given.party[side] = (struct vfm_party){.facts = &facts[side],
						       .name = side == VFM_SOURCE ? "a" : "b"};
		request.busy[side] = &busy[side];
		request.busy_count[side] = 1;
	}
	for (size_t i = 0; turned && i < vm.count / 2; i++) {
		struct vfm_choose_vf swapped = vm.vfs[i];

		vm.vfs[i] = vm.vfs[vm.count - 1 - i];
		vm.vfs[vm.count - 1 - i] = swapped;
	}
	request.vfs = vm.vfs;
	request.count = vm.count;
	if (vfm_choose(&request, devices, &err) < 0)
		fail_msg("%s: %s", row->what, err.what);
	vm_done(&vm);
	vfm_facts_done(&facts[VFM_SOURCE]);
	vfm_facts_done(&facts[VFM_DESTINATION]);
}

static void check_row(const struct row *row, bool turned)
{
	VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	bool complete = true;

	choose(row, turned, &devices);
	for (size_t i = 0; i < devices.count; i++) {
		const struct vfm_move_vf *vf = &devices.vfs[turned ? devices.count - 1 - i : i];

		put_result(&text, vf);
		complete &= vf->unfit == VFM_UNFIT_NOT;
		assert_non_null(vf->why);
	}
	if (!vfm_streq(text.data ? text.data : "", row->result))
		fail_msg("%s%s: %s\n%s", row->what, turned ? " (turned)" : "", text.data,
			 devices.count ? devices.vfs[0].why : "");
	if (row->words && !turned && !strstr(devices.vfs[0].why, row->words))
		fail_msg("%s: '%s'", row->what, devices.vfs[0].why);
	assert_int_equal(devices.complete, complete);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		check_row(&rows[i], false);
		check_row(&rows[i], true);
	}
}

/* ---- the value ------------------------------------------------------------- */

static void test_value(void **state)
{
	static const struct row row = {
		.a = "3 1",
		.b = "4 1",
		.vm = "0/2 1/0@1",
		.edits = {{B_VF(2) "users", USED},
			  {B_VF(0) "migratable", UNREAD},
			  {"b/pfs/1/vfs/0/roce", "\"disabled\""},
			  {"a/pfs/0/vfs/2/representor/mtu", "9000"},
			  {"a/ovs/bridges/0/ports/3/options", "\"trunks=5,7\""},
			  {"a/ovs/bridges/0/ports/3/queues", "true"}},
		.busy_b = 1,
	};
	VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
	const struct vfm_move_vf *vf;

	(void)state;
	choose(&row, false, &devices);
	assert_int_equal(devices.count, 2);
	assert_false(devices.complete);
	vf = &devices.vfs[0];
	assert_string_equal(vf->source, "0000:01:00.3");
	assert_string_equal(vf->source_pf, "0000:01:00.0");
	assert_string_equal(vf->destination, "0000:01:00.2");
	assert_string_equal(vf->destination_pf, "0000:01:00.0");
	assert_int_equal(vf->destination_number, 1);
	assert_string_equal(vf->port.representor, "r0v1");
	assert_string_equal(vf->port.bridge, "br0");
	assert_int_equal(vf->port.mtu, 9000);
	assert_int_equal(vf->port.vlan, VFM_VLAN_NONE);
	assert_true(vf->port.queues);
	assert_string_equal(vf->port.options, "trunks=5,7");
	/* by address, each with its reason; the one that was chosen and those like it not */
	assert_int_equal(vf->unfit_count, 3);
	assert_string_equal(vf->unfits[0].bdf, "0000:01:00.1");
	assert_int_equal(vf->unfits[0].unfit, VFM_UNFIT_MIGRATABLE_UNKNOWN);
	assert_string_equal(vf->unfits[1].bdf, "0000:01:00.3");
	assert_int_equal(vf->unfits[1].unfit, VFM_UNFIT_IN_USE);
	assert_string_equal(vf->unfits[1].words, "is in use: domain x (running)");
	assert_string_equal(vf->unfits[2].bdf, "0000:02:00.1");
	assert_int_equal(vf->unfits[2].unfit, VFM_UNFIT_CAPS);
	vf = &devices.vfs[1];
	assert_int_equal(vf->unfit, VFM_UNFIT_NONE_FITS);
	assert_string_equal(vf->destination, "");
	assert_string_equal(vf->network, "vfpool");
	assert_int_equal(vf->unfit_count, 2);
	assert_string_equal(vf->unfits[0].bdf, "0000:01:00.0");
	assert_int_equal(vf->unfits[0].unfit, VFM_UNFIT_PF_NOT_IN_POOL);
	/* slots: two PFs of the source need one each; there one is busy, one needed */
	assert_int_equal(devices.slot_count[VFM_SOURCE], 2);
	assert_int_equal(devices.slots[VFM_SOURCE][1].needed, 1);
	assert_int_equal(devices.slot_count[VFM_DESTINATION], 1);
	assert_string_equal(devices.slots[VFM_DESTINATION][0].pf, "0000:01:00.0");
	assert_int_equal(devices.slots[VFM_DESTINATION][0].busy, 1);
	assert_int_equal(devices.slots[VFM_DESTINATION][0].needed, 1);
}

static void test_words(void **state)
{
	(void)state;
	for (enum vfm_unfit unfit = VFM_UNFIT_NOT; unfit < VFM_UNFIT_MAX; unfit++) {
		assert_non_null(vfm_unfit_name(unfit));
		for (enum vfm_unfit other = VFM_UNFIT_NOT; other < unfit; other++)
			assert_string_not_equal(vfm_unfit_name(unfit), vfm_unfit_name(other));
	}
	for (enum vfm_move_form form = VFM_MOVE_INTERFACE; form < VFM_MOVE_FORM_MAX; form++)
		assert_non_null(vfm_move_form_name(form));
}

/* PFs that were asked for: the only ones there, and no matter on the source. */
static void test_asked(void **state)
{
	static const struct edit none = {NULL, NULL};
	VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
	VFM_AUTO_STRINGS struct vfm_strings asked = {.values = NULL};
	struct vfm_facts facts[VFM_SIDE_MAX];
	struct vfm_case given = {.profile = VFM_PROFILE_NVIDIA};
	struct vfm_choose_request request = {.given = &given, .live = true, .count = 1};
	struct vm vm;

	(void)state;
	vfm_strings_add(&asked, "0000:02:00.0");
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		make_host(&facts[side], "1 1", &none, 1, side == VFM_SOURCE ? 'a' : 'b', false);
		given.party[side] =
			(struct vfm_party){.facts = &facts[side], .name = "h", .pfs = &asked};
	}
	vm_init(&vm, "0/0");
	request.vfs = vm.vfs;
	assert_int_equal(vfm_choose(&request, &devices, NULL), 0);
	assert_true(devices.complete);
	assert_string_equal(devices.vfs[0].destination, "0000:02:00.1");
	assert_int_equal(devices.vfs[0].unfit_count, 1);
	assert_string_equal(devices.vfs[0].unfits[0].bdf, "0000:01:00.0");
	assert_int_equal(devices.vfs[0].unfits[0].unfit, VFM_UNFIT_PF_NOT_ASKED);
	vfm_facts_done(&facts[VFM_SOURCE]);
	vfm_facts_done(&facts[VFM_DESTINATION]);
}

static void test_refused(void **state)
{
	VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_choose_request request = {.vm = "vm1", .live = true};
	struct hosts hosts;
	struct vm vm;

	(void)state;
	hosts_init(&hosts, NULL, 0);
	request.given = &hosts.given;
	vm_init(&vm, "0/0 0/1 0/0");
	request.vfs = vm.vfs;
	request.count = vm.count;
	assert_int_equal(vfm_choose(&request, &devices, &err), -EINVAL);
	assert_string_equal(err.object, "0000:01:00.1");
	request.count = VFM_CHOOSE_MAX_VFS + 1;
	assert_int_equal(vfm_choose(&request, &devices, &err), -E2BIG);
	assert_null(devices.vfs);
	hosts_done(&hosts);
}

/* ---- large ------------------------------------------------------------------ */

static void test_large(void **state)
{
	static const struct row row = {
		.what = "large",
		.a = "127 127 127 127",
		.b = "127 127 127 127 127 127 127 127",
		.vm = "0/5 0/6 0/7 0/126 1/5 1/6 1/7 1/8 2/0 2/1 2/2 2/3 3/9 3/10 3/11 3/12",
		.result = "0/5>4/5 0/6>4/6 0/7>4/7 0/126>4/126 1/5>1/5 1/6>1/6 1/7>1/7 1/8>1/8 "
			  "2/0>2/0 2/1>2/1 2/2>2/2 2/3>2/3 3/9>5/9 3/10>5/10 3/11>5/11 3/12>5/12",
		.words = "0000:01:00.0 does not fit (4 of its VFs are in migration",
		.busy_b = 4,
		.edits = {{"b/pfs/3/eswitch_mode", "\"legacy\""}},
	};

	(void)state;
	check_row(&row, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),    cmocka_unit_test(test_value),
		cmocka_unit_test(test_words),   cmocka_unit_test(test_asked),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
