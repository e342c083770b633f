/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is made of what is seen after a move: a VM with one VF that has arrived as it should, and
 * then one thing after the other that is not so.
 */
#include "unit.h"

#include "move/guest_ping.h"
#include "move/verify.h"

#define VF  "0000:01:00.1"
#define MAC "52:54:00:00:00:01"

struct arrival {
	struct vfm_seen seen;
	struct vfm_move_note note;
	struct vfm_move_device_note device;
	struct vfm_domain_interface interface;
	struct vfm_guest_interface guest;
	struct vfm_vf_facts *vf;
	struct vfm_ovs_port_facts *port;
};

static void set_users(struct arrival *arrival, const char *user)
{
	VFM_AUTO_STRINGS struct vfm_strings users = {.values = NULL};

	if (user)
		vfm_strings_add(&users, user);
	vfm_fact_set_texts(&arrival->vf->users, &users);
}

static void init(struct arrival *arrival)
{
	struct vfm_ovs_bridge_facts *bridge;
	size_t size;
	VFM_AUTO_FREE char *data = unit_data("facts/ready.json", &size);

	*arrival = (struct arrival){
		.seen = {.vm = (char *)"vm1",
			 .sides = {{VFM_STATE_ABSENT, VFM_WHERE_JOB_UNKNOWN},
				   {VFM_STATE_RUNNING, VFM_WHERE_JOB_NONE}},
			 .defined = {VFM_TRI_NO, VFM_TRI_YES},
			 .has_domain = true,
			 .has_facts = true,
			 .has_guest = true,
			 .guest_count = 1},
		.note = {.running = true,
			 .persistent = true,
			 .persist = true,
			 .undefine_source = true,
			 .device_count = 1},
		.device = {.form = (char *)"interface",
			   .source = (char *)"0000:02:00.1",
			   .destination = (char *)VF,
			   .mac = (char *)MAC,
			   .port = (char *)"br0 tag=12 mtu=1500"},
		.interface = {.mac = (char *)MAC, .host_address = VF},
		.guest = {.name = (char *)"eth0", .mac = (char *)MAC},
	};
	arrival->note.devices = &arrival->device;
	arrival->seen.note = &arrival->note;
	arrival->seen.domain.interfaces = &arrival->interface;
	arrival->seen.domain.interface_count = 1;
	arrival->seen.guest = &arrival->guest;
	assert_int_equal(vfm_facts_parse(data, size, "facts", &arrival->seen.facts, NULL), 0);
	arrival->vf = vfm_pf_vf(vfm_facts_pf(&arrival->seen.facts, "0000:01:00.0"), 0);
	bridge = arrival->seen.facts.ovs.bridges.items;
	arrival->port = vfm_list_at(struct vfm_ovs_port_facts, &bridge->ports, 1);
	vfm_fact_set_text(&arrival->vf->driver, "mlx5_vfio_pci");
	vfm_fact_set_text(&arrival->vf->hw_addr, MAC);
	vfm_fact_set_bool(&arrival->vf->representor.up, true);
	vfm_fact_set_uint(&arrival->port->tag, 12);
	set_users(arrival, "domain vm1 (running)");
}

static void done(struct arrival *arrival)
{
	vfm_facts_done(&arrival->seen.facts);
}
#define AUTO_ARRIVAL VFM_CLEANUP(done)

/* Those that are not ok, "running=failed vf-mac=unknown"; with their messages where asked for. */
static char *text_of(const struct vfm_checks *checks, bool messages)
{
	struct vfm_buffer text = {.data = NULL};

	for (size_t i = 0; i < checks->count; i++) {
		const struct vfm_check *check = &checks->items[i];

		assert_non_null(check->message);
		assert_non_null(check->object);
		if (check->status == VFM_CHECK_FAILED || check->status == VFM_CHECK_UNKNOWN)
			assert_non_null(check->remedy);
		else
			assert_null(check->remedy);
		if (messages)
			vfm_buffer_printf(&text, "%s: %s\n", check->name, check->message);
		else if (check->status != VFM_CHECK_OK)
			vfm_buffer_printf(&text, "%s=%s ", check->name,
					  vfm_check_status_name(check->status));
	}
	return vfm_buffer_steal(&text);
}

static void check_seen(const struct vfm_seen *seen, const char *expected,
		       enum vfm_check_status status)
{
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	VFM_AUTO_FREE char *text = NULL;

	assert_int_equal(vfm_verify_judge(seen, &checks, NULL), 0);
	text = text_of(&checks, false);
	assert_string_equal(text, expected);
	assert_int_equal(vfm_checks_status(&checks), status);
}

