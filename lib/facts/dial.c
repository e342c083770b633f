/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names resolved and connections made; see dial.h. Each target in a thread: resolvers have no
 * deadline. */
#include "facts/dial.h"

#include <ifaddrs.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "base/text.h"
#include "base/worker.h"
#include "facts/rows.h"

enum {
	ADDRESSES_MAX = 8, /* of one name: the first ones */
	MARGIN_MS = 200,   /* for a thread to tell what it has found */
};

/* --- the tables --- */

static const char *const answer_words[] = {VFM_DIAL_OPEN, VFM_DIAL_REFUSED, VFM_DIAL_TIMEOUT,
					   VFM_DIAL_UNREACHABLE, NULL};

const struct vfm_field vfm_reach_fields[] = {
	TEXT(vfm_reach_probe, what, 0, "who asks", "what the connection is for"),
	TEXT(vfm_reach_probe, host, 0, "who asks", "name or address of the other host"),
	TEXT(vfm_reach_probe, address, 0, "getaddrinfo(3)",
	     "what it resolves to here, the one that gave the answer; absent: it does not"),
	BOOL(vfm_reach_probe, loopback, 0, "getaddrinfo(3), getifaddrs(3)",
	     "one of its addresses is this host's own"),
	UINT(vfm_reach_probe, port, 0, "who asks", "TCP port"),
	WORD(vfm_reach_probe, answer, answer_words, 0, "connect(2)", "what came of a connection"),
	END,
};

const struct vfm_field vfm_reach_answers_fields[] = {
	LIST(vfm_reach_answers, answers, vfm_reach_fields, vfm_reach_probe, NULL, "one a target"),
	END,
};

void vfm_reach_answers_done(struct vfm_reach_answers *answers)
{
	vfm_fields_done(vfm_reach_answers_fields, answers);
}

/* What one target's thread has. */
struct task {
	char *host;
	uint16_t port;
	int connect_ms;
	int64_t deadline_ms;          /* when it has to tell */
	struct vfm_reach_probe reach; /* address, loopback, answer */
};

static void set_absent(struct vfm_reach_probe *reach)
{
	vfm_fact_set_absent(&reach->address.fact);
	vfm_fact_set_absent(&reach->loopback.fact);
	vfm_fact_set_absent(&reach->answer.fact);
}

static void set_unknown(struct vfm_reach_probe *reach, const char *reason)
{
	vfm_fact_set_unknown(&reach->address.fact, "%s", reason);
	vfm_fact_set_unknown(&reach->loopback.fact, "%s", reason);
	vfm_fact_set_unknown(&reach->answer.fact, "%s", reason);
}

/* --- whose address is it --- */

/* The bytes that two addresses of a family are compared by; 0: of neither family. */
static size_t bytes_of(const struct sockaddr *address, const void **ret_bytes)
{
	if (address->sa_family == AF_INET) {
		*ret_bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
		return sizeof(struct in_addr);
	}
	if (address->sa_family == AF_INET6) {
		*ret_bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		return sizeof(struct in6_addr);
	}
	return 0;
}

/* 127.0.0.0/8, ::1, and the addresses of none: a connection to any of them goes to this host. */
static bool is_loopback(const void *bytes, size_t size)
{
	const struct in6_addr *six = bytes;
	const uint8_t *first = bytes;

	if (size == sizeof(*six))
		return IN6_IS_ADDR_LOOPBACK(six) || IN6_IS_ADDR_UNSPECIFIED(six);
	return *first == 127 || memcmp(bytes, "\0\0\0\0", sizeof(struct in_addr)) == 0;
}

static bool is_own(const struct sockaddr *address, const struct ifaddrs *own)
{
	const void *bytes, *other;
	size_t size = bytes_of(address, &bytes);

	if (size && is_loopback(bytes, size))
		return true;
	for (; size && own; own = own->ifa_next)
		if (own->ifa_addr && own->ifa_addr->sa_family == address->sa_family &&
		    bytes_of(own->ifa_addr, &other) == size && memcmp(bytes, other, size) == 0)
			return true;
	return false;
}

static void fill_loopback(struct vfm_fact_bool *fact, const struct addrinfo *addresses)
{
	struct ifaddrs *own = NULL;
	bool found = false;

	if (getifaddrs(&own) < 0) {
		vfm_fact_set_unknown(&fact->fact, "%s", strerror(errno));
		return;
	}
	for (; addresses && !found; addresses = addresses->ai_next)
		found = is_own(addresses->ai_addr, own);
	freeifaddrs(own);
	vfm_fact_set_bool(fact, found);
}

