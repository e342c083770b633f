/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests: settings by their words, the check of the whole, and configurations, good and bad. */
#include "plan/request.h"
#include "unit.h"

#define PF "0000:e1:00.0"

/* ---- settings ------------------------------------------------------------ */

struct setting_row {
	const char *name, *value;
	int error;
	const char *words; /* of the message */
};

static const struct setting_row pf_rows[] = {
	{"vfs", "1", 0, NULL},
	{"vfs", "4096", 0, NULL},
	{"vfs", "0", -ERANGE, "vfs: '0' is out of bounds"},
	{"vfs", "4097", -ERANGE, "out of bounds"},
	{"vfs", "99999999999999999999", -ERANGE, "out of bounds"},
	{"vfs", "-1", -EINVAL, "'-1' is no number"},
	{"vfs", "", -EINVAL, "'' is no number"},
	{"vfs", "4 ", -EINVAL, "no number"},
	{"vfs", "0x4", -EINVAL, "no number"},
	{"bridge", "br0", 0, NULL},
	{"bridge", "exactly15chars0", 0, NULL},
	{"bridge", "sixteen-chars-00", -EINVAL, "bridge: 'sixteen-chars-00' cannot be the name"},
	{"bridge", "", -EINVAL, "cannot be the name"},
	{"bridge", "br 0", -EINVAL, "cannot be the name"},
	{"bridge", "br/0", -EINVAL, "cannot be the name"},
	{"bridge", "br:0", -EINVAL, "cannot be the name"},
	{"bridge", "-br0", -EINVAL, "cannot be the name"},
	{"bridge", "..", -EINVAL, "cannot be the name"},
	{"bridge", "br\x1b[2J", -EINVAL, "'br [2J'"},
	{"bridge", "br\xff", -EINVAL, "'br?'"},
	{"uplink", "bond0", 0, NULL},
	{"uplink", "none", 0, NULL},
	{"uplink", "bond 0", -EINVAL, "uplink: 'bond 0'"},
	{"mtu", "68", 0, NULL},
	{"mtu", "65535", 0, NULL},
	{"mtu", "67", -ERANGE, "mtu: '67' is out of bounds"},
	{"mtu", "65536", -ERANGE, "out of bounds"},
	{"bind", "none", 0, NULL},
	{"bind", "pci-stub", 0, NULL},
	{"bind", "vfio-pci", -EINVAL, "bind: 'vfio-pci'"},
	{"vlan", "0=1", 0, NULL},
	{"vlan", "4095=4094", 0, NULL},
	{"vlan", "4096=1", -ERANGE, "vlan: '4096' is out of bounds"},
	{"vlan", "0=0", -ERANGE, "'0' is out of bounds"},
	{"vlan", "0=4095", -ERANGE, "'4095' is out of bounds"},
	{"vlan", "12", -EINVAL, "'12' names no VF"},
	{"vlan", "=12", -EINVAL, "no number"},
	{"vlan", "0=", -EINVAL, "no number"},
	{"vlan", "0 =12", -EINVAL, "no number"},
	{"vlan", "0=1=2", -EINVAL, "no number"},
	{"mac", "0=52:54:00:AA:00:01", 0, NULL},
	{"mac", "0=53:54:00:aa:00:01", -EINVAL, "no MAC of one function"},
	{"mac", "0=00:00:00:00:00:00", -EINVAL, "no MAC of one function"},
	{"mac", "0=ff:ff:ff:ff:ff:ff", -EINVAL, "no MAC of one function"},
	{"mac", "0=52:54:00:aa:00", -EINVAL, "mac: '52:54:00:aa:00' is no MAC"},
	{"mac", "0=52-54-00-aa-00-01", -EINVAL, "is no MAC"},
	{"mac", "52:54:00:aa:00:01", -EINVAL, "names no VF"},
	{"VFS", "1", -EINVAL, "no setting 'VFS'"},
	{"max-idle", "1000", -EINVAL, "no setting 'max-idle'"},
};

