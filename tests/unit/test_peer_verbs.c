/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of a move: what is asked and answered as bytes, both ways; what is refused before
 * anything is touched; claims and slots on this machine, with a /run and a /sys of the test's own,
 * by processes that race for them. What needs a card is in tests/lab.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/deadline.h"
#include "facts/claims.h"
#include "ovs/learned.h"
#include "peer/peer.h"
#include "peer/serve.h"
#include "peer/session.h"
#include "plan/step.h"

#define PF      "0000:e1:00.0"
#define VF      "0000:e1:00.2"
#define OTHER   "0000:e1:00.3"
#define UNSEEN  "0000:e1:00.4"
#define OWNER   "vfmigrate: vm1 from host-a, pid 812"
#define DEVICES "/sys/bus/pci/devices/"

/* --- a host of our own --- */

static bool private_host;

static void make_directory(const char *path)
{
	VFM_AUTO_FREE char *copy = strdup(path);

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void make(const char *bdf, const char *name, const char *text)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(DEVICES "%s/%s", bdf, name);
	VFM_AUTO_CLOSE int fd = -1;

	make_directory(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%s\n", text) > 0);
}

static void make_link(const char *bdf, const char *name, const char *target)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(DEVICES "%s/%s", bdf, name);

	make_directory(path);
	assert_int_equal(symlink(target, path), 0);
}

static void make_device(const char *bdf, const char *device)
{
	make(bdf, "vendor", "0x15b3");
	make(bdf, "device", device);
	make(bdf, "class", "0x020000");
	make(bdf, "revision", "0x00");
	make(bdf, "subsystem_vendor", "0x15b3");
	make(bdf, "subsystem_device", "0x0000");
}

static void make_vf(const char *bdf, const char *link)
{
	VFM_AUTO_FREE char *target = vfm_text_printf("../%s", bdf);

	make_device(bdf, "0x101e");
	make_link(bdf, "physfn", "../" PF);
	make(bdf, "driver_override", "(null)");
	make_link(PF, link, target);
}

/* A card with a VF that nobody has, one that another namespace has, and one of which it is not
 * told. */
static int host_up(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, "mode=0755") < 0 ||
	    mount("none", "/sys", "tmpfs", 0, "mode=0755") < 0) {
		print_message("no host of our own (needs root): %s\n", strerror(errno));
		return 0;
	}
	private_host = true;
	make_device(PF, "0x1021");
	make(PF, "sriov_totalvfs", "8");
	make(PF, "sriov_numvfs", "3");
	make_vf(VF, "virtfn0");
	make_vf(OTHER, "virtfn1");
	make_vf(UNSEEN, "virtfn2");
	make(OTHER, "net/x", "");
	assert_int_equal(unlink(DEVICES OTHER "/net/x"), 0);
	make(UNSEEN, "net/eth9/ifindex", "9");
	return 0;
}

#define NEEDS_HOST()                                                                               \
	do {                                                                                       \
		if (!private_host)                                                                 \
			skip();                                                                    \
	} while (0)

/* --- requests: what is no request is refused with nothing touched --- */

