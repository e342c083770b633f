/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was seen of a VF that was given or taken, judged; see attach.h. Pure. */
#include <string.h>

#include "base/array.h"
#include "domain/devices.h"
#include "domain/vf_xml.h"
#include "move/attach.h"

struct checking {
	const struct vfm_attach_seen *seen;
	struct vfm_checks *checks;
	bool failed; /* no memory */
};

__attribute__((format(printf, 6, 7))) static void add(struct checking *checking, const char *name,
						      const char *object,
						      enum vfm_check_status status,
						      const char *remedy, const char *format, ...)
{
	struct vfm_check check = {.name = name, .status = status, .object = strdup(object)};
	va_list arguments;

	va_start(arguments, format);
	check.message = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	if (status == VFM_CHECK_OK)
		remedy = NULL;
	check.remedy = remedy ? strdup(remedy) : NULL;
	if (check.object && check.message && (check.remedy || !remedy) &&
	    VFM_APPEND(checking->checks->items, checking->checks->count, check) == 0)
		return;
	free(check.object);
	free(check.message);
	free(check.remedy);
	checking->failed = true;
}

/* ---- the VM ----------------------------------------------------------------- */

static const char *const owners[VFM_VM_PART_MAX] = {
	[VFM_VM_LIVE] = "the running VM",
	[VFM_VM_CONFIG] = "its definition",
};

/* What is said of a part: the device is in it, or is not. */
static void check_given(struct checking *checking, enum vfm_vm_part part,
			const struct vfm_domain_device *device)
{
	const struct vfm_attach_seen *seen = checking->seen;
	const char *name = vfm_vm_part_name(part), *owner = owners[part];

	if (!device)
		add(checking, name, seen->vm, VFM_CHECK_FAILED, "'virsh dumpxml' shows what it has",
		    "%s does not have %s", owner, seen->bdf);
	else if (seen->mac && !vfm_streq(device->mac, seen->mac))
		add(checking, name, seen->vm, VFM_CHECK_FAILED, "'virsh dumpxml' shows what it has",
		    "%s has %s with the MAC address %s, not %s", owner, seen->bdf,
		    *device->mac ? device->mac : "of no one", seen->mac);
	else
		add(checking, name, seen->vm, VFM_CHECK_OK, NULL, "%s has %s%s%s", owner, seen->bdf,
		    seen->mac ? " with the MAC address " : "", seen->mac ? seen->mac : "");
}

static void check_taken(struct checking *checking, enum vfm_vm_part part,
			const struct vfm_domain_device *device)
{
	const struct vfm_attach_seen *seen = checking->seen;
	const char *remedy = part == VFM_VM_LIVE
				     ? "it is gone when the guest releases it, at the latest when "
				       "the VM is shut down"
				     : "'virsh edit' takes it out";

	add(checking, vfm_vm_part_name(part), seen->vm, device ? VFM_CHECK_FAILED : VFM_CHECK_OK,
	    remedy, "%s %s %s", owners[part], device ? "still has" : "does not have", seen->bdf);
}

/* By the VF's address; a VM that does not run, or is not defined, has nothing. Is it there? */
static bool check_part(struct checking *checking, enum vfm_vm_part part)
{
	const struct vfm_attach_seen *seen = checking->seen;
	const struct vfm_domain_device_name wanted = {.bdf = seen->bdf};
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const char *xml = seen->look ? seen->look->xml[part] : NULL;
	int r = -ENOENT;

	if (!seen->look) {
		add(checking, vfm_vm_part_name(part), seen->vm, VFM_CHECK_UNKNOWN,
		    "'virsh dumpxml' shows what it has", "what %s has is not known: %s",
		    owners[part], seen->no_look);
		return false;
	}
	if (xml)
		r = vfm_domain_device_find(xml, strlen(xml), owners[part], &wanted, &device, &err);
	if (r < 0 && r != -ENOENT)
		add(checking, vfm_vm_part_name(part), seen->vm, VFM_CHECK_FAILED,
		    "'virsh dumpxml' shows what it has", "%s %s", owners[part],
		    err.what ? err.what : "");
	else if (seen->detach)
		check_taken(checking, part, r == 0 ? &device : NULL);
	else
		check_given(checking, part, r == 0 ? &device : NULL);
	return r == 0;
}

/* ---- the VF ----------------------------------------------------------------- */

static const struct vfm_vf_facts *find_vf(const struct vfm_facts *facts, const char *bdf)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
			if (vfm_fact_is_text(&vf->bdf, bdf))
				return vf;
	return NULL;
}