static const struct setting_row request_rows[] = {
	{"max-idle", "500", 0, NULL},
	{"max-idle", "499", -ERANGE, "max-idle: '499' is out of bounds"},
	{"max-idle", "2147483647", 0, NULL},
	{"max-idle", "2147483648", -ERANGE, "out of bounds"},
	{"phase", "device", 0, NULL},
	{"phase", "ovs", 0, NULL},
	{"phase", "all", 0, NULL},
	{"phase", "both", -EINVAL, "phase: there is no phase 'both'"},
	{"confirm-within", "1", 0, NULL},
	{"confirm-within", "0", -ERANGE, "out of bounds"},
	{"confirm-within", "86401", -ERANGE, "out of bounds"},
	{"vfs", "1", -EINVAL, "no setting 'vfs' for all PFs"},
};

static void check_error(int r, int expected, const char *words, const struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = vfm_error_text(err);

	assert_int_equal(r, expected);
	if (expected == 0)
		return;
	assert_int_equal(err->code, -expected);
	assert_non_null(err->hint);
	if (!strstr(text, words))
		fail_msg("'%s' is not in '%s'", words, text);
}

static void test_settings_of_a_pf(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(pf_rows); i++) {
		VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_prep_pf *pf;
		int r;

		vfm_prep_request_init(&request);
		assert_int_equal(vfm_prep_request_add(&request, PF, &pf, &err), 0);
		r = vfm_prep_pf_set(pf, pf_rows[i].name, pf_rows[i].value, &err);
		check_error(r, pf_rows[i].error, pf_rows[i].words, &err);
		/* A setting that is refused leaves no half of it behind. */
		if (r < 0)
			assert_true(!pf->vfs && !pf->bridge && !pf->uplink && !pf->mtu &&
				    !pf->named_count);
	}
}

static void test_settings_of_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(request_rows); i++) {
		VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r;

		vfm_prep_request_init(&request);
		r = vfm_prep_request_set(&request, request_rows[i].name, request_rows[i].value,
					 &err);
		check_error(r, request_rows[i].error, request_rows[i].words, &err);
	}
}

static void test_errors_may_be_left_out(void **state)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	struct vfm_prep_pf *pf;

	(void)state;
	vfm_prep_request_init(&request);
	assert_int_equal(vfm_prep_request_check(&request, NULL), -EINVAL);
	assert_int_equal(vfm_prep_request_add(&request, "e1:00", &pf, NULL), -EINVAL);
	assert_int_equal(vfm_prep_request_add(&request, PF, &pf, NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "mac", "x", NULL), -EINVAL);
	assert_int_equal(vfm_prep_request_parse("x", 1, "f", &request, NULL), -EINVAL);
}

static void test_pfs_stand_in_order(void **state)
{
	static const char *const given[] = {"0000:e1:00.1", "10000:01:00.0", "e1:00.0",
					    "0000:01:00.0"};
	static const char *const sorted[] = {"0000:01:00.0", "0000:e1:00.0", "0000:e1:00.1",
					     "10000:01:00.0"};
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_prep_pf *pf;

	(void)state;
	vfm_prep_request_init(&request);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(given); i++) {
		assert_int_equal(vfm_prep_request_add(&request, given[i], &pf, &err), 0);
		pf->vfs = 1; /* the place is the new one's own */
		assert_non_null(strstr(pf->bdf, given[i]));
	}
	assert_int_equal(vfm_prep_request_add(&request, "E1:00.0", &pf, &err), -EEXIST);
	assert_int_equal(request.pf_count, VFM_ARRAY_SIZE(sorted));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(sorted); i++) {
		assert_string_equal(request.pfs[i].bdf, sorted[i]);
		assert_ptr_equal(vfm_prep_request_pf(&request, sorted[i]), &request.pfs[i]);
	}
	assert_null(vfm_prep_request_pf(&request, "0000:02:00.0"));
}

