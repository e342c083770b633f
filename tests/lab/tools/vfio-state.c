// SPDX-License-Identifier: GPL-2.0
/*
 * Asks a VFIO device on a lab host what QEMU would ask it, and does with its migration
 * state what QEMU would do, without QEMU.  A tool of the contract test, not for an
 * operator: it opens the device, so nothing else may have it.
 *
 *   vfio-state show BDF          what the device offers, one line a thing
 *   vfio-state walk BDF STATE…   go from state to state, read what there is to read
 *   vfio-state log BDF           start, read and stop the dirty log
 *   vfio-state move BDF BDF      move the state of one VF to another
 *   vfio-state save BDF FILE     put the state of a VF into a file
 *   vfio-state load BDF FILE     give a VF the state of a file
 *
 * Every line is "thing: answer"; an answer is words, or the name of an errno.  Exit 0 if
 * all was answered without an error, 1 if not, 2 for wrong usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define STREAM_MAX    (1U << 20)

/*
 * The whole migration interface by its numbers: the headers of the machine that builds may
 * be older than the kernel of the lab.
 */
enum state {
	STATE_ERROR,
	STATE_STOP,
	STATE_RUNNING,
	STATE_STOP_COPY,
	STATE_RESUMING,
	STATE_RUNNING_P2P,
	STATE_PRE_COPY,
	STATE_PRE_COPY_P2P,
	STATE_MAX,
};

static const char *const state_names[STATE_MAX] = {
	"ERROR",    "STOP",        "RUNNING",  "STOP_COPY",
	"RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P",
};

#define MIGRATION_STOP_COPY   (1U << 0)
#define MIGRATION_P2P         (1U << 1)
#define MIGRATION_PRE_COPY    (1U << 2)
#define FEATURE_MIG_DATA_SIZE 9
#define GET_PRECOPY_INFO      _IO(VFIO_TYPE, VFIO_BASE + 21)

struct mig_data_size {
	uint64_t stop_copy_length;
};

struct precopy_info {
	uint32_t argsz;
	uint32_t flags;
	uint64_t initial_bytes;
	uint64_t dirty_bytes;
};

/* A device with the descriptor of the migration stream it has open, if any. */
struct device {
	const char *bdf;
	int fd;
	int data_fd;
	bool fresh; /* nothing was read of it yet */
};

/* What was read of a stream. */
struct stream {
	uint8_t bytes[STREAM_MAX];
	size_t len;
};

static struct stream stream;

static const char *answer(int err)
{
	return err ? strerrorname_np(-err) : "ok";
}

/* ---- opening ---------------------------------------------------------------- */

static void die(const char *what)
{
	fprintf(stderr, "vfio-state: %s: %s\n", what, strerrorname_np(errno));
	exit(1);
}

static int group_open(const char *bdf)
{
	char path[PATH_MAX], link[PATH_MAX];
	const char *number;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		die(path);
	link[len] = '\0';
	number = strrchr(link, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%.16s", number ? number + 1 : link);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

/* A container for each device: none of them does DMA here. */
static struct device device_open(const char *bdf)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	struct device device = {.bdf = bdf, .data_fd = -1};
	int group;

	if (container < 0)
		die("/dev/vfio/vfio");
	group = group_open(bdf);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		die("VFIO_GROUP_SET_CONTAINER");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("VFIO_SET_IOMMU");
	device.fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (device.fd < 0)
		die("VFIO_GROUP_GET_DEVICE_FD");
	return device;
}

/* ---- features --------------------------------------------------------------- */

static int feature(const struct device *device, uint32_t flags, void *data, size_t len)
{
	union {
		struct vfio_device_feature header;
		uint8_t bytes[sizeof(struct vfio_device_feature) + 64];
	} buf = {0};
	int err = 0;

	buf.header.argsz = (uint32_t)(sizeof(buf.header) + len);
	buf.header.flags = flags;
	memcpy(buf.header.data, data, len);
	if (ioctl(device->fd, VFIO_DEVICE_FEATURE, &buf))
		err = -errno;
	else
		memcpy(data, buf.header.data, len);
	return err;
}

static int feature_probe(const struct device *device, uint32_t flags)
{
	uint8_t none = 0;

	return feature(device, flags | VFIO_DEVICE_FEATURE_PROBE, &none, 0);
}

static int get_state(const struct device *device, uint32_t *state)
{
	struct vfio_device_feature_mig_state data = {0};
	int err = feature(device, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			  &data, sizeof(data));

	*state = data.device_state;
	return err;
}

static int set_state(struct device *device, enum state state)
{
	struct vfio_device_feature_mig_state data = {.device_state = state, .data_fd = -1};
	int err = feature(device, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			  &data, sizeof(data));

	printf("set %s: %s\n", state_names[state], answer(err));
	if (!err && data.data_fd >= 0) {
		if (device->data_fd >= 0)
			close(device->data_fd);
		device->data_fd = data.data_fd;
		device->fresh = true;
	}
	return err;
}

static const char *state_name(uint32_t state)
{
	return state < STATE_MAX ? state_names[state] : "?";
}

/* ---- show ------------------------------------------------------------------- */

static int show_migration(const struct device *device)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} flags[] = {
		{MIGRATION_STOP_COPY, "STOP_COPY"},
		{MIGRATION_P2P, "P2P"},
		{MIGRATION_PRE_COPY, "PRE_COPY"},
	};
	struct vfio_device_feature_migration data = {0};
	int err = feature(device, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIGRATION, &data,
			  sizeof(data));

	printf("migration:");
	if (err)
		printf(" %s", answer(err));
	for (size_t i = 0; !err && i < ARRAY_SIZE(flags); i++)
		if (data.flags & flags[i].flag)
			printf(" %s", flags[i].name);
	putchar('\n');
	return err;
}