/* --- connections --- */

/* The best first: what one address of the host gives is what the host gives. */
enum answer { OPEN, REFUSED, TIMEOUT, UNREACHABLE, FAILED, PENDING };

static const struct {
	int error;
	enum answer answer;
} errors[] = {
	{0, OPEN},
	{ECONNREFUSED, REFUSED},
	{ETIMEDOUT, TIMEOUT},
	{ENETUNREACH, UNREACHABLE},
	{EHOSTUNREACH, UNREACHABLE},
	{ENETDOWN, UNREACHABLE},
	{EHOSTDOWN, UNREACHABLE},
	{EADDRNOTAVAIL, UNREACHABLE},
	{EAFNOSUPPORT, UNREACHABLE},
	{EINVAL, UNREACHABLE}, /* a route into nothing */
	{EACCES, UNREACHABLE}, /* a route or a filter of this host that prohibits it */
	{EPERM, UNREACHABLE},
	{EINPROGRESS, PENDING},
};

static enum answer answer_of(int error)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(errors); i++)
		if (errors[i].error == error)
			return errors[i].answer;
	return FAILED;
}

struct attempt {
	const struct addrinfo *address;
	int fd;
	int error; /* of FAILED */
	enum answer answer;
};

static void set_result(struct attempt *attempt, int error)
{
	attempt->error = error;
	attempt->answer = answer_of(error);
}

static void begin(struct attempt *attempt, const struct addrinfo *address)
{
	attempt->address = address;
	attempt->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->fd < 0 || connect(attempt->fd, address->ai_addr, address->ai_addrlen) < 0)
		set_result(attempt, errno);
	else
		set_result(attempt, 0);
}

static void look(struct attempt *attempt, short events)
{
	socklen_t size = sizeof(attempt->error);
	int error = 0;

	if (!events || attempt->answer != PENDING)
		return;
	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	set_result(attempt, error);
}

/* Until one is open, or none is pending, or the time is over. */
static void wait_for(struct attempt *attempts, size_t count, int64_t deadline_ms)
{
	struct pollfd polls[ADDRESSES_MAX];

	for (;;) {
		bool pending = false;

		for (size_t i = 0; i < count; i++) {
			bool waits = attempts[i].answer == PENDING;

			if (attempts[i].answer == OPEN)
				return;
			polls[i] = (struct pollfd){.fd = waits ? attempts[i].fd : -1,
						   .events = POLLOUT};
			pending |= waits;
		}
		if (!pending || vfm_deadline_passed(deadline_ms))
			return;
		if (poll(polls, count, vfm_deadline_left(deadline_ms)) < 0)
			continue;
		for (size_t i = 0; i < count; i++)
			look(&attempts[i], polls[i].revents);
	}
}

static void fill_answer(struct vfm_reach_probe *reach, const struct attempt *attempt)
{
	char text[NI_MAXHOST];

	if (getnameinfo(attempt->address->ai_addr, attempt->address->ai_addrlen, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) == 0)
		vfm_fact_set_text(&reach->address, text);
	else
		vfm_fact_set_unknown(&reach->address.fact, "an address of another kind");
	if (attempt->answer < FAILED)
		vfm_fact_set_text(&reach->answer, answer_words[attempt->answer]);
	else
		vfm_fact_set_unknown(&reach->answer.fact, "%s", strerror(attempt->error));
}

static void connect_all(const struct task *task, const struct addrinfo *addresses,
			struct vfm_reach_probe *reach)
{
	int64_t enough_ms = vfm_deadline_in(task->connect_ms);
	int64_t last_ms = task->deadline_ms - MARGIN_MS;
	struct attempt attempts[ADDRESSES_MAX];
	const struct attempt *best = attempts;
	size_t count = 0;

	for (; addresses && count < ADDRESSES_MAX; addresses = addresses->ai_next)
		begin(&attempts[count++], addresses);
	wait_for(attempts, count, enough_ms < last_ms ? enough_ms : last_ms);
	for (size_t i = 0; i < count; i++) {
		/* Only who has been waited for has not answered. */
		if (attempts[i].answer == PENDING)
			set_result(&attempts[i], enough_ms < last_ms ? ETIMEDOUT : ETIME);
		if (attempts[i].answer < best->answer)
			best = &attempts[i];
	}
	fill_answer(reach, best);
	for (size_t i = 0; i < count; i++)
		if (attempts[i].fd >= 0)
			close(attempts[i].fd);
}