/* The last word counts for what a command line repeats; "none" and a name exclude each other. */
static void test_uplink_none_and_named(void **state)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	struct vfm_prep_pf *pf;

	(void)state;
	vfm_prep_request_init(&request);
	assert_int_equal(vfm_prep_request_add(&request, PF, &pf, NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "uplink", "bond0", NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "uplink", "none", NULL), 0);
	assert_true(pf->no_uplink && !pf->uplink);
	assert_int_equal(vfm_prep_pf_set(pf, "uplink", "no/name", NULL), -EINVAL);
	assert_true(pf->no_uplink && !pf->uplink);
	assert_int_equal(vfm_prep_pf_set(pf, "uplink", "bond0", NULL), 0);
	assert_true(!pf->no_uplink);
	assert_string_equal(pf->uplink, "bond0");
}

/* ---- configurations ------------------------------------------------------ */

static void put_pf(struct vfm_buffer *out, const struct vfm_prep_pf *pf)
{
	vfm_buffer_printf(out, "[%s] vfs %u bridge %s uplink %s mtu %u bind %d\n", pf->bdf, pf->vfs,
			  pf->bridge ? pf->bridge : "-",
			  pf->no_uplink ? "none"
			  : pf->uplink  ? pf->uplink
					: "-",
			  pf->mtu, (int)pf->bind);
	for (size_t i = 0; i < pf->named_count; i++)
		vfm_buffer_printf(out, " %u vlan %d mac %s\n", pf->named[i].number,
				  pf->named[i].vlan, pf->named[i].mac);
}

/* What was understood, as text; an error's text when nothing was. */
static char *parsed(const char *data, size_t size, int *ret_error)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_buffer out = {.data = NULL};
	/* Of its own size, without a NUL: reading past it is seen. */
	VFM_AUTO_FREE char *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	vfm_prep_request_init(&request);
	*ret_error = vfm_prep_request_parse(copy, size, "file", &request, &err);
	if (*ret_error == 0)
		*ret_error = vfm_prep_request_check(&request, &err);
	if (*ret_error < 0)
		return vfm_error_text(&err);
	vfm_buffer_printf(&out, "max-idle %u phases %u\n", request.max_idle_ms, request.phases);
	for (size_t i = 0; i < request.pf_count; i++)
		put_pf(&out, &request.pfs[i]);
	return vfm_buffer_steal(&out);
}

#define SECTION "[0000:e1:00.0]\n"
#define WHOLE   SECTION "vfs = 4\nbridge = br0\n"
#define DEFAULT "max-idle 300000 phases 3\n"

struct config_row {
	const char *text;
	int error;
	const char *expected; /* all that was understood; words of the error */
};

