/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CPU that several hosts have in common; see baseline.h. */
#include "job/baseline.h"

#include <string.h>

#include "base/deadline.h"
#include "base/worker.h"
#include "job/connection.h"

/* The whole conversation, in a worker that can be left behind: libvirt's calls have no deadline. */
struct talk {
	struct vfm_strings uris;
	char *vm;
	int64_t deadline_ms;
	virConnectPtr *connections; /* as many as URIs */
	struct vfm_vm_cpu vm_cpu;   /* arch NULL: none was asked for */
	struct vfm_baseline result;
	int error;
	struct vfm_error err;
};

static void release_talk(void *data)
{
	struct talk *talk = data;

	for (size_t i = 0; talk->connections && i < talk->uris.count; i++)
		vfm_cleanup_connection(&talk->connections[i]);
	free(talk->connections);
	vfm_strings_done(&talk->uris);
	vfm_vm_cpu_done(&talk->vm_cpu);
	vfm_baseline_done(&talk->result);
	vfm_error_done(&talk->err);
	free(talk->vm);
	free(talk);
}

static int no_memory(struct talk *talk)
{
	return vfm_error_no_memory(&talk->err, "CPU baseline");
}

/* Says why there is no common CPU; ends the conversation without an error. */
static int refuse(struct talk *talk, const char *advice, char *refusal)
{
	talk->result.refusal = refusal;
	free(VFM_STEAL(talk->result.vm_definition));
	talk->result.advice = strdup(advice);
	return refusal && talk->result.advice ? 0 : no_memory(talk);
}

/* libvirt's words; NULL: no memory. */
static char *last_words(void)
{
	const virError *last = virGetLastError();

	return strdup(last && last->message ? last->message : "unknown error");
}

static int connect_all(struct talk *talk)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < talk->uris.count; i++)
		r = vfm_connection_open(talk->uris.values[i], talk->deadline_ms,
					&talk->connections[i], &talk->err);
	return r;
}

/* ---- the VM --------------------------------------------------------------- */

static int failed_vm(struct talk *talk)
{
	return vfm_libvirt_failed(&talk->err, talk->vm);
}

/* With the CPU that it runs with, or would be started with on this host. */
static int read_vm(struct talk *talk, virDomainPtr domain)
{
	VFM_AUTO_FREE char *xml = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_UPDATE_CPU);

	if (!xml)
		return failed_vm(talk);
	return vfm_vm_cpu_read(xml, strlen(xml), talk->vm, &talk->vm_cpu, &talk->err);
}

/* Its definition: its mode there is what its owner asked for. */
static int read_definition(struct talk *talk, virDomainPtr domain)
{
	VFM_AUTO_VM_CPU struct vfm_vm_cpu defined = {.arch = NULL};
	VFM_AUTO_FREE char *xml =
		virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	int r;

	if (!xml)
		return failed_vm(talk);
	r = vfm_vm_cpu_read(xml, strlen(xml), talk->vm, &defined, &talk->err);
	if (r < 0)
		return r;
	talk->result.vm_mode = VFM_STEAL(defined.mode);
	talk->result.vm_definition = VFM_STEAL(xml);
	return 0;
}

static int look_at_vm(struct talk *talk)
{
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain = NULL;
	int r;

	if (!talk->vm)
		return 0;
	r = vfm_domain_find(talk->connections[0], talk->vm, &domain, &talk->err);
	if (r == 0)
		r = read_vm(talk, domain);
	if (r == 0)
		r = read_definition(talk, domain);
	if (r < 0)
		return r;
	talk->result.vm_running = virDomainIsActive(domain) == 1;
	talk->result.vm = strdup(virDomainGetName(domain));
	return talk->result.vm ? 0 : no_memory(talk);
}

/* ---- the hosts ------------------------------------------------------------ */

static int look_at_host(struct talk *talk, size_t i)
{
	VFM_AUTO_FREE char *xml = NULL;

	/* of the VM's kind where there is one; else of the host's best */
	xml = virConnectGetDomainCapabilities(talk->connections[i], NULL, talk->vm_cpu.arch, NULL,
					      talk->vm_cpu.virt_type, 0);
	if (!xml)
		return vfm_libvirt_failed(&talk->err, talk->uris.values[i]);
	return vfm_host_cpu_read(xml, strlen(xml), talk->uris.values[i], &talk->result.hosts[i].cpu,
				 &talk->err);
}

static const char same_hosts[] =
	"use hosts with the same CPU, firmware and kernel, and give the VM "
	"<cpu mode='host-passthrough'/>";

static int check_host(struct talk *talk, size_t i)
{
	const struct vfm_host_cpu *first = &talk->result.hosts[0].cpu;
	const struct vfm_host_cpu *cpu = &talk->result.hosts[i].cpu;
	const char *uri = talk->uris.values[i];

	if (!vfm_streq(cpu->arch, first->arch))
		return refuse(talk, "a VM moves between hosts of one architecture",
			      vfm_text_printf("%s is %s, %s is %s", talk->uris.values[0],
					      first->arch, uri, cpu->arch));
	if (!vfm_streq(cpu->virt_type, first->virt_type))
		return refuse(talk, "see /dev/kvm and the BIOS of the host that has no kvm",
			      vfm_text_printf("%s runs VMs by %s, %s by %s", talk->uris.values[0],
					      first->virt_type, uri, cpu->virt_type));
	if (vfm_streq(cpu->arch, "aarch64") || !cpu->cpu)
		return refuse(talk, same_hosts,
			      vfm_text_printf("%s: no common CPU can be computed on %s: its CPUs "
					      "have no models that hosts can be compared by",
					      uri, cpu->arch));
	return 0;
}

