/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps picked, announce and forget: the networks of both hosts learn where the VM is now.
 *
 * They are to begin the moment that it runs over there, and that is told in the middle of the
 * migration's call, in the thread that turns libvirt's event loop: an announcement takes the better
 * part of a second, and the loop has to go on, since the end of the job comes through it. So each
 * host's agent is talked to by a thread of its own from that moment on (nobody else talks to it
 * until the steps themselves come, which wait for the thread and tell what it did). An agent is
 * asked one thing at a time; the two of them side by side.
 */
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/text.h"
#include "base/worker.h"
#include "move/value.h"
#include "move/world.h"

/* One step, and what came of it. */
struct task {
	enum vfm_step_id id;
	char *object;
	const char *bdf; /* within object */
	char *value;
	int result;
	struct vfm_error err;
};

/* Shared with the thread. */
struct work {
	const struct vfm_move_world *world; /* the caller's: the thread is waited for */
	struct vfm_peer *peer;              /* likewise */
	struct task *tasks;
	size_t count;
};

struct vfm_errand {
	struct vfm_worker *worker; /* NULL: it could not be started */
	struct work *work;
};

static void release_work(void *data)
{
	struct work *work = data;

	for (size_t i = 0; i < work->count; i++) {
		free(work->tasks[i].object);
		free(work->tasks[i].value);
		vfm_error_done(&work->tasks[i].err);
	}
	free(work->tasks);
	free(work);
}

static int announce(const struct work *work, struct task *task)
{
	struct vfm_peer_address addresses[VFM_PEER_ADDRESSES_MAX];
	VFM_AUTO_FREE char *copy = NULL;
	size_t count = 0;
	int r = vfm_move_addresses_parse(task->value, &copy, addresses, VFM_PEER_ADDRESSES_MAX,
					 &count);

	if (r < 0)
		return vfm_error_set(&task->err, r, task->object, NULL,
				     "its addresses cannot be told");
	return vfm_peer_announce(work->peer, task->bdf, addresses, count, &task->err);
}

static int forget(const struct work *work, struct task *task)
{
	VFM_AUTO_FREE char *forgotten = NULL;

	/* Whatever it was, the entry is gone, or goes by itself. */
	return vfm_peer_forget(work->peer, task->bdf, task->value, &forgotten, &task->err);
}

/* Its object names the side and a MAC: the device is not known before. */
static int find_picked(const struct work *work, struct task *task)
{
	return vfm_move_picked(work->world, work->peer, task->bdf, task->value, &task->err);
}

/* What is done here, by kind of step. */
static int (*const kinds[VFM_STEP_MAX])(const struct work *work, struct task *task) = {
	[VFM_STEP_MOVE_PICKED] = find_picked,
	[VFM_STEP_MOVE_ANNOUNCE] = announce,
	[VFM_STEP_MOVE_FORGET] = forget,
};

static void do_work(void *data)
{
	struct work *work = data;

	for (size_t i = 0; i < work->count; i++)
		work->tasks[i].result = kinds[work->tasks[i].id](work, &work->tasks[i]);
}

static int add_task(struct work *work, const struct vfm_step *step, enum vfm_side side)
{
	struct task task = {.id = step->id};
	enum vfm_side of;
	int r = 0;

	if (!kinds[step->id] || vfm_move_object_parse(step->object, &of, &task.bdf) < 0 ||
	    of != side)
		return 0;
	task.object = strdup(step->object);
	task.value = strdup(step->want);
	if (task.object && task.value)
		r = vfm_move_object_parse(task.object, &of, &task.bdf);
	if (!task.object || !task.value || r < 0 ||
	    VFM_APPEND(work->tasks, work->count, task) < 0) {
		free(task.object);
		free(task.value);
		return -ENOMEM;
	}
	return 0;
}

static struct work *gather_work(const struct vfm_move_world *world, enum vfm_side side)
{
	const struct vfm_steps *steps = world->run->steps;
	struct work *work = calloc(1, sizeof(*work));
	int r = 0;

	if (!work)
		return NULL;
	work->world = world;
	work->peer = world->peers[side];
	for (size_t i = 0; i < steps->count && r == 0; i++)
		r = add_task(work, &steps->items[i], side);
	if (r == 0 && work->count > 0 && work->peer)
		return work;
	release_work(work);
	return NULL;
}

static void begin(struct vfm_move_world *world, enum vfm_side side)
{
	struct vfm_errand *errand;

	if (world->errands[side])
		return;
	errand = calloc(1, sizeof(*errand));
	if (!errand)
		return;
	errand->work = gather_work(world, side);
	if (errand->work &&
	    vfm_worker_start(do_work, release_work, errand->work, &errand->worker, NULL) < 0) {
		/* Done by the step itself then. */
		release_work(errand->work);
		errand->work = NULL;
	}
	if (errand->work)
		world->errands[side] = errand;
	else
		free(errand);
}

void vfm_move_network_begin(struct vfm_move_world *world)
{
	/* The destination's network first: that is the one that has to know. */
	begin(world, VFM_DESTINATION);
	begin(world, VFM_SOURCE);
}

void vfm_errand_free(struct vfm_errand *errand)
{
	if (!errand)
		return;
	/* Each verb has the agent's deadline; the agent may go only after them. */
	while (vfm_worker_wait(errand->worker, vfm_deadline_in(VFM_PEER_MAX_TIMEOUT_MS)) < 0)
		continue;
	vfm_worker_free(errand->worker);
	free(errand);
}

/* What the thread did for this step; NULL: nothing, it has no such task. */
static struct task *find_task(const struct vfm_errand *errand, const struct vfm_step *step)
{
	for (size_t i = 0; errand && i < errand->work->count; i++)
		if (errand->work->tasks[i].id == step->id &&
		    vfm_streq(errand->work->tasks[i].object, step->object))
			return &errand->work->tasks[i];
	return NULL;
}

/* Without a thread: here and now. */
static int do_now(const struct vfm_move_world *world, enum vfm_side side,
		  const struct vfm_change *change, struct vfm_error *err)
{
	struct task task = {.id = change->step->id};
	struct work work = {.world = world, .peer = world->peers[side], .tasks = &task, .count = 1};
	enum vfm_side of;
	int r;

	task.object = change->step->object;
	task.value = (char *)change->value;
	r = vfm_move_object_parse(task.object, &of, &task.bdf);
	if (r < 0)
		return vfm_error_set(err, r, task.object, NULL, "names no side and device");
	do_work(&work);
	vfm_error_move(err, &task.err);
	return task.result;
}

int vfm_move_network_set(void *data, const struct vfm_change *changes, size_t n,
			 struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	enum vfm_side side;
	struct task *task;
	const char *bdf;
	int r = vfm_move_peer(world, changes->step, &side, &bdf, err);

	(void)n;
	if (r < 0)
		return r;
	/* Where its running there was not seen, it is told now. */
	vfm_move_network_begin(world);
	if (world->errands[side])
		r = vfm_worker_wait(world->errands[side]->worker,
				    vfm_deadline_in(VFM_PEER_MAX_TIMEOUT_MS));
	if (r < 0)
		return vfm_error_set(err, r, changes->step->object, NULL,
				     "the agent did not answer in time");
	task = find_task(world->errands[side], changes->step);
	r = task ? task->result : do_now(world, side, changes, err);
	if (task)
		vfm_error_move(err, &task->err);
	if (r == 0 && vfm_move_give(world, changes->step, changes->value) < 0)
		r = vfm_error_no_memory(err, changes->step->object);
	return r;
}