/* --- names --- */

/* What the resolver says when there is no such name, or none with an address. */
static bool is_no_name(int error)
{
	return error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY;
}

static void work(void *data)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct task *task = data;
	struct addrinfo *addresses = NULL;
	char port[sizeof("65535")];
	int r;

	snprintf(port, sizeof(port), "%" PRIu16, task->port);
	r = getaddrinfo(task->host, port, &hints, &addresses);
	if (r == 0) {
		fill_loopback(&task->reach.loopback, addresses);
		connect_all(task, addresses, &task->reach);
		freeaddrinfo(addresses);
	} else if (is_no_name(r)) {
		set_absent(&task->reach);
	} else {
		set_unknown(&task->reach, r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	}
}

/* --- side by side --- */

static void release(void *data)
{
	struct task *task = data;

	vfm_fields_done(vfm_reach_fields, &task->reach);
	free(task->host);
	free(task);
}

struct pending {
	struct task *task;
	struct vfm_worker *worker; /* NULL: it was not started */
};

static int start(const struct task *wanted, struct pending *pending, struct vfm_error *err)
{
	struct task *task = malloc(sizeof(*task));
	int r;

	if (!task)
		return vfm_error_no_memory(err, wanted->host);
	*task = *wanted;
	task->host = strdup(wanted->host);
	r = task->host ? vfm_worker_start(work, release, task, &pending->worker, err)
		       : vfm_error_no_memory(err, wanted->host);
	if (r < 0)
		release(task);
	else
		pending->task = task;
	return r;
}

static int dial_one(const struct vfm_dial_target *target, int connect_ms, int64_t deadline_ms,
		    struct pending *pending, struct vfm_reach_probe *reach)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct task task = {.host = (char *)target->host,
				  .port = target->port,
				  .connect_ms = connect_ms,
				  .deadline_ms = deadline_ms};
	int r;

	vfm_fact_set_text(&reach->what, target->what);
	vfm_fact_set_text(&reach->host, target->host);
	vfm_fact_set_uint(&reach->port, target->port);
	r = start(&task, pending, &err);
	if (r == 0 || r == -ENOMEM)
		return r;
	set_unknown(reach, err.what);
	return 0;
}

/* Takes what the thread has told; what it had not to tell stays. */
static void finish(struct pending *pending, int64_t deadline_ms, struct vfm_reach_probe *reach)
{
	if (vfm_worker_wait(pending->worker, deadline_ms) == 0) {
		struct vfm_reach_probe *told = &pending->task->reach;

		reach->address = told->address;
		reach->loopback = told->loopback;
		reach->answer = told->answer;
		*told = (struct vfm_reach_probe){.port = {.value = 0}};
	} else {
		set_unknown(reach, "the resolver did not answer in time");
	}
	vfm_worker_free(VFM_STEAL(pending->worker));
}

int vfm_dial(const struct vfm_dial_target *targets, size_t count, int connect_ms,
	     int64_t deadline_ms, struct vfm_reach_answers *ret_answers, struct vfm_error *err)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	VFM_AUTO_FREE struct pending *pending = calloc(count ? count : 1, sizeof(*pending));
	int64_t enough_ms = vfm_deadline_in(VFM_DIAL_RESOLVE_MS + connect_ms + MARGIN_MS);
	int r = pending ? 0 : -ENOMEM;

	if (deadline_ms > enough_ms)
		deadline_ms = enough_ms;
	vfm_fact_set_empty(&answers.answers);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct vfm_reach_probe *reach = vfm_fact_list_add(&answers.answers, sizeof(*reach));

		r = reach ? dial_one(&targets[i], connect_ms, deadline_ms, &pending[i], reach)
			  : -ENOMEM;
	}
	for (size_t i = 0; pending && i < count; i++)
		if (pending[i].worker)
			finish(&pending[i], deadline_ms,
			       vfm_list_at(struct vfm_reach_probe, &answers.answers, i));
	if (r < 0)
		return vfm_error_no_memory(err, "reach");
	*ret_answers = answers;
	answers = (struct vfm_reach_answers){.answers = {.items = NULL}};
	return 0;
}