static int look_at_hosts(struct talk *talk)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < talk->uris.count; i++)
		r = look_at_host(talk, i);
	for (size_t i = 0; r == 0 && !talk->result.refusal && i < talk->uris.count; i++)
		r = check_host(talk, i);
	return r;
}

/* ---- the CPU -------------------------------------------------------------- */

static char *baseline_of(const struct talk *talk, size_t host, const char **cpus, size_t count,
			 unsigned int flags)
{
	const struct vfm_host_cpu *cpu = &talk->result.hosts[0].cpu;

	return virConnectBaselineHypervisorCPU(talk->connections[host], NULL, cpu->arch, NULL,
					       cpu->virt_type, cpus, (unsigned int)count, flags);
}

static int compute(struct talk *talk)
{
	VFM_AUTO_CPU_CONTENT struct vfm_cpu_content content = {.model = NULL};
	VFM_AUTO_FREE const char **cpus = calloc(talk->uris.count, sizeof(*cpus));
	int code, r;

	if (!cpus)
		return no_memory(talk);
	for (size_t i = 0; i < talk->uris.count; i++)
		cpus[i] = talk->result.hosts[i].cpu.cpu;
	talk->result.cpu =
		baseline_of(talk, 0, cpus, talk->uris.count, VIR_CONNECT_BASELINE_CPU_MIGRATABLE);
	code = virGetLastErrorCode();
	if (!talk->result.cpu &&
	    (code == VIR_ERR_OPERATION_FAILED || code == VIR_ERR_CPU_INCOMPATIBLE))
		return refuse(talk,
			      "these hosts cannot exchange a VM: group hosts by vendor and "
			      "generation of their CPUs",
			      last_words());
	if (!talk->result.cpu)
		return vfm_libvirt_failed(&talk->err, talk->uris.values[0]);
	r = vfm_cpu_read(talk->result.cpu, strlen(talk->result.cpu), "CPU baseline", &content,
			 &talk->err);
	talk->result.model = VFM_STEAL(content.model);
	vfm_text_trim_end(talk->result.cpu);
	return r;
}

/* All that a CPU has, what its model stands for too, as this host's daemon sees it. */
static int expand(struct talk *talk, size_t host, const char *cpu,
		  struct vfm_cpu_content *ret_content)
{
	VFM_AUTO_FREE char *all =
		baseline_of(talk, host, &cpu, 1, VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES);

	if (!all)
		return vfm_libvirt_failed(&talk->err, talk->uris.values[host]);
	return vfm_cpu_read(all, strlen(all), talk->uris.values[host], ret_content, &talk->err);
}

static int find_lost(struct talk *talk, size_t host)
{
	VFM_AUTO_CPU_CONTENT struct vfm_cpu_content has = {.model = NULL}, gets = {.model = NULL};
	struct vfm_baseline_host *at = &talk->result.hosts[host];
	int r = expand(talk, host, at->cpu.cpu, &has);

	if (r == 0)
		r = expand(talk, host, talk->result.cpu, &gets);
	for (size_t i = 0; r == 0 && i < has.features.count; i++)
		if (!vfm_strings_has(&gets.features, has.features.values[i]))
			vfm_strings_add(&at->lost, has.features.values[i]);
	return r == 0 && at->lost.failed ? no_memory(talk) : r;
}

static int compare(struct talk *talk, size_t host, const char *cpu, enum vfm_cpu_fit *ret_fit,
		   char **ret_words)
{
	const struct vfm_host_cpu *kind = &talk->result.hosts[0].cpu;
	int found = virConnectCompareHypervisorCPU(talk->connections[host], NULL, kind->arch, NULL,
						   kind->virt_type, cpu,
						   VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);

	if (found == VIR_CPU_COMPARE_IDENTICAL || found == VIR_CPU_COMPARE_SUPERSET) {
		*ret_fit =
			found == VIR_CPU_COMPARE_IDENTICAL ? VFM_CPU_IDENTICAL : VFM_CPU_SUPERSET;
		return 0;
	}
	if (found < 0 && virGetLastErrorCode() != VIR_ERR_CPU_INCOMPATIBLE)
		return vfm_libvirt_failed(&talk->err, talk->uris.values[host]);
	*ret_fit = VFM_CPU_INCOMPATIBLE;
	*ret_words = last_words();
	return *ret_words ? 0 : no_memory(talk);
}

static int judge_hosts(struct talk *talk)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < talk->uris.count; i++) {
		struct vfm_baseline_host *host = &talk->result.hosts[i];

		r = find_lost(talk, i);
		if (r == 0)
			r = compare(talk, i, talk->result.cpu, &host->fit, &host->misfit);
	}
	return r;
}

