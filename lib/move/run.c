/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doing a move: its journal, its runner, its result; see move.h. */
#include <poll.h>
#include <string.h>

#include "base/deadline.h"
#include "base/text.h"
#include "job/ends.h"
#include "move/journal.h"
#include "move/world.h"
#include "run/runner.h"

void vfm_move_result_done(struct vfm_move_result *result)
{
	vfm_journal_done(&result->journal);
	*result = (struct vfm_move_result){.begun = false};
}

/* Read nowhere but by the job: what is there stays for it. */
static bool must_stop(void *data)
{
	const struct vfm_move_run *run = data;
	struct pollfd poller = {.fd = run->stop_fd, .events = POLLIN};

	return run->stop_fd >= 0 && poll(&poller, 1, 0) > 0 && (poller.revents & POLLIN);
}

static void tell_step(const struct vfm_run_step *step, void *data)
{
	const struct vfm_move_run *run = data;

	if (run->step)
		run->step(step, run->data);
}

static int check(const struct vfm_move_run *run, struct vfm_error *err)
{
	const char *name = run->move->domain->name;

	if (run->migration->connections == VFM_MOVE_CONNECTIONS_AUTO)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "the number of connections is not settled");
	for (size_t i = 0; i < run->steps->count; i++)
		if (!vfm_step_kinds[run->steps->items[i].id].of_move)
			return vfm_error_set(err, -EINVAL, run->steps->items[i].object, NULL,
					     "is no step of a move");
	return vfm_migration_check(run->migration, err);
}

static int check_journal(const struct vfm_move_file *file, const char *name, struct vfm_error *err)
{
	const struct vfm_run_entry *open = vfm_move_open_run(&file->journal);

	if (!open)
		return 0;
	return vfm_error_set(err, -EBUSY, name, "'vfmigrate recover' clears it away",
			     open->result == VFM_RUN_STUCK
				     ? "a move of it was not put back in full (%s)"
				     : "a move of it was cut short (%s)",
			     open->command);
}

/* "vfmigrate: vm1 from host-a, pid 812"; NULL: no memory. */
static char *owner_of(const struct vfm_move_run *run)
{
	const char *host = run->host_names[VFM_SOURCE];
	char *owner =
		vfm_text_printf(VFM_MOVE_OWNER_BEGIN "%.64s from %.64s, pid %ld",
				run->move->domain->name, host ? host : "this host", (long)getpid());

	return owner ? vfm_text_make_printable(owner) : NULL;
}

static bool was_running(const struct vfm_daemons *daemons)
{
	struct vfm_where_side sides[VFM_SIDE_MAX];

	vfm_ask(daemons, vfm_deadline_in(VFM_ASK_TIMEOUT_MS), sides, NULL);
	return sides[VFM_SOURCE].state == VFM_STATE_RUNNING;
}

static bool has_moved(const struct vfm_run_entry *entry)
{
	return entry && vfm_move_phase(entry) == VFM_MOVE_ARRIVED;
}

static int run_steps(const struct vfm_move_run *run, struct vfm_move_file *file,
		     struct vfm_move_world *world, struct vfm_error *err)
{
	struct vfm_runner runner = {
		.journal_path = file->path,
		.journal = &file->journal,
		.ops = vfm_move_ops,
		.world = world,
		.boot_id = file->boot_id,
		.progress = tell_step,
		.stopped = must_stop,
		.data = (void *)run,
		.now_s = vfm_move_now_s,
	};
	struct vfm_run_entry *entry = NULL;
	int r = vfm_run_steps(&runner, run->command, run->steps, 0, &entry, err);

	world->result->moved = has_moved(entry);
	if (entry)
		world->result->run = entry->result;
	return r;
}

int vfm_move_run(const struct vfm_move_run *run, struct vfm_move_result *ret_result,
		 struct vfm_error *err)
{
	VFM_AUTO_MOVE_FILE struct vfm_move_file file = VFM_MOVE_FILE_INIT;
	VFM_CLEANUP(vfm_move_world_done)
	struct vfm_move_world world = {
		.run = run,
		.result = ret_result,
		.daemons = {.connections = {run->ends->source, run->ends->destination},
			    .uuid = run->ends->uuid},
	};
	VFM_AUTO_FREE char *owner = owner_of(run);
	int r = check(run, err);

	*ret_result = (struct vfm_move_result){.run = VFM_RUN_UNDONE};
	vfm_job_stats_init(&ret_result->job.stats);
	if (r == 0 && !owner)
		r = vfm_error_no_memory(err, run->command);
	if (r == 0)
		r = vfm_move_file_open(run->directory, run->ends->uuid, &file, err);
	if (r == 0)
		r = check_journal(&file, run->move->domain->name, err);
	if (r < 0)
		return r;
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		world.peers[side] = run->peers[side];
		world.facts[side] = run->move->facts[side];
	}
	world.owner = owner;
	world.running = was_running(&world.daemons);
	vfm_move_note_free(file.journal.move);
	file.journal.move =
		vfm_move_note_of(run, world.running, virDomainIsPersistent(run->ends->domain) == 1);
	virResetLastError();
	if (!file.journal.move)
		return vfm_error_no_memory(err, run->command);
	r = run_steps(run, &file, &world, err);
	ret_result->journal = file.journal;
	file.journal = (struct vfm_journal){.records = NULL};
	return r;
}
