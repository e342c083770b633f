/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan of a move: which steps, in which order, with which values; and their texts both ways.
 * Both hosts are the ready one, with a VF or two of its PF.
 */
#include "unit.h"

#include "move/journal.h"
#include "move/move.h"
#include "move/value.h"
#include "plan/request.h"

#define PF   "0000:01:00.0"
#define VF0  "0000:01:00.1"
#define VF1  "0000:01:00.2"
#define MAC0 "52:54:00:00:00:01"
#define MAC1 "52:54:00:00:00:02"
#define UUID "6c9f0000-0000-4000-8000-000000000001"

enum { VFS = 2 };

struct moving {
	struct vfm_facts facts[VFM_SIDE_MAX];
	struct vfm_domain domain;
	struct vfm_move_request request;
	struct vfm_move_vf vfs[VFS];
	struct vfm_move_slots slots[VFM_SIDE_MAX];
	struct vfm_move_devices devices;
	struct vfm_move move;
};

static void read_facts(struct vfm_facts *facts)
{
	size_t size;
	VFM_AUTO_FREE char *data = unit_data("facts/ready.json", &size);

	assert_int_equal(vfm_facts_parse(data, size, "facts", facts, NULL), 0);
}

static struct vfm_vf_facts *vf_facts(struct moving *moving, enum vfm_side side, uint64_t number)
{
	return vfm_pf_vf(vfm_facts_pf(&moving->facts[side], PF), number);
}

/* Two VFs that trade places, from a bridge and a tag that the destination's do not have. */
static void init(struct moving *moving)
{
	*moving = (struct moving){
		.domain = {.name = (char *)"vm1", .uuid = (char *)UUID},
		.vfs = {{.form = VFM_MOVE_INTERFACE,
			 .mac = (char *)MAC0,
			 .source = VF0,
			 .source_pf = PF,
			 .source_number = 0,
			 .destination = VF1,
			 .destination_pf = PF,
			 .destination_number = 1,
			 .port = {.bridge = (char *)"br0", .vlan = 12, .mtu = 9000}},
			{.form = VFM_MOVE_INTERFACE,
			 .mac = (char *)MAC1,
			 .source = VF1,
			 .source_pf = PF,
			 .source_number = 1,
			 .destination = VF0,
			 .destination_pf = PF,
			 .destination_number = 0,
			 .port = {.bridge = (char *)"br0", .vlan = VFM_VLAN_NONE, .mtu = 1500}}},
		.slots = {{.pf = PF, .needed = VFS}, {.pf = PF, .needed = VFS}},
	};
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		read_facts(&moving->facts[side]);
		moving->devices.slots[side] = &moving->slots[side];
		moving->devices.slot_count[side] = 1;
		moving->move.facts[side] = &moving->facts[side];
	}
	moving->devices.vfs = moving->vfs;
	moving->devices.count = VFS;
	moving->devices.complete = true;
	moving->move.devices = &moving->devices;
	moving->move.request = &moving->request;
	moving->move.domain = &moving->domain;
}

static void done(struct moving *moving)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		vfm_facts_done(&moving->facts[side]);
}
#define AUTO_MOVING VFM_CLEANUP(done)

/* "move-claim destination 0000:01:00.2: (none) -> claimed", a line each. */
static char *text_of(const struct vfm_steps *steps)
{
	struct vfm_buffer text = {.data = NULL};

	for (size_t i = 0; i < steps->count; i++) {
		const struct vfm_step *step = &steps->items[i];

		vfm_buffer_printf(&text, "%s %s: %s -> %s\n",
				  vfm_step_kinds[step->id].name + strlen("move-"), step->object,
				  step->was ? step->was : "(none)", step->want);
	}
	return vfm_buffer_steal(&text);
}

