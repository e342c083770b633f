/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests: settings by their words, and the check of the whole; see request.h. Pure. What needs
 * the host to be judged (is there such a PF, has it so many VFs) is for the rules.
 */
#include "plan/request.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/span.h"
#include "base/text.h"

enum {
	MAX_PFS = 64,  /* more than a host has slots for */
	MAX_NAME = 15, /* IFNAMSIZ less its NUL */
};

void vfm_prep_request_init(struct vfm_prep_request *request)
{
	*request = (struct vfm_prep_request){
		.max_idle_ms = VFM_DEFAULT_MAX_IDLE_MS,
		.phases = VFM_PHASE_ALL,
	};
}

void vfm_prep_request_done(struct vfm_prep_request *request)
{
	if (!request)
		return;
	for (size_t i = 0; i < request->pf_count; i++) {
		free(request->pfs[i].bdf);
		free(request->pfs[i].bridge);
		free(request->pfs[i].uplink);
		free(request->pfs[i].named);
	}
	free(request->pfs);
	*request = (struct vfm_prep_request){.pfs = NULL};
}

/* Sets the error in words fit for a terminal: they repeat what was given. */
static int refuse(struct vfm_error *err, int error, const char *object, const char *hint,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

static int refuse(struct vfm_error *err, int error, const char *object, const char *hint,
		  const char *format, ...)
{
	VFM_AUTO_FREE char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	if (!text)
		return vfm_error_no_memory(err, object);
	return vfm_error_set(err, error, object, hint, "%s", vfm_text_make_printable(text));
}

int vfm_prep_request_add(struct vfm_prep_request *request, const char *text,
			 struct vfm_prep_pf **ret_pf, struct vfm_error *err)
{
	struct vfm_prep_pf pf = {.bdf = malloc(VFM_BDF_TEXT_SIZE)};
	struct vfm_bdf bdf;
	size_t at = 0;

	if (!pf.bdf)
		return vfm_error_no_memory(err, "pf");
	if (vfm_parse_bdf(text, &bdf) < 0) {
		free(pf.bdf);
		return refuse(err, -EINVAL, "pf", "give a PCI address like 0000:e1:00.0",
			      "'%.60s' is no PCI address", text);
	}
	vfm_bdf_text(&bdf, pf.bdf);
	while (at < request->pf_count && strcmp(request->pfs[at].bdf, pf.bdf) < 0)
		at++;
	if (at < request->pf_count && vfm_streq(request->pfs[at].bdf, pf.bdf)) {
		free(pf.bdf);
		return vfm_error_set(err, -EEXIST, request->pfs[at].bdf, "name each PF once",
				     "is named twice");
	}
	if (request->pf_count >= MAX_PFS) {
		free(pf.bdf);
		return vfm_error_set(err, -EINVAL, "pf", NULL, "more than %d PFs are named",
				     MAX_PFS);
	}
	if (VFM_APPEND(request->pfs, request->pf_count, pf) < 0) {
		free(pf.bdf);
		return vfm_error_no_memory(err, "pf");
	}
	memmove(&request->pfs[at + 1], &request->pfs[at],
		(request->pf_count - 1 - at) * sizeof(pf));
	request->pfs[at] = pf;
	*ret_pf = &request->pfs[at];
	return 0;
}

/* ---- settings ------------------------------------------------------------ */

struct bounds {
	uint64_t min, max;
	const char *hint;
};

static int set_number(const char *name, struct vfm_span value, const struct bounds *bounds,
		      uint32_t *ret_value, struct vfm_error *err)
{
	uint64_t number = 0;
	int r = vfm_span_uint(value, 10, bounds->max, &number);

	if (r == 0 && number < bounds->min)
		r = -ERANGE;
	if (r < 0)
		return refuse(err, r, name, bounds->hint,
			      r == -ERANGE ? "'%.*s' is out of bounds" : "'%.*s' is no number",
			      (int)(value.size < 40 ? value.size : 40), value.data);
	*ret_value = (uint32_t)number;
	return 0;
}

/*
 * As the kernel has it (dev_valid_name()), and nothing that a terminal or an option parser trips
 * over.
 */
static bool is_netdev_name(const char *text)
{
	size_t size = strlen(text);

	if (size == 0 || size > MAX_NAME || text[0] == '-' || vfm_streq(text, ".") ||
	    vfm_streq(text, ".."))
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '/' || text[i] == ':')
			return false;
	return true;
}

