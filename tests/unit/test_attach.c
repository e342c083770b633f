/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VF given and taken: the order of the parts, what is put back, and what is read back. */
#include "judging.h"

#include "base/quiet.h"
#include "move/attach.h"

#define PF  "0000:01:00.0"
#define VF  "0000:01:00.1"
#define MAC "52:54:00:aa:00:01"

#define DOMAIN(devices) "<domain><name>vm1</name><devices>" devices "</devices></domain>"
#define DEVICE(mac)                                                                                \
	"<interface type='hostdev'><mac address='" mac "'/><source><address type='pci' bus='1' "   \
	"slot='0' function='1'/></source></interface>"
#define WITH    DOMAIN(DEVICE(MAC))
#define WITHOUT DOMAIN("")

/* ---- doing: a daemon by a script ---------------------------------------------- */

enum { CALLS_MAX = 8 };

struct script {
	const char
		*calls; /* what is called, a letter each: A and D live, a and d config, l a look */
	int errors[CALLS_MAX];
	enum vfm_error_domain domain; /* of the errors */
	const char *looks[CALLS_MAX]; /* the live XML; NULL: the VM does not run */
	size_t call, look;
};

static struct script *script; /* of the test that runs */

static int step(char letter, const char *xml, struct vfm_error *err)
{
	size_t i = script->call++;

	if (script->calls[i] != letter)
		fail_msg("call %zu is %c, not %c", i, letter, script->calls[i]);
	if (letter != 'l')
		assert_string_equal(xml, letter == 'A' || letter == 'D' ? "live" : "config");
	return script->errors[i] ? vfm_error_set_domain(err, script->errors[i], script->domain, 1,
							"vm1", NULL, "error %zu", i)
				 : 0;
}

static int attach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err)
{
	(void)vm;
	(void)deadline_ms;
	return step(part == VFM_VM_LIVE ? 'A' : 'a', xml, err);
}

static int detach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err)
{
	(void)vm;
	(void)deadline_ms;
	return step(part == VFM_VM_LIVE ? 'D' : 'd', xml, err);
}

static int look(struct vfm_steer *vm, int64_t deadline_ms, struct vfm_vm_look *ret_look,
		struct vfm_error *err)
{
	const char *xml = script->looks[script->look++];
	int r = step('l', NULL, err);

	(void)vm;
	(void)deadline_ms;
	if (r == 0)
		*ret_look = (struct vfm_vm_look){.xml = {[VFM_VM_LIVE] = xml ? strdup(xml) : NULL}};
	return r;
}

static const struct vfm_vm_calls calls = {attach, detach, look};

