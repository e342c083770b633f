/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The transport of the devlink client; see devlink.h. libnl keeps the socket, its port and the
 * sequence numbers; answers are read by vfm_answer, since libnl drops the kernel's words.
 */
#include "devlink/devlink.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "base/text.h"
#include "devlink/answer.h"
#include "devlink/attribute.h"

/* How often a list that changed under the reader is read anew. */
#define DUMP_TRIES 8
/* Of the dump of a device: more than any eswitch has ports. */
#define PORTS_MAX 65536

struct vfm_devlink {
	struct nl_sock *socket; /* NULL: to be opened before the next request */
	uint16_t family;
	int64_t deadline_ms;
};

typedef int (*take_item)(uint8_t command, const uint8_t *data, size_t size, void *context);

static void free_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static int no_memory(const char *object, struct vfm_error *err)
{
	return vfm_error_set(err, -ENOMEM, object, NULL, "out of memory");
}

static int set_option(int fd, int option)
{
	int on = 1;

	return setsockopt(fd, SOL_NETLINK, option, &on, sizeof(on)) < 0 ? -errno : 0;
}

/*
 * A new socket. Extended acknowledgements carry the kernel's words; capped ones do not repeat the
 * request. Kernels before 4.12 know neither and are served without.
 */
static int connect_socket(struct vfm_devlink *devlink, struct vfm_error *err)
{
	struct nl_sock *sock = nl_socket_alloc();
	int r;

	if (!sock)
		return no_memory("netlink", err);
	errno = 0;
	r = genl_connect(sock);
	if (r < 0) {
		int error = errno ? -errno : -EIO;

		nl_socket_free(sock);
		return vfm_error_set(err, error, "netlink", NULL,
				     "no generic netlink socket could be opened: %s",
				     nl_geterror(r));
	}
	nl_socket_disable_auto_ack(sock);
	set_option(nl_socket_get_fd(sock), NETLINK_EXT_ACK);
	set_option(nl_socket_get_fd(sock), NETLINK_CAP_ACK);
	nl_socket_set_nonblocking(sock);
	devlink->socket = sock;
	return 0;
}

/*
 * Gives the socket up after a request whose answer was not taken in to its end: a dump that is
 * still under way there would refuse the next one.
 */
static void drop_socket(struct vfm_devlink *devlink)
{
	if (devlink->socket)
		nl_socket_free(devlink->socket);
	devlink->socket = NULL;
}

static int wait_readable(struct vfm_devlink *devlink, const char *object, struct vfm_error *err)
{
	struct pollfd pollfd = {.fd = nl_socket_get_fd(devlink->socket), .events = POLLIN};
	int n;

	do {
		int left_ms = vfm_deadline_left(devlink->deadline_ms);

		if (left_ms == 0)
			return vfm_error_set(err, -ETIMEDOUT, object, NULL,
					     "the kernel did not answer in time");
		n = poll(&pollfd, 1, left_ms);
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		n = -errno;
		return vfm_error_set(err, n, object, NULL, "cannot wait for an answer: %s",
				     strerrordesc_np(-n));
	}
	return 0;
}

/* One datagram into the answer. */
static int receive(struct vfm_devlink *devlink, const char *object, struct vfm_answer *answer,
		   struct vfm_error *err)
{
	VFM_AUTO_FREE unsigned char *data = NULL;
	struct sockaddr_nl from = {.nl_pid = 0};
	int n, r;

	r = wait_readable(devlink, object, err);
	if (r < 0)
		return r;
	n = nl_recv(devlink->socket, &from, &data, NULL);
	if (n == -NLE_AGAIN)
		return 0;
	if (n <= 0)
		return vfm_error_set(err, n == -NLE_NOMEM ? -ENOBUFS : -EIO, object, NULL,
				     "no answer could be read: %s", nl_geterror(n));
	/* Any process may send to our port; answers come from the kernel, which is port 0. */
	if (from.nl_pid != 0)
		return 0;
	r = vfm_answer_feed(answer, data, (size_t)n);
	if (r < 0)
		return vfm_error_set(err, r, object, NULL, "the answer is not understood: %s",
				     strerrordesc_np(-r));
	return 0;
}