static const struct {
	const char *line;
	const char *what; /* part of the answer */
} refused_rows[] = {
	{"\"verb\":\"claim\",\"owner\":\"vm1\"", "\\\"vf\\\" is no PCI address"},
	{"\"verb\":\"claim\",\"vf\":null,\"owner\":\"vm1\"", "\\\"vf\\\" is no PCI address"},
	{"\"verb\":\"claim\",\"vf\":5,\"owner\":\"vm1\"", "\\\"vf\\\" is no text"},
	{"\"verb\":\"claim\",\"vf\":\"../../etc\",\"owner\":\"vm1\"", "is no PCI address"},
	{"\"verb\":\"claim\",\"vf\":\"e1:00.2/x\",\"owner\":\"vm1\"", "is no PCI address"},
	{"\"verb\":\"claim\",\"vf\":\"e1:00.2\\u0000\",\"owner\":\"vm1\"", "is no text"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\"", "\\\"owner\\\" is no line"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\",\"owner\":\"\"", "\\\"owner\\\" is no line"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\",\"owner\":\"a\\nb\"", "\\\"owner\\\" is no line"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\",\"owner\":\"\\u001b[2J\"", "is no line"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\",\"owner\":\"\xc3\xa4\"", "is no line"},
	{"\"verb\":\"slots\",\"pf\":\"" PF "\",\"owner\":\"a\",\"count\":5",
	 "\\\"count\\\" is no number from 1 to 4"},
	{"\"verb\":\"slots\",\"pf\":\"" PF "\",\"owner\":\"a\",\"count\":0", "from 1 to 4"},
	{"\"verb\":\"slots\",\"pf\":\"" PF "\",\"owner\":\"a\",\"count\":\"1\"", "from 1 to 4"},
	{"\"verb\":\"slots\",\"owner\":\"a\"", "\\\"pf\\\" is no PCI address"},
	{"\"verb\":\"release\"", "\\\"device\\\" is no PCI address"},
	{"\"verb\":\"port\",\"bridge\":\"br0\",\"tag\":4096", "\\\"tag\\\" is no number from 0"},
	{"\"verb\":\"port\",\"bridge\":\"br0\",\"tag\":-1", "\\\"tag\\\" is no number from 0"},
	{"\"verb\":\"port\",\"bridge\":\"br0\",\"tag\":1.5", "\\\"tag\\\" is no number from 0"},
	{"\"verb\":\"port\",\"bridge\":\"br0 tag=4\"", "is no name of a bridge"},
	{"\"verb\":\"port\",\"bridge\":\"\"", "is no name of a bridge"},
	{"\"verb\":\"port\",\"bridge\":\"../br0\"", "is no name of a bridge"},
	{"\"verb\":\"port\",\"bridge\":\"sixteen-bytes-br\"", "is no name of a bridge"},
	{"\"verb\":\"port\",\"bridge\":[]", "\\\"bridge\\\" is no text"},
	{"\"verb\":\"port\",\"tag\":4", "has a tag but no bridge"},
	{"\"verb\":\"port\",\"bridge\":\"br0\",\"mtu\":0", "\\\"mtu\\\" is no number from 1"},
	{"\"verb\":\"port\",\"bridge\":\"br0\"", "\\\"vf\\\" is no PCI address"},
	{"\"verb\":\"hw-addr\",\"mac\":\"52:54:00:00:00\"", "is no address that an interface"},
	{"\"verb\":\"hw-addr\",\"mac\":\"01:54:00:00:00:01\"", "is no address that an interface"},
	{"\"verb\":\"hw-addr\",\"mac\":\"00:00:00:00:00:00\"", "is no address that an interface"},
	{"\"verb\":\"hw-addr\"", "\\\"vf\\\" is no PCI address"},
	{"\"verb\":\"announce\",\"pf\":\"" PF "\"", "is no list of 1 to 64 addresses"},
	{"\"verb\":\"announce\",\"pf\":\"" PF "\",\"addresses\":[]", "is no list of 1 to 64"},
	{"\"verb\":\"announce\",\"pf\":\"" PF "\",\"addresses\":{}", "is no list of 1 to 64"},
	{"\"verb\":\"announce\",\"pf\":\"" PF "\",\"addresses\":[3]", "\\\"mac\\\" is no address"},
	{"\"verb\":\"announce\",\"pf\":\"" PF "\",\"addresses\":[{\"mac\":\"ff:ff:ff:ff:ff:ff\"}]",
	 "\\\"mac\\\" is no address"},
	{"\"verb\":\"announce\",\"pf\":\"" PF
	 "\",\"addresses\":[{\"mac\":\"52:54:00:00:00:01\",\"tag\":9999}]",
	 "\\\"tag\\\" is no number"},
	{"\"verb\":\"announce\",\"addresses\":[{\"mac\":\"52:54:00:00:00:01\"}]",
	 "\\\"pf\\\" is no PCI address"},
	{"\"verb\":\"forget\",\"vf\":\"" VF "\"", "\\\"mac\\\" is no address"},
	{"\"verb\":\"forget\",\"mac\":\"52:54:00:00:00:01\"", "\\\"vf\\\" is no PCI address"},
	{"\"verb\":\"claim\",\"vf\":\"" VF "\",\"owner\":\"a\",\"timeout_ms\":0",
	 "\\\"timeout_ms\\\" is no number"},
	{"\"verb\":\"storage\"", "\\\"paths\\\" is no list of at most 64"},
	{"\"verb\":\"storage\",\"paths\":\"/a\"", "\\\"paths\\\" is no list of at most 64"},
	{"\"verb\":\"storage\",\"paths\":[\"/a\",\"b\"]", "has what is no absolute path"},
	{"\"verb\":\"storage\",\"paths\":[\"\"]", "has what is no absolute path"},
	{"\"verb\":\"storage\",\"paths\":[7]", "has what is no absolute path"},
	{"\"verb\":\"storage\",\"paths\":[null]", "has what is no absolute path"},
	{"\"verb\":\"storage\",\"paths\":[\"/a\\u0000b\"]", "has what is no absolute path"},
	{"\"verb\":\"storage\",\"paths\":[],\"timeout_ms\":0", "\\\"timeout_ms\\\" is no number"},
	{"\"verb\":\"reach\"", "\\\"targets\\\" is no list of at most 16"},
	{"\"verb\":\"reach\",\"targets\":{}", "\\\"targets\\\" is no list of at most 16"},
	{"\"verb\":\"reach\",\"targets\":[5]", "\\\"what\\\" is no line of printable text"},
	{"\"verb\":\"reach\",\"targets\":[{\"host\":\"b\",\"port\":22}]",
	 "\\\"what\\\" is no line of printable text"},
	{"\"verb\":\"reach\",\"targets\":[{\"what\":\"tls\",\"port\":22}]",
	 "\\\"host\\\" is no name of a host"},
	{"\"verb\":\"reach\",\"targets\":[{\"what\":\"tls\",\"host\":\"a b\",\"port\":22}]",
	 "\\\"host\\\" is no name of a host"},
	{"\"verb\":\"reach\",\"targets\":[{\"what\":\"tls\",\"host\":\"b\"}]", "no \\\"port\\\""},
	{"\"verb\":\"reach\",\"targets\":[{\"what\":\"tls\",\"host\":\"b\",\"port\":0}]",
	 "\\\"port\\\" is no number from 1 to 65535"},
	{"\"verb\":\"reach\",\"targets\":[{\"what\":\"tls\",\"host\":\"b\",\"port\":65536}]",
	 "\\\"port\\\" is no number from 1 to 65535"},
	{"\"verb\":\"place\",\"timeout_ms\":-1", "\\\"timeout_ms\\\" is no number"},
	{"\"verb\":\"vgpu-metadata\",\"uuid\":\"x\"", "\\\"devices\\\" is no list of at most 64"},
	{"\"verb\":\"vgpu-metadata\",\"uuid\":\"x\",\"devices\":[7]", "has what is no text"},
	{"\"verb\":\"vgpu-metadata\",\"devices\":[\"" VF "\"]", "\\\"uuid\\\" is no line"},
	{"\"verb\":\"vgpu-metadata\",\"devices\":[],\"uuid\":\"a\",\"timeout_ms\":0",
	 "\\\"timeout_ms\\\" is no number"},
	{"\"verb\":\"vgpu-fits\"", "\\\"metadata\\\" is no list of at most 16"},
	{"\"verb\":\"vgpu-fits\",\"metadata\":[null]", "has what is no text"},
	{"\"verb\":\"vgpu-fits\",\"metadata\":[\"*\"]", "its metadata are no base64"},
	{"\"verb\":\"vgpu-fits\",\"metadata\":[\"Zm9v\"]", "contradict their own size"},
	{"\"verb\":\"vgpu-fits\",\"metadata\":[],\"timeout_ms\":0",
	 "\\\"timeout_ms\\\" is no number"},
};

static char *answer_to(struct vfm_session *session, const char *members)
{
	VFM_AUTO_FREE char *line = vfm_text_printf("{\"schema\":1,%s}", members);

	return vfm_serve_answer(vfm_verbs, session, line, strlen(line));
}