static int show_state(const struct device *device)
{
	uint32_t state = 0;
	int err = get_state(device, &state);

	printf("state: %s\n", err ? answer(err) : state_name(state));
	return err;
}

static int show_size(const struct device *device)
{
	struct mig_data_size data = {0};
	int err = feature(device, VFIO_DEVICE_FEATURE_GET | FEATURE_MIG_DATA_SIZE, &data,
			  sizeof(data));

	if (err)
		printf("stop_copy_length: %s\n", answer(err));
	else
		printf("stop_copy_length: %llu\n", (unsigned long long)data.stop_copy_length);
	return err;
}

static int show_log(const struct device *device)
{
	int err = feature_probe(device,
				VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_START);

	printf("dma_logging: %s\n", answer(err));
	return err;
}

static int cmd_show(int argc, char **argv)
{
	struct device device = device_open(argv[0]);
	int err = 0;

	(void)argc;
	err |= show_migration(&device);
	err |= show_state(&device);
	err |= show_size(&device);
	err |= show_log(&device);
	return err;
}

/* ---- streams ---------------------------------------------------------------- */

static void show_precopy(const struct device *device)
{
	struct precopy_info info = {.argsz = sizeof(info)};
	int err = ioctl(device->data_fd, GET_PRECOPY_INFO, &info) ? -errno : 0;

	if (err)
		printf("precopy_info: %s\n", answer(err));
	else
		printf("precopy_info: initial %llu dirty %llu\n",
		       (unsigned long long)info.initial_bytes,
		       (unsigned long long)info.dirty_bytes);
}

/* To the end, or to ENOMSG: nothing for now.  Small bites, so that more than one is taken. */
static void read_stream(struct device *device)
{
	ssize_t got;

	if (device->fresh)
		stream.len = 0;
	device->fresh = false;

	do {
		size_t room = sizeof(stream.bytes) - stream.len;

		got = read(device->data_fd, stream.bytes + stream.len, room < 1000 ? room : 1000);
		if (got > 0)
			stream.len += (size_t)got;
	} while (got > 0);
	printf("read: %zu then %s\n", stream.len, got ? answer(-errno) : "end");
}

static int write_stream(const struct device *device)
{
	size_t done = 0;

	while (done < stream.len) {
		size_t rest = stream.len - done;
		ssize_t put =
			write(device->data_fd, stream.bytes + done, rest < 3000 ? rest : 3000);

		if (put <= 0) {
			int err = put ? -errno : -EIO;

			printf("write: %s\n", answer(err));
			return err;
		}
		done += (size_t)put;
	}
	printf("write: %zu\n", done);
	return 0;
}

/* ---- walk, move, log --------------------------------------------------------- */

static int state_number(const char *name, enum state *ret_state)
{
	for (enum state i = 0; i < STATE_MAX; i++)
		if (!strcmp(state_names[i], name)) {
			*ret_state = i;
			return 0;
		}
	return -EINVAL;
}