/* Sends a request and takes in all of its answer, whatever it says. */
static int converse(struct vfm_devlink *devlink, struct nl_msg *message, const char *object,
		    struct vfm_answer *answer, struct vfm_error *err)
{
	int r;

	nl_complete_msg(devlink->socket, message);
	answer->sequence = nlmsg_hdr(message)->nlmsg_seq;
	answer->port = nl_socket_get_local_port(devlink->socket);
	errno = 0;
	r = nl_send(devlink->socket, message);
	if (r < 0)
		return vfm_error_set(err, errno ? -errno : -EIO, object, NULL,
				     "the request could not be sent: %s", nl_geterror(r));
	while (!answer->complete) {
		r = receive(devlink, object, answer, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refused(const struct vfm_answer *answer, const char *object, struct vfm_error *err)
{
	const char *what = answer->words ? answer->words : strerrordesc_np(-answer->error);

	return vfm_error_set_domain(err, answer->error, VFM_ERROR_DEVLINK, -answer->error, object,
				    vfm_devlink_hint(answer->words, answer->error), "%s",
				    what ? what : "unknown error");
}

/*
 * One request and its answer. Items go to take(); *ret_warning (may be NULL) gets the words of a
 * success. -EAGAIN, without words, when a dump was disturbed.
 */
static int request(struct vfm_devlink *devlink, struct nl_msg *message, const char *object,
		   take_item take, void *context, char **ret_warning, struct vfm_error *err)
{
	VFM_AUTO_ANSWER struct vfm_answer answer = {
		.family = devlink->family, .item = take, .context = context};
	int r;

	if (!devlink->socket) {
		r = connect_socket(devlink, err);
		if (r < 0)
			return r;
	}
	r = converse(devlink, message, object, &answer, err);
	if (r < 0) {
		drop_socket(devlink);
		return r;
	}
	if (answer.error < 0)
		return refused(&answer, object, err);
	if (answer.item_error == -ENOMEM)
		return no_memory(object, err);
	if (answer.item_error < 0)
		return vfm_error_set(err, answer.item_error, object, NULL,
				     "the answer is not understood: %s",
				     strerrordesc_np(-answer.item_error));
	if (answer.interrupted)
		return -EAGAIN;
	if (ret_warning)
		*ret_warning = VFM_STEAL(answer.words);
	return 0;
}

/* open */

static int take_family(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	struct vfm_attributes rest = {.data = data, .size = size};
	struct vfm_attribute attribute;
	uint16_t *family = context;
	int r;

	if (command != CTRL_CMD_NEWFAMILY)
		return 0;
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type != CTRL_ATTR_FAMILY_ID)
			continue;
		r = vfm_attribute_u16(&attribute, family);
		if (r < 0)
			return r;
	}
	return r;
}

/* By hand, since genl_ctrl_resolve waits without a deadline. */
static int resolve_family(struct vfm_devlink *devlink, struct vfm_error *err)
{
	VFM_CLEANUP(free_message) struct nl_msg *message = nlmsg_alloc();
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	uint16_t family = 0;
	int r;

	if (!message ||
	    !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0,
			 NLM_F_REQUEST | NLM_F_ACK, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(message, CTRL_ATTR_FAMILY_NAME, VFM_DEVLINK_FAMILY) < 0)
		return no_memory("devlink", err);
	devlink->family = GENL_ID_CTRL;
	r = request(devlink, message, "devlink", take_family, &family, NULL, &own);
	if (r == -ENOENT)
		return vfm_error_set(err, -EOPNOTSUPP, "devlink", NULL,
				     "this kernel has no devlink");
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	if (family < GENL_MIN_ID)
		return vfm_error_set(err, -EBADMSG, "devlink", NULL,
				     "the kernel gave no family number");
	devlink->family = family;
	return 0;
}

int vfm_devlink_open(int64_t deadline_ms, struct vfm_devlink **ret_devlink, struct vfm_error *err)
{
	struct vfm_devlink *devlink = calloc(1, sizeof(*devlink));
	int r;

	if (!devlink)
		return no_memory("devlink", err);
	devlink->deadline_ms = deadline_ms;
	r = resolve_family(devlink, err);
	if (r < 0)
		vfm_devlink_free(devlink);
	else
		*ret_devlink = devlink;
	return r;
}

void vfm_devlink_set_deadline(struct vfm_devlink *devlink, int64_t deadline_ms)
{
	devlink->deadline_ms = deadline_ms;
}

void vfm_devlink_free(struct vfm_devlink *devlink)
{
	if (!devlink)
		return;
	drop_socket(devlink);
	free(devlink);
}

/* dumps */

/* Asks until the list was read undisturbed; reset() empties what the try before collected. */
static int dump(struct vfm_devlink *devlink, uint8_t command, const char *handle, take_item take,
		void (*reset)(void *context), void *context, struct vfm_error *err)
{
	const char *object = handle ? handle : "devlink";

	for (int i = 0; i < DUMP_TRIES; i++) {
		VFM_CLEANUP(free_message) struct nl_msg *message = NULL;
		int r;

		r = vfm_devlink_build_dump(devlink->family, command, handle, &message, err);
		if (r == 0)
			r = request(devlink, message, object, take, context, NULL, err);
		if (r != -EAGAIN)
			return r;
		reset(context);
	}
	return vfm_error_set(err, -EAGAIN, object, NULL,
			     "what it lists kept changing while it was read");
}

static int take_device(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	VFM_AUTO_FREE char *handle = NULL;
	int r;

	if (command != VFM_DEVLINK_CMD_NEW)
		return 0;
	r = vfm_devlink_parse_handle(data, size, &handle);
	if (r == 0)
		vfm_strings_add(context, handle);
	return r;
}

static void reset_devices(void *context)
{
	vfm_strings_done(context);
}

int vfm_devlink_list(struct vfm_devlink *devlink, struct vfm_strings *ret_handles,
		     struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings handles = {.count = 0};
	int r;

	r = dump(devlink, VFM_DEVLINK_CMD_GET, NULL, take_device, reset_devices, &handles, err);
	if (r < 0)
		return r;
	vfm_strings_sort(&handles);
	if (handles.failed)
		return no_memory("devlink", err);
	*ret_handles = handles;
	handles = (struct vfm_strings){.count = 0};
	return 0;
}

/* Collects the ports of one device. */
struct port_collector {
	const char *handle;
	struct vfm_devlink_ports ports;
};

void vfm_devlink_ports_done(struct vfm_devlink_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		vfm_devlink_port_done(&ports->items[i]);
	free(ports->items);
	*ports = (struct vfm_devlink_ports){.count = 0};
}

static void port_collector_done(struct port_collector *collector)
{
	vfm_devlink_ports_done(&collector->ports);
}

static void reset_ports(void *context)
{
	port_collector_done(context);
}

static int take_port(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	struct port_collector *collector = context;
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	struct vfm_devlink_port *grown;
	int r;

	if (command != VFM_DEVLINK_CMD_PORT_NEW)
		return 0;
	r = vfm_devlink_parse_port(data, size, &port);
	if (r < 0)
		return r;
	/* Kernels before 6.4 dump the ports of all devices. */
	if (!vfm_streq(port.handle, collector->handle))
		return 0;
	if (collector->ports.count >= PORTS_MAX)
		return -EBADMSG;
	grown = reallocarray(collector->ports.items, collector->ports.count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	collector->ports.items = grown;
	grown[collector->ports.count++] = port;
	port = (struct vfm_devlink_port){.handle = NULL};
	return 0;
}

int vfm_devlink_port_list(struct vfm_devlink *devlink, const char *handle,
			  struct vfm_devlink_ports *ret_ports, struct vfm_error *err)
{
	VFM_CLEANUP(port_collector_done) struct port_collector collector = {.handle = handle};
	int r;

	r = dump(devlink, VFM_DEVLINK_CMD_PORT_GET, handle, take_port, reset_ports, &collector,
		 err);
	if (r < 0)
		return r;
	*ret_ports = collector.ports;
	collector.ports = (struct vfm_devlink_ports){.count = 0};
	return 0;
}

const struct vfm_devlink_port *vfm_devlink_ports_vf(const struct vfm_devlink_ports *ports,
						    uint16_t pf_number, uint16_t vf_number)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct vfm_devlink_port *port = &ports->items[i];

		if (port->has_flavour && port->flavour == VFM_DEVLINK_FLAVOUR_PCI_VF &&
		    port->controller == 0 && !port->external && port->has_pf_number &&
		    port->pf_number == pf_number && port->has_vf_number &&
		    port->vf_number == vf_number)
			return port;
	}
	return NULL;
}

