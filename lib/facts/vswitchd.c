/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the process of ovs-vswitchd; see vswitchd.h. */
#include "facts/vswitchd.h"

#include "base/file.h"
#include "base/text.h"
#include "facts/process.h"
#include "ovs/ovs.h"

const char *vfm_vswitchd_directory(void)
{
	static const char *const directories[] = {"/run/openvswitch", "/var/run/openvswitch"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(directories); i++)
		if (access(directories[i], F_OK) == 0)
			return directories[i];
	return directories[0];
}

/* A pid file outlives its process, and its number may be another's by now. */
static bool is_daemon(const struct vfm_process *process)
{
	return vfm_streq(process->name, VFM_VSWITCHD) && process->state != 'Z' &&
	       process->state != 'X';
}

int vfm_vswitchd_ping(const struct vfm_vswitchd *daemon, int64_t deadline_ms, struct vfm_error *err)
{
	static const char *const command[] = {"version", NULL};
	VFM_AUTO_FREE char *text = NULL;

	return vfm_ovs_control(daemon->control, command, deadline_ms, &text, err);
}

/*
 * No process of this host is the daemon that the pid file names. One in a container has its number
 * there in it: it runs when it answers.
 */
static int look_elsewhere(struct vfm_vswitchd *daemon, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r = vfm_vswitchd_ping(daemon, deadline_ms, &own);

	if (r == -ENOENT || r == -ECONNREFUSED)
		return 0;
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	daemon->runs = daemon->elsewhere = true;
	return 0;
}

static int look_at(uint64_t pid, struct vfm_vswitchd *daemon, int64_t deadline_ms,
		   struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	struct vfm_process process;
	int r = vfm_process_read(pid, &process, &own);

	if (r == -ESRCH || (r == 0 && !is_daemon(&process)))
		return look_elsewhere(daemon, deadline_ms, err);
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	daemon->runs = true;
	daemon->pid = pid;
	daemon->start_time = process.start_time;
	return 0;
}

int vfm_vswitchd_find(const char *directory, int64_t deadline_ms, struct vfm_vswitchd *ret_daemon,
		      struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	struct vfm_vswitchd daemon = {.runs = false};
	uint64_t pid;
	int r = vfm_attribute_read_uint(directory, VFM_VSWITCHD ".pid", 10, &pid, &own);

	if (r < 0 && r != -ENOENT) {
		vfm_error_move(err, &own);
		return r;
	}
	if (r == 0) {
		daemon.control = vfm_text_printf("%s/" VFM_VSWITCHD ".%llu.ctl", directory,
						 (unsigned long long)pid);
		r = daemon.control ? look_at(pid, &daemon, deadline_ms, err)
				   : vfm_error_no_memory(err, VFM_VSWITCHD);
		if (r < 0) {
			vfm_vswitchd_done(&daemon);
			return r;
		}
	}
	*ret_daemon = daemon;
	return 0;
}

void vfm_vswitchd_done(struct vfm_vswitchd *daemon)
{
	free(daemon->control);
	*daemon = (struct vfm_vswitchd){.runs = false};
}
