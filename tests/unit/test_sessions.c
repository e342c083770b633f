/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who works through an uplink: by which links the host uses it, which connections are told of and
 * how, IPsec that it does, and by which connection we were called.
 */
#include "unit.h"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "facts/traffic.h"

/* --- by which links an uplink is used --- */

#define LINK(number, text, sort, under, of)                                                        \
	{                                                                                          \
		.index = (number), .name = (text), .kind = (sort), .lower = (under),               \
		.master = (of)                                                                     \
	}

/*
 * Uplink 1 alone with VLAN 2 and a macvlan on that; uplink 10 in a bond in a Linux bridge, whose
 * other port is a container's; uplink 20 in br-ex with an internal port more and a VLAN on that;
 * uplink 30 in Open vSwitch, in no bridge that the facts know; uplink 40 by nothing but itself.
 */
static const struct vfm_link all_links[] = {
	LINK(3, "mv0", "macvlan", 2, 0),
	LINK(1, "up1", "", 0, 0),
	LINK(2, "up1.7", "vlan", 1, 0),
	LINK(10, "up10", "", 0, 11),
	LINK(11, "bond0", "bond", 0, 12),
	LINK(12, "br0", "bridge", 0, 0),
	LINK(13, "veth0", "veth", 0, 12),
	LINK(14, "br0.9", "vlan", 12, 0),
	LINK(50, "ovs-system", "openvswitch", 0, 0),
	LINK(20, "up20", "", 0, 50),
	LINK(21, "br-ex", "openvswitch", 0, 0),
	LINK(22, "mgmt0", "openvswitch", 0, 0),
	LINK(23, "mgmt0.5", "vlan", 22, 0),
	LINK(24, "vnet0", "tun", 0, 50),
	LINK(25, "br-other", "openvswitch", 0, 0),
	LINK(30, "up30", "", 0, 50),
	LINK(40, "up40", "", 0, 99),
};
static const struct vfm_links links = {
	.items = (struct vfm_link *)all_links,
	.count = VFM_ARRAY_SIZE(all_links),
};

static void add_bridge(struct vfm_ovs_facts *ovs, const char *name, const char *const *ports)
{
	struct vfm_ovs_bridge_facts *bridge = vfm_fact_list_add(&ovs->bridges, sizeof(*bridge));

	vfm_fact_set_text(&bridge->name, name);
	for (; *ports; ports++) {
		struct vfm_ovs_port_facts *port = vfm_fact_list_add(&bridge->ports, sizeof(*port));

		vfm_fact_set_text(&port->name, *ports);
	}
}

static void test_reach(void **state)
{
	static const char *const ex[] = {"up20", "mgmt0", "vnet0", "gone0", NULL};
	static const char *const other[] = {"br-other", NULL};
	static const struct {
		uint32_t uplink;
		uint32_t reached[8];
	} rows[] = {
		{1, {1, 2, 3}},
		{10, {10, 11, 12, 14}},
		/* ovs-system is the uplink's master, and has no address */
		{20, {20, 50, 21, 22, 23}},
		{30, {30, 50, 21, 22, 23, 25}},
		{40, {40}},
	};
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	add_bridge(&facts.ovs, "br-ex", ex);
	add_bridge(&facts.ovs, "br-other", other);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_REACH struct vfm_reach reach = {.links = NULL};
		const struct vfm_link *uplink = vfm_links_by_index(&links, rows[i].uplink);
		size_t count = 0;

		assert_int_equal(vfm_reach_find(&links, uplink, &facts.ovs, &reach), 0);
		assert_int_equal(reach.links[0]->index, rows[i].uplink);
		for (; count < VFM_ARRAY_SIZE(rows[i].reached) && rows[i].reached[count]; count++)
			if (!vfm_reach_has(&reach, rows[i].reached[count]))
				fail_msg("row %zu: %u is not reached", i, rows[i].reached[count]);
		assert_int_equal(reach.count, count);
	}
}

