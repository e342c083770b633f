/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making and removing vGPUs: where one is made, by rows over facts; and the op of the step, on a
 * made sysfs whose driver is a thread of this test. The tree is a mount in a namespace of this
 * process; that needs root.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/json.h"
#include "facts/claims.h"
#include "facts/facts.h"
#include "peer/session.h"
#include "peer/verbs.h"
#include "plan/vgpu.h"
#include "run/ops.h"
#include "run/vgpu.h"

#define GPU   "0000:01:00.0"
#define VF0   "0000:01:00.4"
#define VF1   "0000:01:00.5"
#define T4    "0000:02:00.0"
#define UUID  "5f0e6c1a-0000-4000-8000-000000000001"
#define OTHER "5f0e6c1a-0000-4000-8000-000000000002"

/* ---- objects ----------------------------------------------------------------------- */

static void test_objects(void **state)
{
	static const struct {
		const char *object, *function, *uuid;
	} rows[] = {
		{"vgpu/" VF0, VF0, ""},
		{"vgpu/" T4 "/" UUID, T4, UUID},
		{"vgpu/" T4 "/5F0E6C1A-0000-4000-8000-000000000001", T4, UUID},
		{"vgpu/" T4 "/", NULL, NULL},
		{"vgpu/" T4 "/" UUID "0", NULL, NULL},
		{"vgpu/" T4 "/5f0e6c1ax0000-4000-8000-000000000001", NULL, NULL},
		{"vgpu/" T4 "/../../../../../../etc/passwd000", NULL, NULL},
		{"vgpu/01:00.4", NULL, NULL},
		{"vgpu/../0000:01:00.4", NULL, NULL},
		{"vgpu/", NULL, NULL},
		{"vgpu", NULL, NULL},
		{VF0, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_object_vgpu vgpu;
		VFM_AUTO_FREE char *text = NULL;

		assert_int_equal(vfm_object_vgpu(rows[i].object, &vgpu), rows[i].function != NULL);
		if (!rows[i].function)
			continue;
		assert_string_equal(vgpu.function, rows[i].function);
		assert_string_equal(vgpu.uuid, rows[i].uuid);
		text = vfm_object_vgpu_text(vgpu.function, vgpu.uuid);
		assert_int_equal(strcasecmp(text, rows[i].object), 0);
	}
}

/* ---- where one is made ---------------------------------------------------------------- */

#define TYPE(id, name, creatable)                                                                  \
	"{\"id\":" id ",\"name\":\"" name "\",\"framebuffer_mib\":4096,\"creatable\":" creatable "}"
#define VGPU(device, parent, id, owner)                                                            \
	"{\"device\":\"" device "\",\"parent\":\"" parent "\",\"type_id\":" id                     \
	",\"type\":\"NVIDIA L40S-4Q\",\"owner\":" owner "}"
#define CARD(bdf, framework, types, room, vgpus)                                                   \
	"{\"bdf\":\"" bdf "\",\"framework\":\"" framework "\",\"types\":[" types                   \
	"],\"room\":" room ",\"vgpus\":[" vgpus "]}"
#define L40S(room, vgpus)                                                                          \
	CARD(GPU, "vendor-vfio",                                                                   \
	     TYPE("1153", "NVIDIA L40S-4Q", "2") "," TYPE("1155", "NVIDIA L40S-8Q", "0"), room,    \
	     vgpus)
#define TESLA      CARD(T4, "mdev", TYPE("232", "GRID T4-4Q", "2"), "[\"" T4 "\"]", "")
#define HOST(gpus) "{\"schema\":1,\"kind\":\"facts\",\"nvidia\":{\"gpus\":" gpus "}}"

static const char both[] = HOST("[" L40S("[\"" VF0 "\",\"" VF1 "\"]", "") "," TESLA "]");
static const char used[] = HOST("[" L40S("[\"" VF1 "\"]", VGPU(VF0, VF0, "1153", "null")) "]");
static const char owned[] = HOST("[" L40S("[]", VGPU(VF0, VF0, "1153", "\"vm1\"")) "]");
static const char untyped[] =
	HOST("[" L40S("[]", VGPU(VF0, VF0, "{\"unknown\":\"x\"}", "null")) "]");
static const char unread[] = HOST("[" L40S("{\"unknown\":\"needs root\"}", "") "]");
static const char mdev[] = HOST("[" CARD(T4, "mdev", TYPE("232", "GRID T4-4Q", "1"), "[\"" T4 "\"]",
					 VGPU(UUID, T4, "232", "null")) "]");
static const char none[] = HOST("null");
static const char silent[] = HOST("{\"unknown\":\"the driver hangs\"}");

static void load(const char *document, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	memset(facts, 0, sizeof(*facts));
	if (vfm_facts_parse(document, strlen(document), "host", facts, &err) < 0)
		fail_msg("%s", err.what);
}

static void test_choose(void **state)
{
	static const struct {
		const char *facts, *type, *gpu, *function, *uuid;
		int result;
		const char *answer; /* the object, or words of the error */
	} rows[] = {
		{both, "1153", NULL, NULL, NULL, 0, "vgpu/" VF0},
		{both, "NVIDIA L40S-4Q", NULL, NULL, NULL, 0, "vgpu/" VF0},
		{both, "L40S-4Q", GPU, NULL, UUID, 0, "vgpu/" VF0},
		{both, "L40S-4Q", NULL, VF1, NULL, 0, "vgpu/" VF1},
		{both, "GRID T4-4Q", NULL, NULL, UUID, 0, "vgpu/" T4 "/" UUID},
		{both, "232", NULL, T4, UUID, 0, "vgpu/" T4 "/" UUID},
		{both, "232", NULL, NULL, NULL, -EINVAL, "needs a UUID"},
		{both, "4Q", NULL, NULL, NULL, -ENOENT, "no GPU of this host takes the type 4Q"},
		{both, "", NULL, NULL, NULL, -ENOENT, "takes the type"},
		{both, "1153", T4, NULL, NULL, -ENOENT, "takes the type 1153"},
		{both, "1155", NULL, NULL, NULL, -ENOSPC, "no room for one more"},
		{both, "1153", NULL, "0000:09:00.1", NULL, -ENOSPC, "no room"},
		{used, "1153", NULL, NULL, NULL, 0, "vgpu/" VF1},
		{used, "1153", NULL, VF0, NULL, -EBUSY, "is a vGPU of the type"},
		{owned, "1153", NULL, NULL, NULL, -ENOSPC, "no room"},
		{unread, "1153", NULL, NULL, NULL, -ENODATA, "needs root"},
		{mdev, "232", NULL, NULL, OTHER, 0, "vgpu/" T4 "/" OTHER},
		{mdev, "232", NULL, NULL, UUID, -EEXIST, "there is a vGPU of this UUID"},
		{none, "1153", NULL, NULL, NULL, -ENOENT, "has no NVIDIA GPU"},
		{silent, "1153", NULL, NULL, NULL, -ENODATA, "the driver hangs"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct vfm_vgpu_wish wish = {
			.type = rows[i].type,
			.gpu = rows[i].gpu,
			.function = rows[i].function,
			.uuid = rows[i].uuid,
		};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		VFM_AUTO_FACTS struct vfm_facts facts;
		struct vfm_vgpu_choice choice;
		int r;

		load(rows[i].facts, &facts);
		r = vfm_vgpu_choose(&facts, &wish, &choice, &err);
		if (r != rows[i].result)
			fail_msg("row %zu: %d: %s", i, r, err.what ? err.what : "");
		if (r < 0) {
			if (!strstr(err.what, rows[i].answer))
				fail_msg("row %zu: %s", i, err.what);
			continue;
		}
		assert_int_equal(vfm_vgpu_plan_make(&choice, &steps, NULL), 0);
		assert_int_equal(steps.count, 1);
		assert_string_equal(steps.items[0].object, rows[i].answer);
		assert_null(steps.items[0].was);
	}
}

/* Several by one plan: each VF once, a GPU with mediated devices as often as it has room. */
static void test_choose_several(void **state)
{
	static const struct {
		const char *type;
		const char *functions[3]; /* NULL: there is no room */
	} rows[] = {{"1153", {VF0, VF1, NULL}}, {"232", {T4, T4, NULL}}};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_vgpu_choice taken[3];
		VFM_AUTO_FACTS struct vfm_facts facts;

		load(both, &facts);
		for (size_t k = 0; k < 3; k++) {
			const struct vfm_vgpu_wish wish = {
				.type = rows[i].type,
				.uuid = UUID,
				.taken = taken,
				.taken_count = k,
			};
			int r = vfm_vgpu_choose(&facts, &wish, &taken[k], NULL);

			assert_int_equal(r, rows[i].functions[k] ? 0 : -ENOSPC);
			if (rows[i].functions[k])
				assert_string_equal(taken[k].vgpu.function, rows[i].functions[k]);
		}
	}
}

static void test_plan_remove(void **state)
{
	static const struct {
		const char *facts, *device;
		int result;
		const char *answer;
	} rows[] = {
		{used, VF0, 0, "vgpu/" VF0},
		{mdev, "5F0E6C1A-0000-4000-8000-000000000001", 0, "vgpu/" T4 "/" UUID},
		{used, VF1, -ENOENT, "is no vGPU of this host"},
		{none, VF0, -ENOENT, "is no vGPU of this host"},
		{silent, VF0, -ENODATA, "the driver hangs"},
		{owned, VF0, -EBUSY, "is in use: VM vm1"},
		{untyped, VF0, -ENODATA, "its type is not known"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		VFM_AUTO_FACTS struct vfm_facts facts;
		int r;

		load(rows[i].facts, &facts);
		r = vfm_vgpu_plan_remove(&facts, rows[i].device, &steps, &err);
		if (r != rows[i].result)
			fail_msg("row %zu: %d: %s", i, r, err.what ? err.what : "");
		if (r < 0 && !strstr(err.what, rows[i].answer))
			fail_msg("row %zu: %s", i, err.what);
		if (r == 0) {
			assert_string_equal(steps.items[0].object, rows[i].answer);
			assert_null(steps.items[0].want);
		}
	}
}

/* ---- a made tree with a driver ---------------------------------------------------------- */

#define PCI       "/sys/bus/pci/devices/"
#define MDEVS     "/sys/bus/mdev/devices"
#define T4_TYPE   PCI T4 "/mdev_supported_types/nvidia-232"
#define CURRENT   PCI VF0 "/nvidia/current_vgpu_type"
#define CREATABLE PCI VF0 "/nvidia/creatable_vgpu_types"
#define OFFER     "ID    : vGPU Name\n1153  : NVIDIA L40S-4Q\n"

static bool private_mounts;

static int own_mounts(void **state)
{
	(void)state;
	private_mounts = unshare(CLONE_NEWNS) == 0 &&
			 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (!private_mounts)
		printf("skipping the tests on made trees: no mount namespace: %s\n",
		       strerror(errno));
	return 0;
}

static void make(const char *path, const char *text)
{
	VFM_AUTO_FREE char *folder = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;

	for (char *p = strchr(folder + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(folder, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int tree_up(void **state)
{
	(void)state;
	if (!private_mounts)
		return 0;
	if (mount("tmpfs", "/sys", "tmpfs", 0, "mode=755") < 0 ||
	    mount("tmpfs", "/dev", "tmpfs", 0, "mode=755") < 0)
		return -1;
	make("/dev/null", "");
	make(CURRENT, "0\n");
	make(CREATABLE, OFFER);
	make(T4_TYPE "/create", "");
	make(T4_TYPE "/available_instances", "1\n");
	make(MDEVS "/.keep", "");
	make("/sys/kernel/iommu_groups/7/type", "DMA\n");
	return symlink("/sys/kernel/iommu_groups/7", PCI VF0 "/iommu_group");
}

static int tree_down(void **state)
{
	(void)state;
	return private_mounts ? umount("/sys") + umount("/dev") : 0;
}

#define NEEDS_MOUNTS()                                                                             \
	do {                                                                                       \
		if (!private_mounts)                                                               \
			skip();                                                                    \
	} while (0)

/* What the driver does with what is written, a moment after it. */
struct driver {
	pthread_t thread;
	_Atomic bool stop;
	_Atomic bool deaf;       /* takes writes and does nothing */
	_Atomic bool keeps_room; /* removes the vGPU, and its room never comes back */
};

static void serve_vf(struct driver *driver)
{
	VFM_AUTO_FREE char *text = NULL;

	if (vfm_file_read(CURRENT, 64, &text, NULL, NULL) < 0)
		return;
	if (strncmp(text, "1153", 4) == 0 && strlen(text) == 4) {
		make(CREATABLE, "ID    : vGPU Name\n");
		make(CURRENT, "1153\n");
	} else if (strncmp(text, "0153", 4) == 0) {
		make(CURRENT, "0\n");
		if (!driver->keeps_room)
			make(CREATABLE, OFFER);
	}
}

static void serve_mdev(struct driver *driver)
{
	VFM_AUTO_FREE char *uuid = NULL;
	VFM_AUTO_FREE char *removed = NULL;

	if (vfm_file_read(T4_TYPE "/create", 64, &uuid, NULL, NULL) == 0 && strlen(uuid) == 36) {
		make(T4_TYPE "/create", "");
		make(PCI T4 "/" UUID "/remove", "");
		assert_int_equal(
			symlink("../mdev_supported_types/nvidia-232", PCI T4 "/" UUID "/mdev_type"),
			0);
		make(T4_TYPE "/available_instances", "0\n");
	}
	if (vfm_file_read(PCI T4 "/" UUID "/remove", 64, &removed, NULL, NULL) == 0 &&
	    strcmp(removed, "1") == 0) {
		unlink(PCI T4 "/" UUID "/mdev_type");
		unlink(PCI T4 "/" UUID "/remove");
		rmdir(PCI T4 "/" UUID);
		if (!driver->keeps_room)
			make(T4_TYPE "/available_instances", "1\n");
	}
}

static void *serve(void *data)
{
	struct driver *driver = data;

	while (!driver->stop) {
		const struct timespec moment = {.tv_nsec = 5000000};

		if (!driver->deaf) {
			serve_vf(driver);
			serve_mdev(driver);
		}
		nanosleep(&moment, NULL);
	}
	return NULL;
}

static void driver_start(struct driver *driver)
{
	assert_int_equal(pthread_create(&driver->thread, NULL, serve, driver), 0);
}

static void driver_stop(struct driver *driver)
{
	driver->stop = true;
	pthread_join(driver->thread, NULL);
}

static struct vfm_object_vgpu vgpu_of(const char *object)
{
	struct vfm_object_vgpu vgpu;

	assert_true(vfm_object_vgpu(object, &vgpu));
	return vgpu;
}

static void assert_type(const char *object, const char *type)
{
	struct vfm_object_vgpu vgpu = vgpu_of(object);
	VFM_AUTO_FREE char *now = NULL;

	assert_int_equal(vfm_vgpu_read(&vgpu, &now, NULL), 0);
	assert_true(vfm_value_is(now, type));
}

/* ENOUGH: for the driver to be heard, where what is waited for never comes. */
enum { LONG_MS = 60000, ENOUGH_MS = 4000, SHORT_MS = 200 };

static int set(const char *object, const char *type, int ms, struct vfm_error *err)
{
	struct vfm_object_vgpu vgpu = vgpu_of(object);

	return vfm_vgpu_set(&vgpu, type, false, vfm_deadline_in(ms), err);
}

static void test_both_layouts(void **state)
{
	static const struct {
		const char *object, *type;
	} rows[] = {{"vgpu/" VF0, "1153"}, {"vgpu/" T4 "/" UUID, "232"}};
	struct driver driver = {.stop = false};

	(void)state;
	NEEDS_MOUNTS();
	driver_start(&driver);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		assert_type(rows[i].object, NULL);
		assert_int_equal(set(rows[i].object, rows[i].type, LONG_MS, &err), 0);
		assert_type(rows[i].object, rows[i].type);
		/* as it is already; another type is in the way of none */
		assert_int_equal(set(rows[i].object, rows[i].type, LONG_MS, NULL), 0);
		assert_int_equal(set(rows[i].object, "99", LONG_MS, &err), -EBUSY);
		assert_int_equal(set(rows[i].object, NULL, LONG_MS, NULL), 0);
		assert_type(rows[i].object, NULL);
	}
	driver_stop(&driver);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *object, *type;
		int result;
	} rows[] = {
		{"vgpu/" VF0, "0", -EINVAL},           {"vgpu/" VF0, "x", -EINVAL},
		{"vgpu/" VF0, "../1", -EINVAL},        {"vgpu/0000:09:00.0", "1153", -ENODEV},
		{"vgpu/" T4 "/" UUID, "999", -ENOENT}, {"vgpu/0000:09:00.0/" UUID, "232", -ENODEV},
	};

	(void)state;
	NEEDS_MOUNTS();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		assert_int_equal(set(rows[i].object, rows[i].type, LONG_MS, NULL), rows[i].result);
	/* one of that UUID on another function, and one that is no vGPU */
	make(MDEVS "/" UUID "/x", "");
	assert_int_equal(set("vgpu/" T4 "/" UUID, "232", LONG_MS, NULL), -EEXIST);
	make(PCI T4 "/" OTHER "/remove", "");
	assert_int_equal(symlink("../mdev_supported_types/mtty-1", PCI T4 "/" OTHER "/mdev_type"),
			 0);
	assert_int_equal(set("vgpu/" T4 "/" OTHER, NULL, LONG_MS, NULL), -EEXIST);
}

/* The driver takes the write, and nothing comes of it. */
static void test_nothing_comes(void **state)
{
	struct driver driver = {.deaf = true};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	NEEDS_MOUNTS();
	driver_start(&driver);
	assert_int_equal(set("vgpu/" T4 "/" UUID, "232", SHORT_MS, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.what, "is as it was"));
	driver_stop(&driver);
}

static void test_room_stays_taken(void **state)
{
	struct driver driver = {.keeps_room = true};

	(void)state;
	NEEDS_MOUNTS();
	driver_start(&driver);
	for (size_t i = 0; i < 2; i++) {
		const char *object = i ? "vgpu/" VF0 : "vgpu/" T4 "/" UUID;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		assert_int_equal(set(object, i ? "1153" : "232", LONG_MS, NULL), 0);
		assert_int_equal(set(object, NULL, ENOUGH_MS, &err), -ETIMEDOUT);
		assert_non_null(strstr(err.what, "its room is not free"));
	}
	driver_stop(&driver);
}

/* Nothing is written to a device that somebody has open; one who waits gets it afterwards. */
static void test_in_use(void **state)
{
	struct driver driver = {.stop = false};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_object_vgpu vgpu;
	int fd;

	(void)state;
	NEEDS_MOUNTS();
	vgpu = vgpu_of("vgpu/" VF0);
	driver_start(&driver);
	assert_int_equal(set("vgpu/" VF0, "1153", LONG_MS, NULL), 0);
	make("/dev/vfio/7", "");
	fd = open("/dev/vfio/7", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(set("vgpu/" VF0, NULL, LONG_MS, &err), -EBUSY);
	assert_non_null(strstr(err.what, "open by pid"));
	assert_int_equal(vfm_vgpu_set(&vgpu, NULL, true, vfm_deadline_in(SHORT_MS), NULL), -EBUSY);
	assert_type("vgpu/" VF0, "1153");
	close(fd);
	assert_int_equal(vfm_vgpu_set(&vgpu, NULL, true, vfm_deadline_in(LONG_MS), NULL), 0);
	driver_stop(&driver);
}

/* The step of the runner leaves alone what a move has claimed. */
static void test_claimed(void **state)
{
	const struct vfm_world_options options = {.timeout_ms = LONG_MS};
	const struct vfm_step step = {.id = VFM_STEP_VGPU, .object = (char *)"vgpu/" T4 "/" UUID};
	const struct vfm_change change = {.step = &step, .value = "232"};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct driver driver = {.stop = false};
	VFM_AUTO_FREE char *value = NULL;
	struct vfm_world *world = NULL;
	int fd = -1;

	(void)state;
	NEEDS_MOUNTS();
	assert_int_equal(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), 0);
	assert_int_equal(vfm_world_new(&options, &world, NULL), 0);
	assert_int_equal(vfm_claim_take(UUID, "a move", &fd, NULL), 0);
	driver_start(&driver);
	assert_int_equal(vfm_step_ops[step.id].set(world, &change, 1, &err), -EBUSY);
	assert_non_null(strstr(err.what, "claimed by a move"));
	close(fd);
	assert_int_equal(vfm_step_ops[step.id].set(world, &change, 1, NULL), 0);
	assert_int_equal(vfm_step_ops[step.id].read(world, &step, &value, NULL), 0);
	assert_string_equal(value, "232");
	driver_stop(&driver);
	vfm_world_free(world);
	assert_int_equal(umount2("/run", MNT_DETACH), 0);
}

/* ---- what another host asks --------------------------------------------------------------- */

static int verb(struct vfm_session *session, const char *name, const char *request,
		json_object **ret_value)
{
	VFM_AUTO_JSON json_object *asked = json_tokener_parse(request);
	const struct vfm_verb *row = vfm_verb_find(vfm_verbs, name);

	assert_non_null(asked);
	assert_non_null(row);
	return row->run(session, asked, ret_value, NULL);
}

/* The type that the verb tells of afterwards; NULL: none. */
static void assert_verb(struct vfm_session *session, const char *request, int result,
			const char *type)
{
	VFM_AUTO_JSON json_object *value = NULL;
	int r = verb(session, "vgpu", request, &value);

	if (r != result)
		fail_msg("%s: %d", request, r);
	if (r == 0)
		assert_true(vfm_value_is(vfm_json_member_text(value, "type"), type));
}

#define ASK(more) "{\"verb\":\"vgpu\",\"object\":\"vgpu/" T4 "/" UUID "\"," more "}"

static void test_verb(void **state)
{
	VFM_AUTO_SESSION struct vfm_session *session = vfm_session_new();
	VFM_AUTO_SESSION struct vfm_session *other = vfm_session_new();
	struct driver driver = {.stop = false};
	VFM_AUTO_JSON json_object *value = NULL;

	(void)state;
	NEEDS_MOUNTS();
	assert_int_equal(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), 0);
	driver_start(&driver);
	assert_verb(session, ASK("\"do\":\"look\""), 0, NULL);
	assert_verb(session, ASK("\"do\":\"make\",\"type\":\"232\""), -EPERM, NULL);
	assert_verb(session, ASK("\"do\":\"remove\""), -EPERM, NULL);
	assert_verb(session, ASK("\"do\":\"claim\""), -EINVAL, NULL);
	assert_verb(session, ASK("\"do\":\"claim\",\"owner\":\"a move\""), 0, NULL);
	assert_verb(other, ASK("\"do\":\"claim\",\"owner\":\"another\""), -EBUSY, NULL);
	assert_verb(session, ASK("\"do\":\"make\",\"type\":\"232\""), 0, "232");
	assert_verb(session, ASK("\"do\":\"make\",\"type\":\"../232\""), -EINVAL, NULL);
	assert_verb(session, ASK("\"do\":\"remove\""), 0, NULL);
	assert_verb(session, ASK("\"do\":\"jump\""), -EINVAL, NULL);
	assert_verb(session, "{\"verb\":\"vgpu\",\"object\":\"" T4 "\",\"do\":\"look\"}", -EINVAL,
		    NULL);
	assert_int_equal(verb(session, "release", "{\"device\":\"" UUID "\"}", &value), 0);
	assert_verb(other, ASK("\"do\":\"take\",\"owner\":\"another\""), 0, NULL);
	driver_stop(&driver);
	assert_int_equal(umount2("/run", MNT_DETACH), 0);
}

#define LOG(name) "/var/log/libvirt/qemu/" name ".log"
#define START     "2026-01-01 00:00:00.000+0000: starting up libvirt version: 11.3.0\n"
#define RESET     "qemu: f: Failed setting device state to RUNNING, err: I/O. Resetting device\n"

static void test_log(void **state)
{
	static const struct {
		const char *name, *log;
		int result;
		size_t count;
	} rows[] = {
		{"good", START "qemu: warning: something\n", 0, 0},
		{"bad", START RESET, 0, 1},
		{"twice", START RESET RESET, 0, 2},
		{"earlier", START RESET START "char device redirected\n", 0, 0},
		{"whole", RESET, 0, 1},
		{"cut", START "x: Failed setting device in recover state\001", 0, 1},
		{"none", NULL, -ENOENT, 0},
		{"../prep", NULL, -EINVAL, 0},
		{".", NULL, -EINVAL, 0},
	};
	VFM_AUTO_SESSION struct vfm_session *session = vfm_session_new();

	(void)state;
	NEEDS_MOUNTS();
	assert_int_equal(mount("tmpfs", "/var/log", "tmpfs", 0, "mode=755"), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf(LOG("%s"), rows[i].name);
		VFM_AUTO_FREE char *request = vfm_text_printf("{\"vm\":\"%s\"}", rows[i].name);
		VFM_AUTO_JSON json_object *value = NULL;
		int r;

		if (rows[i].log)
			make(path, rows[i].log);
		r = verb(session, "device-errors", request, &value);
		if (r != rows[i].result)
			fail_msg("%s: %d", rows[i].name, r);
		if (r == 0)
			assert_int_equal(json_object_array_length(value), rows[i].count);
	}
	assert_int_equal(umount("/var/log"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_choose_several),
		cmocka_unit_test(test_plan_remove),
		cmocka_unit_test_setup_teardown(test_both_layouts, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_wrong, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_nothing_comes, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_room_stays_taken, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_in_use, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_claimed, tree_up, tree_down),
		cmocka_unit_test_setup_teardown(test_verb, tree_up, tree_down),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