static int set_name(const char *name, const char *value, char **text, struct vfm_error *err)
{
	char *copy;

	if (!is_netdev_name(value))
		return refuse(err, -EINVAL, name,
			      "a name has 1 to 15 characters, no blank, '/' or ':' and no '-' at "
			      "its begin",
			      "'%.60s' cannot be the name of an interface", value);
	copy = strdup(value);
	if (!copy)
		return vfm_error_no_memory(err, name);
	free(*text);
	*text = copy;
	return 0;
}

static int set_vfs(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	static const struct bounds bounds = {
		1, VFM_MAX_VFS, "give a number from 1 to 4096; 'vfprep undo' takes the VFs away"};

	return set_number("vfs", vfm_span_of(value), &bounds, &pf->vfs, err);
}

static int set_bridge(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	return set_name("bridge", value, &pf->bridge, err);
}

static int set_uplink(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	bool none = vfm_streq(value, "none");
	int r = 0;

	if (none) {
		free(pf->uplink);
		pf->uplink = NULL;
	} else {
		r = set_name("uplink", value, &pf->uplink, err);
	}
	if (r == 0)
		pf->no_uplink = none;
	return r;
}

static int set_mtu(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	static const struct bounds bounds = {VFM_MIN_MTU, VFM_MAX_MTU,
					     "give a number from 68 to 65535"};

	return set_number("mtu", vfm_span_of(value), &bounds, &pf->mtu, err);
}

static int set_bind(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	static const char *const words[VFM_BIND_MAX] = {
		[VFM_BIND_NONE] = "none",
		[VFM_BIND_PCI_STUB] = "pci-stub",
	};

	for (unsigned int i = 0; i < VFM_BIND_MAX; i++)
		if (vfm_streq(value, words[i])) {
			pf->bind = (enum vfm_bind)i;
			return 0;
		}
	return refuse(err, -EINVAL, "bind", "give 'none' or 'pci-stub'",
		      "'%.40s' is no driver that a VF is left with", value);
}

/* The row of a VF, made in its place when there is none; NULL: no memory. */
static struct vfm_prep_vf *row_of(struct vfm_prep_pf *pf, uint32_t number)
{
	struct vfm_prep_vf row = {.number = number, .vlan = VFM_VLAN_NONE};
	size_t at = pf->named_count;

	/* From the end: they are mostly given in their order. */
	while (at > 0 && pf->named[at - 1].number > number)
		at--;
	if (at > 0 && pf->named[at - 1].number == number)
		return &pf->named[at - 1];
	if (VFM_APPEND(pf->named, pf->named_count, row) < 0)
		return NULL;
	memmove(&pf->named[at + 1], &pf->named[at], (pf->named_count - 1 - at) * sizeof(row));
	pf->named[at] = row;
	return &pf->named[at];
}

/* "VF=REST" */
static int split_vf(const char *name, const char *form, const char *value, uint32_t *ret_number,
		    const char **ret_rest, struct vfm_error *err)
{
	static const struct bounds bounds = {0, VFM_MAX_VFS - 1, "VFs are counted from 0"};
	const char *at = strchr(value, '=');

	if (!at)
		return refuse(err, -EINVAL, name, form, "'%.60s' names no VF", value);
	*ret_rest = at + 1;
	return set_number(name, (struct vfm_span){value, (size_t)(at - value)}, &bounds, ret_number,
			  err);
}

static int set_vlan(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	static const struct bounds bounds = {
		1, VFM_VLAN_MAX, "a tag is from 1 to 4094; leave the VF out for untagged traffic"};
	struct vfm_prep_vf *row;
	const char *rest = value;
	uint32_t number = 0, vlan = 0;
	int r = split_vf("vlan", "give VF=TAG, as 0=12", value, &number, &rest, err);

	if (r == 0)
		r = set_number("vlan", vfm_span_of(rest), &bounds, &vlan, err);
	if (r < 0)
		return r;
	row = row_of(pf, number);
	if (!row)
		return vfm_error_no_memory(err, "vlan");
	if (row->vlan != VFM_VLAN_NONE)
		return refuse(err, -EINVAL, "vlan", "give one tag a VF", "VF %u has a tag already",
			      number);
	row->vlan = (int32_t)vlan;
	return 0;
}