static void test_refused_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(refused_rows); i++) {
		VFM_AUTO_SESSION struct vfm_session *session = vfm_session_new();
		VFM_AUTO_FREE char *answer = answer_to(session, refused_rows[i].line);

		if (!strstr(answer, "\"ok\":false") || !strstr(answer, "\"code\":22,") ||
		    !strstr(answer, refused_rows[i].what))
			fail_msg("%s: %s", refused_rows[i].line, answer);
	}
	if (private_host)
		assert_int_equal(access(VFM_CLAIMS_DIRECTORY, F_OK), -1);
}

/* --- what is asked of another host, and what is made of its answer --- */

/* A folder with an 'ssh' that plays the other side: it writes what it is asked to ./requests. */
struct place {
	char path[64];
	char *search_path;
};

static int place_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	VFM_AUTO_FREE char *path = NULL;

	strcpy(place->path, "/tmp/vfmig-test-verbs.XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->search_path = strdup(getenv("PATH"));
	path = vfm_text_printf("%s:%s", place->path, place->search_path);
	*state = place;
	return setenv("PATH", path, 1);
}

static int place_down(void **state)
{
	static const char *const names[] = {"ssh", "requests"};
	struct place *place = *state;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", place->path, names[i]);

		unlink(path);
	}
	setenv("PATH", place->search_path, 1);
	rmdir(place->path);
	free(place->search_path);
	free(place);
	return 0;
}

static void put_ssh(const struct place *place, const char *answer)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/ssh", place->path);
	VFM_AUTO_FREE char *text = vfm_text_printf(
		"#!/bin/sh\ncd '%s' || exit 9\n"
		"echo '{\"schema\":1,\"kind\":\"vfprep-serve\",\"program\":\"vfmig 9\"}'\n"
		"read -r line; echo \"$line\" >requests; echo '{\"schema\":1,%s}'; read -r line\n",
		place->path, answer);

	assert_int_equal(vfm_file_write_atomic(path, text, strlen(text), 0755, NULL), 0);
}

static int ask_claim(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	struct vfm_vf_facts vf = {.bdf = {.value = NULL}};
	int r = vfm_peer_claim(peer, VF, OWNER, &vf, err);

	if (r == 0)
		*said = vfm_text_printf("%s %s", vf.bdf.value, vf.migratable.value);
	vfm_fields_done(vfm_vf_fields, &vf);
	return r;
}

static int ask_slots(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	(void)said;
	return vfm_peer_slots(peer, PF, 2, OWNER, err);
}

static int ask_claim_of(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	(void)said;
	return vfm_peer_claim_of(peer, VF, OWNER, "vm1", err);
}

static int ask_release(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	(void)said;
	return vfm_peer_release(peer, VF, err);
}

static int tell_port(struct vfm_peer *peer, const struct vfm_peer_port *port, char **said,
		     struct vfm_error *err)
{
	struct vfm_peer_port before = {.tag = 99};
	int r = vfm_peer_port_set(peer, VF, port, &before, err);

	if (r == 0)
		*said = vfm_text_printf("%s %d %s %u %d", before.bridge ? before.bridge : "-",
					(int)before.tag, before.options ? before.options : "-",
					before.mtu, (int)before.link);
	vfm_peer_port_done(&before);
	return r;
}

static int ask_port(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	const struct vfm_peer_port port = {.bridge = (char *)"br0", .tag = 0, .mtu = 9000};

	return tell_port(peer, &port, said, err);
}

static int ask_port_whole(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	const struct vfm_peer_port port = {
		.bridge = (char *)"br0",
		.tag = VFM_PEER_NO_TAG,
		.options = (char *)"vlan_mode=trunk trunks=5,7",
		.link = VFM_PEER_LINK_UP,
	};

	return tell_port(peer, &port, said, err);
}

static int ask_port_out(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	const struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};

	return tell_port(peer, &port, said, err);
}

static int ask_hw_addr(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	return vfm_peer_hw_addr_set(peer, VF, "52:54:00:00:00:01", said, err);
}

static int ask_hw_addr_gone(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	return vfm_peer_hw_addr_set(peer, VF, NULL, said, err);
}

static int ask_announce(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	const struct vfm_peer_address addresses[] = {{"52:54:00:00:00:01", 12},
						     {"52:54:00:00:00:02", VFM_PEER_NO_TAG}};

	(void)said;
	return vfm_peer_announce(peer, PF, addresses, 2, err);
}

static int ask_forget(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	return vfm_peer_forget(peer, VF, "52:54:00:00:00:01", said, err);
}

static int ask_storage(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	static const char *const paths[] = {"/srv/vm 1.img", "/dev/vg/vm1"};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	const struct vfm_storage_side_probe *side;
	int r = vfm_peer_storage(peer, paths, 2, &sides, err);

	if (r < 0)
		return r;
	side = vfm_list_at(struct vfm_storage_side_probe, &sides.sides, 0);
	*said = vfm_text_printf("%s %d %ju %s", side[0].identity.value, side[0].cluster.value,
				(uintmax_t)side[0].free_bytes.value,
				vfm_fact_reason(&side[1].identity.fact));
	return r;
}

static int ask_reach(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	static const struct vfm_dial_target targets[] = {{"control", "host-b", 22}};
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	const struct vfm_reach_probe *reach;
	int r = vfm_peer_reach(peer, targets, 1, &answers, err);

	if (r < 0)
		return r;
	reach = vfm_list_at(struct vfm_reach_probe, &answers.answers, 0);
	*said = vfm_text_printf("%s %s %d %s", reach->what.value, reach->address.value,
				reach->loopback.value, reach->answer.value);
	return r;
}

static int ask_place(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};
	int r = vfm_peer_place(peer, &place, err);

	if (r == 0)
		*said = vfm_text_printf("%ju %s %d", (uintmax_t)place.migration_port_max.value,
					place.gateway_mac.value,
					place.nfs_sebool.fact.state == VFM_ABSENT);
	return r;
}

static int ask_vgpu_metadata(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	static char *devices[] = {(char *)VF, (char *)OTHER};
	const struct vfm_strings list = {devices, 2, false};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};
	const struct vfm_vgpu_record *record;
	int r = vfm_peer_vgpu_metadata(peer, &list, "4a64", &records, err);

	if (r < 0)
		return r;
	record = vfm_list_at(const struct vfm_vgpu_record, &records.vgpus, 0);
	*said = vfm_text_printf("%zu %s %s", records.vgpus.count, record->device.value,
				record->metadata.value);
	return r;
}