static int cmd_walk(int argc, char **argv)
{
	struct device device = device_open(argv[0]);
	enum state state = STATE_ERROR;
	int err, failed = 0;

	for (int i = 1; i < argc; i++) {
		err = state_number(argv[i], &state);
		if (err) {
			printf("set %s: no such state\n", argv[i]);
			return err;
		}
		err = set_state(&device, state);
		failed |= err;
		if (!err && (state == STATE_PRE_COPY))
			show_precopy(&device);
		if (!err && (state == STATE_PRE_COPY || state == STATE_STOP_COPY))
			read_stream(&device);
	}
	failed |= show_state(&device);
	return failed;
}

static int save(struct device *device)
{
	int err = set_state(device, STATE_PRE_COPY);

	if (err)
		return err;
	show_precopy(device);
	read_stream(device);
	err = set_state(device, STATE_STOP_COPY);
	if (err)
		return err;
	read_stream(device);
	return set_state(device, STATE_STOP);
}

static int load(struct device *device)
{
	int err = set_state(device, STATE_RESUMING);

	err = err ? err : write_stream(device);
	err = err ? err : set_state(device, STATE_STOP);
	return err ? err : set_state(device, STATE_RUNNING);
}

static int cmd_move(int argc, char **argv)
{
	struct device from = device_open(argv[0]), to = device_open(argv[1]);
	int err;

	(void)argc;
	err = save(&from);
	err = err ? err : load(&to);
	printf("moved: %s\n", answer(err));
	return err;
}

static int cmd_save(int argc, char **argv)
{
	struct device device = device_open(argv[0]);
	int err = save(&device);
	FILE *file;

	(void)argc;
	if (err)
		return err;
	file = fopen(argv[1], "we");
	if (!file || fwrite(stream.bytes, 1, stream.len, file) != stream.len || fclose(file))
		die(argv[1]);
	return 0;
}

static int cmd_load(int argc, char **argv)
{
	struct device device = device_open(argv[0]);
	FILE *file = fopen(argv[1], "re");

	(void)argc;
	if (!file)
		die(argv[1]);
	stream.len = fread(stream.bytes, 1, sizeof(stream.bytes), file);
	if (ferror(file))
		die(argv[1]);
	fclose(file);
	return load(&device);
}

#define LOG_BYTES (1U << 20)

static int log_start(const struct device *device)
{
	struct vfio_device_feature_dma_logging_range range = {.length = LOG_BYTES};
	struct vfio_device_feature_dma_logging_control control = {
		.page_size = 4096,
		.num_ranges = 1,
		.ranges = (uint64_t)(uintptr_t)&range,
	};

	return feature(device, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
		       &control, sizeof(control));
}

static int log_report(const struct device *device)
{
	uint64_t bitmap[LOG_BYTES / 4096 / 64] = {0};
	struct vfio_device_feature_dma_logging_report report = {
		.length = LOG_BYTES,
		.page_size = 4096,
		.bitmap = (uint64_t)(uintptr_t)bitmap,
	};

	return feature(device, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
		       &report, sizeof(report));
}

static int log_stop(const struct device *device)
{
	uint8_t none = 0;

	return feature(device, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP,
		       &none, 0);
}

static int cmd_log(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*call)(const struct device *device);
	} steps[] = {
		{"log_start", log_start},
		{"log_report", log_report},
		{"log_stop", log_stop},
	};
	struct device device = device_open(argv[0]);
	int err, failed = 0;

	(void)argc;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		err = steps[i].call(&device);
		printf("%s: %s\n", steps[i].name, answer(err));
		failed |= err;
	}
	return failed;
}

static const struct command {
	const char *name;
	int min_args, max_args;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"show", 1, 1, cmd_show}, {"walk", 2, 64, cmd_walk}, {"log", 1, 1, cmd_log},
	{"move", 2, 2, cmd_move}, {"save", 2, 2, cmd_save},  {"load", 2, 2, cmd_load},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		const struct command *command = &commands[i];

		if (strcmp(argv[1], command->name))
			continue;
		if (argc - 2 < command->min_args || argc - 2 > command->max_args)
			break;
		return command->run(argc - 2, argv + 2) ? 1 : 0;
	}
	fputs("usage: vfio-state show BDF | walk BDF STATE… | log BDF | move BDF BDF |\n"
	      "       save BDF FILE | load BDF FILE\n",
	      stderr);
	return 2;
}