static const struct run_row {
	const char *what;
	bool detach, live, config;
	struct script script;
	int error;
	const char *words; /* of the error */
	enum vfm_part_end ends[VFM_VM_PART_MAX];
	int release_ms;
} run_rows[] = {
	{"both", false, true, true, {.calls = "aA"}, 0, NULL, {VFM_PART_DONE, VFM_PART_DONE}, 0},
	{"the running VM alone",
	 false,
	 true,
	 false,
	 {.calls = "A"},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_NOT_ASKED},
	 0},
	{"the definition alone",
	 false,
	 false,
	 true,
	 {.calls = "a"},
	 0,
	 NULL,
	 {VFM_PART_NOT_ASKED, VFM_PART_DONE},
	 0},
	{"the definition fails: the running VM is left alone",
	 false,
	 true,
	 true,
	 {.calls = "a", .errors = {-EIO}},
	 -EIO,
	 "error 0",
	 {VFM_PART_NOT_REACHED, VFM_PART_FAILED},
	 0},
	{"the running VM fails: the definition is put back",
	 false,
	 true,
	 true,
	 {.calls = "aAd", .errors = {0, -EIO}},
	 -EIO,
	 "error 1",
	 {VFM_PART_FAILED, VFM_PART_UNDONE},
	 0},
	{"and cannot be put back",
	 false,
	 true,
	 true,
	 {.calls = "aAd", .errors = {0, -EIO, -EACCES}},
	 -EIO,
	 "error 1",
	 {VFM_PART_FAILED, VFM_PART_KEPT},
	 0},
	{"libvirt does not answer: nothing more is touched",
	 false,
	 true,
	 true,
	 {.calls = "aA", .errors = {0, -ETIMEDOUT}},
	 -ETIMEDOUT,
	 "error 1",
	 {VFM_PART_UNCERTAIN, VFM_PART_DONE},
	 0},
	{"libvirt's own timeout is an answer",
	 false,
	 true,
	 true,
	 {.calls = "aAd", .errors = {0, -ETIMEDOUT}, .domain = VFM_ERROR_LIBVIRT},
	 -ETIMEDOUT,
	 "error 1",
	 {VFM_PART_FAILED, VFM_PART_UNDONE},
	 0},
	{"the guest releases it at once",
	 true,
	 true,
	 true,
	 {.calls = "dDl", .looks = {WITHOUT}},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_DONE},
	 60000},
	{"the guest takes a while",
	 true,
	 true,
	 false,
	 {.calls = "Dlll", .looks = {WITH, WITH, WITHOUT}},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_NOT_ASKED},
	 60000},
	{"the VM is shut down meanwhile",
	 true,
	 true,
	 false,
	 {.calls = "Dl", .looks = {NULL}},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_NOT_ASKED},
	 60000},
	{"a VM without a definition is gone meanwhile",
	 true,
	 true,
	 false,
	 {.calls = "Dl", .errors = {0, -ENOENT}},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_NOT_ASKED},
	 60000},
	{"one look fails",
	 true,
	 true,
	 false,
	 {.calls = "Dll", .errors = {0, -EIO}, .looks = {NULL, WITHOUT}},
	 0,
	 NULL,
	 {VFM_PART_DONE, VFM_PART_NOT_ASKED},
	 60000},
	{"the guest never does",
	 true,
	 true,
	 true,
	 {.calls = "dDl", .looks = {WITH}},
	 0,
	 NULL,
	 {VFM_PART_UNRELEASED, VFM_PART_DONE},
	 0},
	{"whether it does is not known",
	 true,
	 true,
	 false,
	 {.calls = "Dl", .errors = {0, -EIO}},
	 -EIO,
	 "error 1",
	 {VFM_PART_UNCERTAIN, VFM_PART_NOT_ASKED},
	 0},
	{"libvirt refuses to take it: the definition gets it back",
	 true,
	 true,
	 true,
	 {.calls = "dDa", .errors = {0, -EIO}},
	 -EIO,
	 "error 1",
	 {VFM_PART_FAILED, VFM_PART_UNDONE},
	 0},
	{"at rest there is no guest to wait for",
	 true,
	 false,
	 true,
	 {.calls = "d"},
	 0,
	 NULL,
	 {VFM_PART_NOT_ASKED, VFM_PART_DONE},
	 0},
};

static void check_run(const struct run_row *row)
{
	struct script own = row->script;
	const struct vfm_attach request = {
		.calls = &calls,
		.detach = row->detach,
		.xml = {[VFM_VM_LIVE] = row->live ? "live" : NULL,
			[VFM_VM_CONFIG] = row->config ? "config" : NULL},
		.bdf = VF,
		.call_ms = 1000,
		.release_ms = row->release_ms,
	};
	VFM_AUTO_ATTACH_RESULT struct vfm_attach_result result = {.undo = VFM_ERROR_INIT};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	script = &own;
	r = vfm_attach_run(&request, &result, &err);
	if (r != row->error || own.call != strlen(row->script.calls))
		fail_msg("%s: %d after %zu calls", row->what, r, own.call);
	if (row->words)
		assert_string_equal(err.what, row->words);
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		if (result.ends[part] != row->ends[part])
			fail_msg("%s: %s is %s", row->what, vfm_vm_part_name(part),
				 vfm_part_end_name(result.ends[part]));
	if (result.ends[VFM_VM_CONFIG] == VFM_PART_KEPT)
		assert_string_equal(result.undo.what, "error 2");
}