/* Links that name one another in a circle, as no kernel has them. */
static void test_reach_of_a_circle(void **state)
{
	static const struct vfm_link items[] = {
		LINK(1, "a", "vlan", 2, 3),
		LINK(2, "b", "vlan", 1, 1),
		LINK(3, "c", "bridge", 3, 3),
	};
	const struct vfm_links circle = {(struct vfm_link *)items, VFM_ARRAY_SIZE(items)};
	const struct vfm_ovs_facts ovs = {.bridges.count = 0};
	VFM_AUTO_REACH struct vfm_reach reach = {.links = NULL};

	(void)state;
	assert_int_equal(vfm_reach_find(&circle, &items[0], &ovs, &reach), 0);
	assert_int_equal(reach.count, 3);
}

/* --- what is told --- */

#define HERE(family_, port_, inode_, ...)                                                          \
	.family = (family_), .inode = (inode_), .local = {.bytes = {__VA_ARGS__}, .port = (port_)}
#define AT(port_, ...) .remote = {.bytes = {__VA_ARGS__}, .port = (port_)}
#define UP             192, 0, 2, 1
#define PEER           192, 0, 2, 9
#define STORAGE        192, 0, 2, 7
#define LOCAL6         0xfe, 0x80, [15] = 1

static const struct vfm_address addresses_of_uplink[] = {
	{.index = 3, .family = AF_INET, .prefix = 24, .bytes = {UP}},
	{.index = 3, .family = AF_INET6, .prefix = 64, .bytes = {LOCAL6}},
};
static const struct vfm_addresses addresses = {
	.items = (struct vfm_address *)addresses_of_uplink,
	.count = VFM_ARRAY_SIZE(addresses_of_uplink),
};

struct session_row {
	struct vfm_tcp_session session;
	const char *text; /* NULL: not told */
};

/* 900 is the socket of the ssh server that called us. */
static const struct session_row session_rows[] = {
	{{HERE(AF_INET, 22, 1, UP), AT(51234, PEER)}, "ssh: 192.0.2.1:22 from 192.0.2.9:51234"},
	{{HERE(AF_INET, 40000, 2, UP), AT(22, STORAGE)}, "ssh: 192.0.2.1:40000 to 192.0.2.7:22"},
	{{HERE(AF_INET, 16509, 3, UP), AT(40001, PEER)},
	 "libvirt: 192.0.2.1:16509 from 192.0.2.9:40001"},
	{{HERE(AF_INET, 40002, 4, UP), AT(16514, STORAGE)},
	 "libvirt: 192.0.2.1:40002 to 192.0.2.7:16514"},
	{{HERE(AF_INET, 49152, 5, UP), AT(40003, STORAGE)},
	 "migration: 192.0.2.1:49152 from 192.0.2.7:40003"},
	{{HERE(AF_INET, 40004, 6, UP), AT(49215, STORAGE)},
	 "migration: 192.0.2.1:40004 to 192.0.2.7:49215"},
	/* ports that the kernel chose for clients of something else */
	{{HERE(AF_INET, 49160, 7, UP), AT(443, STORAGE)}, NULL},
	{{HERE(AF_INET, 8080, 7, UP), AT(49160, STORAGE)}, NULL},
	{{HERE(AF_INET, 49216, 7, UP), AT(40005, STORAGE)}, NULL},
	{{HERE(AF_INET, 801, 0, UP), AT(2049, STORAGE)}, "nfs: 192.0.2.1:801 to 192.0.2.7:2049"},
	{{HERE(AF_INET, 40006, 0, UP), AT(3260, STORAGE)},
	 "iscsi: 192.0.2.1:40006 to 192.0.2.7:3260"},
	{{HERE(AF_INET, 40007, 0, UP), AT(4420, STORAGE)},
	 "nvme: 192.0.2.1:40007 to 192.0.2.7:4420"},
	/* not of the uplink's addresses */
	{{HERE(AF_INET, 22, 8, 192, 0, 2, 2), AT(51234, PEER)}, NULL},
	{{HERE(AF_INET6, 22, 8, UP), AT(51234, PEER)}, NULL},
	/* a link-local address, of a socket on this link, on another, on any */
	{{HERE(AF_INET6, 22, 8, LOCAL6), AT(1, LOCAL6), .interface = 3},
	 "ssh: [fe80::1]:22 from [fe80::1]:1"},
	{{HERE(AF_INET6, 22, 8, LOCAL6), AT(2, LOCAL6), .interface = 4}, NULL},
	{{HERE(AF_INET6, 22, 8, LOCAL6), AT(3, LOCAL6)}, "ssh: [fe80::1]:22 from [fe80::1]:3"},
};

