/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections with a deadline; see connection.h. */
#include "job/connection.h"

#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "base/worker.h"

enum { KEEPALIVE_S = 5, KEEPALIVE_COUNT = 5 };

/* What a program can tell apart; everything else is an I/O error in libvirt's words. */
static const struct {
	int code, error;
} errors[] = {
	{VIR_ERR_NO_DOMAIN, -ENOENT},
	{VIR_ERR_OPERATION_ABORTED, -ECANCELED},
	{VIR_ERR_OPERATION_TIMEOUT, -ETIMEDOUT},
	{VIR_ERR_OPERATION_DENIED, -EACCES},
	{VIR_ERR_AUTH_FAILED, -EACCES},
	{VIR_ERR_NO_SUPPORT, -EOPNOTSUPP},
	{VIR_ERR_OPERATION_UNSUPPORTED, -EOPNOTSUPP},
	{VIR_ERR_NO_MEMORY, -ENOMEM},
};

int vfm_libvirt_failed(struct vfm_error *err, const char *object)
{
	const virError *last = virGetLastError();
	const char *words = last && last->message ? last->message : "unknown error";
	int code = last ? last->code : 0;
	int error = -EIO;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(errors); i++)
		if (errors[i].code == code)
			error = errors[i].error;
	return vfm_error_set_domain(err, error, VFM_ERROR_LIBVIRT, code, object, NULL, "%s", words);
}

/* What helps where a connection does not come about, by words of libvirt's or ssh's. */
static const struct {
	const char *words, *hint;
} hints[] = {
	{"Connection refused",
	 "nothing listens there: enable libvirtd-tcp.socket or -tls.socket (of modular daemons "
	 "virtproxyd's) on that host, or use qemu+ssh"},
	{"Host key verification failed",
	 "this host does not know that host's ssh key: log in by ssh once, as the same user"},
	{"Name or service not known", "no such host name: see the URI, DNS, /etc/hosts"},
	{"No route to host", "see the network and that host's firewall"},
	{"Permission denied",
	 "this user may not: be root, or in group libvirt; by ssh, with a key"},
	{"authentication", "this user may not: be root, or in group libvirt"},
	{"No such file or directory",
	 "libvirt's daemon does not run there: enable virtqemud.socket, or libvirtd.socket"},
	{"no connection driver available", "the URI is not one of QEMU's: qemu+ssh://HOST/system"},
};

static void add_hint(struct vfm_error *err)
{
	const char *hint = "'virsh -c URI list' tries the same connection";

	for (size_t i = 0; i < VFM_ARRAY_SIZE(hints); i++) {
		if (strstr(err->what, hints[i].words)) {
			hint = hints[i].hint;
			break;
		}
	}
	if (!err->hint)
		err->hint = strdup(hint);
}

/* Shared with the thread that opens. */
struct opening {
	char *uri;
	virConnectPtr connection;
	int error;
	struct vfm_error err;
};

static void release(void *data)
{
	struct opening *opening = data;

	vfm_cleanup_connection(&opening->connection);
	vfm_error_done(&opening->err);
	free(opening->uri);
	free(opening);
}

/*
 * The ssh under a connection has to outlive a Ctrl-C and the end of the terminal, which go to all
 * of its programs: libvirt's call that moves a VM ends by that connection. libvirt forks it here
 * and resets signals itself, so that a session of its own is what is left; without a terminal it
 * fails where it would ask for a password. Not so for a daemon that libvirt starts: that makes a
 * session itself, and may not be in one of its own already.
 */
static _Thread_local bool opens_by_ssh;
static pthread_once_t ssh_is_apart = PTHREAD_ONCE_INIT;

static void leave_terminal(void)
{
	if (opens_by_ssh)
		(void)setsid();
}

static void keep_ssh_apart(void)
{
	/* fails only without memory, and then so does the connection */
	(void)pthread_atfork(NULL, NULL, leave_terminal);
}

static void open_it(void *data)
{
	struct opening *opening = data;

	(void)pthread_once(&ssh_is_apart, keep_ssh_apart);
	opens_by_ssh = strstr(opening->uri, "+ssh:") != NULL;
	opening->connection = virConnectOpen(opening->uri);
	opens_by_ssh = false;
	if (!opening->connection) {
		opening->error = vfm_libvirt_failed(&opening->err, opening->uri);
		add_hint(&opening->err);
		return;
	}
	/* -1: this transport has none */
	if (virConnectSetKeepAlive(opening->connection, KEEPALIVE_S, KEEPALIVE_COUNT) < 0)
		virResetLastError();
}

int vfm_connection_open(const char *uri, int64_t deadline_ms, virConnectPtr *ret_connection,
			struct vfm_error *err)
{
	struct opening *opening = calloc(1, sizeof(*opening));
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	int r;

	if (!opening)
		return vfm_error_no_memory(err, uri);
	opening->uri = strdup(uri);
	r = opening->uri ? vfm_worker_start(open_it, release, opening, &worker, err)
			 : vfm_error_no_memory(err, uri);
	if (r < 0) {
		release(opening);
		return r;
	}
	r = vfm_worker_wait(worker, deadline_ms);
	if (r < 0)
		return vfm_error_set(err, r, uri,
				     "see whether the host is up and the network lets it through",
				     "libvirt did not answer in time");
	if (opening->error < 0) {
		vfm_error_move(err, &opening->err);
		return opening->error;
	}
	*ret_connection = VFM_STEAL(opening->connection);
	return 0;
}

static virDomainPtr look_up(virConnectPtr connection, const char *name)
{
	virDomainPtr domain = virDomainLookupByName(connection, name);

	/* what is no UUID gets other words, which would take the place of these */
	if (!domain && strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
		domain = virDomainLookupByUUIDString(connection, name);
	return domain;
}

/* A user's own VMs, and those of the host, are at two daemons: libvirt.org/uri.html. */
static int no_such_vm(virConnectPtr connection, const char *name, struct vfm_error *err)
{
	VFM_AUTO_FREE char *uri = virConnectGetURI(connection);
	bool session = uri && strstr(uri, "/session");
	VFM_AUTO_FREE char *hint = NULL;

	if (!uri)
		virResetLastError();
	hint = vfm_text_printf("'virsh -c \"%s\" list --all' lists those that are; %s are at "
			       "qemu:///%s; --from names another host's daemon",
			       uri ? uri : "URI", session ? "the host's" : "a user's own",
			       session ? "system" : "session");
	return vfm_error_set_domain(err, -ENOENT, VFM_ERROR_LIBVIRT, VIR_ERR_NO_DOMAIN, name, hint,
				    "no VM of this name at %s", uri ? uri : "this connection");
}

int vfm_domain_find(virConnectPtr connection, const char *name, virDomainPtr *ret_domain,
		    struct vfm_error *err)
{
	virDomainPtr domain = look_up(connection, name);
	const virError *last = domain ? NULL : virGetLastError();

	if (!domain)
		return last && last->code == VIR_ERR_NO_DOMAIN ? no_such_vm(connection, name, err)
							       : vfm_libvirt_failed(err, name);
	*ret_domain = domain;
	return 0;
}