static int ask_vgpu_fits(struct vfm_peer *peer, char **said, struct vfm_error *err)
{
	static char *metadata[] = {(char *)"Zm9v", (char *)"YmFy"};
	const struct vfm_strings list = {metadata, 2, false};
	VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
	const struct vfm_vgpu_fit *fit;
	int r = vfm_peer_vgpu_fits(peer, &list, &fits, err);

	if (r < 0)
		return r;
	fit = vfm_list_at(const struct vfm_vgpu_fit, &fits.fits, 0);
	*said = vfm_text_printf("%s %ju %ju %s", fit[0].gpu.value,
				(uintmax_t)fit[0].compatibility.value,
				(uintmax_t)fit[0].limit.value, vfm_fact_reason(&fit[1].limit.fact));
	return r;
}

#define OK    "\"ok\":true,"
#define END   ",\"timeout_ms\":48000}\n"
#define ASKED "{\"schema\":1,\"verb\":"

#define ASKED_STORAGE ASKED "\"storage\",\"paths\":[\"/srv/vm 1.img\",\"/dev/vg/vm1\"]" END
#define ASKED_METADATA                                                                             \
	ASKED "\"vgpu-metadata\",\"devices\":[\"" VF "\",\"" OTHER "\"],\"uuid\":\"4a64\"" END
#define ASKED_FITS ASKED "\"vgpu-fits\",\"metadata\":[\"Zm9v\",\"YmFy\"]" END
#define ASKED_REACH                                                                                \
	ASKED "\"reach\",\"targets\":[{\"what\":\"control\",\"host\":\"host-b\","                  \
	      "\"port\":22}]" END

static const struct ask_row {
	int (*ask)(struct vfm_peer *peer, char **said, struct vfm_error *err);
	const char *request, *answer;
	int error;
	const char *said; /* what was made of the answer; or part of the error */
} ask_rows[] = {
	{ask_claim, ASKED "\"claim\",\"vf\":\"" VF "\",\"owner\":\"" OWNER "\"" END,
	 OK "\"vf\":{\"number\":0,\"bdf\":\"" VF "\",\"migratable\":\"enabled\",\"users\":[]}", 0,
	 VF " enabled"},
	{ask_claim_of,
	 ASKED "\"claim\",\"vf\":\"" VF "\",\"owner\":\"" OWNER "\",\"domain\":\"vm1\"" END,
	 OK "\"vf\":{\"bdf\":\"" VF "\"}", 0, NULL},
	{ask_slots, ASKED "\"slots\",\"pf\":\"" PF "\",\"count\":2,\"owner\":\"" OWNER "\"" END,
	 OK "\"slots\":2", 0, NULL},
	{ask_release, ASKED "\"release\",\"device\":\"" VF "\"" END, OK "\"released\":1", 0, NULL},
	{ask_port, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":\"br0\",\"tag\":0,\"mtu\":9000" END,
	 OK "\"port\":{\"name\":\"r0\",\"before\":{\"bridge\":\"br1\",\"tag\":7,\"mtu\":1500}}", 0,
	 "br1 7 - 1500 0"},
	{ask_port_whole,
	 ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":\"br0\",\"options\":\"vlan_mode=trunk "
	       "trunks=5,7\",\"up\":true" END,
	 OK "\"port\":{\"name\":\"r0\",\"before\":{\"bridge\":\"br1\",\"tag\":null,"
	    "\"options\":\"ingress_policing_rate=9\",\"mtu\":1500,\"up\":false}}",
	 0, "br1 -1 ingress_policing_rate=9 1500 2"},
	{ask_port_out, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":null" END,
	 OK "\"port\":{\"before\":{\"bridge\":\"br0\",\"options\":\"trunks=7,5\"}}", -EPROTO,
	 "its answer is not understood"},
	{ask_port_out, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":null" END,
	 OK "\"port\":{\"before\":{\"bridge\":\"br0\",\"up\":1}}", -EPROTO,
	 "its answer is not understood"},
	{ask_port_out, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":null" END,
	 OK "\"port\":{\"name\":\"r0\",\"before\":{\"bridge\":null,\"tag\":null,\"mtu\":null}}", 0,
	 "- -1 - 0 0"},
	{ask_port_out, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":null" END,
	 OK "\"port\":{\"before\":{\"bridge\":\"a b\"}}", -EPROTO, "its answer is not understood"},
	{ask_port_out, ASKED "\"port\",\"vf\":\"" VF "\",\"bridge\":null" END, OK "\"port\":7",
	 -EPROTO, "its answer is not understood"},
	{ask_hw_addr, ASKED "\"hw-addr\",\"vf\":\"" VF "\",\"mac\":\"52:54:00:00:00:01\"" END,
	 OK "\"hw_addr\":{\"before\":\"52:54:00:00:00:09\"}", 0, "52:54:00:00:00:09"},
	{ask_hw_addr_gone, ASKED "\"hw-addr\",\"vf\":\"" VF "\",\"mac\":null" END,
	 OK "\"hw_addr\":{\"before\":null}", 0, NULL},
	{ask_announce,
	 ASKED "\"announce\",\"pf\":\"" PF "\",\"addresses\":[{\"mac\":\"52:54:00:00:00:01\","
	       "\"tag\":12},{\"mac\":\"52:54:00:00:00:02\"}]" END,
	 OK "\"announced\":10", 0, NULL},
	{ask_forget, ASKED "\"forget\",\"vf\":\"" VF "\",\"mac\":\"52:54:00:00:00:01\"" END,
	 OK "\"forgotten\":\"dropped\"", 0, "dropped"},
	/* The errno of the other side is ours. */
	{ask_claim, ASKED "\"claim\",\"vf\":\"" VF "\",\"owner\":\"" OWNER "\"" END,
	 "\"ok\":false,\"error\":{\"domain\":\"system\",\"code\":16,\"object\":\"" VF
	 "\",\"what\":\"claimed by vm7\"}",
	 -EBUSY, "claimed by vm7"},
	{ask_hw_addr, ASKED "\"hw-addr\",\"vf\":\"" VF "\",\"mac\":\"52:54:00:00:00:01\"" END,
	 "\"ok\":false,\"error\":{\"domain\":\"devlink\",\"code\":95,\"what\":\"no\"}", -EOPNOTSUPP,
	 "no"},
	{ask_claim, ASKED "\"claim\",\"vf\":\"" VF "\",\"owner\":\"" OWNER "\"" END,
	 OK "\"vf\":{\"bdf\":7}", -EINVAL, "expected"},
	{ask_storage, ASKED_STORAGE,
	 OK "\"storage\":{\"sides\":[{\"identity\":\"nfs a:/b inode 3\",\"cluster\":true,"
	    "\"free_bytes\":77},{\"identity\":{\"unknown\":\"no name\"}}]}",
	 0, "nfs a:/b inode 3 1 77 no name"},
	/* Not as many as asked for: nobody can tell which is which. */
	{ask_storage, ASKED_STORAGE, OK "\"storage\":{\"sides\":[{\"kind\":\"file\"}]}", -EPROTO,
	 "not as many as were asked for"},
	{ask_storage, ASKED_STORAGE, OK "\"storage\":{\"sides\":{\"unknown\":\"x\"}}", -EPROTO,
	 "not as many as were asked for"},
	{ask_storage, ASKED_STORAGE, OK "\"storage\":{\"sides\":[{\"kind\":7},{}]}", -EPROTO,
	 "its answer is not understood: sides"},
	{ask_storage, ASKED_STORAGE, OK "\"storage\":7", -EPROTO, "its answer is not understood"},
	{ask_reach, ASKED_REACH,
	 OK "\"reach\":{\"answers\":[{\"what\":\"control\",\"host\":\"host-b\",\"address\":"
	    "\"192.0.2.7\",\"loopback\":false,\"port\":22,\"answer\":\"refused\"}]}",
	 0, "control 192.0.2.7 0 refused"},
	{ask_reach, ASKED_REACH, OK "\"reach\":{\"answers\":[{},{}]}", -EPROTO,
	 "not as many as were asked for"},
	{ask_reach, ASKED_REACH,
	 "\"ok\":false,\"error\":{\"domain\":\"system\",\"code\":12,\"what\":\"out of memory\"}",
	 -ENOMEM, "out of memory"},
	{ask_place, ASKED "\"place\"" END,
	 OK "\"place\":{\"nfs_sebool\":null,\"migration_port_max\":50000,\"gateway_mac\":"
	    "\"02:00:00:00:00:01\",\"later\":1}",
	 0, "50000 02:00:00:00:00:01 1"},
	{ask_place, ASKED "\"place\"" END, OK "\"place\":{\"lldp\":1}", -EPROTO,
	 "its answer is not understood: lldp"},
	/* Not all of what was asked about need be a vGPU. */
	{ask_vgpu_metadata, ASKED_METADATA,
	 OK "\"metadata\":{\"vgpus\":[{\"device\":\"" VF "\",\"metadata\":\"Zm9v\"}]}", 0,
	 "1 " VF " Zm9v"},
	{ask_vgpu_metadata, ASKED_METADATA, OK "\"metadata\":{\"vgpus\":[{\"device\":7}]}", -EPROTO,
	 "its answer is not understood: vgpus"},
	{ask_vgpu_metadata, ASKED_METADATA,
	 "\"ok\":false,\"error\":{\"domain\":\"system\",\"code\":5,\"what\":\"the GPUs are not "
	 "known\"}",
	 -EIO, "the GPUs are not known"},
	{ask_vgpu_fits, ASKED_FITS,
	 OK "\"fits\":{\"fits\":[{\"gpu\":\"" PF "\",\"compatibility\":1,\"limit\":2147483648},"
	    "{\"limit\":{\"unknown\":\"NVML: needs root\"}}]}",
	 0, PF " 1 2147483648 NVML: needs root"},
	{ask_vgpu_fits, ASKED_FITS, OK "\"fits\":{\"fits\":[{}]}", -EPROTO,
	 "not as many as were asked for"},
	{ask_vgpu_fits, ASKED_FITS, OK "\"fits\":{\"fits\":[{\"compatibility\":-1},{}]}", -EPROTO,
	 "its answer is not understood: fits"},
};