static const struct config_row config_rows[] = {
	{WHOLE, 0, DEFAULT "[0000:e1:00.0] vfs 4 bridge br0 uplink - mtu 0 bind 0\n"},
	{"\xef\xbb\xbf" SECTION "vfs=4\r\nbridge: br0\r\n", 0,
	 DEFAULT "[0000:e1:00.0] vfs 4 bridge br0 uplink - mtu 0 bind 0\n"},
	{"# of all\nmax-idle = 500 ; milliseconds\nphase = device\n\n  [e1:00.0]  # the first\n"
	 "\tvfs = 2\n\tmtu = 9000\n; done",
	 0, "max-idle 500 phases 1\n[0000:e1:00.0] vfs 2 bridge - uplink - mtu 9000 bind 0\n"},
	{WHOLE "uplink = none\nbind = pci-stub\nvlan = 3=30  0=12\nmac = 1=52:54:00:00:00:0A\n"
	       "vlan = 1=12\n",
	 0,
	 DEFAULT "[0000:e1:00.0] vfs 4 bridge br0 uplink none mtu 0 bind 1\n"
		 " 0 vlan 12 mac \n 1 vlan 12 mac 52:54:00:00:00:0a\n 3 vlan 30 mac \n"},
	{"[0000:e1:00.1]\nvfs=1\nbridge=b\nuplink=bond0\n[0000:e1:00.0]\nvfs=2\nbridge=b\n"
	 "uplink=bond0\n",
	 0,
	 DEFAULT "[0000:e1:00.0] vfs 2 bridge b uplink bond0 mtu 0 bind 0\n"
		 "[0000:e1:00.1] vfs 1 bridge b uplink bond0 mtu 0 bind 0\n"},

	/* not whole */
	{"", -EINVAL, "no PF is named"},
	{"# nothing\n", -EINVAL, "no PF is named"},
	{SECTION, -EINVAL, "0000:e1:00.0: the number of VFs is not given"},
	{SECTION "vfs = 4\n", -EINVAL, "0000:e1:00.0: the bridge is not given"},
	{WHOLE "vlan = 4=12\n", -EINVAL, "a VLAN is given for VF 4 of 4"},
	{WHOLE "mac = 9=52:54:00:00:00:01\n", -EINVAL, "a MAC is given for VF 9 of 4"},
	{WHOLE "uplink = br0\n", -EINVAL, "'br0' is to be both"},
	{WHOLE "mac = 0=52:54:00:00:00:01 3=52:54:00:00:00:01\n", -EINVAL,
	 "52:54:00:00:00:01: is given to VF"},
	{WHOLE "mac = 0=52:54:00:00:00:01\n[0000:e1:00.1]\nvfs=1\nbridge=br0\n"
	       "mac = 0=52:54:00:00:00:01\n",
	 -EINVAL, "0000:e1:00.1"},
	{WHOLE "uplink=bond0\n[0000:e1:00.1]\nvfs=1\nbridge=br1\nuplink=bond0\n", -EINVAL,
	 "uplink bond0 is asked for in br1, and in br0 by 0000:e1:00.0"},
	{"confirm-within = 30\n" WHOLE, -EINVAL, "belong together"},

	/* not understood, and where */
	{"vfs = 4\n", -EINVAL, "file: line 1: there is no setting 'vfs' for all PFs"},
	{WHOLE "\n\nmtu = big\n", -EINVAL, "file: line 6: mtu: 'big' is no number"},
	{WHOLE "mtu\n", -EINVAL, "file: line 4: is no setting"},
	{WHOLE "mtu\nbind = x\n", -EINVAL, "file: line 4: is no setting"},
	{WHOLE "bind = x\nmtu\n", -EINVAL, "file: line 4: bind: 'x'"},
	{WHOLE "= 4\n", -EINVAL, "file: line 4: a PF has no setting ''"},
	{WHOLE "vfs = 5\n", -EINVAL, "file: line 4: vfs: is given twice"},
	{"max-idle=500\nmax-idle=600\n", -EINVAL, "file: line 2: max-idle: is given twice"},
	{WHOLE "vlan = 0=1 0=2\n", -EINVAL, "file: line 4: vlan: VF 0 has a tag already"},
	{WHOLE "mac = 0=52:54:00:00:00:01\nmac = 0=52:54:00:00:00:02\n", -EINVAL,
	 "file: line 5: mac: VF 0 has a MAC already"},
	{WHOLE "vlan =\n", -EINVAL, "file: line 4: vlan: '' names no VF"},
	{WHOLE "vlan = 0=12\n   1=13\n", -EINVAL, "file: line 5: a PF has no setting '1'"},
	{WHOLE "max-idle = 500\n", -EINVAL, "file: line 4: a PF has no setting 'max-idle'"},
	{WHOLE "bridge = br0 # ours\n", -EINVAL, "file: line 4: bridge: is given twice"},
	{SECTION "bridge = br0 # ours\n", -EINVAL, "file: line 2: bridge: 'br0 # ours' cannot"},
	{"[]\n", -EINVAL, "file: line 1: pf: '' is no PCI address"},
	{"[e1:00]\n", -EINVAL, "file: line 1: pf: 'e1:00' is no PCI address"},
	{"[default]\n", -EINVAL, "file: line 1: pf: 'default' is no PCI address"},
	{"[0000:e1:00.0\n", -EINVAL, "file: line 1: the section's ']' is missing"},
	{"[0000:e1:00.0] vfs = 4\n", -EINVAL, "file: line 1: something stands behind"},
	{WHOLE WHOLE, -EEXIST, "file: line 4: 0000:e1:00.0: is named twice"},
	{WHOLE "[e1:00.0]\n", -EEXIST, "file: line 4: 0000:e1:00.0: is named twice"},
	{WHOLE "mtu = 1\x01\n", -EINVAL, "file: line 4: a control character is in it"},
	{WHOLE "#\x7f\n", -EINVAL, "file: line 4: a control character is in it"},
	{WHOLE "#\x1b[2J\n", -EINVAL, "file: line 4: a control character is in it"},
	{WHOLE "mtu = 15\r00\n", -EINVAL, "file: line 4: mtu: '15 00' is no number"},
	{WHOLE "bridge\xff = x\n", -EINVAL, "file: line 4: a PF has no setting 'bridge?'"},
};