const struct vfm_devlink_port *vfm_devlink_ports_physical(const struct vfm_devlink_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].has_flavour &&
		    ports->items[i].flavour == VFM_DEVLINK_FLAVOUR_PHYSICAL)
			return &ports->items[i];
	return NULL;
}

/* queries of one device */

static int take_info(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	if (command != VFM_DEVLINK_CMD_INFO_GET)
		return 0;
	vfm_devlink_info_done(context);
	return vfm_devlink_parse_info(data, size, context);
}

static int take_eswitch(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	if (command != VFM_DEVLINK_CMD_ESWITCH_GET)
		return 0;
	vfm_devlink_eswitch_done(context);
	return vfm_devlink_parse_eswitch(data, size, context);
}

/* Asks; the answer's handle, *handle_seen after the call, must be the one asked for. */
static int get(struct vfm_devlink *devlink, uint8_t command, const char *handle, take_item take,
	       void *value, char *const *handle_seen, struct vfm_error *err)
{
	VFM_CLEANUP(free_message) struct nl_msg *message = NULL;
	int r;

	r = vfm_devlink_build_get(devlink->family, command, handle, &message, err);
	if (r < 0)
		return r;
	r = request(devlink, message, handle, take, value, NULL, err);
	if (r < 0)
		return r;
	if (!*handle_seen || !vfm_streq(*handle_seen, handle))
		return vfm_error_set(err, -EBADMSG, handle, NULL,
				     "the kernel's answer is not about this device");
	return 0;
}

