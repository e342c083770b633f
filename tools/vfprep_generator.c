/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A systemd generator (systemd.generator(7)): makes vfprep-device.service wait for the PFs that
 * /etc/vfmig/vfprep.conf names. Run at boot and at each daemon-reload, before anything else is up;
 * argv[1] is the directory to write to.
 *
 * A configuration that is not readable is no reason to fail here: the service tells of it where
 * somebody looks.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "plan/request.h"

#define CONFIGURATION "/etc/vfmig/vfprep.conf"
#define DROP_IN       "vfprep-device.service.d"

static int complain(const char *object, const struct vfm_error *err)
{
	fprintf(stderr, "vfprep-generator: %s: %s\n", object, err->what ? err->what : "failed");
	return 1;
}

/* The alias that 70-vfmig.rules gives a PF, as a unit: a BDF needs no escaping. */
static void put_devices(struct vfm_buffer *out, const struct vfm_prep_request *request)
{
	vfm_buffer_puts(out, "# made from " CONFIGURATION "\n[Unit]\n");
	for (size_t i = 0; i < request->pf_count; i++)
		vfm_buffer_printf(out, "Wants=vfmig-%s.device\nAfter=vfmig-%s.device\n",
				  request->pfs[i].bdf, request->pfs[i].bdf);
}

static int write_drop_in(const char *directory, const struct vfm_prep_request *request)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/" DROP_IN, directory);
	VFM_AUTO_FREE char *file = vfm_text_printf("%s/" DROP_IN "/devices.conf", directory);

	put_devices(&text, request);
	if (!path || !file || text.failed) {
		vfm_error_no_memory(&err, NULL);
		return complain(directory, &err);
	}
	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		vfm_error_set(&err, -errno, path, NULL, "%m");
		return complain(path, &err);
	}
	if (vfm_file_write_atomic(file, text.data, text.size, 0644, &err) < 0)
		return complain(file, &err);
	return 0;
}

int main(int argc, char **argv)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	size_t size = 0;
	int r;

	vfm_prep_request_init(&request);
	if (argc < 2) {
		fprintf(stderr, "usage: vfprep-generator DIRECTORY [DIRECTORY DIRECTORY]\n");
		return 2;
	}
	r = vfm_file_read(CONFIGURATION, 1 << 20, &text, &size, &err);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = vfm_prep_request_parse(text, size, CONFIGURATION, &request, &err);
	if (r < 0) {
		complain(CONFIGURATION, &err);
		return 0;
	}
	return request.pf_count > 0 ? write_drop_in(argv[1], &request) : 0;
}
