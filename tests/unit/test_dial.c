/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is reached by TCP, in a network namespace of the test's own with a name server of its own:
 * what listens, what does not, what answers nothing, what no route leads to; names that are there,
 * that are not, and of which nobody says anything.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "facts/dial.h"

/* SILENT_MS is waited for to its end; long enough for who answers on a busy machine. */
enum { LONG_MS = 60000, CONNECT_MS = 300, SHORT_MS = 100, SILENT_MS = 3000 };

/* Of lo: not of 127.0.0.0/8. */
#define OWN "198.51.100.7"
/* Where a route says that there is no way. */
#define REJECTED "192.0.2.55"

static bool private_network;
static uint16_t open_port, closed_port, full_port;
static int full_sockets[8];

static int set_up_link(int fd, const char *name, const char *address)
{
	struct ifreq request = {.ifr_flags = IFF_UP};
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&request.ifr_addr;

	strcpy(request.ifr_name, name);
	if (!address)
		return ioctl(fd, SIOCSIFFLAGS, &request);
	*in = (struct sockaddr_in){.sin_family = AF_INET};
	assert_int_equal(inet_pton(AF_INET, address, &in->sin_addr), 1);
	return ioctl(fd, SIOCSIFADDR, &request);
}

static int reject(int fd, const char *address)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_HOST | RTF_REJECT};
	struct sockaddr_in *to = (struct sockaddr_in *)(void *)&route.rt_dst;

	*to = (struct sockaddr_in){.sin_family = AF_INET};
	assert_int_equal(inet_pton(AF_INET, address, &to->sin_addr), 1);
	return ioctl(fd, SIOCADDRT, &route);
}

static struct sockaddr_in any_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_ANY)};
}

/* A socket at a port of its own; backlog < 0: it does not listen. */
static int listen_at(int backlog, uint16_t *ret_port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = any_of(0);
	socklen_t size = sizeof(address);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* Nobody accepts, and the queue is full: who comes then is not answered. */
static void fill_queue(void)
{
	struct sockaddr_in address = any_of(0);

	(void)listen_at(0, &full_port);
	address = any_of(full_port);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(full_sockets); i++) {
		full_sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(full_sockets[i] >= 0);
		(void)connect(full_sockets[i], (struct sockaddr *)&address, sizeof(address));
	}
}

/* A name server: "no-…" there is not, "fail-…" it cannot say, of others it says nothing. */
static void *serve_names(void *data)
{
	int fd = *(int *)data;
	unsigned char packet[512];
	struct sockaddr_in from;

	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n =
			recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &size);
		bool no = n > 16 && memcmp(packet + 13, "no-", 3) == 0;

		if (n < 16)
			continue;
		if (!no && memcmp(packet + 13, "fail", 4) != 0)
			continue;
		packet[2] |= 0x80;            /* an answer */
		packet[3] = no ? 0x83 : 0x82; /* NXDOMAIN, SERVFAIL */
		(void)sendto(fd, packet, (size_t)n, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

static void put(const char *path, const char *text)
{
	VFM_AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%s", text) > 0);
}

static void name_server_up(void)
{
	static int fd;
	struct sockaddr_in address = any_of(53);
	pthread_t thread;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve_names, &fd), 0);
	assert_int_equal(pthread_detach(thread), 0);
	put("/etc/nsswitch.conf", "hosts: files dns\n");
	put("/etc/host.conf", "multi on\n");
	put("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");
	put("/etc/hosts",
	    "127.0.0.1 here\n" OWN " self\n" REJECTED " both\n127.0.0.2 both\n" REJECTED " away\n");
}

static int network_up(void **state)
{
	VFM_AUTO_CLOSE int fd = -1;

	(void)state;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/etc", "tmpfs", 0, "mode=0755") < 0) {
		print_message("no network of our own (needs root): %s\n", strerror(errno));
		return 0;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || set_up_link(fd, "lo", NULL) < 0 || set_up_link(fd, "lo:1", OWN) < 0 ||
	    reject(fd, REJECTED) < 0)
		return -1;
	(void)listen_at(16, &open_port);
	(void)listen_at(-1, &closed_port);
	fill_queue();
	name_server_up();
	private_network = true;
	return 0;
}

#define NEEDS_NETWORK()                                                                            \
	do {                                                                                       \
		if (!private_network)                                                              \
			skip();                                                                    \
	} while (0)

static const struct dial_row {
	const char *host;
	uint16_t *port;
	const char *address, *answer;
	bool loopback;
} dial_rows[] = {
	{"127.0.0.1", &open_port, "127.0.0.1", VFM_DIAL_OPEN, true},
	{"127.0.0.1", &closed_port, "127.0.0.1", VFM_DIAL_REFUSED, true},
	{"127.0.0.1", &full_port, "127.0.0.1", VFM_DIAL_TIMEOUT, true},
	{"0.0.0.0", &open_port, "0.0.0.0", VFM_DIAL_OPEN, true},
	{"here", &open_port, "127.0.0.1", VFM_DIAL_OPEN, true},
	/* Its own, though no loopback address. */
	{"self", &open_port, OWN, VFM_DIAL_OPEN, true},
	{"self", &full_port, OWN, VFM_DIAL_TIMEOUT, true},
	{"away", &open_port, REJECTED, VFM_DIAL_UNREACHABLE, false},
	{"203.0.113.1", &open_port, "203.0.113.1", VFM_DIAL_UNREACHABLE, false},
	{"fe80::1", &open_port, "fe80::1", VFM_DIAL_UNREACHABLE, false},
	/* One of two addresses is enough; the better answer is that of the host. */
	{"both", &open_port, "127.0.0.2", VFM_DIAL_OPEN, true},
	{"both", &closed_port, "127.0.0.2", VFM_DIAL_REFUSED, true},
	{"both", &full_port, "127.0.0.2", VFM_DIAL_TIMEOUT, true},
};

