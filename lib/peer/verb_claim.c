/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs claim, slots and release: what a session has reserved.
 *
 *   {"verb":"claim","vf":"0000:e1:00.2","owner":"vfmigrate: vm1 from a, pid 812"}
 *     → "vf": the VF's facts, read after it was claimed
 *   {"verb":"claim","vf":"0000:e1:00.2","owner":…,"domain":"vm1"}   the same of a VF that vm1 has
 *   {"verb":"slots","pf":"0000:e1:00.0","count":2,"owner":…}   → "slots": 2
 *   {"verb":"release","device":"0000:e1:00.2"}                 → "released": how many claims
 *                               or the UUID of a mediated device
 *
 * A claim that is kept is one on a VF that nobody uses, or else the domain named; a definition of a
 * domain that does not run is no use.
 */
#include <string.h>

#include "base/file.h"
#include "facts/claims.h"
#include "facts/readers.h"
#include "judge/assign.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "run/vf.h"

/* --- claim --- */

/*
 * What a VF's facts are made of, in the order of reading. The claim on this one was taken just now,
 * and is ours.
 */
static void read_vfs(const char *bdf, int64_t deadline_ms, struct vfm_facts *facts)
{
	static const vfm_reader readers[] = {
		vfm_read_host, vfm_read_pci,   vfm_read_devlink,
		vfm_read_link, vfm_read_users, vfm_read_libvirt,
	};
	const struct vfm_read_options options = {.deadline_ms = deadline_ms, .own_claim = bdf};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(readers); i++)
		readers[i](&options, facts);
}

static struct vfm_vf_facts *find_vf(const struct vfm_facts *facts, const char *bdf)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs)
			if (vfm_fact_is_text(&vf->bdf, bdf))
				return vf;
	return NULL;
}

static bool is_definition(const struct vfm_vf_facts *vf, size_t user)
{
	size_t from = user;

	return vfm_vf_definition(vf, &from) == vf->users.values[user];
}

/* "domain vm1 (running)"; not one that only names it. */
static bool is_user(const char *user, const char *domain)
{
	const char *rest = vfm_text_after(user, "domain ");

	rest = rest ? vfm_text_after(rest, domain) : NULL;
	return rest && vfm_text_after(rest, " (") && !vfm_streq(rest, " (defined)");
}

/* Who else would have it open is that domain's QEMU. */
static int check_used_by(const struct vfm_vf_facts *vf, const char *domain, struct vfm_error *err)
{
	const struct vfm_fact_texts *users = &vf->users;

	for (size_t i = 0; vfm_known(&users->fact) && i < users->count; i++)
		if (is_user(users->values[i], domain))
			return 0;
	return vfm_error_set(err, -EBUSY, vf->bdf.value, NULL,
			     "is not known to be in use by the domain %s", domain);
}

/* -EBUSY when somebody uses it, or that cannot be told. */
static int check_unused(const struct vfm_vf_facts *vf, struct vfm_error *err)
{
	const struct vfm_fact_texts *users = &vf->users;

	if (!vfm_known(&users->fact))
		return vfm_error_set(err, -EBUSY, vf->bdf.value, NULL,
				     "it cannot be told who uses it: %s",
				     vfm_fact_reason(&users->fact));
	for (size_t i = 0; i < users->count; i++)
		if (!is_definition(vf, i))
			return vfm_error_set(err, -EBUSY, vf->bdf.value, "free it, or take another",
					     "is in use: %s", users->values[i]);
	return 0;
}

/* The state of a VF that was claimed just now, as a document. */
static int read_state(const char *bdf, const char *domain, int64_t deadline_ms,
		      json_object **ret_state, struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_vf_facts *vf;
	int r;

	read_vfs(bdf, deadline_ms, &facts);
	vf = find_vf(&facts, bdf);
	if (!vf)
		return vfm_error_set(err, -ENODEV, bdf, NULL, "is not a VF of a card we know");
	r = domain ? check_used_by(vf, domain, err) : check_unused(vf, err);
	if (r < 0)
		return r;
	*ret_state = vfm_fields_to_json(vfm_vf_fields, vf, false);
	return *ret_state ? 0 : vfm_error_no_memory(err, bdf);
}

