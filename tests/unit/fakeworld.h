/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host for the tests of the runner: a table of objects and their values behind the ops. It
 * behaves as the real one where that matters for undoing: changing the number of VFs passes 0 and
 * makes them anew, what belongs to a VF goes with it, a transaction is done as a whole or not at
 * all, and a bridge with ports does not go.
 */
#ifndef VFM_TESTS_FAKEWORLD_H
#define VFM_TESTS_FAKEWORLD_H

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/runner.h"
#include "unit.h"

#define PF1 "0000:01:00.0"
#define PF2 "0000:02:00.0"

enum { FAKE_OBJECTS = 64 };

struct fake_object {
	enum vfm_step_id id;
	char name[40];
	bool set;
	char value[40];
};

struct vfm_world {
	struct fake_object objects[FAKE_OBJECTS];
	size_t count;
	/* How often something happened; the first is 1. */
	unsigned int ticks, reads, sets;
	/* When to do what; 0: never. */
	unsigned int kill_tick;
	jmp_buf *killed; /* where whoever kills goes on */
	unsigned int fail_read, fail_set, fail_set_too, wrong_set;
	int fail_code;
	unsigned int fail_after; /* changes that a failing call does before it fails */
	unsigned int wrong_all;  /* the call that sets none of its objects right, failing or not */
	unsigned int intrude_tick;
	struct fake_object intruder;
	unsigned int
		break_journal_set; /* from this call of set on, the journal cannot be written */
	const char *journal_path;
	bool journal_told; /* each change was on disk before it was made */
	char log[8192];    /* "[eswitch 0000:01:00.0=switchdev][…]" */
};

static inline enum vfm_step_id fake_id(enum vfm_step_id id)
{
	return id == VFM_STEP_VF_BIND ? VFM_STEP_VF_DETACH : id; /* both are the driver */
}

static inline struct fake_object *fake_find(struct vfm_world *world, enum vfm_step_id id,
					    const char *name)
{
	struct fake_object *object;

	for (size_t i = 0; i < world->count; i++)
		if (world->objects[i].id == fake_id(id) && vfm_streq(world->objects[i].name, name))
			return &world->objects[i];
	assert_true(world->count < FAKE_OBJECTS);
	object = &world->objects[world->count++];
	*object = (struct fake_object){.id = fake_id(id)};
	snprintf(object->name, sizeof(object->name), "%s", name);
	return object;
}

static inline void fake_put(struct vfm_world *world, enum vfm_step_id id, const char *name,
			    const char *value)
{
	struct fake_object *object = fake_find(world, id, name);

	object->set = value != NULL;
	snprintf(object->value, sizeof(object->value), "%s", value ? value : "");
}

/* Of a VF, and not what the database or a card keeps of it. */
static inline bool fake_is_of_vf(enum vfm_step_id id, const char *name,
				 struct vfm_object_port *ret_port)
{
	return !vfm_step_kinds[id].persistent && vfm_object_port(name, ret_port) &&
	       ret_port->number != VFM_OBJECT_UPLINK;
}

static inline uint64_t fake_vfs(struct vfm_world *world, const char *pf)
{
	struct fake_object *vfs = fake_find(world, VFM_STEP_VFS, pf);
	uint64_t count = 0;

	if (vfs->set)
		assert_int_equal(vfm_parse_uint(vfs->value, 10, 64, &count), 0);
	return count;
}

static inline const char *fake_value(struct vfm_world *world, enum vfm_step_id id, const char *name)
{
	struct vfm_object_port port;
	struct fake_object *object;

	if (fake_is_of_vf(id, name, &port) && port.number >= fake_vfs(world, port.bdf))
		return NULL;
	object = fake_find(world, id, name);
	return object->set ? object->value : NULL;
}

static inline void fake_tick(struct vfm_world *world)
{
	world->ticks++;
	if (world->ticks == world->intrude_tick)
		fake_put(world, world->intruder.id, world->intruder.name,
			 world->intruder.set ? world->intruder.value : NULL);
	if (world->ticks == world->kill_tick)
		longjmp(*world->killed, 1);
}