static void test_configurations(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(config_rows); i++) {
		const struct config_row *row = &config_rows[i];
		int r;
		VFM_AUTO_FREE char *text = parsed(row->text, strlen(row->text), &r);

		if (r != row->error)
			fail_msg("%s\ngave %d: %s", row->text, r, text);
		if (r == 0)
			assert_string_equal(text, row->expected);
		else if (!strstr(text, row->expected))
			fail_msg("'%s' is not in '%s'", row->expected, text);
	}
}

/* A line that inih would cut is refused, and one that it takes is taken whole. */
static void test_long_lines(void **state)
{
	(void)state;
	for (size_t size = 150; size < 1000; size++) {
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		int r;

		vfm_buffer_puts(&text, WHOLE "vlan=0=1");
		for (size_t i = 0; i < size - 11; i++)
			vfm_buffer_puts(&text, " ");
		vfm_buffer_puts(&text, "1=2\nbind = x\n");
		{
			VFM_AUTO_FREE char *said = parsed(text.data, text.size, &r);

			const char *words =
				size <= 198 ? "line 5: bind: 'x'" : "line 4: is too long";

			assert_int_equal(r, -EINVAL);
			if (!strstr(said, words))
				fail_msg("%zu bytes: %s", size, said);
		}
	}
}

static void test_too_much(void **state)
{
	VFM_AUTO_BUFFER struct vfm_buffer pfs = {.data = NULL};
	const size_t most = (size_t)256 * 1024;
	VFM_AUTO_FREE char *big = malloc(most + 1);
	int r;

	(void)state;
	memset(big, '\n', most + 1);
	free(parsed(big, most, &r));
	assert_int_equal(r, -EINVAL); /* read, and empty */
	free(parsed(big, most + 1, &r));
	assert_int_equal(r, -EFBIG);
	for (unsigned int i = 0; i < 65; i++)
		vfm_buffer_printf(&pfs, "[%02x:00.0]\n", i);
	{
		VFM_AUTO_FREE char *said = parsed(pfs.data, pfs.size, &r);

		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(said, "line 65: pf: more than 64 PFs"));
	}
}

/* Every byte of a good file made a bad one, and every end of it: an answer, and no word of it that
 * a terminal would obey. */