static void fill(struct vfm_facts *facts, const struct vfm_tcp_session *items, size_t count,
		 const struct vfm_ssh_sockets *ours)
{
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));
	const struct vfm_tcp_sessions sessions = {(struct vfm_tcp_session *)items, count};

	vfm_uplink_fill_sessions(&pf->uplink, &addresses, &sessions, ours);
}

static const struct vfm_fact_texts *told(const struct vfm_facts *facts)
{
	return &vfm_list_at(struct vfm_pf_facts, &facts->pfs, 0)->uplink.sessions;
}

static void test_told(void **state)
{
	const struct vfm_ssh_sockets none = {.inodes = NULL};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(session_rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

		fill(&facts, &session_rows[i].session, 1, &none);
		assert_true(vfm_known(&told(&facts)->fact));
		if (told(&facts)->count != (session_rows[i].text ? 1 : 0))
			fail_msg("row %zu: %zu", i, told(&facts)->count);
		if (session_rows[i].text)
			assert_string_equal(told(&facts)->values[0], session_rows[i].text);
	}
}

/* The ssh that called us, on a port of its own, and what else its other end has open here. */
static void test_told_of_caller(void **state)
{
	static const struct vfm_tcp_session items[] = {
		{HERE(AF_INET, 8080, 901, UP), AT(50000, PEER)},
		{HERE(AF_INET, 2222, 900, UP), AT(50001, PEER)},
		{HERE(AF_INET, 8080, 902, UP), AT(50002, STORAGE)},
		{HERE(AF_INET, 40000, 903, UP), AT(2049, PEER)},
	};
	static const char *const texts[] = {
		"nfs: 192.0.2.1:40000 to 192.0.2.9:2049",
		"ssh: 192.0.2.1:2222 from 192.0.2.9:50001",
		"tcp: 192.0.2.1:8080 with 192.0.2.9:50000",
	};
	uint64_t inode = 900;
	const struct vfm_ssh_sockets ours = {.inodes = &inode, .count = 1};
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	fill(&facts, items, VFM_ARRAY_SIZE(items), &ours);
	assert_int_equal(told(&facts)->count, VFM_ARRAY_SIZE(texts));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(texts); i++)
		assert_string_equal(told(&facts)->values[i], texts[i]);
}

/* "None" is only said when none could have been missed. */
static void test_told_without_rights(void **state)
{
	static const struct vfm_tcp_session stranger[] = {
		{HERE(AF_INET, 2222, 900, UP), AT(50001, PEER)},
		{HERE(AF_INET, 22, 901, UP), AT(50002, PEER)},
	};
	const struct vfm_ssh_sockets unseen = {.unseen = true};
	static const struct {
		size_t first, count;
		enum vfm_fact_state state;
		size_t told;
	} rows[] = {
		{0, 1, VFM_UNKNOWN, 0}, /* may be ours */
		{0, 2, VFM_KNOWN, 1},   /* one that is known is a use */
		{1, 1, VFM_KNOWN, 1},
		{0, 0, VFM_KNOWN, 0}, /* nothing to be missed */
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

		fill(&facts, stranger + rows[i].first, rows[i].count, &unseen);
		assert_int_equal(told(&facts)->fact.state, rows[i].state);
		if (rows[i].state == VFM_KNOWN)
			assert_int_equal(told(&facts)->count, rows[i].told);
	}
}

/* The foremost kind is told of, however many there are of others, and in whatever order. */
static void test_told_of_many(void **state)
{
	struct vfm_tcp_session items[1000];
	const size_t count = VFM_ARRAY_SIZE(items);
	const struct vfm_ssh_sockets none = {.inodes = NULL};
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0}, again = {.pfs.count = 0};

	(void)state;
	for (size_t i = 0; i < count; i++)
		items[i] = (struct vfm_tcp_session){HERE(AF_INET, (uint16_t)(600 + i), 0, UP),
						    AT(2049, STORAGE)};
	items[777] = (struct vfm_tcp_session){HERE(AF_INET, 22, 1, UP), AT(51234, PEER)};
	fill(&facts, items, count, &none);
	assert_int_equal(told(&facts)->count, VFM_SESSIONS_MAX + 1);
	assert_string_equal(told(&facts)->values[VFM_SESSIONS_MAX - 1],
			    "ssh: 192.0.2.1:22 from 192.0.2.9:51234");
	assert_string_equal(told(&facts)->values[VFM_SESSIONS_MAX], "with 984 more");
	for (size_t i = 0; i < count / 2; i++) {
		const struct vfm_tcp_session swapped = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = swapped;
	}
	fill(&again, items, count, &none);
	for (size_t i = 0; i <= VFM_SESSIONS_MAX; i++)
		assert_string_equal(told(&facts)->values[i], told(&again)->values[i]);
}