static void test_as_it_should(void **state)
{
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	AUTO_ARRIVAL struct arrival arrival;
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	init(&arrival);
	check_seen(&arrival.seen, "", VFM_CHECK_OK);
	assert_int_equal(vfm_verify_judge(&arrival.seen, &checks, NULL), 0);
	text = text_of(&checks, true);
	assert_string_equal(text, "running: runs on the destination\n"
				  "nowhere-else: nothing of it runs on the source\n"
				  "definition-destination: is defined on the destination\n"
				  "definition-source: is not defined on the source\n"
				  "vf-attached: the VM has it for 0000:02:00.1\n"
				  "vf-driver: is bound to mlx5_vfio_pci\n"
				  "vf-owner: is the VM's: domain vm1 (running)\n"
				  "vf-mac: has the MAC address " MAC "\n"
				  "port-bridge: its representor is in br0 tag=12\n"
				  "port-up: enp1s0npf0vf0 is up\n"
				  "guest: the guest has it as eth0\n");
}

static void not_running(struct arrival *a)
{
	a->seen.sides[VFM_DESTINATION].state = VFM_STATE_PAUSED;
}
static void paused_as_before(struct arrival *a)
{
	a->seen.sides[VFM_DESTINATION].state = VFM_STATE_PAUSED;
	a->note.running = false;
}
static void destination_silent(struct arrival *a)
{
	a->seen.sides[VFM_DESTINATION].state = VFM_STATE_UNKNOWN;
	a->seen.defined[VFM_DESTINATION] = VFM_TRI_UNKNOWN;
	a->seen.has_domain = false;
}
static void still_on_source(struct arrival *a)
{
	a->seen.sides[VFM_SOURCE].state = VFM_STATE_MIGRATING;
}
static void source_silent(struct arrival *a)
{
	a->seen.sides[VFM_SOURCE].state = VFM_STATE_UNKNOWN;
	a->seen.defined[VFM_SOURCE] = VFM_TRI_UNKNOWN;
}
static void in_postcopy(struct arrival *a)
{
	a->seen.sides[VFM_SOURCE].state = VFM_STATE_POSTCOPY;
	a->seen.sides[VFM_DESTINATION].state = VFM_STATE_POSTCOPY;
}
static void not_defined(struct arrival *a)
{
	a->seen.defined[VFM_DESTINATION] = VFM_TRI_NO;
}
static void not_undefined(struct arrival *a)
{
	a->seen.defined[VFM_SOURCE] = VFM_TRI_YES;
}
static void undefined_unasked(struct arrival *a)
{
	a->note.undefine_source = false;
}
static void transient(struct arrival *a)
{
	a->note.persist = a->note.undefine_source = a->note.persistent = false;
	a->seen.defined[VFM_DESTINATION] = VFM_TRI_NO;
}
static void offline(struct arrival *a)
{
	a->note.offline = true;
	a->seen.sides[VFM_DESTINATION].state = VFM_STATE_SHUT_OFF;
	/* as libvirt has not touched it yet */
	vfm_fact_set_absent(&a->vf->driver.fact);
	vfm_fact_set_text(&a->vf->hw_addr, "00:00:00:00:00:00");
}
static void offline_hostdev(struct arrival *a)
{
	static struct vfm_domain_hostdev hostdev;

	offline(a);
	memcpy(hostdev.host_address, a->interface.host_address, sizeof(hostdev.host_address));
	a->interface.host_address[0] = '\0';
	a->seen.domain.hostdevs = &hostdev;
	a->seen.domain.hostdev_count = 1;
}
static void without_vf(struct arrival *a)
{
	a->interface.host_address[0] = '\0';
}
static void no_agent(struct arrival *a)
{
	a->seen.has_facts = false;
}
static void not_there(struct arrival *a)
{
	a->device.destination = (char *)"0000:09:00.1";
	snprintf(a->interface.host_address, VFM_BDF_TEXT_SIZE, "0000:09:00.1");
}
static void other_driver(struct arrival *a)
{
	vfm_fact_set_text(&a->vf->driver, "vfio-pci");
}
static void no_driver(struct arrival *a)
{
	vfm_fact_set_absent(&a->vf->driver.fact);
}
static void driver_unknown(struct arrival *a)
{
	vfm_fact_set_unknown(&a->vf->driver.fact, "test");
}
static void of_another(struct arrival *a)
{
	set_users(a, "domain vm10 (running)");
}
static void only_defined(struct arrival *a)
{
	set_users(a, "domain vm1 (defined)");
}
static void of_nobody(struct arrival *a)
{
	set_users(a, NULL);
}
static void other_mac(struct arrival *a)
{
	vfm_fact_set_text(&a->vf->hw_addr, "52:54:00:00:00:09");
}
static void no_mac(struct arrival *a)
{
	vfm_fact_set_absent(&a->vf->hw_addr.fact);
}
static void mac_unknown(struct arrival *a)
{
	vfm_fact_set_unknown(&a->vf->hw_addr.fact, "test");
}
static void not_in_bridge(struct arrival *a)
{
	vfm_fact_set_text(&a->port->name, "another");
}
static void other_tag(struct arrival *a)
{
	vfm_fact_set_uint(&a->port->tag, 13);
}
static void no_tag(struct arrival *a)
{
	vfm_fact_set_absent(&a->port->tag.fact);
}
static void other_trunks(struct arrival *a)
{
	vfm_fact_set_text(&a->port->options, "trunks=5,7");
}
static void options_unknown(struct arrival *a)
{
	vfm_fact_set_unknown(&a->port->options.fact, "test");
}
static void tag_unknown(struct arrival *a)
{
	vfm_fact_set_unknown(&a->port->tag.fact, "test");
}
static void was_in_no_bridge(struct arrival *a)
{
	a->device.port = NULL;
	not_in_bridge(a);
}
static void port_down(struct arrival *a)
{
	vfm_fact_set_bool(&a->vf->representor.up, false);
}
static void guest_lacks_it(struct arrival *a)
{
	a->guest.mac = (char *)"52:54:00:00:00:02";
}
static void guest_silent(struct arrival *a)
{
	a->seen.has_guest = false;
	a->seen.no_guest = (char *)"does not answer";
}
static void no_guest(struct arrival *a)
{
	a->seen.has_guest = false;
}
static void by_pool(struct arrival *a)
{
	a->device.destination = NULL;
}
static void pool_gave_none(struct arrival *a)
{
	a->device.destination = NULL;
	a->interface.mac = (char *)"52:54:00:00:00:02";
}
static void no_note(struct arrival *a)
{
	a->seen.note = NULL;
}
static void no_note_no_bridge(struct arrival *a)
{
	a->seen.note = NULL;
	not_in_bridge(a);
}

