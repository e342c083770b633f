/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The CPU that several hosts have in common, so that a VM that has it can run on each: what the
 * document does by virsh, xmllint and an editor, by libvirt's calls.
 *
 * Every host's host-model (of its domain capabilities) goes into virConnectBaselineHypervisorCPU
 * of the first host; what comes out is compared on each host by that host's own daemon.
 */
#ifndef VFM_JOB_BASELINE_H
#define VFM_JOB_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "domain/cpu_xml.h"

struct vfm_baseline_request {
	const struct vfm_strings *uris; /* at least one; the first is the source's */
	const char *vm;                 /* name or UUID, on the first; NULL: none */
};

/* virCPUCompareResult. */
enum vfm_cpu_fit {
	VFM_CPU_INCOMPATIBLE,
	VFM_CPU_IDENTICAL,
	VFM_CPU_SUPERSET, /* the host has more */
	VFM_CPU_FIT_MAX,
};

struct vfm_baseline_host {
	struct vfm_host_cpu cpu;
	struct vfm_strings lost; /* features the host has and the common CPU has not */
	enum vfm_cpu_fit fit;    /* of the common CPU on the host */
	char *misfit;            /* libvirt's words when it is incompatible; else NULL */
	enum vfm_cpu_fit vm_fit; /* of the VM's present CPU, where compared */
	char *vm_misfit;
};

struct vfm_baseline {
	char *refusal, *advice; /* why there is no such CPU, and what to do; NULL: there is */
	char *cpu;              /* <cpu>, as it goes into a VM; NULL when refused */
	char *model;
	struct vfm_baseline_host *hosts; /* as many as URIs, in their order */
	size_t host_count;
	char *vm; /* its name; NULL: none was asked for. All that follows is about it. */
	bool vm_running;
	bool vm_compared;    /* its CPU is one that can be compared */
	bool vm_change;      /* it cannot move between all these hosts with the CPU it has */
	char *vm_mode;       /* of its definition; NULL: it has no <cpu> */
	char *vm_model;      /* of the CPU compared; may be NULL */
	char *vm_definition; /* with the common CPU; holds secrets. NULL when refused. */
};

/*
 * 0 also when refused: the hosts are of different architectures, or of one that has no common CPU
 * to be computed, or libvirt finds none. -ENOENT: there is no such VM. Errors name URI or VM.
 */
int vfm_baseline_make(const struct vfm_baseline_request *request, int64_t deadline_ms,
		      struct vfm_baseline *ret_baseline, struct vfm_error *err);
void vfm_baseline_done(struct vfm_baseline *baseline);
#define VFM_AUTO_BASELINE VFM_CLEANUP(vfm_baseline_done)

const char *vfm_cpu_fit_name(enum vfm_cpu_fit fit);

#endif