/* New VFs: by the kernel's defaults. */
static inline void fake_make_vfs(struct vfm_world *world, const char *pf, const char *count)
{
	const char *probe = fake_value(world, VFM_STEP_AUTOPROBE, pf);
	const char *driver = probe && vfm_streq(probe, "0") ? NULL : "mlx5_core";

	fake_put(world, VFM_STEP_VFS, pf, "0");
	fake_tick(world);
	for (unsigned int i = 0; i < 4; i++) {
		char name[40];

		snprintf(name, sizeof(name), "%s/%u", pf, i);
		fake_put(world, VFM_STEP_VF_DETACH, name, driver);
		fake_put(world, VFM_STEP_MIGRATABLE, name, "disabled");
		fake_put(world, VFM_STEP_HW_ADDR, name, NULL);
		fake_put(world, VFM_STEP_MTU, name, "1500");
		fake_put(world, VFM_STEP_LINK, name, "down");
	}
	fake_put(world, VFM_STEP_VFS, pf, count);
}

static inline int fake_apply(struct vfm_world *world, const struct vfm_change *change)
{
	const struct vfm_step *step = change->step;
	struct vfm_object_port port;

	if (fake_is_of_vf(step->id, step->object, &port) &&
	    port.number >= fake_vfs(world, port.bdf))
		return -ENODEV;
	if (step->id == VFM_STEP_VFS)
		fake_make_vfs(world, step->object, change->value);
	else
		fake_put(world, step->id, step->object, change->value);
	return 0;
}

/* Every port is in a bridge that is there. */
static inline int fake_check_bridges(struct vfm_world *world, const struct vfm_change *changes,
				     size_t n)
{
	int error = -EINVAL;

	for (size_t i = 0; i < n; i++)
		if (changes[i].step->id == VFM_STEP_OVS_BRIDGE && !changes[i].value)
			error = -ENOTEMPTY;
	for (size_t i = 0; i < world->count; i++) {
		const struct fake_object *port = &world->objects[i];

		if (port->id == VFM_STEP_OVS_PORT && port->set &&
		    !fake_value(world, VFM_STEP_OVS_BRIDGE, port->value))
			return error;
	}
	return 0;
}

/* Is it in the journal on the disk, and is its record, where the run keeps one? */
static inline bool fake_is_told(const struct vfm_world *world, const struct vfm_change *change)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	const struct vfm_step *step = change->step;
	const struct vfm_run_entry *run;

	if (vfm_journal_read(world->journal_path, &journal, NULL) < 0 || !journal.run_count)
		return false;
	run = &journal.runs[journal.run_count - 1];
	for (size_t i = 0; i < run->step_count; i++)
		if (run->steps[i].step.id == step->id &&
		    vfm_streq(run->steps[i].step.object, step->object))
			return !vfm_step_has_undo(step) ||
			       vfm_journal_record(&journal, step->id, step->object);
	return false;
}

static inline void fake_log(struct vfm_world *world, const struct vfm_change *changes, size_t n)
{
	size_t size = strlen(world->log);

	for (size_t i = 0; i < n && size < sizeof(world->log); i++)
		size += (size_t)snprintf(
			world->log + size, sizeof(world->log) - size, "%s%s %s=%s%s",
			i ? ", " : "[", vfm_step_kinds[changes[i].step->id].name,
			changes[i].step->object, changes[i].value ? changes[i].value : "-",
			i + 1 < n ? "" : "]");
}

static inline int fake_read(void *data, const struct vfm_step *step, char **ret_value,
			    struct vfm_error *err)
{
	struct vfm_world *world = data;
	const char *value;

	fake_tick(world);
	if (++world->reads == world->fail_read)
		return vfm_error_set(err, -EREMOTEIO, step->object, NULL, "cannot be read");
	value = fake_value(world, step->id, step->object);
	*ret_value = value ? strdup(value) : NULL;
	return 0;
}

/* Makes writing the journal fail as long as it lasts: a directory stands in its place. */
static inline void fake_break_journal(const struct vfm_world *world)
{
	assert_int_equal(unlink(world->journal_path), 0);
	assert_int_equal(mkdir(world->journal_path, 0700), 0);
}