static void reached(struct arrival *a)
{
	a->seen.ping = (char *)"192.0.2.1";
	a->seen.pinged = VFM_TRI_YES;
}
static void not_reached(struct arrival *a)
{
	a->seen.ping = (char *)"192.0.2.1";
	a->seen.pinged = VFM_TRI_NO;
}
static void not_pinged(struct arrival *a)
{
	a->seen.ping = (char *)"192.0.2.1";
	a->seen.no_ping = (char *)"guest-exec is disabled";
}
static void nobody_to_ping(struct arrival *a)
{
	a->seen.ping = (char *)"192.0.2.1";
	no_guest(a);
}

static void test_one_by_one(void **state)
{
	static const struct {
		void (*change)(struct arrival *arrival);
		const char *expected;
		enum vfm_check_status status;
	} rows[] = {
		{not_running, "running=failed ", VFM_CHECK_FAILED},
		{reached, "", VFM_CHECK_OK},
		{not_reached, "ping=failed ", VFM_CHECK_FAILED},
		{not_pinged, "ping=unknown ", VFM_CHECK_UNKNOWN},
		{nobody_to_ping, "guest=skipped ping=unknown ", VFM_CHECK_UNKNOWN},
		{paused_as_before, "", VFM_CHECK_OK},
		{destination_silent,
		 "running=unknown definition-destination=unknown vf-attached=unknown ",
		 VFM_CHECK_UNKNOWN},
		{still_on_source, "nowhere-else=failed ", VFM_CHECK_FAILED},
		{source_silent, "nowhere-else=unknown definition-source=unknown ",
		 VFM_CHECK_UNKNOWN},
		{in_postcopy, "", VFM_CHECK_OK},
		{not_defined, "definition-destination=failed ", VFM_CHECK_FAILED},
		{not_undefined, "definition-source=failed ", VFM_CHECK_FAILED},
		{undefined_unasked, "definition-source=failed ", VFM_CHECK_FAILED},
		{transient, "definition-destination=skipped definition-source=skipped ",
		 VFM_CHECK_OK},
		{offline, "running=skipped vf-driver=skipped vf-owner=skipped vf-mac=skipped ",
		 VFM_CHECK_OK},
		{offline_hostdev,
		 "running=skipped vf-driver=skipped vf-owner=skipped vf-mac=failed ",
		 VFM_CHECK_FAILED},
		{without_vf, "vf-attached=failed ", VFM_CHECK_FAILED},
		{no_agent, "vf=unknown ", VFM_CHECK_UNKNOWN},
		{not_there, "vf=failed ", VFM_CHECK_FAILED},
		{other_driver, "vf-driver=failed ", VFM_CHECK_FAILED},
		{no_driver, "vf-driver=failed ", VFM_CHECK_FAILED},
		{driver_unknown, "vf-driver=unknown ", VFM_CHECK_UNKNOWN},
		{of_another, "vf-owner=failed ", VFM_CHECK_FAILED},
		{only_defined, "vf-owner=failed ", VFM_CHECK_FAILED},
		{of_nobody, "vf-owner=failed ", VFM_CHECK_FAILED},
		{other_mac, "vf-mac=failed ", VFM_CHECK_FAILED},
		{no_mac, "vf-mac=failed ", VFM_CHECK_FAILED},
		{mac_unknown, "vf-mac=unknown ", VFM_CHECK_UNKNOWN},
		{not_in_bridge, "port-bridge=failed ", VFM_CHECK_FAILED},
		{other_tag, "port-bridge=failed ", VFM_CHECK_FAILED},
		{no_tag, "port-bridge=failed ", VFM_CHECK_FAILED},
		{other_trunks, "port-bridge=failed ", VFM_CHECK_FAILED},
		{options_unknown, "port-bridge=unknown ", VFM_CHECK_UNKNOWN},
		{tag_unknown, "port-bridge=unknown ", VFM_CHECK_UNKNOWN},
		{was_in_no_bridge, "port-bridge=skipped ", VFM_CHECK_OK},
		{port_down, "port-up=failed ", VFM_CHECK_FAILED},
		{guest_lacks_it, "guest=failed ", VFM_CHECK_FAILED},
		{guest_silent, "guest=unknown ", VFM_CHECK_UNKNOWN},
		{no_guest, "guest=skipped ", VFM_CHECK_OK},
		{by_pool, "", VFM_CHECK_OK},
		{pool_gave_none, "vf-attached=failed ", VFM_CHECK_FAILED},
		{no_note, "definition-destination=skipped definition-source=skipped ",
		 VFM_CHECK_OK},
		{no_note_no_bridge,
		 "definition-destination=skipped definition-source=skipped port-bridge=failed ",
		 VFM_CHECK_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		AUTO_ARRIVAL struct arrival arrival;

		init(&arrival);
		rows[i].change(&arrival);
		check_seen(&arrival.seen, rows[i].expected, rows[i].status);
	}
}

/* What is asked of a guest's agent, and what it may answer. */
static void test_ping_words(void **state)
{
	static const struct {
		const char *answer;
		int expected;
		int64_t exit;
	} rows[] = {
		{"{\"return\":{\"exited\":true,\"exitcode\":0}}", 0, 0},
		{"{\"return\":{\"exitcode\":1,\"out-data\":\"eA==\",\"exited\":true}}", 0, 1},
		{"{\"return\":{\"exited\":false}}", -EAGAIN, 0},
		{"{\"return\":{\"exited\":true,\"signal\":9}}", -EINVAL, 0},
		{"{\"return\":{\"exited\":\"yes\",\"exitcode\":0}}", -EINVAL, 0},
		{"{\"return\":[]}", -EINVAL, 0},
		{"{\"error\":{\"class\":\"GenericError\"}}", -EINVAL, 0},
		{"[]", -EINVAL, 0},
		{"", -EINVAL, 0},
	};
	VFM_AUTO_FREE char *begin = vfm_guest_ping_command("192.0.2.1");
	VFM_AUTO_FREE char *look = vfm_guest_status_command(1234);
	int64_t value = 0;

	(void)state;
	assert_string_equal(begin, "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":"
				   "\"ping\",\"arg\":[\"-n\",\"-c\",\"3\",\"-w\",\"6\","
				   "\"192.0.2.1\"]}}");
	assert_string_equal(look, "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":"
				  "1234}}");
	assert_int_equal(vfm_guest_ping_pid("{\"return\":{\"pid\":1234}}", &value), 0);
	assert_int_equal(value, 1234);
	assert_int_equal(vfm_guest_ping_pid("{\"return\":{}}", &value), -EINVAL);
	assert_int_equal(vfm_guest_ping_pid("{", &value), -EINVAL);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		value = 0;
		assert_int_equal(vfm_guest_ping_exit(rows[i].answer, &value), rows[i].expected);
		assert_int_equal(value, rows[i].exit);
	}
}