static void test_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(run_rows); i++)
		check_run(&run_rows[i]);
}

/* ---- reading back ------------------------------------------------------------- */

#define DRIVER "a/pfs/0/vfs/0/driver"
#define USERS  "a/pfs/0/vfs/0/users"
#define ADDR   "a/pfs/0/vfs/0/hw_addr"
#define GIVEN                                                                                      \
	{                                                                                          \
		{DRIVER, "\"mlx5_vfio_pci\""}, {USERS, "[\"domain vm1 (running)\"]"},              \
		{                                                                                  \
			ADDR, "\"" MAC "\""                                                        \
		}                                                                                  \
	}

static const struct check_row {
	const char *what;
	bool detach, live, config;
	const char *xml[VFM_VM_PART_MAX]; /* NULL: does not run, is not defined */
	struct edit edits[4];
	bool unseen;
	const char *failed;  /* names, each with a blank behind it */
	const char *unknown; /* likewise */
	const char *words;   /* of the last of them */
} check_rows[] = {
	{"given to both", false, true, true, {WITH, WITH}, GIVEN, false, "", "", NULL},
	{"not in the definition",
	 false,
	 true,
	 true,
	 {WITH, WITHOUT},
	 GIVEN,
	 false,
	 "config ",
	 "",
	 "does not have " VF},
	{"the definition was not asked for",
	 false,
	 true,
	 false,
	 {WITH, WITHOUT},
	 GIVEN,
	 false,
	 "",
	 "",
	 NULL},
	{"not in the VM", false, true, true, {WITHOUT, WITH}, GIVEN, false, "live ", "", VF},
	{"the VM has ended", false, true, false, {NULL, NULL}, GIVEN, false, "live ", "", VF},
	{"by another address",
	 false,
	 true,
	 false,
	 {DOMAIN(DEVICE("52:54:00:aa:00:02")), NULL},
	 GIVEN,
	 false,
	 "live ",
	 "",
	 "52:54:00:aa:00:02, not " MAC},
	{"by another driver",
	 false,
	 true,
	 false,
	 {WITH, NULL},
	 {{DRIVER, "\"vfio-pci\""}, {USERS, "[\"domain vm1 (running)\"]"}, {ADDR, "\"" MAC "\""}},
	 false,
	 "vf-driver ",
	 "",
	 "vfio-pci, not to mlx5_vfio_pci"},
	{"another VM has it",
	 false,
	 true,
	 false,
	 {WITH, NULL},
	 {{DRIVER, "\"mlx5_vfio_pci\""},
	  {USERS, "[\"domain vm1 (defined)\",\"domain vm10 (running)\"]"},
	  {ADDR, "\"" MAC "\""}},
	 false,
	 "vf-owner ",
	 "",
	 "is not used by vm1"},
	{"the VF has another address",
	 false,
	 true,
	 false,
	 {WITH, NULL},
	 {{DRIVER, "\"mlx5_vfio_pci\""},
	  {USERS, "[\"domain vm1 (running)\"]"},
	  {ADDR, "\"02:00:00:00:00:01\""}},
	 false,
	 "vf-mac ",
	 "",
	 "02:00:00:00:00:01, not " MAC},
	{"facts unread",
	 false,
	 true,
	 false,
	 {WITH, NULL},
	 {{DRIVER, UNREAD}, {USERS, UNREAD}, {ADDR, UNREAD}},
	 false,
	 "",
	 "vf-driver vf-owner vf-mac ",
	 "needs root"},
	{"the VF is gone",
	 false,
	 true,
	 false,
	 {WITH, NULL},
	 {{"a/pfs/0/vfs", "[]"}},
	 false,
	 "",
	 "vf-owner ",
	 "no VF of a card"},
	{"a definition alone says nothing of the VF",
	 false,
	 false,
	 true,
	 {NULL, WITH},
	 {{USERS, UNREAD}},
	 false,
	 "",
	 "",
	 NULL},
	{"nobody answers",
	 false,
	 true,
	 true,
	 {WITH, WITH},
	 {{NULL, NULL}},
	 true,
	 "",
	 "live config vf-owner ",
	 "the line is cut"},
	{"taken from both",
	 true,
	 true,
	 true,
	 {WITHOUT, WITHOUT},
	 {{NULL, NULL}},
	 false,
	 "",
	 "",
	 NULL},
	{"taken from a VM that has ended",
	 true,
	 true,
	 false,
	 {NULL, NULL},
	 {{NULL, NULL}},
	 false,
	 "",
	 "",
	 NULL},
	{"still in the VM",
	 true,
	 true,
	 true,
	 {WITH, WITHOUT},
	 GIVEN,
	 false,
	 "live ",
	 "",
	 "still has " VF},
	{"gone from the VM, and in use all the same",
	 true,
	 true,
	 false,
	 {WITHOUT, NULL},
	 GIVEN,
	 false,
	 "vf-owner ",
	 "",
	 "is used by vm1"},
	{"still in the definition",
	 true,
	 false,
	 true,
	 {WITH, WITH},
	 GIVEN,
	 false,
	 "config ",
	 "",
	 "still has " VF},
};

