/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VFs that a host has to give, and why not the others; see assign.h. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "domain/vf_xml.h"
#include "judge/assign.h"

/* --- the driver --- */

static int unread(struct vfm_error *err, const char *vf, const struct vfm_fact *fact,
		  const char *what)
{
	return vfm_error_set(err, -ENODATA, vf,
			     "read the facts as root; 'vfprep status' shows what could not be read",
			     "%s is not known: %s", what, vfm_fact_reason(fact));
}

/* It binds a VF that is not migratable as well; then it offers no migration. */
static int found_migratable(const struct vfm_vf_facts *vf, const char *hint, struct vfm_error *err)
{
	if (vf->vfio_state.fact.state != VFM_ABSENT)
		return 0; /* where debugfs is not there it cannot be told, and QEMU asks itself */
	return vfm_error_set(err, -EPERM, vf->bdf.value, hint,
			     VFM_VARIANT_DRIVER
			     " was bound before the VF was migratable, and offers no migration");
}

/* The driver's name; NULL: none. */
static int check_driver(const struct vfm_vf_facts *vf, const char *driver, bool managed,
			const struct vfm_bdf *bdf, struct vfm_error *err)
{
	VFM_AUTO_FREE char *bind = vfm_vf_bind_command(bdf);
	VFM_AUTO_FREE char *free_it =
		vfm_text_printf("virsh nodedev-detach pci_%04x_%02x_%02x_%x --driver pci-stub",
				bdf->domain, bdf->bus, bdf->slot, bdf->function);

	if (!bind || !free_it)
		return vfm_error_no_memory(err, vf->bdf.value);
	if (driver && vfm_streq(driver, VFM_VARIANT_DRIVER))
		return found_migratable(vf, free_it, err);
	if (!managed)
		return vfm_error_set(
			err, -EPERM, vf->bdf.value, bind,
			"is bound to %s, and this libvirt does not bind " VFM_VARIANT_DRIVER
			" by itself",
			driver ? driver : "no driver");
	if (!driver || vfm_streq(driver, "pci-stub"))
		return 0;
	return vfm_error_set(err, -EPERM, vf->bdf.value, free_it, "is bound to %s", driver);
}

int vfm_vf_bindable(const struct vfm_vf_found *found, const struct vfm_vf_way *way,
		    struct vfm_error *err)
{
	const struct vfm_vf_facts *vf = found->vf;
	const struct vfm_fact_text *driver = &vf->driver;
	struct vfm_bdf bdf;

	if (driver->fact.state == VFM_UNKNOWN)
		return unread(err, vf->bdf.value, &driver->fact, "its driver");
	if (vfm_parse_bdf(vf->bdf.value, &bdf) < 0)
		return vfm_error_set(err, -ENODATA, vf->bdf.value, NULL, "is no PCI address");
	return check_driver(vf, vfm_known(&driver->fact) ? driver->value : NULL, way->managed, &bdf,
			    err);
}

/* --- all of them --- */

void vfm_vf_spares_done(struct vfm_vf_spares *spares)
{
	for (size_t i = 0; i < spares->passed_count; i++)
		free(spares->passed[i].words);
	free(spares->passed);
	free(spares->items);
	*spares = (struct vfm_vf_spares){.items = NULL};
}

/* Takes the words. */
static int pass_over(struct vfm_vf_spares *spares, const struct vfm_fact_text *bdf, char *words)
{
	struct vfm_vf_passed passed = {.words = words};

	if (vfm_known(&bdf->fact))
		snprintf(passed.bdf, sizeof(passed.bdf), "%s", bdf->value);
	if (words && VFM_APPEND(spares->passed, spares->passed_count, passed) == 0)
		return 0;
	free(words);
	return -ENOMEM;
}

static bool is_defined(const struct vfm_vf_facts *vf)
{
	size_t at = 0;

	return vfm_vf_definition(vf, &at) != NULL;
}

/* The undefined ones are looked for first. */
static int look_at(struct vfm_vf_spares *spares, const struct vfm_pf_facts *pf,
		   const struct vfm_vf_facts *vf, const struct vfm_vf_way *way, bool defined)
{
	const struct vfm_vf_found found = {pf, vf};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	if (!vfm_known(&vf->bdf.fact) || !vfm_known(&vf->number.fact))
		return defined ? 0
			       : pass_over(spares, &pf->bdf,
					   strdup("the address of a VF of it is not known"));
	r = vfm_vf_assignable(&found, &err);
	if (r == 0)
		r = vfm_vf_bindable(&found, way, &err);
	if (r == -ENOMEM)
		return r;
	if (r < 0) /* told once */
		return defined ? 0
			       : pass_over(spares, &vf->bdf, err.what ? strdup(err.what) : NULL);
	return is_defined(vf) == defined ? VFM_APPEND(spares->items, spares->count, found) : 0;
}

static int look_at_pf(struct vfm_vf_spares *spares, const struct vfm_pf_facts *pf,
		      const struct vfm_vf_way *way, bool defined)
{
	int r = 0;

	if (!defined && pf->vfs.fact.state == VFM_UNKNOWN)
		return pass_over(spares, &pf->bdf,
				 vfm_text_printf("which VFs it has is not known: %s",
						 vfm_fact_reason(&pf->vfs.fact)));
	if (!defined && pf->vfs.count == 0)
		return pass_over(spares, &pf->bdf, strdup("has no VFs"));
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
		if (r == 0)
			r = look_at(spares, pf, vf, way, defined);
	return r;
}

int vfm_vf_spares(const struct vfm_facts *facts, const struct vfm_vf_way *way,
		  struct vfm_vf_spares *ret_spares, struct vfm_error *err)
{
	VFM_AUTO_VF_SPARES struct vfm_vf_spares spares = {.items = NULL};
	int r = 0;

	if (facts->pfs.fact.state == VFM_UNKNOWN)
		return unread(err, "VFs", &facts->pfs.fact, "which cards the host has");
	for (int defined = 0; defined < 2; defined++)
		vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
			if (r == 0)
				r = look_at_pf(&spares, pf, way, defined);
	if (r < 0)
		return vfm_error_no_memory(err, "VFs");
	*ret_spares = spares;
	spares = (struct vfm_vf_spares){.items = NULL};
	return 0;
}