static void check_plan(const struct moving *moving, const char *expected)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	size_t points = 0;

	if (vfm_move_plan(&moving->move, &steps, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	text = text_of(&steps);
	assert_string_equal(text, expected);
	for (size_t i = 0; i < steps.count; i++) {
		points += vfm_step_kinds[steps.items[i].id].point_of_no_return;
		/* What is before the point can be put back, and in this order alone. */
		assert_int_equal(vfm_step_has_undo(&steps.items[i]), points == 0);
		assert_true(i == 0 || steps.items[i].rank >= steps.items[i - 1].rank);
		assert_true(vfm_step_kinds[steps.items[i].id].of_move);
	}
	assert_int_equal(points, 1);
}

#define MIGRATE "migrate " UUID ": source -> destination\n"
#define RELEASE "release " UUID ": (none) -> released\n"
#define CLAIMS                                                                                     \
	"claim destination " VF1 ": (none) -> claimed\nclaim destination " VF0                     \
	": (none) -> claimed\n"
#define GPU     "0000:41:00.0"
#define GPU_VF  "0000:41:00.4"
#define GPU_VF2 "0000:41:00.5"
#define MDEV_A  "5f0e6c1a-0000-4000-8000-00000000000a"
#define MDEV_B  "5f0e6c1a-0000-4000-8000-00000000000b"
#define VGPU_CLAIMS                                                                                \
	"claim destination vgpu/" GPU "/" MDEV_A ": (none) -> claimed\n"                           \
	"claim destination vgpu/" GPU_VF2 ": (none) -> claimed\n"
#define SLOTS(side) "slots " side " " PF ": (none) -> 2\n"
#define TOLD                                                                                       \
	"announce destination " PF ": (none) -> " MAC0 " tag=12," MAC1 "\nforget source " VF0      \
	": (none) -> " MAC0 "\nforget source " VF1 ": (none) -> " MAC1 "\n"

static void test_whole(void **state)
{
	AUTO_MOVING struct moving moving;

	(void)state;
	init(&moving);
	/* The other VF's port is as it should be. */
	check_plan(&moving, SLOTS("source") SLOTS("destination") CLAIMS
		   "port destination " VF1
		   ": br0 mtu=1500 -> br0 tag=12 mtu=9000\n" MIGRATE TOLD RELEASE);
}

/* Its VLANs and its policing go along; a representor that is down is set up, and down again. */
static void test_whole_port(void **state)
{
	AUTO_MOVING struct moving moving;
	struct vfm_ovs_port_facts *port;

	(void)state;
	init(&moving);
	moving.devices.count = 1;
	moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	moving.request.migration.offline = true;
	moving.vfs[0].port.vlan = VFM_VLAN_NONE;
	moving.vfs[0].port.mtu = 0;
	moving.vfs[0].port.options = (char *)"vlan_mode=trunk trunks=5,7";
	moving.vfs[0].port.set_up = true;
	vfm_fact_set_bool(&vf_facts(&moving, VFM_DESTINATION, 1)->representor.up, false);
	check_plan(&moving, "claim destination " VF1 ": (none) -> claimed\nport destination " VF1
			    ": br0 down -> br0 vlan_mode=trunk trunks=5,7 up\n" MIGRATE RELEASE);
	/* What the destination's has and the source's has not is taken away for the VM. */
	moving.vfs[0].port.options = NULL;
	moving.vfs[0].port.set_up = false;
	port = vfm_list_at(struct vfm_ovs_port_facts,
			   &vfm_list_at(struct vfm_ovs_bridge_facts,
					&moving.facts[VFM_DESTINATION].ovs.bridges, 0)
				    ->ports,
			   2);
	assert_true(vfm_fact_is_text(
		&port->name, vf_facts(&moving, VFM_DESTINATION, 1)->representor.name.value));
	vfm_fact_set_text(&port->options, "ingress_policing_rate=1000");
	check_plan(&moving, "claim destination " VF1 ": (none) -> claimed\nport destination " VF1
			    ": br0 ingress_policing_rate=1000 -> br0\n" MIGRATE RELEASE);
}

/* The host of the lower UUID comes first, in whichever direction. */
static void test_order_of_slots(void **state)
{
	AUTO_MOVING struct moving moving;

	(void)state;
	init(&moving);
	moving.vfs[0].port.bridge = moving.vfs[1].port.bridge = NULL;
	vfm_fact_set_text(&moving.facts[VFM_SOURCE].host.uuid, "bb");
	vfm_fact_set_text(&moving.facts[VFM_DESTINATION].host.uuid, "aa");
	check_plan(&moving, SLOTS("destination") SLOTS("source") CLAIMS MIGRATE RELEASE);
	vfm_fact_set_text(&moving.facts[VFM_DESTINATION].host.uuid, "cc");
	check_plan(&moving, SLOTS("source") SLOTS("destination") CLAIMS MIGRATE RELEASE);
	moving.slots[VFM_SOURCE].needed = 0;
	check_plan(&moving, SLOTS("destination") CLAIMS MIGRATE RELEASE);
}

static void test_no_device(void **state)
{
	AUTO_MOVING struct moving moving;

	(void)state;
	init(&moving);
	moving.devices.count = moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	check_plan(&moving, MIGRATE);
	moving.move.devices = NULL;
	moving.move.facts[0] = moving.move.facts[1] = NULL;
	check_plan(&moving, MIGRATE);
}

/* One that is there, one that is made; both of the source are left behind. */
static void test_vgpus(void **state)
{
	AUTO_MOVING struct moving moving;
	struct vfm_move_vgpu vgpus[] = {
		{.source = MDEV_A,
		 .source_object = (char *)"vgpu/" GPU "/" MDEV_A,
		 .destination = MDEV_A,
		 .destination_object = (char *)"vgpu/" GPU "/" MDEV_A,
		 .type_id = 232},
		{.source = GPU_VF,
		 .source_object = (char *)"vgpu/" GPU_VF,
		 .destination = GPU_VF2,
		 .destination_object = (char *)"vgpu/" GPU_VF2,
		 .type_id = 1153,
		 .make = true},
	};

	(void)state;
	init(&moving);
	moving.devices.count = moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	moving.devices.vgpus = vgpus;
	moving.devices.vgpu_count = VFM_ARRAY_SIZE(vgpus);
	check_plan(&moving,
		   VGPU_CLAIMS "vgpu destination vgpu/" GPU_VF2 ": (none) -> 1153\n" MIGRATE
			       "vgpu-remove source vgpu/" GPU "/" MDEV_A ": (none) -> removed\n"
			       "vgpu-remove source vgpu/" GPU_VF ": (none) -> removed\n" RELEASE);
	moving.request.keep_vgpu = true;
	check_plan(&moving, VGPU_CLAIMS "vgpu destination vgpu/" GPU_VF2
					": (none) -> 1153\n" MIGRATE RELEASE);
	moving.devices.vgpus_missing = 1;
	assert_int_equal(vfm_move_plan(&moving.move, &(struct vfm_steps){.items = NULL}, NULL),
			 -EINVAL);
}

#define HOSTDEVS(uuid, function)                                                                   \
	"<domain type='kvm'><name>vm1</name><devices>\n"                                           \
	" <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='" uuid     \
	"'/></source></hostdev>\n <!-- as it was -->\n"                                            \
	" <hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' "     \
	"bus='0x41' slot='0x00' function='" function "'/></source></hostdev>\n</devices></domain>"

/* UUID and address change, and nothing else; what keeps its name changes nothing. */
static void test_vgpu_documents(void **state)
{
	AUTO_MOVING struct moving moving;
	struct vfm_move_vgpu vgpus[] = {{.source = MDEV_A, .destination = MDEV_B},
					{.source = GPU_VF, .destination = GPU_VF2}};
	const struct vfm_vm_documents source = {.live = (char *)HOSTDEVS(MDEV_A, "0x4"),
						.inactive = (char *)HOSTDEVS(MDEV_B, "0x4")};
	VFM_AUTO_MOVE_DOCUMENTS struct vfm_move_documents made = {.destination_xml = NULL};

	(void)state;
	init(&moving);
	moving.devices.count = 0;
	moving.devices.vgpus = vgpus;
	moving.devices.vgpu_count = VFM_ARRAY_SIZE(vgpus);
	moving.request.migration.persist = true;
	assert_int_equal(vfm_move_documents(&moving.move, &source, &made, NULL), 0);
	assert_string_equal(made.destination_xml, HOSTDEVS(MDEV_B, "0x5"));
	/* at rest it has another mediated device */
	assert_string_equal(made.persistent_xml, HOSTDEVS(MDEV_B, "0x5"));
	vfm_move_documents_done(&made);
	snprintf(vgpus[0].destination, sizeof(vgpus[0].destination), MDEV_A);
	snprintf(vgpus[1].destination, sizeof(vgpus[1].destination), GPU_VF);
	assert_int_equal(vfm_move_documents(&moving.move, &source, &made, NULL), 0);
	assert_null(made.destination_xml);
}

/* Where nothing runs, the network has nothing to learn. */
static void test_offline(void **state)
{
	AUTO_MOVING struct moving moving;

	(void)state;
	init(&moving);
	moving.request.migration.offline = true;
	moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	check_plan(&moving, CLAIMS "port destination " VF1
				   ": br0 mtu=1500 -> br0 tag=12 mtu=9000\n" MIGRATE RELEASE);
}

/* Nobody but libvirt knows which VF it will be: nothing can be claimed or set for it. */
static void test_pool(void **state)
{
	AUTO_MOVING struct moving moving;

	(void)state;
	init(&moving);
	moving.devices.count = 1;
	moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	moving.vfs[0].form = VFM_MOVE_POOL;
	moving.vfs[0].libvirt_picks = true;
	moving.vfs[0].destination[0] = '\0';
	check_plan(&moving, MIGRATE "picked destination " MAC0
				    ": (none) -> br0 tag=12 mtu=9000 up\nforget source " VF0
				    ": (none) -> " MAC0 "\n");
	moving.request.migration.offline = true;
	check_plan(&moving, MIGRATE);
	moving.request.migration.offline = false;
	moving.vfs[0].port.bridge = NULL;
	check_plan(&moving, MIGRATE);
}

/* A <hostdev> has no MAC in the XML: that of the source's VF is given to the destination's. */
static void test_hostdev(void **state)
{
	AUTO_MOVING struct moving moving;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	init(&moving);
	moving.devices.count = 1;
	moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	moving.request.migration.offline = true;
	moving.vfs[0].form = VFM_MOVE_HOSTDEV;
	moving.vfs[0].mac = NULL;
	moving.vfs[0].port.bridge = NULL;
	vfm_fact_set_text(&vf_facts(&moving, VFM_SOURCE, 0)->hw_addr, MAC0);
	check_plan(&moving, "claim destination " VF1 ": (none) -> claimed\nhw-addr destination " VF1
			    ": 02:00:00:00:00:01 -> " MAC0 "\n" MIGRATE RELEASE);
	/* Not set on the other: undone by unsetting it. */
	vfm_fact_set_absent(&vf_facts(&moving, VFM_DESTINATION, 1)->hw_addr.fact);
	check_plan(&moving, "claim destination " VF1 ": (none) -> claimed\nhw-addr destination " VF1
			    ": (none) -> " MAC0 "\n" MIGRATE RELEASE);
	/* None was given: the guest's driver has made one, and that comes along. */
	vfm_fact_set_absent(&vf_facts(&moving, VFM_SOURCE, 0)->hw_addr.fact);
	check_plan(&moving, "claim destination " VF1 ": (none) -> claimed\n" MIGRATE RELEASE);
	/* Not known is not none. */
	vfm_fact_set_unknown(&vf_facts(&moving, VFM_SOURCE, 0)->hw_addr.fact, "test");
	assert_int_equal(vfm_move_plan(&moving.move, &steps, &err), -EINVAL);
	assert_string_equal(err.object, VF0);
}

static void test_not_known(void **state)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};

	(void)state;
	for (unsigned int what = 0; what < 5; what++) {
		AUTO_MOVING struct moving moving;
		struct vfm_vf_facts *vf;
		struct vfm_ovs_bridge_facts *bridge;

		init(&moving);
		vf = vf_facts(&moving, VFM_DESTINATION, 1);
		bridge = moving.facts[VFM_DESTINATION].ovs.bridges.items;
		if (what == 0)
			moving.devices.complete = false;
		else if (what == 1)
			vfm_fact_set_unknown(&vf->representor.name.fact, "test");
		else if (what == 2)
			vfm_fact_set_unknown(&vf->representor.mtu.fact, "test");
		else if (what == 3)
			moving.move.facts[VFM_DESTINATION] = NULL;
		else
			vfm_fact_set_unknown(
				&vfm_list_at(struct vfm_ovs_port_facts, &bridge->ports, 2)
					 ->tag.fact,
				"test");
		assert_int_equal(vfm_move_plan(&moving.move, &steps, NULL), -EINVAL);
		assert_int_equal(steps.count, 0);
	}
}