static inline int fake_change(struct vfm_world *world, const struct vfm_change *changes, size_t n)
{
	struct fake_object before[FAKE_OBJECTS];
	bool transaction = vfm_step_kinds[changes[0].step->id].batch == VFM_BATCH_OVS;
	int r = 0;

	memcpy(before, world->objects, sizeof(before));
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!transaction)
			fake_tick(world);
		r = fake_apply(world, &changes[i]);
	}
	if (r == 0 && transaction)
		r = fake_check_bridges(world, changes, n);
	if (r < 0 && transaction)
		memcpy(world->objects, before, sizeof(before));
	return r;
}

static inline int fake_set(void *data, const struct vfm_change *changes, size_t n,
			   struct vfm_error *err)
{
	struct vfm_world *world = data;
	int r;

	fake_tick(world);
	world->sets++;
	fake_log(world, changes, n);
	for (size_t i = 0; i < n && world->journal_path; i++)
		world->journal_told &= fake_is_told(world, &changes[i]);
	if (world->sets == world->break_journal_set)
		fake_break_journal(world);
	if (world->sets == world->wrong_all)
		for (size_t i = 0; i < n; i++)
			fake_put(world, changes[i].step->id, changes[i].step->object, "wrong");
	if (world->sets == world->fail_set || world->sets == world->fail_set_too) {
		for (size_t i = 0; i < n && i < world->fail_after; i++)
			(void)fake_apply(world, &changes[i]);
		return vfm_error_set(err, world->fail_code, changes[0].step->object, NULL,
				     "the kernel says no (call %u)", world->sets);
	}
	r = world->sets == world->wrong_all ? 0 : fake_change(world, changes, n);
	if (world->sets == world->wrong_set)
		fake_put(world, changes[0].step->id, changes[0].step->object, "wrong");
	if (r < 0)
		return vfm_error_set(err, r, changes[0].step->object, NULL, "%s", strerror(-r));
	return 0;
}

/* One row a kind, as the real table. */
#define FAKE_ROW                                                                                   \
	{                                                                                          \
		fake_read, fake_set                                                                \
	}
static const struct vfm_step_ops fake_ops[VFM_STEP_MAX] = {
	FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW,
	FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW,
	FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW,
	FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW, FAKE_ROW,
};
_Static_assert(VFM_STEP_MAX == 28, "a row for each kind");

/* ---- planning ------------------------------------------------------------ */

struct wish {
	enum vfm_step_id id;
	const char *object;
	const char *want;
};

static inline bool fake_will_remake(const struct vfm_steps *steps, const struct wish *wish)
{
	struct vfm_object_port port;

	if (!fake_is_of_vf(wish->id, wish->object, &port))
		return false;
	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].id == VFM_STEP_VFS &&
		    vfm_streq(steps->items[i].object, port.bdf))
			return true;
	return false;
}

/* The steps from the world as it is to the wishes, which are in the order of doing. */
static inline void fake_plan(struct vfm_world *world, const struct wish *wishes, size_t n,
			     struct vfm_steps *steps)
{
	for (size_t i = 0; i < n; i++) {
		const char *now = fake_value(world, wishes[i].id, wishes[i].object);
		struct vfm_step step = {.id = wishes[i].id,
					.object = (char *)wishes[i].object,
					.was = (char *)now,
					.want = (char *)wishes[i].want,
					.rank = wishes[i].id};

		step.fresh = fake_will_remake(steps, &wishes[i]);
		if (step.fresh)
			step.was = NULL;
		else if (vfm_value_is(now, step.want))
			continue;
		/* Bound as wished already; and before it is bound so, it is detached. */
		if (step.id == VFM_STEP_VF_DETACH && vfm_value_is(now, "pci-stub"))
			continue;
		if (step.id == VFM_STEP_VF_BIND)
			step.was = NULL;
		assert_int_equal(vfm_steps_add(steps, &step), 0);
	}
}

/* ---- one host ------------------------------------------------------------ */

struct fake_host {
	struct vfm_world *world;
	char directory[64];
	char path[80];
	struct vfm_journal journal;
	struct vfm_runner runner;
	bool stop;
	unsigned int stop_after; /* questions */
	unsigned int asked, told;
};