int vfm_devlink_info_get(struct vfm_devlink *devlink, const char *handle,
			 struct vfm_devlink_info *ret_info, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	int r;

	r = get(devlink, VFM_DEVLINK_CMD_INFO_GET, handle, take_info, &info, &info.handle, err);
	if (r < 0)
		return r;
	*ret_info = info;
	info = (struct vfm_devlink_info){.handle = NULL};
	return 0;
}

int vfm_devlink_eswitch_get(struct vfm_devlink *devlink, const char *handle,
			    struct vfm_devlink_eswitch *ret_eswitch, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	int r;

	r = get(devlink, VFM_DEVLINK_CMD_ESWITCH_GET, handle, take_eswitch, &eswitch,
		&eswitch.handle, err);
	if (r < 0)
		return r;
	*ret_eswitch = eswitch;
	eswitch = (struct vfm_devlink_eswitch){.handle = NULL};
	return 0;
}

/* changes */

int vfm_devlink_eswitch_set_mode(struct vfm_devlink *devlink, const char *handle, uint16_t mode,
				 char **ret_warning, struct vfm_error *err)
{
	VFM_CLEANUP(free_message) struct nl_msg *message = NULL;
	int r;

	r = vfm_devlink_build_eswitch_set(devlink->family, handle, mode, &message, err);
	if (r < 0)
		return r;
	return request(devlink, message, handle, NULL, NULL, ret_warning, err);
}

int vfm_devlink_function_set(struct vfm_devlink *devlink, const char *handle, uint32_t port_index,
			     const struct vfm_devlink_function *function, char **ret_warning,
			     struct vfm_error *err)
{
	VFM_CLEANUP(free_message) struct nl_msg *message = NULL;
	VFM_AUTO_FREE char *object = vfm_text_printf("%s/%u", handle, port_index);
	int r;

	if (!object)
		return no_memory(handle, err);
	r = vfm_devlink_build_function_set(devlink->family, handle, port_index, function, &message,
					   err);
	if (r < 0)
		return r;
	return request(devlink, message, object, NULL, NULL, ret_warning, err);
}