static void dial(const struct vfm_dial_target *targets, size_t count, int connect_ms,
		 int timeout_ms, struct vfm_reach_answers *answers)
{
	assert_int_equal(
		vfm_dial(targets, count, connect_ms, vfm_deadline_in(timeout_ms), answers, NULL),
		0);
	assert_int_equal(answers->answers.count, count);
}

static struct vfm_reach_probe *answer_at(struct vfm_reach_answers *answers, size_t i)
{
	return vfm_list_at(struct vfm_reach_probe, &answers->answers, i);
}

/* All at once: in their order, whichever ends first. */
static void test_answers(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	struct vfm_dial_target targets[VFM_ARRAY_SIZE(dial_rows)];

	(void)state;
	NEEDS_NETWORK();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(dial_rows); i++)
		targets[i] =
			(struct vfm_dial_target){"control", dial_rows[i].host, *dial_rows[i].port};
	dial(targets, VFM_ARRAY_SIZE(targets), CONNECT_MS, LONG_MS, &answers);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(dial_rows); i++) {
		const struct dial_row *row = &dial_rows[i];
		const struct vfm_reach_probe *reach = answer_at(&answers, i);

		if (!vfm_fact_is_text(&reach->answer, row->answer) ||
		    !vfm_fact_is_text(&reach->address, row->address))
			fail_msg("%zu %s: %s %s (%s)", i, row->host,
				 vfm_known(&reach->answer.fact) ? reach->answer.value : "?",
				 vfm_known(&reach->address.fact) ? reach->address.value : "?",
				 vfm_fact_reason(&reach->answer.fact));
		assert_true(vfm_known(&reach->loopback.fact));
		assert_int_equal(reach->loopback.value, row->loopback);
		assert_true(vfm_fact_is_text(&reach->what, "control"));
		assert_true(vfm_fact_is_text(&reach->host, row->host));
		assert_true(vfm_known(&reach->port.fact));
		assert_int_equal(reach->port.value, *row->port);
	}
}

/* Nothing is sent to who listens. */
static void test_nothing_is_sent(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	VFM_AUTO_CLOSE int listener = -1, connection = -1;
	struct vfm_dial_target target = {"tls", "127.0.0.1", 0};
	char byte;

	(void)state;
	NEEDS_NETWORK();
	listener = listen_at(1, &target.port);
	dial(&target, 1, CONNECT_MS, LONG_MS, &answers);
	assert_true(vfm_fact_is_text(&answer_at(&answers, 0)->answer, VFM_DIAL_OPEN));
	connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(connection >= 0);
	assert_int_equal(read(connection, &byte, 1), 0);
}

static void test_no_name(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	const struct vfm_dial_target target = {"control", "no-such.test", 22};
	const struct vfm_reach_probe *reach;

	(void)state;
	NEEDS_NETWORK();
	dial(&target, 1, CONNECT_MS, LONG_MS, &answers);
	reach = answer_at(&answers, 0);
	assert_int_equal(reach->address.fact.state, VFM_ABSENT);
	assert_int_equal(reach->loopback.fact.state, VFM_ABSENT);
	assert_int_equal(reach->answer.fact.state, VFM_ABSENT);
}

/* That a name server fails, or is silent, does not mean that there is no such name. */
static void test_name_not_told(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers later = {.answers = {.items = NULL}};
	const struct vfm_dial_target fails = {"control", "fail.test", 22};
	const struct vfm_dial_target silent[] = {{"control", "silent.test", 22},
						 {"control", "here", open_port}};
	const struct vfm_reach_probe *reach;

	(void)state;
	NEEDS_NETWORK();
	dial(&fails, 1, CONNECT_MS, LONG_MS, &answers);
	reach = answer_at(&answers, 0);
	assert_int_equal(reach->address.fact.state, VFM_UNKNOWN);
	assert_int_equal(reach->answer.fact.state, VFM_UNKNOWN);
	assert_non_null(strstr(vfm_fact_reason(&reach->answer.fact), "name resolution"));
	/* Whoever asks for both has the one in time. */
	dial(silent, 2, CONNECT_MS, SILENT_MS, &later);
	reach = answer_at(&later, 0);
	assert_int_equal(reach->address.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&reach->loopback.fact),
			    "the resolver did not answer in time");
	assert_true(vfm_fact_is_text(&reach->host, "silent.test"));
	assert_true(vfm_fact_is_text(&answer_at(&later, 1)->answer, VFM_DIAL_OPEN));
}

/* Who was given no time has not been waited for: that is no "timeout". */
static void test_no_time(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	const struct vfm_dial_target target = {"control", "127.0.0.1", full_port};

	(void)state;
	NEEDS_NETWORK();
	dial(&target, 1, LONG_MS, SHORT_MS, &answers);
	assert_int_equal(answer_at(&answers, 0)->answer.fact.state, VFM_UNKNOWN);
}

static void test_none(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};

	(void)state;
	dial(NULL, 0, CONNECT_MS, LONG_MS, &answers);
	assert_true(vfm_known(&answers.answers.fact));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_nothing_is_sent),
		cmocka_unit_test(test_no_name), cmocka_unit_test(test_name_not_told),
		cmocka_unit_test(test_no_time), cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, network_up, NULL);
}