static inline int64_t fake_now_s(void)
{
	return 1700000000;
}

static inline bool fake_stopped(void *data)
{
	struct fake_host *host = data;

	return host->stop && ++host->asked > host->stop_after;
}

static inline void fake_progress(const struct vfm_run_step *step, void *data)
{
	struct fake_host *host = data;

	assert_true(step->result != VFM_STEP_PLANNED);
	host->told++;
}

static inline void fake_host_init(struct fake_host *host)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	*host = (struct fake_host){.world = NULL};
	host->world = calloc(1, sizeof(*host->world));
	assert_non_null(host->world);
	snprintf(host->directory, sizeof(host->directory), "%s/vfmig-runner-XXXXXX", base);
	assert_non_null(mkdtemp(host->directory));
	snprintf(host->path, sizeof(host->path), "%s/prep.json", host->directory);
	host->runner = (struct vfm_runner){
		.journal_path = host->path,
		.journal = &host->journal,
		.ops = fake_ops,
		.world = host->world,
		.boot_id = "boot-1",
		.progress = fake_progress,
		.stopped = fake_stopped,
		.data = host,
		.now_s = fake_now_s,
	};
}

static inline void fake_host_done(struct fake_host *host)
{
	vfm_journal_done(&host->journal);
	free(host->world);
	unlink(host->path);
	rmdir(host->path);
	rmdir(host->directory);
}
#define FAKE_AUTO_HOST VFM_CLEANUP(fake_host_done)

/* Nothing has been counted, and nothing is to go wrong. */
static inline void fake_calm(struct vfm_world *world)
{
	struct fake_object objects[FAKE_OBJECTS];
	size_t count = world->count;

	memcpy(objects, world->objects, sizeof(objects));
	*world = (struct vfm_world){.count = count, .journal_told = true};
	memcpy(world->objects, objects, sizeof(objects));
}

/* As a new process finds it. */
static inline void fake_reread(struct fake_host *host)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_journal_done(&host->journal);
	if (vfm_journal_read(host->path, &host->journal, &err) < 0)
		fail_msg("%s", err.what);
	vfm_journal_new_boot(&host->journal, host->runner.boot_id);
}

/* What VFs are set to is of no account. */
static inline void fake_forget_vfs(struct vfm_world *world)
{
	struct vfm_object_port port;

	for (size_t i = 0; i < world->count; i++)
		if (fake_is_of_vf(world->objects[i].id, world->objects[i].name, &port))
			world->objects[i].set = false;
}

/* Are all objects of both worlds the same? Prints the first that is not. */
static inline bool fake_same(struct vfm_world *a, struct vfm_world *b)
{
	for (size_t i = 0; i < a->count + b->count; i++) {
		const struct fake_object *object =
			i < a->count ? &a->objects[i] : &b->objects[i - a->count];
		char name[40];
		enum vfm_step_id id = object->id;
		const char *in_a, *in_b;

		memcpy(name, object->name, sizeof(name));
		in_a = fake_value(a, id, name);
		in_b = fake_value(b, id, name);
		if (vfm_value_is(in_a, in_b))
			continue;
		print_error("%s of %s: '%s', not '%s'\n", vfm_step_kinds[id].name, name,
			    in_a ? in_a : "-", in_b ? in_b : "-");
		return false;
	}
	return true;
}

static inline int fake_run(struct fake_host *host, const struct wish *wishes, size_t n,
			   uint32_t confirm_s, struct vfm_run_entry **ret_run,
			   struct vfm_error *err)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};

	fake_plan(host->world, wishes, n, &steps);
	return vfm_run_steps(&host->runner, "apply", &steps, confirm_s, ret_run, err);
}

static inline int fake_undo(struct fake_host *host, bool with_firmware,
			    struct vfm_run_entry **ret_run, size_t *ret_kept, struct vfm_error *err)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};

	assert_int_equal(vfm_undo_plan(&host->journal, with_firmware, &steps, err), 0);
	return vfm_run_undo(&host->runner, "undo", &steps, ret_run, ret_kept, err);
}

#endif
