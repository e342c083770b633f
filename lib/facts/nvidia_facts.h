/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NVIDIA GPUs and their vGPUs as facts: the part "nvidia" of facts.h. Their meaning and source
 * stand in the field tables of nvidia_tables.c.
 */
#ifndef VFM_FACTS_NVIDIA_FACTS_H
#define VFM_FACTS_NVIDIA_FACTS_H

#include "facts/fact.h"
#include "facts/field.h"

/* Words of a GPU's framework: how the host driver shows vGPUs. */
#define VFM_VGPU_MDEV   "mdev"
#define VFM_VGPU_VENDOR "vendor-vfio"

struct vfm_vgpu_type_facts { /* item of a GPU's types */
	struct vfm_fact_uint id;
	struct vfm_fact_text name; /* "NVIDIA A40-8Q" */
	struct vfm_fact_uint framebuffer_mib;
	struct vfm_fact_uint creatable; /* how many more can be made now */
};

struct vfm_vgpu_facts {              /* item of a GPU's vgpus: those that are there */
	struct vfm_fact_text device; /* UUID of the mdev, or BDF of the VF */
	struct vfm_fact_text parent; /* BDF of the function it is on */
	struct vfm_fact_uint type_id;
	struct vfm_fact_text type;
	struct vfm_fact_text owner;      /* VM that has it: its name; absent: none */
	struct vfm_fact_texts users;     /* libvirt's domains that have it, running or not */
	struct vfm_fact_texts blocking;  /* parameters that rule out a migration */
	struct vfm_fact_bool migratable; /* by what NVML says of it */
	struct vfm_fact_text guest_driver;
	struct vfm_fact_uint guest_version; /* vGPU version of that driver */
};

struct vfm_gpu_facts { /* item of nvidia.gpus */
	struct vfm_fact_text bdf;
	struct vfm_fact_text name;
	struct vfm_fact_text uuid;
	struct vfm_fact_text vbios;
	struct vfm_fact_text driver; /* absent: none bound */
	struct vfm_fact_bool ecc_current;
	struct vfm_fact_bool ecc_pending;
	struct vfm_fact_bool mig_current;
	struct vfm_fact_bool mig_pending;
	struct vfm_fact_text host_vgpu_mode; /* "sriov", "non-sriov" */
	struct vfm_fact_text metadata;       /* equal on two hosts: the GPUs fit */
	struct vfm_fact_bool migration;      /* the GPU can migrate vGPUs */
	struct vfm_fact_uint guest_version_min;
	struct vfm_fact_uint guest_version_max;
	struct vfm_fact_text framework;    /* VFM_VGPU_*; absent: there is none */
	struct vfm_fact_text no_framework; /* why there is none; absent: there is one */
	struct vfm_fact_list types;        /* struct vfm_vgpu_type_facts, by id */
	struct vfm_fact_texts room;        /* BDFs of functions that one more can be made on */
	struct vfm_fact_list vgpus;        /* struct vfm_vgpu_facts, by device */
};

struct vfm_nvidia_facts {
	struct vfm_fact_text driver_version; /* "550.144.02"; absent: not loaded */
	struct vfm_fact_text driver_source;  /* file or library that said so */
	struct vfm_fact_bool nvml;           /* NVML answers; unknown: why it does not */
	struct vfm_fact_list gpus;           /* struct vfm_gpu_facts, by BDF */
};

extern const struct vfm_field vfm_nvidia_fields[];
extern const struct vfm_field vfm_gpu_fields[];

#endif
