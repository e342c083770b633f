/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detaching by libvirt, in a child; see node_device.h. */
#include "run/node_device.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/text.h"
#include "run/vf.h"

enum { WORDS_MAX_BYTES = 64 << 10 };

/* How the child ends. What it prints of a refusal is "CODE words". */
enum ending { DETACHED, NOBODY_TO_ASK, REFUSED };

struct request {
	const char *uri;
	const char *name; /* of the node device */
};

char *vfm_node_device_name(const char *bdf)
{
	char *name = vfm_text_printf("pci_%s", bdf);

	for (char *at = name; at && *at; at++)
		if (*at == ':' || *at == '.')
			*at = '_';
	return name;
}

/* the child */

static void cleanup_connect(virConnectPtr *connect)
{
	if (*connect)
		virConnectClose(*connect);
}

static void cleanup_device(virNodeDevicePtr *device)
{
	if (*device)
		virNodeDeviceFree(*device);
}

static int refused(void)
{
	const virError *error = virGetLastError();

	dprintf(STDOUT_FILENO, "%d %s", error ? error->code : 0,
		error && error->message ? error->message : "unknown error");
	return REFUSED;
}

/*
 * libvirt before 9.7 takes no name of a driver but its own words for VFIO; and while VFIO is not
 * loaded it takes none, when no domain can have a VF either.
 */
static bool cannot_detach_so(void)
{
	int code = virGetLastErrorCode();

	return code == VIR_ERR_INVALID_ARG || code == VIR_ERR_ARGUMENT_UNSUPPORTED ||
	       code == VIR_ERR_CONFIG_UNSUPPORTED;
}

static int detach(void *data)
{
	const struct request *request = data;
	VFM_CLEANUP(cleanup_connect) virConnectPtr connect = NULL;
	VFM_CLEANUP(cleanup_device) virNodeDevicePtr device = NULL;
	int r;

	if (virInitialize() < 0)
		return NOBODY_TO_ASK;
	connect = virConnectOpen(request->uri);
	if (!connect)
		return NOBODY_TO_ASK;
	device = virNodeDeviceLookupByName(connect, request->name);
	if (!device) {
		int code = virGetLastErrorCode();

		return code == VIR_ERR_NO_NODE_DEVICE || code == VIR_ERR_NO_SUPPORT ? NOBODY_TO_ASK
										    : refused();
	}
	r = virNodeDeviceDetachFlags(device, VFM_PCI_STUB, 0);
	if (r < 0 && cannot_detach_so())
		r = virNodeDeviceDetachFlags(device, NULL, 0);
	if (r < 0)
		return cannot_detach_so() ? NOBODY_TO_ASK : refused();
	return DETACHED;
}

/* the parent */

/* From "CODE words"; words that are not so are told as they are. */
static int tell_refusal(const char *bdf, char *said, struct vfm_error *err)
{
	char *words = strchr(said, ' ');
	uint64_t code = 0;

	vfm_text_trim_end(vfm_text_make_printable(said));
	if (words)
		*words++ = '\0';
	if (!words || vfm_parse_uint(said, 10, INT32_MAX, &code) < 0)
		words = said;
	return vfm_error_set_domain(err, -EBUSY, VFM_ERROR_LIBVIRT, (int)code, bdf, NULL,
				    "libvirt does not detach it: %s", words);
}

static int listen(struct vfm_child *child, int64_t deadline_ms, char **ret_said, int *ret_status)
{
	VFM_AUTO_BUFFER struct vfm_buffer output = {.data = NULL}, errors = {.data = NULL};
	int r;

	do
		r = vfm_child_read(child, deadline_ms, WORDS_MAX_BYTES, &output, &errors);
	while (r > 0);
	if (r == 0)
		r = vfm_child_wait(child, deadline_ms, ret_status);
	if (r < 0)
		return r;
	*ret_said = vfm_buffer_steal(&output);
	return *ret_said ? 0 : -ENOMEM;
}

int vfm_node_device_detach(const char *uri, const char *bdf, int64_t deadline_ms,
			   struct vfm_error *err)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	VFM_AUTO_FREE char *name = vfm_node_device_name(bdf);
	VFM_AUTO_FREE char *said = NULL;
	struct request request = {.uri = uri, .name = name};
	int status = 0;
	int r;

	if (!name)
		return vfm_error_no_memory(err, bdf);
	r = vfm_child_fork(detach, &request, "libvirt", &child, err);
	if (r < 0)
		return r;
	r = listen(&child, deadline_ms, &said, &status);
	if (r == -ETIMEDOUT)
		return vfm_error_set(err, r, bdf, "is libvirt's daemon stuck?",
				     "libvirt gave no answer in time");
	if (r < 0)
		return vfm_error_set(err, r, bdf, NULL, "libvirt: %s", strerror(-r));
	switch (status) {
	case DETACHED:
	case NOBODY_TO_ASK:
		return 0;
	case REFUSED:
		return tell_refusal(bdf, said, err);
	}
	return vfm_error_set_domain(err, -EIO, VFM_ERROR_PROGRAM, status, bdf, NULL,
				    "asking libvirt ended early (status %d)", status);
}
