/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about preparing and undoing that go by what a port of a bridge is, and by what the
 * bridge itself has; see prepared.h. The others' rows are in test_prep_rules.c.
 */
#include "prepared.h"

/* A port more: of a card that is none of ours, of a kind that is not known, or of software. */
#define PORT(name, physical)                                                                       \
	{                                                                                          \
		PORTS "-", "{\"name\":\"" name "\",\"owner\":null,\"physical\":" physical "}"      \
	}
#define MANAGEMENT PORT("eno1", "true")
#define RSTP                                                                                       \
	{                                                                                          \
		BRIDGE "rstp", "true"                                                              \
	}
#define NO_BRIDGES                                                                                 \
	{                                                                                          \
		"a/ovs/bridges", "[]"                                                              \
	}

/* clang-format off */
static const struct row rows[] = {
	/* the uplink comes into a bridge that leads out of the host already */
	{"uplink-loop", FAIL, REFUSE, {}, {APART, MANAGEMENT}, "br0 would have two uplinks, this one and eno1, without RSTP", "set Bridge br0 rstp_enable=true"},
	{"uplink-loop", FAIL, REFUSE, {}, {APART, PORT("tap7", "true")}, "tap7", NULL},
	{"uplink-loop", FAIL, REFUSE, {}, {APART, MANAGEMENT, {BRIDGE "owner", "\"br0\""}, OURS("1", "0")}, "eno1", NULL},
	{"uplink-loop", FAIL, REFUSE, {}, {APART, PORT("veth7", UNREAD), MANAGEMENT}, "eno1", NULL},
	{"uplink-loop", FAIL, REFUSE, {.uplink = "bond0"}, {BONDED, MANAGEMENT}, "eno1", NULL},
	{"uplink-loop", PASS, NONE, {}, {APART, MANAGEMENT, RSTP}, "RSTP", NULL},
	{"uplink-loop", PASS, NONE, {}, {MANAGEMENT}, "already", NULL},
	{"uplink-loop", PASS, NONE, {.bridge = "br7"}, {APART, MANAGEMENT}, "not there yet", NULL},
	{"uplink-loop", SKIP, NONE, {.uplink = "none"}, {MANAGEMENT}, NULL, NULL},
	/* a representor is told by its name too, where its PF is known */
	{"uplink-loop", PASS, NONE, {}, {APART, {PORTS "1/physical", "true"}}, "no other uplink", NULL},
	/* software may lead anywhere: a tunnel, a VLAN on a card */
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, PORT("eno1.7", "false")}, "the port eno1.7", NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, PORT("patch7", "null")}, "the port patch7", NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, PORT("eno1", UNREAD)}, "the port eno1", NULL},
	/* it may be this uplink itself, whose name is not known; not the one that is named */
	{"uplink-loop", UNKNOWN, WARN, {}, {APART, MANAGEMENT, {UPLINK "netdev/name", UNREAD}}, "the port eno1", NULL},
	{"uplink-loop", FAIL, REFUSE, {.uplink = "eth9"}, {APART, MANAGEMENT, {UPLINK "netdev/name", UNREAD}}, "eno1", NULL},
	{"uplink-loop", PASS, NONE, {.uplink = "eno1"}, {MANAGEMENT, {UPLINK "netdev/name", UNREAD}}, "already", NULL},

	{"bridge-name", FAIL, REFUSE, {}, {APART, MANAGEMENT}, "br0 is not ours and has another uplink, eno1", "ovs-vsctl list-ports br0"},
	{"bridge-name", FAIL, REFUSE, {.uplink = "none"}, {APART, MANAGEMENT}, "eno1", NULL},
	{"bridge-name", FAIL, REFUSE, {}, {APART, MANAGEMENT, RSTP}, "eno1", NULL},
	{"bridge-name", PASS, NONE, {}, {APART, MANAGEMENT, {BRIDGE "owner", "\"br0\""}}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {APART, MANAGEMENT, OURS("1", "0")}, NULL, NULL},
	{"bridge-name", PASS, NONE, {.bridge = "br7"}, {APART, MANAGEMENT}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {{PORTS "1/physical", "true"}}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {PORT("eno1", UNREAD)}, NULL, NULL},
	{"bridge-name", PASS, NONE, {}, {PORT("veth7", "false")}, NULL, NULL},

	/* the bridge goes, with what the host has on it */
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {OUR_BRIDGE, {BRIDGE "addresses", "[\"192.0.2.1/24\",\"2001:db8::1/64\"]"}}, "removed with them: br0: 192.0.2.1/24, 2001:db8::1/64", "# move these addresses to another interface first\nip address show dev br0"},
	{"bridge-in-use", PASS, NONE, {.undo = true, REMOVAL}, {OUR_BRIDGE}, "no address on a bridge", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, REMOVAL}, {OUR_BRIDGE, {BRIDGE "addresses", "null"}}, "no address on a bridge", NULL},
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {{BRIDGE "owner", "\"br0\""}, {BRIDGE "ports", "[]"}, {BRIDGE "addresses", ADDRESS}}, "192.0.2.1/24", NULL},
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {{BRIDGE "owner", "\"br0\""}, {BRIDGE "ports", "[{\"name\":\"br0\",\"owner\":null}]"}, {BRIDGE "addresses", ADDRESS}}, "192.0.2.1/24", NULL},
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {{BRIDGE "owner", "\"br0\""}, {BRIDGE "ports", UNREAD}, {BRIDGE "addresses", ADDRESS}}, "192.0.2.1/24", NULL},
	/* without any PF as well */
	{"bridge-in-use", FAIL, REFUSE, {.undo = true, REMOVAL}, {OUR_BRIDGE, {BRIDGE "addresses", ADDRESS}, {"a/pfs", "[]"}}, "192.0.2.1/24", NULL},
	/* ports of others keep it, and so does its being somebody else's */
	{"bridge-in-use", PASS, NONE, {.undo = true, REMOVAL}, {{BRIDGE "owner", "\"br0\""}, OURS("0", "uplink"), OURS("1", "0"), {BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, REMOVAL}, {OURS("0", "uplink"), OURS("1", "0"), OURS("2", "1"), {BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_OVS_BRIDGE, "br0", NULL, "ours")}, {OUR_BRIDGE, {BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_OVS_PORT, "netdev/br0", "br0", NULL)}, {OUR_BRIDGE, {BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, ONE(VFM_STEP_OVS_BRIDGE, "br7", "ours", NULL)}, {OUR_BRIDGE, {BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
	{"bridge-in-use", PASS, NONE, {.undo = true, REMOVAL}, {NO_BRIDGES}, "no step removes", NULL},
	{"bridge-in-use", UNKNOWN, REFUSE, {.undo = true, REMOVAL}, {{"a/ovs/bridges", UNREAD}}, "needs root", NULL},
	/* the bridge's own addresses are told by this rule though the uplink's step tells them too */
	{"bridge-in-use", PASS, NONE, {.undo = true}, {{BRIDGE "addresses", ADDRESS}}, "no step removes", NULL},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	check_rows(rows, VFM_ARRAY_SIZE(rows));
}

/* Two bridges that go: what is on both is told, and what is not known of one hides nothing. */
static void test_two_bridges(void **state)
{
	static const struct edit edits[EDITS_MAX] = {
		{"a/ovs/bridges",
		 "[{\"name\":\"br0\",\"owner\":\"br0\",\"addresses\":[\"192.0.2.1/"
		 "24\"],\"ports\":[]},"
		 "{\"name\":\"br1\",\"owner\":\"br1\",\"addresses\":[\"192.0.2.2/"
		 "24\"],\"ports\":[]},"
		 "{\"name\":\"br2\",\"owner\":\"br2\",\"addresses\":" UNREAD ",\"ports\":[]}]"},
	};
	static const struct asked undo = {.undo = true,
					  ONE(VFM_STEP_OVS_BRIDGE, "br2", "ours", NULL)};
	AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};
	const struct vfm_finding *found;

	(void)state;
	judge_asked(&prepared, &undo, edits, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
	assert_int_equal(find(&prepared.findings, "bridge-in-use", NULL)->status, UNKNOWN);
	vfm_findings_done(&prepared.findings);
	for (size_t i = 0; i < 2; i++) {
		const struct vfm_step step = {.id = VFM_STEP_OVS_BRIDGE,
					      .object = (char *)(i ? "br1" : "br0"),
					      .was = (char *)"ours"};

		assert_int_equal(vfm_steps_add(&prepared.steps, &step), 0);
	}
	assert_int_equal(vfm_judge(&prepared.hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_PREP),
				   &prepared.findings, NULL),
			 0);
	found = find(&prepared.findings, "bridge-in-use", NULL);
	assert_int_equal(found->severity, REFUSE);
	assert_non_null(strstr(found->message, "br0: 192.0.2.1/24; br1: 192.0.2.2/24"));
	assert_false(vfm_may_prepare(&prepared.findings));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_two_bridges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