static void add_unread(struct checking *checking, const char *name, const char *what,
		       const struct vfm_fact *fact)
{
	add(checking, name, checking->seen->bdf, VFM_CHECK_UNKNOWN, "read the facts as root",
	    "%s is not known: %s", what, vfm_fact_reason(fact));
}

static void check_driver(struct checking *checking, const struct vfm_vf_facts *vf)
{
	const struct vfm_fact_text *driver = &vf->driver;
	const char *bdf = checking->seen->bdf;

	if (driver->fact.state == VFM_UNKNOWN)
		add_unread(checking, "vf-driver", "its driver", &driver->fact);
	else if (vfm_fact_is_text(driver, VFM_VARIANT_DRIVER))
		add(checking, "vf-driver", bdf, VFM_CHECK_OK, NULL,
		    "is bound to " VFM_VARIANT_DRIVER);
	else
		add(checking, "vf-driver", bdf, VFM_CHECK_FAILED,
		    "take it from the VM, see 'vfprep status', and give it again",
		    "is bound to %s, not to " VFM_VARIANT_DRIVER ": the VM cannot move with it",
		    vfm_known(&driver->fact) ? driver->value : "no driver");
}

/* "domain g1 (running)"; a name may hold anything. */
static bool is_of_vm(const char *user, const char *vm)
{
	const char *rest = vfm_text_after(user, "domain ");

	rest = rest ? vfm_text_after(rest, vm) : NULL;
	return rest && vfm_streq(rest, " (running)");
}

static void check_owner(struct checking *checking, const struct vfm_vf_facts *vf)
{
	const struct vfm_attach_seen *seen = checking->seen;
	const struct vfm_fact_texts *users = &vf->users;
	bool has = false;

	if (users->fact.state == VFM_UNKNOWN) {
		add_unread(checking, "vf-owner", "who uses it", &users->fact);
		return;
	}
	for (size_t i = 0; vfm_known(&users->fact) && i < users->count; i++)
		has |= is_of_vm(users->values[i], seen->vm);
	add(checking, "vf-owner", seen->bdf, has == seen->detach ? VFM_CHECK_FAILED : VFM_CHECK_OK,
	    "'vfprep facts' shows under pfs, vfs who uses it", "is %s by %s (running)",
	    has ? "used" : "not used", seen->vm);
}

static void check_mac(struct checking *checking, const struct vfm_vf_facts *vf)
{
	const char *mac = checking->seen->mac, *bdf = checking->seen->bdf;
	const struct vfm_fact_text *has = &vf->hw_addr;

	if (has->fact.state == VFM_UNKNOWN)
		add_unread(checking, "vf-mac", "its MAC address", &has->fact);
	else if (vfm_fact_is_text(has, mac))
		add(checking, "vf-mac", bdf, VFM_CHECK_OK, NULL, "has the MAC address %s", mac);
	else
		add(checking, "vf-mac", bdf, VFM_CHECK_FAILED,
		    "no frame reaches the guest: take it from the VM and give it again",
		    "has the MAC address %s, not %s",
		    vfm_known(&has->fact) ? has->value : "of no one", mac);
}

static void check_vf(struct checking *checking)
{
	const struct vfm_attach_seen *seen = checking->seen;
	const struct vfm_vf_facts *vf = seen->facts ? find_vf(seen->facts, seen->bdf) : NULL;

	if (!seen->facts && !seen->no_facts) {
		add(checking, "vf-owner", seen->bdf, VFM_CHECK_SKIPPED, NULL,
		    "its host was not asked what became of it");
		return;
	}
	if (!vf) {
		add(checking, "vf-owner", seen->bdf, VFM_CHECK_UNKNOWN,
		    "'vfprep facts' on its host shows it", "what became of it is not known: %s",
		    seen->facts ? "it is no VF of a card we know" : seen->no_facts);
		return;
	}
	if (!seen->detach)
		check_driver(checking, vf);
	check_owner(checking, vf);
	if (!seen->detach && seen->mac)
		check_mac(checking, vf);
}

int vfm_attach_check(const struct vfm_attach_seen *seen, struct vfm_checks *ret_checks,
		     struct vfm_error *err)
{
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	struct checking checking = {.seen = seen, .checks = &checks};
	bool runs_with_it = seen->asked[VFM_VM_LIVE] && check_part(&checking, VFM_VM_LIVE);

	if (seen->asked[VFM_VM_CONFIG])
		(void)check_part(&checking, VFM_VM_CONFIG);
	/* of a VF that is still in the VM all is said */
	if (seen->asked[VFM_VM_LIVE] && !(seen->detach && runs_with_it))
		check_vf(&checking);
	if (checking.failed)
		return vfm_error_no_memory(err, seen->vm);
	*ret_checks = checks;
	checks = (struct vfm_checks){.items = NULL};
	return 0;
}