static bool is_hosts_own(const char *mode)
{
	return mode && (vfm_streq(mode, "host-passthrough") || vfm_streq(mode, "maximum"));
}

static int compare_vm(struct talk *talk)
{
	VFM_AUTO_CPU_CONTENT struct vfm_cpu_content content = {.model = NULL};
	struct vfm_baseline *result = &talk->result;
	const char *cpu = talk->vm_cpu.cpu;
	int r = vfm_cpu_read(cpu, strlen(cpu), talk->vm, &content, &talk->err);

	result->vm_model = VFM_STEAL(content.model);
	result->vm_compared = true;
	for (size_t i = 0; r == 0 && i < talk->uris.count; i++) {
		struct vfm_baseline_host *host = &result->hosts[i];

		r = compare(talk, i, cpu, &host->vm_fit, &host->vm_misfit);
		if (r == 0 && host->vm_fit == VFM_CPU_INCOMPATIBLE)
			result->vm_change = true;
	}
	return r;
}

static int judge_vm(struct talk *talk)
{
	VFM_AUTO_FREE char *definition = NULL;
	struct vfm_baseline *result = &talk->result;
	int r;

	if (!talk->vm)
		return 0;
	definition = VFM_STEAL(result->vm_definition);
	r = vfm_vm_cpu_replace(definition, strlen(definition), talk->vm, result->cpu,
			       &result->vm_definition, &talk->err);
	if (r < 0)
		return r;
	if (is_hosts_own(talk->vm_cpu.mode)) {
		result->vm_change = true;
		return 0;
	}
	/* without one, or with a mere topology, it is QEMU's default, which any host can be */
	return talk->vm_cpu.mode ? compare_vm(talk) : 0;
}

/* ---- the conversation ----------------------------------------------------- */

static void hold_talk(void *data)
{
	struct talk *talk = data;
	int (*const steps[])(struct talk *) = {
		connect_all, look_at_vm, look_at_hosts, compute, judge_hosts, judge_vm,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(steps); i++) {
		talk->error = steps[i](talk);
		if (talk->error < 0 || talk->result.refusal)
			break;
	}
}

static struct talk *talk_new(const struct vfm_baseline_request *request, int64_t deadline_ms)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	size_t count = request->uris->count;

	if (!talk)
		return NULL;
	talk->deadline_ms = deadline_ms;
	for (size_t i = 0; i < count; i++)
		vfm_strings_add(&talk->uris, request->uris->values[i]);
	talk->connections = calloc(count, sizeof(virConnectPtr));
	talk->result.hosts = calloc(count, sizeof(*talk->result.hosts));
	talk->result.host_count = talk->result.hosts ? count : 0;
	talk->vm = request->vm ? strdup(request->vm) : NULL;
	if (!talk->uris.failed && talk->connections && talk->result.hosts &&
	    (talk->vm || !request->vm))
		return talk;
	release_talk(talk);
	return NULL;
}

int vfm_baseline_make(const struct vfm_baseline_request *request, int64_t deadline_ms,
		      struct vfm_baseline *ret_baseline, struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct talk *talk;
	int r;

	if (!request->uris->count)
		return vfm_error_set(err, -EINVAL, "CPU baseline", NULL, "no host is named");
	talk = talk_new(request, deadline_ms);
	if (!talk)
		return vfm_error_no_memory(err, "CPU baseline");
	r = vfm_worker_start(hold_talk, release_talk, talk, &worker, err);
	if (r < 0) {
		release_talk(talk);
		return r;
	}
	r = vfm_worker_wait(worker, deadline_ms);
	if (r < 0)
		return vfm_error_set(err, r, "CPU baseline", NULL,
				     "the hosts did not answer in time");
	if (talk->error < 0) {
		vfm_error_move(err, &talk->err);
		return talk->error;
	}
	*ret_baseline = talk->result;
	talk->result = (struct vfm_baseline){.cpu = NULL};
	return 0;
}

static void host_done(struct vfm_baseline_host *host)
{
	vfm_host_cpu_done(&host->cpu);
	vfm_strings_done(&host->lost);
	free(host->misfit);
	free(host->vm_misfit);
}

void vfm_baseline_done(struct vfm_baseline *baseline)
{
	for (size_t i = 0; i < baseline->host_count; i++)
		host_done(&baseline->hosts[i]);
	free(baseline->hosts);
	free(baseline->refusal);
	free(baseline->advice);
	free(baseline->cpu);
	free(baseline->model);
	free(baseline->vm);
	free(baseline->vm_mode);
	free(baseline->vm_model);
	free(baseline->vm_definition);
	*baseline = (struct vfm_baseline){.cpu = NULL};
}

const char *vfm_cpu_fit_name(enum vfm_cpu_fit fit)
{
	static const char *const names[VFM_CPU_FIT_MAX] = {
		[VFM_CPU_INCOMPATIBLE] = "incompatible",
		[VFM_CPU_IDENTICAL] = "identical",
		[VFM_CPU_SUPERSET] = "superset",
	};

	return names[fit];
}
