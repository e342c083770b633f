/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who uses a VF: words for each kind of use, open files by a real /proc, claims by real locks. */
#include "bytes.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <rdma/rdma_netlink.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "facts/claims.h"
#include "facts/openfiles.h"
#include "facts/readers.h"
#include "facts/users.h"

/* --- network interfaces --- */

static void test_netdev(void **state)
{
	struct vfm_link items[] = {
		{.index = 5, .name = "eth5"},
		{.index = 6, .name = "eth6", .flags = IFF_UP},
		{.index = 7, .name = "eth7", .flags = IFF_UP, .master = 9},
		{.index = 8, .name = "eth8", .master = 99},
		{.index = 9, .name = "br0", .kind = "bridge"},
		{.index = 10, .name = "eth5.4", .kind = "vlan", .lower = 11},
		{.index = 11, .name = "eth11"},
	};
	struct vfm_address address = {.index = 7, .family = AF_INET, .bytes = {192, 0, 2, 1}};
	const struct vfm_links links = {.items = items, .count = VFM_ARRAY_SIZE(items)};
	const struct vfm_addresses addresses = {.items = &address, .count = 1};
	static const struct {
		size_t link;
		const char *text;
	} rows[] = {
		{0, NULL},
		{1, "netdev eth6 up"},
		{2, "netdev eth7 up, addressed, enslaved to br0"},
		{3, "netdev eth8 enslaved to another"},
		{6, "netdev eth11 under eth5.4"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = NULL;

		assert_int_equal(vfm_user_netdev(&items[rows[i].link], &links, &addresses, &text),
				 0);
		if (rows[i].text)
			assert_string_equal(text, rows[i].text);
		else
			assert_null(text);
	}
}

/* --- RDMA --- */

static void put_entry(struct bytes *summary, const char *name, uint64_t current)
{
	struct bytes entry = {.size = 0};

	put_text(&entry, RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_NAME, name);
	put_attribute(&entry, RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_CURR, &current, sizeof(current));
	put_attribute(summary, RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY, entry.data, entry.size);
}

static void put_device(struct bytes *bytes, uint64_t contexts, uint64_t connections)
{
	struct bytes summary = {.size = 0};

	put_entry(&summary, "pd", 3);
	put_entry(&summary, "qp", 1);
	put_entry(&summary, "cm_id", connections);
	put_entry(&summary, "ctx", contexts);
	put_u32(bytes, RDMA_NLDEV_ATTR_DEV_INDEX, 0);
	put_text(bytes, RDMA_NLDEV_ATTR_DEV_NAME, "mlx5_3");
	put_attribute(bytes, RDMA_NLDEV_ATTR_RES_SUMMARY, summary.data, summary.size);
}

struct rdma_row {
	uint64_t contexts, connections;
	const char *text;
};

static const struct rdma_row rdma_rows[] = {
	{0, 0, NULL},
	{1, 0, "rdma device mlx5_3 (1 context, 0 connections)"},
	{0, 1, "rdma device mlx5_3 (0 contexts, 1 connection)"},
	{2, 3, "rdma device mlx5_3 (2 contexts, 3 connections)"},
};

static void test_rdma(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rdma_rows); i++) {
		struct vfm_rdma_devices devices = {.items = NULL};
		struct bytes bytes = {.size = 0};
		VFM_AUTO_FREE char *text = NULL;

		put_device(&bytes, rdma_rows[i].contexts, rdma_rows[i].connections);
		assert_int_equal(vfm_rdma_devices_parse(&devices, bytes.data, bytes.size), 0);
		assert_null(vfm_rdma_device(&devices, "mlx5_2"));
		assert_non_null(vfm_rdma_device(&devices, "mlx5_3"));
		assert_int_equal(vfm_user_rdma(vfm_rdma_device(&devices, "mlx5_3"), &text), 0);
		if (rdma_rows[i].text)
			assert_string_equal(text, rdma_rows[i].text);
		else
			assert_null(text);
		vfm_rdma_devices_done(&devices);
	}
}

static int parse_rdma(const void *data, size_t size)
{
	struct vfm_rdma_devices devices = {.items = NULL};
	int r = vfm_rdma_devices_parse(&devices, data, size);

	assert_int_equal(devices.count, r == 0 ? 1 : 0);
	vfm_rdma_devices_done(&devices);
	return r;
}

static void test_rdma_bent(void **state)
{
	struct bytes bytes = {.size = 0};

	(void)state;
	put_device(&bytes, 1, 1);
	try_bent(parse_rdma, bytes);
}

/* --- vDPA --- */