static void test_asked(void **state)
{
	const struct place *place = *state;
	const struct vfm_peer_options options = {.timeout_ms = 50000};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(ask_rows); i++) {
		const struct ask_row *row = &ask_rows[i];
		VFM_AUTO_FREE char *path = vfm_text_printf("%s/requests", place->path);
		VFM_AUTO_FREE char *said = NULL, *request = NULL;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_PEER struct vfm_peer *peer = NULL;
		bool refused = row->error < 0;
		int r;

		put_ssh(place, row->answer);
		assert_int_equal(vfm_peer_open("ssh:b", &options, &peer, NULL), 0);
		r = row->ask(peer, &said, &err);
		if (r != row->error)
			fail_msg("row %zu: %d %s", i, r, err.what ? err.what : "");
		if (refused ? !strstr(err.what, row->said) : !vfm_value_is(said, row->said))
			fail_msg("row %zu: '%s'", i, refused ? err.what : said ? said : "");
		if (refused && !strstr(err.object, "ssh:b") && row->error != -EINVAL)
			fail_msg("row %zu: the error is of '%s'", i, err.object);
		assert_int_equal(vfm_file_read(path, 1 << 20, &request, NULL, NULL), 0);
		/* What was not understood is released: then that is asked for too. */
		assert_ptr_equal(vfm_text_after(request, row->request),
				 request + strlen(row->request));
	}
}