static void put_names(const struct vfm_checks *checks, enum vfm_check_status status,
		      struct vfm_buffer *text, const char **ret_last)
{
	for (size_t i = 0; i < checks->count; i++) {
		if (checks->items[i].status != status)
			continue;
		vfm_buffer_printf(text, "%s ", checks->items[i].name);
		*ret_last = checks->items[i].message;
		assert_non_null(checks->items[i].remedy);
	}
}

static void check_checks(const struct check_row *row)
{
	const struct vfm_vm_look seen_look = {
		.xml = {(char *)(uintptr_t)row->xml[0], (char *)(uintptr_t)row->xml[1]}};
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_attach_seen seen = {
		.vm = "vm1",
		.detach = row->detach,
		.bdf = VF,
		.mac = MAC,
		.asked = {[VFM_VM_LIVE] = row->live, [VFM_VM_CONFIG] = row->config},
		.look = row->unseen ? NULL : &seen_look,
		.facts = row->unseen ? NULL : &facts,
		.no_look = row->unseen ? "the line is cut" : NULL,
		.no_facts = row->unseen ? "the line is cut" : NULL,
	};
	VFM_AUTO_BUFFER struct vfm_buffer failed = {.data = NULL}, unknown = {.data = NULL};
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	const char *last = NULL;

	load(&facts, row->edits, VFM_ARRAY_SIZE(row->edits), 'a');
	assert_int_equal(vfm_attach_check(&seen, &checks, NULL), 0);
	put_names(&checks, VFM_CHECK_FAILED, &failed, &last);
	put_names(&checks, VFM_CHECK_UNKNOWN, &unknown, &last);
	if (!vfm_streq(failed.data ? failed.data : "", row->failed) ||
	    !vfm_streq(unknown.data ? unknown.data : "", row->unknown))
		fail_msg("%s: failed %s, unknown %s", row->what, failed.data ? failed.data : "none",
			 unknown.data ? unknown.data : "none");
	if (row->words && !strstr(last, row->words))
		fail_msg("%s: %s", row->what, last);
	assert_true(checks.count > 0);
}

/* A detach needs no vfprep beside the daemon: then nothing is said of the VF. */
static void test_host_not_asked(void **state)
{
	const struct vfm_vm_look look_without = {.xml = {(char *)(uintptr_t)WITHOUT, NULL}};
	const struct vfm_attach_seen seen = {
		.vm = "vm1",
		.detach = true,
		.bdf = VF,
		.asked = {[VFM_VM_LIVE] = true},
		.look = &look_without,
	};
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};

	(void)state;
	assert_int_equal(vfm_attach_check(&seen, &checks, NULL), 0);
	assert_int_equal(checks.count, 2);
	assert_int_equal(checks.items[1].status, VFM_CHECK_SKIPPED);
	assert_int_equal(vfm_checks_status(&checks), VFM_CHECK_OK);
}

static void test_checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(check_rows); i++)
		check_checks(&check_rows[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_host_not_asked),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
