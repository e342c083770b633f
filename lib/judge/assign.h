/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Giving one VF to a VM: which one is meant, may it be given now, and whose are the MAC addresses?
 *
 * The rules judge a host, or what is to be done to it: "at least one VF is migratable", "no VF that
 * a step touches is in use". Here one VF is named, and the answer is about that one; pure as well.
 */
#ifndef VFM_JUDGE_ASSIGN_H
#define VFM_JUDGE_ASSIGN_H

#include "base/text.h"
#include "facts/domains.h"
#include "facts/facts.h"

struct vfm_domain;
struct vfm_vf_way;

/* A VF as a command line names it: by its own address, or by its PF's and its number, "BDF/N". */
struct vfm_vf_name {
	char bdf[VFM_BDF_TEXT_SIZE]; /* long form */
	bool by_number;
	uint32_t number; /* by_number: of the PF's VFs, from 0 */
};

/* -EINVAL: 'text' is no name of a VF. */
int vfm_vf_name_parse(const char *text, struct vfm_vf_name *ret_name, struct vfm_error *err);

/* A VF and its PF, in the facts. */
struct vfm_vf_found {
	const struct vfm_pf_facts *pf;
	const struct vfm_vf_facts *vf;
};

/*
 * The VF in the facts; its number and address are known. -EINVAL: this is a PF; -ENOENT: the host
 * has no such VF; -ENODATA: what would tell could not be read. The error names the remedy.
 */
int vfm_vf_resolve(const struct vfm_facts *facts, const struct vfm_vf_name *name,
		   struct vfm_vf_found *ret_found, struct vfm_error *err);

/*
 * May a VM get this VF, and migrate with it? -EPERM: the PF is not in switchdev mode, the VF is not
 * migratable, or it is in use (a domain that is defined with it, and does not run, is no use);
 * -ENODATA: a fact that it takes could not be read.
 */
int vfm_vf_assignable(const struct vfm_vf_found *found, struct vfm_error *err);
/* Its three questions, each on its own. */
int vfm_vf_in_switchdev(const struct vfm_vf_found *found, struct vfm_error *err);
int vfm_vf_may_migrate(const struct vfm_vf_found *found, struct vfm_error *err);
int vfm_vf_unused(const struct vfm_vf_found *found, struct vfm_error *err);

/*
 * May a driver take it for the VM by this way of libvirt's? It is bound to none but pci-stub, or to
 * the variant driver, which found it migratable; where libvirt does not bind, to that alone.
 * -EPERM, -ENODATA as above.
 */
int vfm_vf_bindable(const struct vfm_vf_found *found, const struct vfm_vf_way *way,
		    struct vfm_error *err);

/* A VF that cannot be given now, or a PF with all of its VFs, and why. */
struct vfm_vf_passed {
	char bdf[VFM_BDF_TEXT_SIZE]; /* "": not known */
	char *words;
};

/* What the host has to give. */
struct vfm_vf_spares {
	/* By PF and number; those that an inactive domain is defined with come last. */
	struct vfm_vf_found *items;
	size_t count;
	struct vfm_vf_passed *passed; /* by PF and number */
	size_t passed_count;
};

/*
 * Sorts the host's VFs into those that vfm_vf_assignable and vfm_vf_bindable let pass, and the
 * others. -ENODATA: which cards the host has could not be read. *ret_spares points into the facts.
 */
int vfm_vf_spares(const struct vfm_facts *facts, const struct vfm_vf_way *way,
		  struct vfm_vf_spares *ret_spares, struct vfm_error *err);
void vfm_vf_spares_done(struct vfm_vf_spares *spares);
#define VFM_AUTO_VF_SPARES VFM_CLEANUP(vfm_vf_spares_done)

/*
 * May this VM have a VF, and move with it? -EPERM: it has an IOMMU of its own; or a VF is to be
 * plugged into it while it runs, and its PCI Express has no port left for that. 'uri' is that of
 * its daemon, for the remedy.
 */
int vfm_vm_takes_vf(const struct vfm_domain *domain, bool live, const char *uri,
		    struct vfm_error *err);

/* The next inactive domain, from user *index on, that is defined with the VF: the words of the
   fact, "domain vm1 (defined)"; NULL: no more. */
const char *vfm_vf_definition(const struct vfm_vf_facts *vf, size_t *index);

/*
 * What a guest sees of a VF, as a key: two VFs are alike for it when the values are equal. Unknown
 * when one of the capabilities could not be read. *ret_key is replaced; vfm_key_done().
 */
void vfm_vf_caps_key(const struct vfm_vf_facts *vf, struct vfm_fact_text *ret_key);
/* Appends what differs: "max_io_eqs is 32 on 0000:01:00.1, 8 on 0000:41:00.1; …". */
void vfm_vf_caps_differ(const struct vfm_vf_facts *vf, const char *name,
			const struct vfm_vf_facts *other, const char *other_name,
			struct vfm_buffer *text);

/* Adds every MAC address in the form of domain/mac.h that a domain, a VF or an uplink has. */
void vfm_macs_taken(const struct vfm_facts *facts, const struct vfm_domains *domains,
		    struct vfm_strings *taken);

/*
 * Who has this MAC address, in words ("0000:e1:00.2", "domain vm1 (defined)"), to be freed by the
 * caller; NULL: nobody but this VF and the domain called 'vm' (which may be NULL). -ENOMEM.
 */
int vfm_mac_owner(const struct vfm_facts *facts, const struct vfm_domains *domains, const char *mac,
		  const struct vfm_vf_facts *vf, const char *vm, char **ret_owner);

#endif