/* A document can do none of it. */
static void test_document(void **state)
{
	static const char text[] = "{\"schema\":1,\"kind\":\"facts\",\"program\":\"x\"}";
	const struct place *place = *state;
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/requests", place->path);

	assert_int_equal(vfm_file_write_atomic(path, text, strlen(text), 0644, NULL), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(ask_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_PEER struct vfm_peer *peer = NULL;
		VFM_AUTO_FREE char *said = NULL;

		assert_int_equal(vfm_peer_open(path, NULL, &peer, NULL), 0);
		assert_int_equal(ask_rows[i].ask(peer, &said, &err), -EOPNOTSUPP);
		assert_string_equal(err.object, path);
		assert_non_null(strstr(err.what, "a document cannot do '"));
	}
}

/* --- claims of this machine --- */

static struct vfm_peer *open_local(void)
{
	struct vfm_peer *peer = NULL;

	assert_int_equal(vfm_peer_open("local", NULL, &peer, NULL), 0);
	return peer;
}

static int claim(struct vfm_peer *peer, const char *bdf, const char *owner, struct vfm_error *err)
{
	struct vfm_vf_facts vf = {.bdf = {.value = NULL}};
	int r = vfm_peer_claim(peer, bdf, owner, &vf, err);

	vfm_fields_done(vfm_vf_fields, &vf);
	return r;
}

static void test_claim(void **state)
{
	struct vfm_vf_facts vf = {.bdf = {.value = NULL}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ERROR struct vfm_error refusal = VFM_ERROR_INIT;
	VFM_AUTO_PEER struct vfm_peer *peer = NULL, *other = NULL;
	VFM_AUTO_FREE char *owner = NULL, *again = NULL;

	(void)state;
	NEEDS_HOST();
	peer = open_local();
	other = open_local();
	if (vfm_peer_claim(peer, "e1:00.2", OWNER, &vf, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	assert_true(vfm_fact_is_text(&vf.bdf, VF));
	assert_int_equal(vf.driver.fact.state, VFM_ABSENT);
	/* Our own claim is no user. */
	assert_true(vfm_known(&vf.users.fact));
	assert_int_equal(vf.users.count, 0);
	vfm_fields_done(vfm_vf_fields, &vf);
	assert_int_equal(vfm_claim_owner(VF, &owner, NULL), 0);
	assert_string_equal(owner, OWNER);
	/* Another session, and this one again. */
	assert_int_equal(claim(other, VF, "vm2", &refusal), -EBUSY);
	assert_string_equal(refusal.object, "local: " VF);
	assert_string_equal(refusal.what, "claimed by " OWNER);
	assert_int_equal(claim(peer, VF, OWNER, NULL), -EBUSY);
	assert_int_equal(vfm_peer_release(other, VF, NULL), -ENOENT);
	assert_int_equal(vfm_peer_release(peer, VF, NULL), 0);
	assert_int_equal(vfm_peer_release(peer, VF, NULL), -ENOENT);
	/* As a VM's own it is claimed only when the VM has it. */
	vfm_error_done(&refusal);
	assert_int_equal(vfm_peer_claim_of(peer, VF, OWNER, "vm1", &refusal), -EBUSY);
	assert_string_equal(refusal.what, "is not known to be in use by the domain vm1");
	/* What is released can be claimed; it ends with the session. */
	assert_int_equal(claim(other, VF, "vm2", NULL), 0);
	vfm_peer_free(VFM_STEAL(other));
	assert_int_equal(vfm_claim_owner(VF, &again, NULL), -ENOENT);
}

static const struct {
	const char *bdf;
	int error;
	const char *what;
} claim_rows[] = {
	{PF, -EINVAL, "is not a VF"},
	{"0000:e1:00.7", -ENODEV, "there is no such PCI function"},
	{OTHER, -EBUSY, "is in use: netdev in another network namespace"},
	{UNSEEN, -EBUSY, "it cannot be told who uses it: eth9: no such interface"},
};

/* What is refused leaves no claim behind. */
static void test_claim_refused(void **state)
{
	(void)state;
	NEEDS_HOST();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(claim_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_PEER struct vfm_peer *peer = open_local();
		VFM_AUTO_FREE char *owner = NULL;
		int r = claim(peer, claim_rows[i].bdf, OWNER, &err);

		if (r != claim_rows[i].error || !strstr(err.what, claim_rows[i].what))
			fail_msg("%s: %d '%s'", claim_rows[i].bdf, r, err.what);
		assert_int_equal(vfm_claim_owner(claim_rows[i].bdf, &owner, NULL), -ENOENT);
	}
}

/* Somebody has the node of the VF open, by which a driver gives devices to others. */
static void test_claim_of_open_vf(void **state)
{
	static const char nodes[] = "/dev/vfio", node[] = "/dev/vfio/devices/vfio3";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ERROR struct vfm_error then = VFM_ERROR_INIT;
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	bool made;
	int used, unused;

	(void)state;
	NEEDS_HOST();
	made = mkdir(nodes, 0755) == 0;
	if (mount("none", nodes, "tmpfs", 0, "mode=0755") < 0) {
		print_message("no %s of our own: %s\n", nodes, strerror(errno));
		skip();
	}
	make_directory(node);
	fd = open(node, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	make(VF, "vfio-dev/vfio3/dev", "511:3");
	peer = open_local();
	used = claim(peer, VF, OWNER, &err);
	close(fd);
	fd = -1;
	unused = claim(peer, VF, OWNER, &then);
	umount(nodes);
	if (made)
		rmdir(nodes);
	assert_int_equal(used, -EBUSY);
	assert_non_null(strstr(err.what, "is in use: open by pid"));
	/* Where root may not look at each process, nobody can say that there is no user. */
	if (unused < 0 && !strstr(then.what, "it cannot be told who uses it: open files"))
		fail_msg("%s: %s", then.object, then.what);
}

static void check_slot_facts(struct vfm_peer *peer, size_t count)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_pf_facts *pf;

	if (vfm_peer_facts(peer, false, &facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	pf = vfm_facts_pf(&facts, PF);
	assert_non_null(pf);
	assert_true(vfm_known(&pf->slot_owners.fact));
	assert_int_equal(pf->slot_owners.count, count);
	if (count)
		assert_string_equal(pf->slot_owners.values[count - 1], "3: vm2");
}

static void test_slots(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PEER struct vfm_peer *peer = NULL, *other = NULL;
	VFM_AUTO_STRINGS struct vfm_strings owners = {.values = NULL};

	(void)state;
	NEEDS_HOST();
	peer = open_local();
	other = open_local();
	assert_int_equal(vfm_peer_slots(peer, PF, 3, "vm1", NULL), 0);
	assert_int_equal(vfm_peer_slots(other, PF, 2, "vm2", &err), -EBUSY);
	assert_string_equal(err.what, "1 of its 4 migration slots is free, and 2 are needed; held "
				      "by vm1");
	/* All or nothing: the fourth was given back. */
	assert_int_equal(vfm_peer_slots(other, PF, 1, "vm2", NULL), 0);
	assert_int_equal(vfm_claim_slot_owners(PF, &owners, NULL), 0);
	vfm_strings_sort(&owners);
	assert_int_equal(owners.count, 2);
	assert_string_equal(owners.values[0], "vm1");
	assert_string_equal(owners.values[1], "vm2");
	assert_int_equal(vfm_peer_slots(peer, PF, 1, "vm1", NULL), -EBUSY);
	assert_int_equal(vfm_peer_release(peer, PF, NULL), 0);
	assert_int_equal(vfm_peer_slots(other, PF, 3, "vm2", NULL), 0);
	/* Who holds them is a fact of the host, as long as he lives: a preflight counts them. */
	check_slot_facts(peer, 4);
	vfm_peer_free(VFM_STEAL(other));
	check_slot_facts(peer, 0);
	/* Another PF, and what is none. */
	assert_int_equal(vfm_peer_slots(peer, "0000:e2:00.0", 1, "vm1", NULL), -ENODEV);
	assert_int_equal(vfm_peer_slots(peer, VF, 1, "vm1", NULL), -ENODEV);
}

/* A taker that hangs while it takes: the deadline ends the wait. */
static void test_slots_deadline(void **state)
{
	static const char path[] = VFM_CLAIMS_DIRECTORY "/" PF ".slots";
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fds[VFM_CLAIM_SLOTS];
	VFM_AUTO_CLOSE int fd = -1;

	(void)state;
	NEEDS_HOST();
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	assert_int_equal(vfm_claim_slots_take(PF, 1, "vm1", vfm_deadline_in(30), fds, NULL),
			 -ETIMEDOUT);
}

/* Without a claim of this very session nothing is changed. */
static void test_unclaimed(void **state)
{
	VFM_AUTO_PEER struct vfm_peer *peer = NULL, *other = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *said = NULL;

	(void)state;
	NEEDS_HOST();
	peer = open_local();
	other = open_local();
	assert_int_equal(claim(other, VF, OWNER, NULL), 0);
	assert_int_equal(ask_port(peer, &said, &err), -EPERM);
	assert_non_null(strstr(err.what, "only a VF that this session has claimed"));
	assert_int_equal(ask_hw_addr(peer, &said, NULL), -EPERM);
	/* Of one that it has claimed, it is devlink's turn, which knows no such card. */
	assert_true(ask_hw_addr(other, &said, NULL) != -EPERM);
}

static void test_bound(void **state)
{
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *said = NULL;

	(void)state;
	NEEDS_HOST();
	make_link(VF, "driver", "../../../../bus/pci/drivers/mlx5_vfio_pci");
	peer = open_local();
	assert_int_equal(claim(peer, VF, OWNER, NULL), 0);
	assert_int_equal(ask_hw_addr(peer, &said, &err), -EBUSY);
	assert_string_equal(err.what, "the address is set while no driver has the VF, and "
				      "mlx5_vfio_pci has it");
	assert_int_equal(unlink(DEVICES VF "/driver"), 0);
}

/* --- verbs that look --- */

/* What is asked of this machine is answered as it is over the wire. */
static void test_storage(void **state)
{
	static const char *const paths[] = {"/run/sub/disk.img", "/run/none/x"};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides none = {.sides = {.items = NULL}};
	VFM_AUTO_PEER struct vfm_peer *peer = open_local();
	VFM_AUTO_FREE char *answer = NULL;
	const struct vfm_storage_side_probe *side;

	(void)state;
	NEEDS_HOST();
	make_directory(paths[0]);
	assert_int_equal(vfm_file_write_atomic(paths[0], "1234", 4, 0644, NULL), 0);
	assert_int_equal(vfm_peer_storage(peer, paths, 2, &sides, NULL), 0);
	side = vfm_list_at(struct vfm_storage_side_probe, &sides.sides, 0);
	assert_int_equal(side[0].size_bytes.value, 4);
	assert_true(vfm_fact_is_text(&side[0].filesystem, "tmpfs"));
	assert_true(vfm_fact_is_false(&side[1].directory));
	answer = answer_to(NULL, "\"verb\":\"storage\",\"paths\":[\"/run/sub/disk.img\"]");
	assert_non_null(strstr(answer, "\"ok\":true,\"storage\":{\"sides\":[{\"reachable\":true,"));
	assert_non_null(strstr(answer, "\"filesystem\":\"tmpfs\",\"cluster\":false,"));
	assert_non_null(strstr(answer, "\"size_bytes\":4,"));
	assert_int_equal(vfm_peer_storage(peer, NULL, 0, &none, NULL), 0);
	assert_int_equal(none.sides.count, 0);
}

/* One too many, or too long: the local peer refuses what 'serve' does. */
static void test_look_bounds(void **state)
{
	VFM_AUTO_PEER struct vfm_peer *peer = open_local();
	VFM_AUTO_FREE char *path = malloc(VFM_PEER_PATH_MAX_BYTES + 2);
	char host[VFM_PEER_TARGET_MAX_BYTES + 2];
	struct vfm_dial_target targets[VFM_PEER_TARGETS_MAX + 1];
	struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	const char *paths[VFM_PEER_PATHS_MAX + 1];

	(void)state;
	memset(path, '/', VFM_PEER_PATH_MAX_BYTES + 1);
	path[VFM_PEER_PATH_MAX_BYTES + 1] = '\0';
	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++)
		paths[i] = "/";
	for (size_t i = 0; i < VFM_ARRAY_SIZE(targets); i++)
		targets[i] = (struct vfm_dial_target){"tls", "127.0.0.1", 9};
	assert_int_equal(vfm_peer_storage(peer, paths, VFM_ARRAY_SIZE(paths), &sides, NULL),
			 -EINVAL);
	paths[0] = path;
	assert_int_equal(vfm_peer_storage(peer, paths, 1, &sides, NULL), -EINVAL);
	assert_int_equal(vfm_peer_reach(peer, targets, VFM_ARRAY_SIZE(targets), &answers, NULL),
			 -EINVAL);
	targets[0].host = host;
	assert_int_equal(vfm_peer_reach(peer, targets, 1, &answers, NULL), -EINVAL);
	/* The longest path there can be is one; that it is not there is an answer. */
	path[VFM_PEER_PATH_MAX_BYTES] = '\0';
	assert_int_equal(vfm_peer_storage(peer, paths, 1, &sides, NULL), 0);
	vfm_storage_sides_done(&sides);
}

static void test_reach(void **state)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};
	VFM_AUTO_PEER struct vfm_peer *peer = open_local();
	struct vfm_dial_target target = {"control", "127.0.0.1", 0};
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct vfm_reach_probe *reach;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	target.port = ntohs(address.sin_port);
	assert_int_equal(vfm_peer_reach(peer, &target, 1, &answers, NULL), 0);
	reach = vfm_list_at(struct vfm_reach_probe, &answers.answers, 0);
	assert_true(vfm_fact_is_text(&reach->answer, VFM_DIAL_OPEN));
	assert_true(vfm_fact_is_true(&reach->loopback));
	assert_int_equal(vfm_peer_place(peer, &place, NULL), 0);
	assert_true(place.migration_port_min.fact.state == VFM_KNOWN ||
		    place.migration_port_min.fact.reason);
}

/* --- races --- */

enum { RACERS = 8, RACES = 20 };

struct race {
	int start[2], told[2], finish[2];
};

/* A process of its own: says whether it won, and holds what it has until the race is over. */
static void run_racer(const struct race *race, int (*take)(struct vfm_peer *peer))
{
	struct vfm_peer *peer = open_local();
	char byte, won;

	close(race->start[1]);
	close(race->finish[1]);
	if (read(race->start[0], &byte, 1) != 0)
		_exit(1);
	won = take(peer) == 0 ? '1' : '0';
	if (write(race->told[1], &won, 1) != 1 || read(race->finish[0], &byte, 1) != 0)
		_exit(1);
	_exit(0);
}

/* How many of the racers won. */
static int hold_race(int (*take)(struct vfm_peer *peer))
{
	struct race race;
	pid_t racers[RACERS];
	int winners = 0;

	assert_int_equal(pipe(race.start) | pipe(race.told) | pipe(race.finish), 0);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = fork();
		assert_true(racers[i] >= 0);
		if (racers[i] == 0)
			run_racer(&race, take);
	}
	close(race.start[1]);
	for (int i = 0; i < RACERS; i++) {
		char won;

		assert_int_equal(read(race.told[0], &won, 1), 1);
		winners += won == '1';
	}
	close(race.finish[1]);
	for (int i = 0; i < RACERS; i++) {
		int status;

		assert_int_equal(waitpid(racers[i], &status, 0), racers[i]);
		assert_int_equal(status, 0);
	}
	close(race.start[0]);
	close(race.told[0]);
	close(race.told[1]);
	close(race.finish[0]);
	return winners;
}

static int take_vf(struct vfm_peer *peer)
{
	return claim(peer, VF, "racer", NULL);
}

static int take_one_slot(struct vfm_peer *peer)
{
	return vfm_peer_slots(peer, PF, 1, "racer", NULL);
}

/* Two of four fit twice, never once: nobody keeps a part of what he did not get. */
static int take_two_slots(struct vfm_peer *peer)
{
	return vfm_peer_slots(peer, PF, 2, "racer", NULL);
}

static int take_three_slots(struct vfm_peer *peer)
{
	return vfm_peer_slots(peer, PF, 3, "racer", NULL);
}

static void test_races(void **state)
{
	(void)state;
	NEEDS_HOST();
	for (int i = 0; i < RACES; i++) {
		assert_int_equal(hold_race(take_vf), 1);
		assert_int_equal(hold_race(take_one_slot), 4);
		assert_int_equal(hold_race(take_two_slots), 2);
		assert_int_equal(hold_race(take_three_slots), 1);
	}
}

/* --- what a bridge has learned --- */

static const char learned[] = " port  VLAN  MAC                Age\n"
			      "    3     5  52:54:00:00:00:01    1\n"
			      "LOCAL     0  52:54:00:00:00:02  300\n"
			      "    2     5  52:54:00:00:00:03  static\n"
			      "    4     0  52:54:00:00:00:01   17";

static const struct {
	int32_t vlan;
	const char *mac;
	enum vfm_ovs_learned result;
} learned_rows[] = {
	{5, "52:54:00:00:00:01", VFM_OVS_LEARNED_DROPPED},
	{0, "52:54:00:00:00:01", VFM_OVS_LEARNED_DROPPED},
	{0, "52:54:00:00:00:02", VFM_OVS_LEARNED_DROPPED},
	{5, "52:54:00:00:00:03", VFM_OVS_LEARNED_KEPT},
	{0, "52:54:00:00:00:03", VFM_OVS_LEARNED_NONE},
	{5, "52:54:00:00:00:04", VFM_OVS_LEARNED_NONE},
};

static void test_learned(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(learned_rows); i++)
		assert_int_equal(
			vfm_ovs_parse_learned(learned, learned_rows[i].vlan, learned_rows[i].mac),
			learned_rows[i].result);
	assert_int_equal(vfm_ovs_parse_learned("", 5, "52:54:00:00:00:01"), VFM_OVS_LEARNED_NONE);
	/* Cut anywhere, it is read to its end and no further. */
	for (size_t size = 0; size < sizeof(learned); size++) {
		VFM_AUTO_FREE char *cut = strndup(learned, size);

		(void)vfm_ovs_parse_learned(cut, 9, "52:54:00:00:00:09");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_requests),
		cmocka_unit_test_setup_teardown(test_asked, place_up, place_down),
		cmocka_unit_test_setup_teardown(test_document, place_up, place_down),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_claim_refused),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_slots_deadline),
		cmocka_unit_test(test_unclaimed),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_storage),
		cmocka_unit_test(test_look_bounds),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_claim_of_open_vf),
	};

	return cmocka_run_group_tests(tests, host_up, NULL);
}