static void test_path_through(void **state)
{
	static const char bdf[] = "0000:e1:00.2";

	(void)state;
	assert_true(vfm_path_through("../../../devices/pci0000:e0/0000:e0:03.1/0000:e1:00.2/vdpa0",
				     bdf));
	assert_false(vfm_path_through("../../../devices/pci0000:e0/0000:e1:00.2", bdf));
	assert_false(vfm_path_through("../../../devices/x0000:e1:00.2/vdpa0", bdf));
	assert_false(vfm_path_through("../../../devices/0000:e1:00.21/vdpa0", bdf));
	assert_true(vfm_path_through("/x0000:e1:00.2/0000:e1:00.2/vdpa0", bdf));
	assert_false(vfm_path_through("", bdf));
}

/* --- open files --- */

static void test_match(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings paths = {.values = NULL};
	const struct vfm_strings none = {.values = NULL};

	(void)state;
	vfm_strings_add(&paths, "/dev/vfio/devices/vfio3");
	vfm_strings_add(&paths, "/dev/vfio/12");
	vfm_strings_add(&paths, "/dev/vfio/1");
	vfm_strings_sort(&paths);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/1"), 0);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/12"), 1);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/12 (deleted)"), 1);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/devices/vfio3"), 2);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/vfio"), -1);
	assert_int_equal(vfm_open_file_match(&paths, "/dev/vfio/123"), -1);
	assert_int_equal(vfm_open_file_match(&paths, "anon_inode:[vfio-device]"), -1);
	assert_int_equal(vfm_open_file_match(&paths, " (deleted)"), -1);
	assert_int_equal(vfm_open_file_match(&paths, ""), -1);
	assert_int_equal(vfm_open_file_match(&none, "/dev/vfio/1"), -1);
}

struct seen {
	size_t count;
	size_t number;
	uint64_t pid;
	char command[64];
};

static void note(size_t number, uint64_t pid, const char *command, void *data)
{
	struct seen *seen = data;

	seen->count++;
	seen->number = number;
	seen->pid = pid;
	snprintf(seen->command, sizeof(seen->command), "%s", command);
}

/* This process has one of two files open, twice. */
static void test_open_files(void **state)
{
	char a[] = "/tmp/vfmig-unit-a.XXXXXX", b[] = "/tmp/vfmig-unit-b.XXXXXX";
	VFM_AUTO_CLOSE int a_fd = mkstemp(a), b_fd = mkstemp(b), again;
	VFM_AUTO_STRINGS struct vfm_strings paths = {.values = NULL};
	struct seen seen = {.count = 0};
	bool all;

	(void)state;
	assert_true(a_fd >= 0 && b_fd >= 0);
	close(a_fd);
	a_fd = -1;
	again = open(b, O_RDONLY | O_CLOEXEC);
	vfm_strings_add(&paths, a);
	vfm_strings_add(&paths, b);
	vfm_strings_sort(&paths);
	assert_int_equal(vfm_open_files(&paths, INT64_MAX, note, &seen, &all, NULL), 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(paths.values[seen.number], b);
	assert_int_equal(seen.pid, getpid());
	assert_string_equal(seen.command, "test_users");
	unlink(a);
	/* What is open stays open though its name is gone. */
	unlink(b);
	seen.count = 0;
	assert_int_equal(vfm_open_files(&paths, INT64_MAX, note, &seen, &all, NULL), 0);
	assert_int_equal(seen.count, 1);
}

/* Takes a capability out of those in effect, or puts it back. */
static void use_capability(unsigned int capability, bool use)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];
	uint32_t bit = 1U << capability % 32;

	assert_int_equal(syscall(SYS_capget, &header, sets), 0);
	if (use)
		sets[capability / 32].effective |= bit;
	else
		sets[capability / 32].effective &= ~bit;
	assert_int_equal(syscall(SYS_capset, &header, sets), 0);
}

