/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One VF, found and judged; see assign.h. */
#include "judge/assign.h"

#include <string.h>

#include "domain/mac.h"

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

int vfm_vf_resolve(const struct vfm_facts *facts, const struct vfm_vf_name *name,
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

int vfm_vf_in_switchdev(const struct vfm_vf_found *found, struct vfm_error *err)
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

int vfm_vf_may_migrate(const struct vfm_vf_found *found, struct vfm_error *err)
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

int vfm_vf_unused(const struct vfm_vf_found *found, struct vfm_error *err)
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
		vfm_vf_in_switchdev,
		vfm_vf_may_migrate,
		vfm_vf_unused,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(checks); i++)
		r = checks[i](found, err);
	return r;
}

/* --- MAC addresses --- */

/* An address of the facts, in the form of ours; false when there is none. */
static bool fact_mac(const struct vfm_fact_text *fact, char mac[VFM_MAC_TEXT_SIZE])
{
	return vfm_known(&fact->fact) && vfm_mac_check(fact->value, mac, NULL) == 0;
}

static void add_fact(struct vfm_strings *taken, const struct vfm_fact_text *fact)
{
	char mac[VFM_MAC_TEXT_SIZE];

	if (fact_mac(fact, mac))
		vfm_strings_add(taken, mac);
}

void vfm_macs_taken(const struct vfm_facts *facts, const struct vfm_domains *domains,
		    struct vfm_strings *taken)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		add_fact(taken, &pf->uplink.netdev.mac);
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
			add_fact(taken, &vf->hw_addr);
	}
	for (size_t i = 0; i < domains->count; i++) {
		const struct vfm_strings *macs = &domains->items[i].macs;

		for (size_t k = 0; k < macs->count; k++)
			vfm_strings_add(taken, macs->values[k]);
	}
}

static bool has_mac(const struct vfm_fact_text *fact, const char *mac)
{
	char own[VFM_MAC_TEXT_SIZE];

	return fact_mac(fact, own) && vfm_streq(own, mac);
}

/* The function of the host that has the address; its address, or NULL. */
static const struct vfm_fact_text *owning_function(const struct vfm_facts *facts, const char *mac,
						   const struct vfm_vf_facts *but)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (has_mac(&pf->uplink.netdev.mac, mac))
			return &pf->bdf;
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (vf != but && has_mac(&vf->hw_addr, mac))
				return &vf->bdf;
		}
	}
	return NULL;
}

int vfm_mac_owner(const struct vfm_facts *facts, const struct vfm_domains *domains, const char *mac,
		  const struct vfm_vf_facts *vf, const char *vm, char **ret_owner)
{
	const struct vfm_fact_text *function = owning_function(facts, mac, vf);

	*ret_owner = NULL;
	if (function) {
		*ret_owner = strdup(vfm_known(&function->fact) ? function->value : "a function");
		return *ret_owner ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < domains->count; i++) {
		const struct vfm_host_domain *domain = &domains->items[i];

		if ((vm && vfm_streq(domain->name, vm)) || !vfm_strings_has(&domain->macs, mac))
			continue;
		*ret_owner = vfm_text_printf("domain %s (%s)", domain->name,
					     domain->running ? "running" : "defined");
		return *ret_owner ? 0 : -ENOMEM;
	}
	return 0;
}