/* In no bridge yet; and where the MTU is not known on the source, it stays what it is. */
static void test_port_to_make(void **state)
{
	AUTO_MOVING struct moving moving;
	struct vfm_ovs_bridge_facts *bridge;

	(void)state;
	init(&moving);
	moving.request.migration.offline = true;
	moving.devices.slot_count[0] = moving.devices.slot_count[1] = 0;
	bridge = moving.facts[VFM_DESTINATION].ovs.bridges.items;
	vfm_fact_set_text(&vfm_list_at(struct vfm_ovs_port_facts, &bridge->ports, 2)->name,
			  "another");
	moving.vfs[0].port.mtu = 0;
	check_plan(&moving, CLAIMS "port destination " VF1 ": - -> br0 tag=12\n" MIGRATE RELEASE);
	moving.vfs[0].port.mtu = 9000;
	check_plan(&moving, CLAIMS "port destination " VF1
				   ": - mtu=1500 -> br0 tag=12 mtu=9000\n" MIGRATE RELEASE);
}

/* ---- texts ---------------------------------------------------------------- */

static void test_port_texts(void **state)
{
	static const char *const good[] = {
		"br0",
		"br0 tag=0",
		"br0 tag=12 mtu=9000",
		"-",
		"- mtu=1500",
		"-br",
		"br0 trunks=5,7 up",
		"br0 tag=3 vlan_mode=native-tagged trunks=0,4095 "
		"ingress_policing_rate=1 ingress_policing_burst=4294967295 "
		"ingress_policing_kpkts_rate=2 "
		"ingress_policing_kpkts_burst=3 mtu=68 down"};
	static const char *const bad[] = {"",
					  "br0 tag=",
					  "br0 tag=5000",
					  "br0 mtu=70000",
					  "br0 tag=1x",
					  "br0 x",
					  "br0 trunks=",
					  "br0 trunks=7,5",
					  "br0 trunks=5,5",
					  "br0 trunks=4096",
					  "br0 trunks=5,",
					  "br0 vlan_mode=x",
					  "br0 ingress_policing_rate=0",
					  "br0 ingress_policing_rate=1x",
					  "br0 trunks=5 vlan_mode=trunk",
					  "br0 trunks=5 trunks=6",
					  "br0 UP",
					  "br0 other_config=x"};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(good); i++) {
		VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port;
		VFM_AUTO_FREE char *text = NULL;

		assert_int_equal(vfm_move_port_parse(good[i], &port), 0);
		text = vfm_move_port_text(&port);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad); i++) {
		struct vfm_peer_port port = {.mtu = 1};

		assert_int_equal(vfm_move_port_parse(bad[i], &port), -EINVAL);
		assert_int_equal(port.mtu, 1);
	}
}