/* A process of another user, as QEMU is: to be ended by the caller. */
static pid_t start_stranger(void)
{
	int ends[2];
	char ready;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) == 0 && setuid(65534) == 0 && write(ends[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	return pid;
}

/* Root of a container sees which files a process has, and not what they are. */
static void test_open_files_closed(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings paths = {.values = NULL};
	struct seen seen = {.count = 0};
	bool all = true;
	pid_t stranger;
	int r;

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	stranger = start_stranger();
	vfm_strings_add(&paths, "/dev/vfio/1");
	use_capability(CAP_SYS_PTRACE, false);
	r = vfm_open_files(&paths, INT64_MAX, note, &seen, &all, NULL);
	use_capability(CAP_SYS_PTRACE, true);
	kill(stranger, SIGKILL);
	assert_int_equal(waitpid(stranger, NULL, 0), stranger);
	assert_int_equal(r, 0);
	assert_false(all);
}

static void test_open_files_deadline(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings paths = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct seen seen = {.count = 0};
	bool all = false;

	(void)state;
	vfm_strings_add(&paths, "/dev/vfio/1");
	assert_int_equal(vfm_open_files(&paths, vfm_now_ms() - 1, note, &seen, &all, &err),
			 -ETIMEDOUT);
	assert_string_equal(err.what, "not all processes were looked at in time");
}

/* --- claims --- */

/* Claims live under /run: a private one, for which root is needed. */
static int private_run(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, "mode=0755") < 0) {
		print_message("no private /run (needs root): %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

static bool may_claim(void)
{
	static int done;

	if (done == 0)
		done = private_run(NULL) == 0 ? 1 : -1;
	return done > 0;
}

static void test_claims(void **state)
{
	static const char bdf[] = "0000:e1:00.2";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *owner = NULL;
	VFM_AUTO_CLOSE int fd = -1, other = -1;

	(void)state;
	if (!may_claim())
		skip();
	assert_int_equal(vfm_claim_owner(bdf, &owner, NULL), -ENOENT);
	assert_int_equal(vfm_claim_take(bdf, "a longer name, vm1", &fd, NULL), 0);
	close(fd);
	fd = -1;
	/* The file is there, the lock is not. */
	assert_int_equal(vfm_claim_owner(bdf, &owner, NULL), -ENOENT);
	assert_int_equal(vfm_claim_take("e1:00.2", "vm1", &fd, NULL), 0);
	assert_int_equal(vfm_claim_owner(bdf, &owner, NULL), 0);
	assert_string_equal(owner, "vm1");
	assert_int_equal(vfm_claim_take(bdf, "vm2", &other, &err), -EBUSY);
	assert_string_equal(err.what, "claimed by vm1");
	assert_int_equal(other, -1);
	assert_int_equal(vfm_claim_owner("0000:e1:00.3", &owner, NULL), -ENOENT);
}

/* A claim ends with its process. */
static void test_claim_of_the_dead(void **state)
{
	static const char bdf[] = "0000:e1:00.4";
	VFM_AUTO_FREE char *owner = NULL;
	int ready[2], status;
	pid_t child;
	char byte;

	(void)state;
	if (!may_claim())
		skip();
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd, r = vfm_claim_take(bdf, "child", &fd, NULL);

		close(ready[0]);
		if (r == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(vfm_claim_owner(bdf, &owner, NULL), 0);
	assert_string_equal(owner, "child");
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	free(VFM_STEAL(owner));
	assert_int_equal(vfm_claim_owner(bdf, &owner, NULL), -ENOENT);
}

static void test_claims_refused(void **state)
{
	static const char *const owners[] = {"", "two\nlines", "esc\033[2J"};
	static const char *const bdfs[] = {"", "../../etc/passwd", "0000:e1:00.9", "x"};
	char endless[VFM_CLAIM_OWNER_MAX + 2];
	VFM_AUTO_FREE char *owner = NULL;
	int fd = -1;

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	for (size_t i = 0; i < VFM_ARRAY_SIZE(owners); i++)
		assert_int_equal(vfm_claim_take("0000:e1:00.2", owners[i], &fd, NULL), -EINVAL);
	assert_int_equal(vfm_claim_take("0000:e1:00.2", endless, &fd, NULL), -EINVAL);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bdfs); i++) {
		assert_int_equal(vfm_claim_take(bdfs[i], "vm1", &fd, NULL), -EINVAL);
		assert_int_equal(vfm_claim_owner(bdfs[i], &owner, NULL), -EINVAL);
	}
	assert_int_equal(fd, -1);
}

/* --- the reader --- */

static struct vfm_vf_facts *add_vf(struct vfm_pf_facts *pf, const char *bdf)
{
	struct vfm_vf_facts *vf = vfm_fact_list_add(&pf->vfs, sizeof(*vf));

	assert_non_null(vf);
	if (bdf)
		vfm_fact_set_text(&vf->bdf, bdf);
	return vf;
}

static void test_reader(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(20000)};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	VFM_AUTO_CLOSE int fd = -1;
	const struct vfm_vf_facts *vf;

	(void)state;
	if (!may_claim())
		skip();
	add_vf(pf, "fffe:1f:1f.6");
	add_vf(pf, NULL);
	add_vf(pf, "fffe:1f:1f.7");
	assert_int_equal(vfm_claim_take("fffe:1f:1f.7", "vfmigrate: vm1", &fd, NULL), 0);
	vfm_read_users(&options, &facts);
	vf = vfm_list_at(struct vfm_vf_facts, &pf->vfs, 0);
	assert_true(vfm_known(&vf->users.fact));
	assert_int_equal(vf->users.count, 0);
	assert_int_equal(vf[1].users.fact.state, VFM_UNKNOWN);
	assert_true(vfm_known(&vf[2].users.fact));
	assert_int_equal(vf[2].users.count, 1);
	assert_string_equal(vf[2].users.values[0], "claimed by vfmigrate: vm1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netdev),
		cmocka_unit_test(test_rdma),
		cmocka_unit_test(test_rdma_bent),
		cmocka_unit_test(test_path_through),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_open_files),
		cmocka_unit_test(test_open_files_closed),
		cmocka_unit_test(test_open_files_deadline),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_claim_of_the_dead),
		cmocka_unit_test(test_claims_refused),
		cmocka_unit_test(test_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