static void test_hostile_bytes(void **state)
{
	static const char good[] = "max-idle = 600\n" WHOLE
				   "vlan = 0=12 1=13\nmac = 2=52:54:00:00:00:01\nuplink = none\n";
	static const char bad[] = {0, '\n', '[', ']', '=', ';', '#', ' ', '\x1b', '\xff', '9', '-'};

	(void)state;
	for (size_t at = 0; at < sizeof(good); at++)
		for (size_t k = 0; k < sizeof(bad); k++) {
			char text[sizeof(good)];
			int r;

			memcpy(text, good, sizeof(good));
			text[at] = bad[k];
			/* The last round cuts the text there instead. */
			{
				VFM_AUTO_FREE char *said = parsed(
					text, k + 1 < sizeof(bad) ? sizeof(good) - 1 : at, &r);

				assert_true(r == 0 || r == -EINVAL || r == -ERANGE || r == -EEXIST);
				assert_non_null(said);
				assert_true(r == 0 || !strpbrk(said, "\x1b\xff\n"));
				/* A NUL is never the end of the file. */
				if (bad[k] == 0 && at + 1 < sizeof(good))
					assert_non_null(strstr(said, "control character"));
			}
		}
}

/* What is shipped as an example is one, with its comments' settings too. */
static void test_the_sample(void **state)
{
	static const char expected[] =
		DEFAULT "[0000:e1:00.0] vfs 8 bridge br-vm uplink bond0 mtu 9000 bind 0\n"
			" 0 vlan 12 mac 52:54:00:00:00:01\n 1 vlan 12 mac 52:54:00:00:00:02\n"
			" 2 vlan 34 mac \n";
	size_t size;
	VFM_AUTO_FREE char *text = unit_data("../../../data/vfprep.conf", &size);
	VFM_AUTO_BUFFER struct vfm_buffer all = {.data = NULL};
	int r;

	(void)state;
	for (const char *at = text; *at; at++)
		if (*at != '#' || at[1] < 'a' || at[1] > 'z')
			vfm_buffer_append(&all, at, 1);
	{
		VFM_AUTO_FREE char *plain = parsed(text, size, &r);

		assert_string_equal(plain, DEFAULT "[0000:e1:00.0] vfs 8 bridge br-vm uplink - "
						   "mtu 0 bind 0\n");
	}
	{
		VFM_AUTO_FREE char *whole = parsed(all.data, all.size, &r);

		assert_string_equal(whole, expected);
	}
}

static void test_named_vfs(void **state)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	struct vfm_prep_pf *pf;

	(void)state;
	vfm_prep_request_init(&request);
	assert_int_equal(vfm_prep_request_add(&request, PF, &pf, NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "vlan", "7=70", NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "vlan", "2=20", NULL), 0);
	assert_int_equal(vfm_prep_pf_set(pf, "vlan", "5=50", NULL), 0);
	assert_int_equal(vfm_prep_pf_named(pf, 2)->vlan, 20);
	assert_int_equal(vfm_prep_pf_named(pf, 5)->vlan, 50);
	assert_int_equal(vfm_prep_pf_named(pf, 7)->vlan, 70);
	assert_null(vfm_prep_pf_named(pf, 3));
	for (size_t i = 1; i < pf->named_count; i++)
		assert_true(pf->named[i - 1].number < pf->named[i].number);
}

static void test_taking_the_uplink(void **state)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	vfm_prep_request_init(&request);
	assert_int_equal(vfm_prep_request_parse(WHOLE, sizeof(WHOLE) - 1, "f", &request, &err), 0);
	assert_int_equal(vfm_prep_request_check(&request, &err), 0);
	request.take_uplink = true;
	assert_int_equal(vfm_prep_request_check(&request, &err), -EINVAL);
	request.confirm_within_s = 30;
	assert_int_equal(vfm_prep_request_check(&request, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_of_a_pf),
		cmocka_unit_test(test_settings_of_the_whole),
		cmocka_unit_test(test_errors_may_be_left_out),
		cmocka_unit_test(test_pfs_stand_in_order),
		cmocka_unit_test(test_uplink_none_and_named),
		cmocka_unit_test(test_configurations),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_the_sample),
		cmocka_unit_test(test_named_vfs),
		cmocka_unit_test(test_taking_the_uplink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