static void test_objects(void **state)
{
	static const char *const bad[] = {"", "source", "source ", "sourcex 1", "elsewhere 1"};
	VFM_AUTO_FREE char *text = vfm_move_object(VFM_DESTINATION, VF0);
	enum vfm_side side = VFM_SOURCE;
	const char *bdf = NULL;

	(void)state;
	assert_string_equal(text, "destination " VF0);
	assert_int_equal(vfm_move_object_parse(text, &side, &bdf), 0);
	assert_int_equal(side, VFM_DESTINATION);
	assert_string_equal(bdf, VF0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad); i++)
		assert_int_equal(vfm_move_object_parse(bad[i], &side, &bdf), -EINVAL);
}

static void test_addresses(void **state)
{
	VFM_AUTO_FREE char *text = NULL, *copy = NULL;
	struct vfm_peer_address items[2];
	size_t count = 0;

	(void)state;
	assert_int_equal(vfm_move_addresses_add(&text, MAC0, 12), 0);
	assert_int_equal(vfm_move_addresses_add(&text, MAC1, VFM_PEER_NO_TAG), 0);
	assert_string_equal(text, MAC0 " tag=12," MAC1);
	assert_int_equal(vfm_move_addresses_parse(text, &copy, items, 1, &count), -E2BIG);
	assert_int_equal(vfm_move_addresses_parse(text, &copy, items, 2, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(items[0].mac, MAC0);
	assert_int_equal(items[0].tag, 12);
	assert_string_equal(items[1].mac, MAC1);
	assert_int_equal(items[1].tag, VFM_PEER_NO_TAG);
	free(copy);
	copy = NULL;
	assert_int_equal(vfm_move_addresses_parse(MAC0 " tag=x", &copy, items, 2, &count), -EINVAL);
}

/* ---- how far it had come --------------------------------------------------- */

static void test_phase(void **state)
{
	struct vfm_run_step steps[] = {
		{.step = {.id = VFM_STEP_MOVE_CLAIM}},
		{.step = {.id = VFM_STEP_MOVE_PORT}},
		{.step = {.id = VFM_STEP_MOVE_MIGRATE}},
		{.step = {.id = VFM_STEP_MOVE_RELEASE}},
	};
	const struct vfm_run_entry run = {.steps = steps, .step_count = VFM_ARRAY_SIZE(steps)};
	const struct vfm_run_entry alone = {.steps = &steps[2], .step_count = 1};

	(void)state;
	assert_int_equal(vfm_move_phase(&run), VFM_MOVE_PREPARES);
	/* Nothing is before it: it may be on. */
	assert_int_equal(vfm_move_phase(&alone), VFM_MOVE_MIGRATES);
	steps[0].result = VFM_STEP_DONE;
	assert_int_equal(vfm_move_phase(&run), VFM_MOVE_PREPARES);
	steps[1].result = VFM_STEP_ALREADY;
	assert_int_equal(vfm_move_phase(&run), VFM_MOVE_MIGRATES);
	steps[2].result = VFM_STEP_DONE;
	assert_int_equal(vfm_move_phase(&run), VFM_MOVE_ARRIVED);
	assert_int_equal(vfm_move_phase(&alone), VFM_MOVE_ARRIVED);
	steps[2].result = VFM_STEP_FAILED;
	assert_int_equal(vfm_move_phase(&run), VFM_MOVE_MIGRATES);
}

/* ---- documents --------------------------------------------------------------- */

#define XML(a, b)                                                                                  \
	"<domain type='kvm'><devices><hostdev mode='subsystem' type='pci'><source>"                \
	"<address domain='0x0000' bus='0x01' slot='0x00' function='" a "'/></source></hostdev>" b  \
	"</devices></domain>"
#define SECOND(f)                                                                                  \
	"<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x01' "        \
	"slot='0x00' function='" f "'/></source></interface>"

static void test_documents(void **state)
{
	/* Plugged in: at rest the VM does not have it. */
	const struct vfm_vm_documents source = {.live = (char *)XML("0x1", SECOND("0x2")),
						.inactive = (char *)XML("0x1", "")};
	VFM_AUTO_MOVE_DOCUMENTS struct vfm_move_documents made = {.destination_xml = NULL};
	AUTO_MOVING struct moving moving;
	struct vfm_migration migration;

	(void)state;
	init(&moving);
	assert_int_equal(vfm_move_documents(&moving.move, &source, &made, NULL), 0);
	assert_string_equal(made.destination_xml, XML("0x2", SECOND("0x1")));
	assert_null(made.persistent_xml);
	vfm_move_documents_done(&made);
	moving.request.migration.persist = true;
	assert_int_equal(vfm_move_documents(&moving.move, &source, &made, NULL), 0);
	assert_string_equal(made.persistent_xml, XML("0x2", ""));
	migration = vfm_move_migration(&moving.request, &made);
	assert_ptr_equal(migration.destination_xml, made.destination_xml);
	assert_ptr_equal(migration.persistent_xml, made.persistent_xml);
	assert_true(migration.persist);
	vfm_move_documents_done(&made);
	moving.move.devices = NULL;
	assert_int_equal(vfm_move_documents(&moving.move, &source, &made, NULL), 0);
	assert_null(made.destination_xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),      cmocka_unit_test(test_order_of_slots),
		cmocka_unit_test(test_no_device),  cmocka_unit_test(test_offline),
		cmocka_unit_test(test_vgpus),      cmocka_unit_test(test_vgpu_documents),
		cmocka_unit_test(test_pool),       cmocka_unit_test(test_hostdev),
		cmocka_unit_test(test_not_known),  cmocka_unit_test(test_port_to_make),
		cmocka_unit_test(test_whole_port), cmocka_unit_test(test_port_texts),
		cmocka_unit_test(test_objects),    cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_phase),      cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests_name("move_plan", tests, NULL, NULL);
}
