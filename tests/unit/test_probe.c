/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The probes' document: there and back, its three states, and what is none. What an agent says of
 * its host's links, before what libvirt lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "probe/hosts.h"
#include "probe/probe.h"

static const char full[] =
	"{\"schema\":1,\"kind\":\"probe\",\"time\":\"2026-01-31T12:00:00Z\","
	"\"vm\":{\"name\":\"vm1\",\"state\":\"running\",\"job\":null,"
	"\"snapshots\":2,\"dirty_rate_mib_s\":{\"unknown\":\"not measured\"}},"
	"\"source\":{\"driver\":\"QEMU\"},"
	"\"destination\":{\"cpu_of_vm\":\"superset\",\"machines\":[\"pc\",\"q35\"]},"
	"\"domains\":[{\"uuid\":\"b\",\"macs\":[\"52:54:00:00:00:01\"]},{\"uuid\":\"a\"}],"
	"\"networks\":[{\"name\":\"pool\",\"forward\":\"hostdev\"},{\"name\":\"x\"}],"
	"\"storage\":[{\"target\":\"vda\",\"at_source\":{\"identity\":\"nfs s:/e\"},"
	"\"at_destination\":{\"reachable\":false}}],"
	"\"resources\":{\"hugepages\":[{\"size_kib\":2048,\"free\":3}],\"memlock_kib\":null}}";

static void load(const char *text, struct vfm_probe *probe, int wanted)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;

	memset(probe, 0, sizeof(*probe));
	assert_int_equal(vfm_json_parse(text, strlen(text), "test", &json, &err), 0);
	assert_int_equal(vfm_probe_from_json(json, probe, &err), wanted);
	if (wanted < 0)
		assert_non_null(err.what);
}

static void test_values(void **state)
{
	VFM_AUTO_PROBE struct vfm_probe probe;
	const struct vfm_storage_probe *storage;
	const struct vfm_network_probe *network;

	(void)state;
	load(full, &probe, 0);
	assert_true(vfm_fact_is_text(&probe.vm.state, VFM_VM_RUNNING));
	assert_int_equal(probe.vm.job.fact.state, VFM_ABSENT);
	assert_int_equal(probe.vm.snapshots.value, 2);
	assert_int_equal(probe.vm.dirty_rate_mib_s.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&probe.vm.dirty_rate_mib_s.fact), "not measured");
	/* not in the document */
	assert_int_equal(probe.vm.persistent.fact.state, VFM_UNKNOWN);
	assert_true(vfm_fact_is_text(&probe.destination.cpu_of_vm, "superset"));
	assert_int_equal(probe.destination.machines.count, 2);
	assert_int_equal(probe.domains.count, 2);
	assert_int_equal(probe.resources.memlock_kib.fact.state, VFM_ABSENT);
	storage = vfm_probe_storage(&probe, "vda");
	assert_non_null(storage);
	assert_true(vfm_fact_is_text(&storage->at_source.identity, "nfs s:/e"));
	assert_true(vfm_fact_is_false(&storage->at_destination.reachable));
	assert_null(vfm_probe_storage(&probe, "vdb"));
	network = vfm_probe_network(&probe.networks, "pool");
	assert_non_null(network);
	assert_true(vfm_fact_is_text(&network->forward, "hostdev"));
	assert_null(vfm_probe_network(&probe.networks, "none"));
	assert_null(vfm_probe_network(&probe.source_networks, "pool"));
}

/* Every member survives being written and read. */
static void test_there_and_back(void **state)
{
	VFM_AUTO_PROBE struct vfm_probe probe, again;
	VFM_AUTO_JSON json_object *json = NULL, *second = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	load(full, &probe, 0);
	memset(&again, 0, sizeof(again));
	json = vfm_probe_to_json(&probe, true);
	assert_non_null(json);
	assert_int_equal(vfm_probe_from_json(json, &again, &err), 0);
	second = vfm_probe_to_json(&again, true);
	assert_string_equal(json_object_to_json_string(json), json_object_to_json_string(second));
	for (const struct vfm_field *field = vfm_probe_fields; field->name; field++)
		assert_true(json_object_object_get_ex(json, field->name, NULL));
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{"[]", -EINVAL},
		{"{\"schema\":1,\"kind\":\"facts\"}", -EINVAL},
		{"{\"schema\":2,\"kind\":\"probe\"}", -ENOTSUP},
		/* a word of a newer program is unknown, and no error */
		{"{\"schema\":1,\"kind\":\"probe\",\"vm\":{\"state\":\"asleep\"}}", 0},
		{"{\"schema\":1,\"kind\":\"probe\",\"vm\":{\"snapshots\":\"2\"}}", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_PROBE struct vfm_probe probe;

		load(rows[i].text, &probe, rows[i].error);
	}
}

static void add_bridge(struct vfm_probe *probe, const char *name)
{
	struct vfm_bridge_probe *bridge = vfm_fact_list_add(&probe->bridges, sizeof(*bridge));

	assert_non_null(bridge);
	vfm_fact_set_text(&bridge->name, name);
	vfm_fact_set_bool(&bridge->source, true);
	vfm_fact_set_unknown(&bridge->destination.fact, "not listed");
}

/* What becomes of the two bridges; peer: the destination's agent, or NULL. */
static void ask_hosts(struct vfm_peer *peer, struct vfm_probe *probe)
{
	static const struct vfm_domain domain = {.name = NULL};
	static const struct vfm_move_request request = {.transport = VFM_TRANSPORT_LOCAL};
	const struct vfm_gather gather = {
		.request = &request, .domain = &domain, .destination = peer};

	memset(probe, 0, sizeof(*probe));
	vfm_fact_set_empty(&probe->bridges);
	add_bridge(probe, "lo");
	add_bridge(probe, "no-such-link");
	vfm_probe_hosts(&gather, probe);
}

static void test_links(void **state)
{
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	VFM_AUTO_PROBE struct vfm_probe without, with;
	const struct vfm_bridge_probe *there, *nowhere;

	(void)state;
	ask_hosts(NULL, &without);
	there = vfm_list_at(const struct vfm_bridge_probe, &without.bridges, 0);
	nowhere = vfm_list_at(const struct vfm_bridge_probe, &without.bridges, 1);
	assert_string_equal(vfm_fact_reason(&there->destination.fact), "not listed");
	assert_string_equal(vfm_fact_reason(&nowhere->destination.fact), "not listed");
	assert_int_equal(vfm_peer_open("local", NULL, &peer, NULL), 0);
	ask_hosts(peer, &with);
	there = vfm_list_at(const struct vfm_bridge_probe, &with.bridges, 0);
	nowhere = vfm_list_at(const struct vfm_bridge_probe, &with.bridges, 1);
	assert_true(vfm_fact_is_true(&there->destination));
	assert_true(vfm_fact_is_false(&nowhere->destination));
	/* That host was not asked. */
	assert_true(vfm_fact_is_true(&nowhere->source));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
