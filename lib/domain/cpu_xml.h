/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPUs in libvirt's XML: a host's, as its domain capabilities tell it, made into one that a VM can
 * be given; the features of such a CPU; and a VM's definition with another CPU in it.
 *
 * Pure: which CPU several hosts have in common is libvirt's to say (lib/job/baseline.h).
 */
#ifndef VFM_DOMAIN_CPU_XML_H
#define VFM_DOMAIN_CPU_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* What a daemon's <domainCapabilities> say of the host's CPU. */
struct vfm_host_cpu {
	char *arch;           /* "x86_64" */
	char *virt_type;      /* "kvm", "qemu" */
	char *model, *vendor; /* of host-model; NULL: it is not offered, or does not say */
	char *cpu; /* host-model as <cpu mode='custom' match='exact'>; NULL: it is not offered */
};

/* -EINVAL: the document is none, or names no architecture or type. */
int vfm_host_cpu_read(const char *xml, size_t size, const char *name, struct vfm_host_cpu *ret_cpu,
		      struct vfm_error *err);
void vfm_host_cpu_done(struct vfm_host_cpu *cpu);

/* The model that a <cpu> names, and its features that must be there, sorted. model may be NULL. */
struct vfm_cpu_content {
	char *model;
	struct vfm_strings features;
};

int vfm_cpu_read(const char *xml, size_t size, const char *name,
		 struct vfm_cpu_content *ret_content, struct vfm_error *err);
void vfm_cpu_content_done(struct vfm_cpu_content *content);

/* A VM's CPU, from its <domain>. */
struct vfm_vm_cpu {
	char *arch, *virt_type;
	char *mode; /* "custom", "host-model", "host-passthrough", "maximum"; NULL: no <cpu> */
	char *cpu;  /* the element; NULL: there is none, and QEMU's default is used */
};

int vfm_vm_cpu_read(const char *xml, size_t size, const char *name, struct vfm_vm_cpu *ret_cpu,
		    struct vfm_error *err);
void vfm_vm_cpu_done(struct vfm_vm_cpu *cpu);

/*
 * The <domain> with this <cpu> in the place of its own. What its own says beside the kind of CPU
 * stays: topology, NUMA cells, and features that the VM must not have.
 */
int vfm_vm_cpu_replace(const char *xml, size_t size, const char *name, const char *cpu,
		       char **ret_xml, struct vfm_error *err);

#define VFM_AUTO_HOST_CPU    VFM_CLEANUP(vfm_host_cpu_done)
#define VFM_AUTO_CPU_CONTENT VFM_CLEANUP(vfm_cpu_content_done)
#define VFM_AUTO_VM_CPU      VFM_CLEANUP(vfm_vm_cpu_done)

#endif