/* Where the VM runs has to be known; what else is not leaves it proved. */
static void test_proved(void **state)
{
	static const struct {
		void (*change)(struct arrival *arrival);
		bool proved;
	} rows[] = {
		{paused_as_before, true}, {guest_silent, true},     {no_agent, true},
		{not_pinged, true},       {not_reached, false},     {destination_silent, false},
		{source_silent, false},   {still_on_source, false}, {port_down, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
		AUTO_ARRIVAL struct arrival arrival;

		init(&arrival);
		rows[i].change(&arrival);
		assert_int_equal(vfm_verify_judge(&arrival.seen, &checks, NULL), 0);
		assert_int_equal(vfm_checks_proved(&checks), rows[i].proved);
	}
}

/* ---- vGPUs ---------------------------------------------------------------------- */

#define MDEV "5f0e6c1a-0000-4000-8000-000000000001"
#define NVIDIA(type, owner)                                                                        \
	"{\"schema\":1,\"kind\":\"facts\",\"nvidia\":{\"gpus\":[{\"bdf\":\"0000:41:00.0\","        \
	"\"framework\":\"mdev\",\"types\":[],\"vgpus\":[{\"device\":\"" MDEV                       \
	"\",\"parent\":\"0000:41:00.0\",\"type_id\":" type                                         \
	",\"type\":\"GRID T4-4Q\",\"owner\":" owner "}]}]}}"

static void test_vgpu(void **state)
{
	static const struct {
		const char *facts; /* NULL: not read */
		const char *uuid;  /* that the VM has */
		const char *line;  /* of QEMU's log; NULL: none */
		bool no_log;
		const char *expected;
		enum vfm_check_status status;
	} rows[] = {
		{NVIDIA("232", "null"), MDEV, NULL, false, "", VFM_CHECK_OK},
		{NVIDIA("232", "\"vm1\""), MDEV, NULL, false, "", VFM_CHECK_OK},
		{NVIDIA("232", "\"vm2\""), MDEV, NULL, false, "vgpu-owner=failed ",
		 VFM_CHECK_FAILED},
		{NVIDIA("322", "null"), MDEV, NULL, false, "vgpu-type=failed ", VFM_CHECK_FAILED},
		{NVIDIA("{\"unknown\":\"x\"}", "null"), MDEV, NULL, false, "vgpu-type=unknown ",
		 VFM_CHECK_UNKNOWN},
		{"{\"schema\":1,\"kind\":\"facts\",\"nvidia\":{\"gpus\":null}}", MDEV, NULL, false,
		 "vgpu=failed ", VFM_CHECK_FAILED},
		{NULL, MDEV, NULL, false, "vgpu=unknown ", VFM_CHECK_UNKNOWN},
		{NVIDIA("232", "null"), "5f0e6c1a-0000-4000-8000-000000000002", NULL, false,
		 "vgpu-attached=failed ", VFM_CHECK_FAILED},
		{NVIDIA("232", "null"), MDEV, "x: Failed setting device state. Resetting device",
		 false, "device-state=failed ", VFM_CHECK_FAILED},
		{NVIDIA("232", "null"), MDEV, NULL, true, "device-state=unknown ",
		 VFM_CHECK_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_domain_hostdev hostdev = {.type = VFM_HOSTDEV_MDEV,
						     .mdev_uuid = (char *)rows[i].uuid};
		struct arrival arrival;

		init(&arrival);
		vfm_facts_done(&arrival.seen.facts);
		memset(&arrival.seen.facts, 0, sizeof(arrival.seen.facts));
		if (rows[i].facts)
			assert_int_equal(vfm_facts_parse(rows[i].facts, strlen(rows[i].facts), "b",
							 &arrival.seen.facts, NULL),
					 0);
		arrival.seen.has_facts = rows[i].facts != NULL;
		arrival.seen.has_log = !rows[i].no_log;
		if (rows[i].line)
			vfm_strings_add(&arrival.seen.device_errors, rows[i].line);
		arrival.seen.domain.interface_count = 0;
		arrival.seen.domain.hostdevs = &hostdev;
		arrival.seen.domain.hostdev_count = 1;
		arrival.device = (struct vfm_move_device_note){
			.form = (char *)VFM_MOVE_NOTE_VGPU,
			.source = (char *)MDEV,
			.destination = (char *)MDEV,
			.type = (char *)"232",
		};
		check_seen(&arrival.seen, rows[i].expected, rows[i].status);
		vfm_strings_done(&arrival.seen.device_errors);
		done(&arrival);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vgpu),       cmocka_unit_test(test_as_it_should),
		cmocka_unit_test(test_one_by_one), cmocka_unit_test(test_proved),
		cmocka_unit_test(test_ping_words),
	};

	return cmocka_run_group_tests_name("move_verify", tests, NULL, NULL);
}