int vfm_verb_claim(struct vfm_session *session, json_object *request, json_object **ret_value,
		   struct vfm_error *err)
{
	VFM_AUTO_FREE char *object = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	char bdf[VFM_BDF_TEXT_SIZE];
	const char *owner = NULL, *domain = NULL;
	json_object *state = NULL;
	int64_t deadline_ms = 0;
	int r = vfm_argument_bdf(request, "vf", bdf, err);

	if (r == 0)
		r = vfm_argument_owner(request, &owner, err);
	if (r == 0 && json_object_object_get_ex(request, "domain", NULL))
		r = vfm_argument_line(request, "domain", &domain, err);
	if (r == 0)
		r = vfm_acting_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = vfm_vf_object(bdf, &object, err);
	if (r == 0)
		r = vfm_claim_take(bdf, owner, &fd, err);
	if (r == 0)
		r = read_state(bdf, domain, deadline_ms, &state, err);
	if (r < 0)
		return r;
	if (vfm_session_keep(session, bdf, fd) < 0) {
		json_object_put(state);
		return vfm_error_no_memory(err, bdf);
	}
	fd = -1;
	*ret_value = state;
	return 0;
}

/* --- slots --- */

/* A function that can have VFs. */
static int check_pf(const char *bdf, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(VFM_PCI_DEVICES "/%s/sriov_numvfs", bdf);

	if (!path)
		return vfm_error_no_memory(err, bdf);
	return access(path, F_OK) == 0 ? 0
				       : vfm_error_set(err, -ENODEV, bdf, NULL,
						       "there is no such function with VFs");
}

/* All of them, or none: those that are not kept are closed. */
static int keep_all(struct vfm_session *session, const char *bdf, const int *fds,
		    unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (vfm_session_keep(session, bdf, fds[i]) < 0) {
			while (i < count)
				close(fds[i++]);
			return -ENOMEM;
		}
	return 0;
}

int vfm_verb_slots(struct vfm_session *session, json_object *request, json_object **ret_value,
		   struct vfm_error *err)
{
	char bdf[VFM_BDF_TEXT_SIZE];
	const char *owner = NULL;
	int64_t deadline_ms = 0, count = 1;
	int fds[VFM_CLAIM_SLOTS];
	bool has;
	int r = vfm_argument_bdf(request, "pf", bdf, err);

	if (r == 0)
		r = vfm_argument_number(request, "count", 1, VFM_CLAIM_SLOTS, &has, &count, err);
	if (r == 0)
		r = vfm_argument_owner(request, &owner, err);
	if (r == 0)
		r = vfm_acting_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = check_pf(bdf, err);
	if (r == 0)
		r = vfm_claim_slots_take(bdf, (unsigned int)count, owner, deadline_ms, fds, err);
	if (r < 0)
		return r;
	if (keep_all(session, bdf, fds, (unsigned int)count) < 0)
		return vfm_error_no_memory(err, bdf);
	*ret_value = json_object_new_int64(count);
	return *ret_value ? 0 : vfm_error_no_memory(err, bdf);
}

/* --- release --- */

int vfm_verb_release(struct vfm_session *session, json_object *request, json_object **ret_value,
		     struct vfm_error *err)
{
	char bdf[VFM_OBJECT_UUID_SIZE];
	size_t count;
	int r = vfm_argument_device(request, "device", bdf, err);

	if (r < 0)
		return r;
	count = vfm_session_drop(session, bdf);
	if (!count)
		return vfm_error_set(err, -ENOENT, bdf, NULL, "this session has no claim on it");
	*ret_value = json_object_new_int64((int64_t)count);
	return *ret_value ? 0 : vfm_error_no_memory(err, bdf);
}