/* A card takes no group address for a function, and all zeroes are "none". */
static bool is_unicast(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, sizeof(zero)) != 0;
}

static int set_mac(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err)
{
	static const char form[] = "give VF=MAC, as 0=52:54:00:00:00:01";
	struct vfm_prep_vf *row;
	const char *rest = value;
	uint32_t number = 0;
	uint8_t mac[6];
	int r = split_vf("mac", form, value, &number, &rest, err);

	if (r < 0)
		return r;
	if (vfm_parse_mac(rest, mac) < 0)
		return refuse(err, -EINVAL, "mac", form, "'%.40s' is no MAC", rest);
	if (!is_unicast(mac))
		return refuse(err, -EINVAL, "mac", "the first byte of a function's MAC is even",
			      "'%.40s' is no MAC of one function", rest);
	row = row_of(pf, number);
	if (!row)
		return vfm_error_no_memory(err, "mac");
	if (row->mac[0])
		return refuse(err, -EINVAL, "mac", "give one MAC a VF", "VF %u has a MAC already",
			      number);
	snprintf(row->mac, sizeof(row->mac), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	return 0;
}

int vfm_prep_pf_set(struct vfm_prep_pf *pf, const char *name, const char *value,
		    struct vfm_error *err)
{
	static const struct {
		const char *name;
		int (*set)(struct vfm_prep_pf *pf, const char *value, struct vfm_error *err);
	} rows[] = {
		{"vfs", set_vfs}, {"bridge", set_bridge}, {"uplink", set_uplink},
		{"mtu", set_mtu}, {"bind", set_bind},     {"vlan", set_vlan},
		{"mac", set_mac},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(name, rows[i].name))
			return rows[i].set(pf, value, err);
	return refuse(err, -EINVAL, NULL, "a PF has: vfs, bridge, uplink, mtu, bind, vlan, mac",
		      "a PF has no setting '%.40s'", name);
}

static int set_phase(struct vfm_prep_request *request, const char *value, struct vfm_error *err)
{
	static const struct {
		const char *word;
		unsigned int phases;
	} rows[] = {
		{"device", VFM_PHASE_DEVICE},
		{"ovs", VFM_PHASE_OVS},
		{"all", VFM_PHASE_ALL},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(value, rows[i].word)) {
			request->phases = rows[i].phases;
			return 0;
		}
	return refuse(err, -EINVAL, "phase", "give 'device', 'ovs' or 'all'",
		      "there is no phase '%.40s'", value);
}

int vfm_prep_request_set(struct vfm_prep_request *request, const char *name, const char *value,
			 struct vfm_error *err)
{
	static const struct bounds idle = {VFM_MIN_MAX_IDLE_MS, INT32_MAX,
					   "give milliseconds, 500 or more"};
	static const struct bounds confirm = {1, VFM_MAX_CONFIRM_S,
					      "give seconds, from 1 to 86400"};

	if (vfm_streq(name, "max-idle"))
		return set_number(name, vfm_span_of(value), &idle, &request->max_idle_ms, err);
	if (vfm_streq(name, "confirm-within"))
		return set_number(name, vfm_span_of(value), &confirm, &request->confirm_within_s,
				  err);
	if (vfm_streq(name, "phase"))
		return set_phase(request, value, err);
	return refuse(err, -EINVAL, NULL,
		      "for all PFs there are: max-idle, phase, confirm-within; what belongs to a "
		      "PF stands in its section",
		      "there is no setting '%.40s' for all PFs", name);
}

/* ---- the whole ----------------------------------------------------------- */

static int check_pf(const struct vfm_prep_request *request, const struct vfm_prep_pf *pf,
		    struct vfm_error *err)
{
	/* By number: the last tells of all. */
	const struct vfm_prep_vf *last = pf->named_count ? &pf->named[pf->named_count - 1] : NULL;

	if (pf->vfs == 0)
		return vfm_error_set(err, -EINVAL, pf->bdf,
				     "give --vfs N, or 'vfs = N' in its section",
				     "the number of VFs is not given");
	if (!pf->bridge && (request->phases & VFM_PHASE_OVS))
		return vfm_error_set(err, -EINVAL, pf->bdf,
				     "give --bridge NAME, or 'bridge = NAME' in its section; "
				     "--phase device does without",
				     "the bridge is not given");
	if (last && last->number >= pf->vfs)
		return vfm_error_set(err, -EINVAL, pf->bdf, "VFs are counted from 0",
				     "a %s is given for VF %u of %u", last->mac[0] ? "MAC" : "VLAN",
				     last->number, pf->vfs);
	if (pf->bridge && pf->uplink && vfm_streq(pf->bridge, pf->uplink))
		return vfm_error_set(err, -EINVAL, pf->bdf, "give each a name of its own",
				     "'%s' is to be both bridge and uplink", pf->bridge);
	return 0;
}

/* A netdev is in one bridge: two PFs may share an uplink (a bond of both), but not two bridges. */
static int check_uplinks(const struct vfm_prep_request *request, struct vfm_error *err)
{
	for (size_t i = 0; i < request->pf_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct vfm_prep_pf *a = &request->pfs[k], *b = &request->pfs[i];

			if (a->uplink && b->uplink && vfm_streq(a->uplink, b->uplink) &&
			    a->bridge && b->bridge && !vfm_streq(a->bridge, b->bridge))
				return vfm_error_set(err, -EINVAL, b->bdf,
						     "an uplink belongs to one bridge",
						     "uplink %s is asked for in %s, and in %s by "
						     "%s",
						     b->uplink, b->bridge, a->bridge, a->bdf);
		}
	return 0;
}

struct owned_mac {
	const char *mac, *bdf;
	uint32_t number;
};

static int compare_macs(const void *a, const void *b)
{
	return strcmp(((const struct owned_mac *)a)->mac, ((const struct owned_mac *)b)->mac);
}

static int check_macs(const struct vfm_prep_request *request, struct vfm_error *err)
{
	VFM_AUTO_FREE struct owned_mac *all = NULL;
	size_t n = 0, total = 0;

	for (size_t i = 0; i < request->pf_count; i++)
		total += request->pfs[i].named_count;
	all = calloc(total ? total : 1, sizeof(*all));
	if (!all)
		return vfm_error_no_memory(err, "mac");
	for (size_t i = 0; i < request->pf_count; i++)
		for (size_t k = 0; k < request->pfs[i].named_count; k++)
			if (request->pfs[i].named[k].mac[0])
				all[n++] = (struct owned_mac){
					.mac = request->pfs[i].named[k].mac,
					.bdf = request->pfs[i].bdf,
					.number = request->pfs[i].named[k].number,
				};
	qsort(all, n, sizeof(*all), compare_macs);
	for (size_t i = 1; i < n; i++)
		if (vfm_streq(all[i - 1].mac, all[i].mac))
			return vfm_error_set(err, -EINVAL, all[i].mac, "give each VF its own MAC",
					     "is given to VF %u of %s and to VF %u of %s",
					     all[i - 1].number, all[i - 1].bdf, all[i].number,
					     all[i].bdf);
	return 0;
}

int vfm_prep_request_check(const struct vfm_prep_request *request, struct vfm_error *err)
{
	int r = 0;

	if (request->pf_count == 0)
		return vfm_error_set(err, -EINVAL, NULL,
				     "give --pf BDF, or a section [BDF] in the configuration",
				     "no PF is named");
	for (size_t i = 0; i < request->pf_count && r == 0; i++)
		r = check_pf(request, &request->pfs[i], err);
	if (r == 0)
		r = check_uplinks(request, err);
	if (r == 0)
		r = check_macs(request, err);
	if (r == 0 && request->take_uplink != (request->confirm_within_s > 0))
		r = vfm_error_set(err, -EINVAL, NULL,
				  "--take-uplink --confirm-within SECONDS: the change is undone "
				  "unless 'vfprep confirm' comes in time",
				  "--take-uplink and --confirm-within belong together");
	return r;
}

const struct vfm_prep_vf *vfm_prep_pf_named(const struct vfm_prep_pf *pf, uint32_t number)
{
	for (size_t i = 0; i < pf->named_count; i++)
		if (pf->named[i].number == number)
			return &pf->named[i];
	return NULL;
}

const struct vfm_prep_pf *vfm_prep_request_pf(const struct vfm_prep_request *request,
					      const char *bdf)
{
	for (size_t i = 0; i < request->pf_count; i++)
		if (vfm_streq(request->pfs[i].bdf, bdf))
			return &request->pfs[i];
	return NULL;
}
