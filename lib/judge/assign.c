/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One VF, found and judged; see assign.h. */
#include "judge/assign.h"

#include <string.h>

#define READ_AS_ROOT "read the facts as root; 'vfprep status' shows what could not be read"
#define MAKE_READY   "make the host ready first: see 'vfprep status' and 'vfprep apply'"

int vfm_vf_name_parse(const char *text, struct vfm_vf_name *ret_name, struct vfm_error *err)
{
	const char *slash = strchr(text, '/');
	VFM_AUTO_FREE char *address = slash ? strndup(text, (size_t)(slash - text)) : strdup(text);
	uint64_t number = 0;
	struct vfm_bdf bdf;

	if (!address)
		return vfm_error_no_memory(err, text);
	if (vfm_parse_bdf(address, &bdf) < 0 ||
	    (slash && vfm_parse_uint(slash + 1, 10, UINT16_MAX, &number) < 0))
		return vfm_error_set(err, -EINVAL, text, NULL,
				     "is no VF's name: its PCI address (0000:e1:00.1), or its PF's "
				     "and its number (0000:e1:00.0/0)");
	vfm_bdf_text(&bdf, ret_name->bdf);
	ret_name->by_number = slash != NULL;
	ret_name->number = (uint32_t)number;
	return 0;
}

static int unread(struct vfm_error *err, const char *object, const struct vfm_fact *fact,
		  const char *what)
{
	return vfm_error_set(err, -ENODATA, object, READ_AS_ROOT, "%s is not known: %s", what,
			     fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact));
}

static int find_by_number(const struct vfm_pf_facts *pf, const struct vfm_vf_name *name,
			  struct vfm_vf_found *ret_found, struct vfm_error *err)
{
	const struct vfm_vf_facts *vf;

	if (pf->vfs.fact.state == VFM_UNKNOWN)
		return unread(err, name->bdf, &pf->vfs.fact, "which VFs it has");
	vf = vfm_pf_vf(pf, name->number);
	if (!vf)
		return vfm_error_set(err, -ENOENT, name->bdf, MAKE_READY,
				     "has no VF %u: its VFs are %zu, counted from 0", name->number,
				     pf->vfs.count);
	if (!vfm_known(&vf->bdf.fact))
		return unread(err, name->bdf, &vf->bdf.fact, "the VF's address");
	*ret_found = (struct vfm_vf_found){pf, vf};
	return 0;
}

static bool find_by_address(const struct vfm_facts *facts, const char *bdf,
			    struct vfm_vf_found *ret_found)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (vfm_fact_is_text(&vf->bdf, bdf) && vfm_known(&vf->number.fact)) {
				*ret_found = (struct vfm_vf_found){pf, vf};
				return true;
			}
		}
	}
	return false;
}

/* A PF whose VFs are not known may have the one that is not found. */
static const struct vfm_pf_facts *unread_pf(const struct vfm_facts *facts)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (pf->vfs.fact.state == VFM_UNKNOWN)
			return pf;
	}
	return NULL;
}

int vfm_vf_find(const struct vfm_facts *facts, const struct vfm_vf_name *name,
		struct vfm_vf_found *ret_found, struct vfm_error *err)
{
	const struct vfm_pf_facts *pf = vfm_facts_pf(facts, name->bdf), *other;

	if (facts->pfs.fact.state == VFM_UNKNOWN)
		return unread(err, name->bdf, &facts->pfs.fact, "which cards the host has");
	if (pf && name->by_number)
		return find_by_number(pf, name, ret_found, err);
	if (pf)
		return vfm_error_set(err, -EINVAL, name->bdf,
				     "name a VF of it: its address, or BDF/NUMBER from BDF/0 on",
				     "is a physical function, not a VF");
	if (name->by_number)
		return vfm_error_set(err, -ENOENT, name->bdf, "'vfprep status' lists them",
				     "is no physical function of a ConnectX card of this host");
	if (find_by_address(facts, name->bdf, ret_found))
		return 0;
	other = unread_pf(facts);
	if (other)
		return unread(err, vfm_known(&other->bdf.fact) ? other->bdf.value : name->bdf,
			      &other->vfs.fact, "which VFs it has");
	return vfm_error_set(err, -ENOENT, name->bdf, "'vfprep facts' lists them under pfs, vfs",
			     "is no VF of a ConnectX card of this host");
}

static int check_switchdev(const struct vfm_vf_found *found, struct vfm_error *err)
{
	const struct vfm_fact_text *mode = &found->pf->eswitch_mode;
	const char *pf = vfm_known(&found->pf->bdf.fact) ? found->pf->bdf.value : "the PF";

	if (vfm_fact_is_text(mode, "switchdev"))
		return 0;
	if (mode->fact.state == VFM_UNKNOWN)
		return unread(err, pf, &mode->fact, "the eswitch mode of the VF's PF");
	return vfm_error_set(err, -EPERM, found->vf->bdf.value, MAKE_READY,
			     "its PF %s is not in switchdev mode, but in %s", pf,
			     vfm_known(&mode->fact) ? mode->value : "none");
}

static int check_migratable(const struct vfm_vf_found *found, struct vfm_error *err)
{
	const struct vfm_fact_text *migratable = &found->vf->migratable;
	const char *vf = found->vf->bdf.value;

	if (vfm_fact_is_text(migratable, VFM_CAP_ENABLED))
		return 0;
	if (vfm_fact_is_text(migratable, VFM_CAP_DISABLED))
		return vfm_error_set(err, -EPERM, vf, MAKE_READY,
				     "is not migratable: its migratable flag is off");
	if (vfm_fact_is_text(migratable, VFM_CAP_NOT_OFFERED))
		return vfm_error_set(
			err, -EPERM, vf,
			"'vfprep status' tells which; 'vfprep apply --set-firmware' enables it",
			"cannot be made migratable: devlink does not offer the flag (firmware "
			"without VF_MIGRATION_MODE enabled, or a kernel older than 6.2)");
	return unread(err, vf, &migratable->fact, "whether it is migratable");
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), tail = strlen(end);

	return size >= tail && vfm_streq(text + size - tail, end);
}

static bool is_definition(const char *user)
{
	return vfm_text_after(user, "domain ") && ends_with(user, " (defined)");
}

const char *vfm_vf_definition(const struct vfm_vf_facts *vf, size_t *index)
{
	while (vfm_known(&vf->users.fact) && *index < vf->users.count) {
		const char *user = vf->users.values[(*index)++];

		if (is_definition(user))
			return user;
	}
	return NULL;
}

static int check_users(const struct vfm_vf_found *found, struct vfm_error *err)
{
	const struct vfm_fact_texts *users = &found->vf->users;
	const char *vf = found->vf->bdf.value;

	if (users->fact.state == VFM_UNKNOWN)
		return unread(err, vf, &users->fact, "who uses it");
	for (size_t i = 0; vfm_known(&users->fact) && i < users->count; i++) {
		if (!is_definition(users->values[i]))
			return vfm_error_set(err, -EPERM, vf, "free it, or name another VF",
					     "is in use: %s", users->values[i]);
	}
	return 0;
}

int vfm_vf_assignable(const struct vfm_vf_found *found, struct vfm_error *err)
{
	/* In this order: what legacy mode hides is not known. */
	static int (*const checks[])(const struct vfm_vf_found *found, struct vfm_error *err) = {
		check_switchdev,
		check_migratable,
		check_users,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(checks); i++)
		r = checks[i](found, err);
	return r;
}