static void test_ipsec_of_uplink(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	VFM_AUTO_REACH struct vfm_reach reach = {.links = NULL};
	uint32_t to[] = {10, 11, 13, 10, 1};
	const struct vfm_offloads offloads = {.links = to, .count = VFM_ARRAY_SIZE(to)};
	const struct vfm_offloads none = {.links = NULL};

	(void)state;
	assert_int_equal(vfm_reach_find(&links, vfm_links_by_index(&links, 10), &facts.ovs, &reach),
			 0);
	vfm_uplink_fill_ipsec(&pf->uplink, &reach, &offloads);
	assert_int_equal(pf->uplink.ipsec_count.value, 3);
	vfm_uplink_fill_ipsec(&pf->uplink, &reach, &none);
	assert_true(vfm_known(&pf->uplink.ipsec_count.fact));
	assert_int_equal(pf->uplink.ipsec_count.value, 0);
}

/* --- the ssh server above us --- */

static void test_socket_links(void **state)
{
	static const struct {
		const char *target;
		uint64_t inode; /* 0: none */
	} rows[] = {
		{"socket:[4711]", 4711},
		{"socket:[18446744073709551615]", UINT64_MAX},
		{"socket:[18446744073709551616]", 0},
		{"socket:[99999999999999999999999999]", 0},
		{"socket:[]", 0},
		{"socket:[4711", 0},
		{"socket:[-1]", 0},
		{"socket:[47 11]", 0},
		{"socket:", 0},
		{"pipe:[4711]", 0},
		{"/dev/null", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		uint64_t inode = 0;
		int r = vfm_parse_socket_link(rows[i].target, &inode);

		if ((r == 0) != (rows[i].inode != 0) || inode != rows[i].inode)
			fail_msg("'%s': %d", rows[i].target, r);
	}
	assert_true(vfm_is_ssh_server("sshd"));
	assert_true(vfm_is_ssh_server("sshd-session"));
	assert_false(vfm_is_ssh_server("ssh"));
	assert_false(vfm_is_ssh_server("sshd-agent"));
}

/* In a process below one that is called so and has the socket: 0 when it is found. */
static int look_from_below(const char *name, uint64_t inode)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0) {
		VFM_AUTO_SSH_SOCKETS struct vfm_ssh_sockets sockets = {.inodes = NULL};
		pid_t grandchild;

		prctl(PR_SET_NAME, name);
		grandchild = fork();
		if (grandchild == 0) {
			prctl(PR_SET_NAME, "vfprep");
			vfm_ssh_sockets_read((uint64_t)getpid(), &sockets);
			_exit(vfm_ssh_sockets_have(&sockets, inode) ? 0 : 1);
		}
		waitpid(grandchild, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void test_server_above_us(void **state)
{
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat status;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(look_from_below("sshd-session", status.st_ino), 0);
	assert_int_equal(look_from_below("sshd", status.st_ino), 0);
	assert_int_equal(look_from_below("bash", status.st_ino), 1);
}

static void test_no_such_process(void **state)
{
	VFM_AUTO_SSH_SOCKETS struct vfm_ssh_sockets sockets = {.inodes = NULL};

	(void)state;
	vfm_ssh_sockets_read(UINT32_MAX, &sockets);
	assert_int_equal(sockets.count, 0);
	assert_true(sockets.unseen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_reach_of_a_circle),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_told_of_caller),
		cmocka_unit_test(test_told_without_rights),
		cmocka_unit_test(test_told_of_many),
		cmocka_unit_test(test_ipsec_of_uplink),
		cmocka_unit_test(test_socket_links),
		cmocka_unit_test(test_server_above_us),
		cmocka_unit_test(test_no_such_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
