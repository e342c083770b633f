/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NVML asked about one VM's vGPUs; see vgpu_ask.h. */
#include "facts/vgpu_ask.h"

#include <string.h>

#include "base/array.h"
#include "base/base64.h"
#include "facts/nvidia.h"
#include "facts/nvml_child.h"
#include "facts/nvml_vgpu.h"
#include "facts/readers.h"
#include "facts/source.h"

static void done_nvidia(struct vfm_nvidia_facts *nvidia)
{
	vfm_fields_done(vfm_nvidia_fields, nvidia);
}

static int open_gpu(const struct vfm_nvml *nvml, const char *bdf, vfm_nvml_device *ret_device)
{
	return nvml->device_by_bdf ? nvml->device_by_bdf(bdf, ret_device)
				   : VFM_NVML_FUNCTION_NOT_FOUND;
}

/* ---- metadata --------------------------------------------------------------------------- */

/* What the child has beside the records that it fills. */
struct inquiry {
	struct vfm_vgpu_records records; /* first: this is what is filled */
	const char *uuid;
	const struct vfm_nvidia_facts *nvidia;
};

static bool is_mdev(const struct vfm_vgpu_record *record)
{
	return strlen(record->device.value) > VFM_BDF_TEXT_SIZE;
}

static bool is_alike(const struct vfm_vgpu_record *a, const struct vfm_vgpu_record *b)
{
	return !is_mdev(a) && !is_mdev(b) && vfm_streq(a->gpu.value, b->gpu.value) &&
	       vfm_known(&a->type_id.fact) && vfm_known(&b->type_id.fact) &&
	       a->type_id.value == b->type_id.value;
}

/* How many of the VM's vGPUs before this one NVML cannot tell from it. */
static size_t count_before(const struct inquiry *inquiry, const struct vfm_vgpu_record *record)
{
	size_t count = 0;

	vfm_list_each (const struct vfm_vgpu_record, other, &inquiry->records.vgpus) {
		if (other == record)
			break;
		count += is_alike(record, other);
	}
	return count;
}

/* vGPUs of this type that are on the GPU, whoever has them. */
static size_t count_there(const struct inquiry *inquiry, const struct vfm_vgpu_record *record)
{
	size_t count = 0;

	vfm_list_each (const struct vfm_gpu_facts, gpu, &inquiry->nvidia->gpus) {
		if (!vfm_fact_is_text(&gpu->bdf, record->gpu.value))
			continue;
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			count += vfm_known(&vgpu->type_id.fact) &&
				 vgpu->type_id.value == record->type_id.value;
	}
	return count;
}

/*
 * The VM's own vGPUs of this type. NVML does not tell the address of a VF's, but whose it is; what
 * the VM has several of is taken in order, since all of them go to the same host. Where the library
 * does not say whose a vGPU is, the only one of its type is the one.
 */
static const char *find_vf(const struct vfm_nvml *nvml, const struct inquiry *inquiry,
			   const struct vfm_vgpu_record *record, const unsigned int *numbers,
			   unsigned int count, vfm_nvml_vgpu *ret_number)
{
	size_t skip = count_before(inquiry, record);
	bool silent = false;

	if (!vfm_known(&record->type_id.fact))
		return "its type is not known";
	for (unsigned int i = 0; i < count; i++) {
		bool told, own;

		if (!vfm_nvml_is_of_type(nvml, numbers[i], record->type_id.value))
			continue;
		own = vfm_nvml_is_of_vm(nvml, numbers[i], inquiry->uuid, &told);
		silent |= !told;
		if (!told)
			own = count_there(inquiry, record) == 1;
		if (!own || skip-- > 0)
			continue;
		*ret_number = numbers[i];
		return NULL;
	}
	return silent ? "NVML does not tell which of several vGPUs of this type it is"
		      : "NVML knows no such vGPU of this VM: it is not in use";
}

static const char *find_mdev(const struct vfm_nvml *nvml, const char *uuid,
			     const unsigned int *numbers, unsigned int count,
			     vfm_nvml_vgpu *ret_number)
{
	for (unsigned int i = 0; i < count; i++) {
		if (!vfm_nvml_is_mdev(nvml, numbers[i], uuid))
			continue;
		*ret_number = numbers[i];
		return NULL;
	}
	return "NVML does not know it: it is not in use";
}

static void fill_metadata(const struct vfm_nvml *nvml, vfm_nvml_vgpu number,
			  struct vfm_vgpu_record *record)
{
	VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
	VFM_AUTO_FREE char *text = NULL;
	unsigned int size = 0;
	int code = vfm_nvml_vgpu_metadata(nvml, number, &metadata, &size);

	if (code) {
		vfm_fact_set_unknown(&record->metadata.fact, "NVML: %s",
				     vfm_nvml_words(nvml, code));
		return;
	}
	vfm_nvml_set_version(&record->host_driver, metadata->host_driver);
	vfm_nvml_set_guest(metadata, &record->guest_driver, &record->guest_version);
	vfm_fact_set_bool(&record->migratable, metadata->caps & VFM_NVML_CAP_MIGRATION);
	vfm_fact_set_uint(&record->version, metadata->version);
	vfm_fact_set_uint(&record->revision, metadata->revision);
	text = vfm_base64_encode(metadata, size);
	if (text)
		vfm_fact_set_text(&record->metadata, text);
	else
		vfm_fact_set_unknown(&record->metadata.fact, "out of memory");
}

static void fill_record(const struct vfm_nvml *nvml, const struct inquiry *inquiry,
			struct vfm_vgpu_record *record)
{
	VFM_AUTO_FREE unsigned int *numbers = NULL;
	vfm_nvml_device device = NULL;
	vfm_nvml_vgpu number = 0;
	unsigned int count = 0;
	const char *why;
	int code = open_gpu(nvml, record->gpu.value, &device);

	if (code == VFM_NVML_SUCCESS)
		numbers = vfm_nvml_list(nvml->active, device, &count, &code);
	if (code != VFM_NVML_SUCCESS) {
		vfm_fact_set_unknown(&record->metadata.fact, "NVML: %s",
				     vfm_nvml_words(nvml, code));
		return;
	}
	vfm_nvml_name_type(nvml, &record->type_id, &record->type);
	why = is_mdev(record) ? find_mdev(nvml, record->device.value, numbers, count, &number)
			      : find_vf(nvml, inquiry, record, numbers, count, &number);
	if (why)
		vfm_fact_set_unknown(&record->metadata.fact, "%s", why);
	else
		fill_metadata(nvml, number, record);
}

/* What stands beside metadata that could not be had is not known for the same reason. */
static void fill_missing(struct vfm_vgpu_record *record)
{
	struct vfm_fact *const facts[] = {
		&record->host_driver.fact, &record->guest_driver.fact, &record->guest_version.fact,
		&record->migratable.fact,  &record->version.fact,      &record->revision.fact,
	};

	if (vfm_known(&record->metadata.fact))
		return;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_unknown(facts[i], "%s", vfm_fact_reason(&record->metadata.fact));
}

static void fill_records(const struct vfm_nvml *nvml, const char *why, void *object)
{
	struct inquiry *inquiry = object;

	vfm_list_each (struct vfm_vgpu_record, record, &inquiry->records.vgpus) {
		if (nvml)
			fill_record(nvml, inquiry, record);
		else
			vfm_fact_set_unknown(&record->metadata.fact, "%s", why);
		fill_missing(record);
	}
}

static bool add_record(struct vfm_vgpu_records *records, const struct vfm_gpu_facts *gpu,
		       const struct vfm_vgpu_facts *vgpu)
{
	struct vfm_vgpu_record *record = vfm_fact_list_add(&records->vgpus, sizeof(*record));

	if (!record)
		return false;
	vfm_source_copy(&record->device, &vgpu->device);
	vfm_source_copy(&record->gpu, &gpu->bdf);
	vfm_source_copy(&record->type, &vgpu->type);
	if (vfm_known(&vgpu->type_id.fact))
		vfm_fact_set_uint(&record->type_id, vgpu->type_id.value);
	else
		vfm_fact_set_unknown(&record->type_id.fact, "%s",
				     vfm_fact_reason(&vgpu->type_id.fact));
	return true;
}

static bool wants(const struct vfm_strings *devices, const char *device)
{
	for (size_t i = 0; i < devices->count; i++)
		if (strcasecmp(devices->values[i], device) == 0)
			return true;
	return false;
}

static bool add_records(const struct vfm_nvidia_facts *nvidia, const struct vfm_strings *devices,
			struct vfm_vgpu_records *records)
{
	vfm_fact_set_empty(&records->vgpus);
	vfm_list_each (const struct vfm_gpu_facts, gpu, &nvidia->gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (wants(devices, vgpu->device.value) && !add_record(records, gpu, vgpu))
				return false;
	return true;
}

int vfm_vgpu_metadata_read(const struct vfm_strings *devices, const char *uuid, int64_t deadline_ms,
			   struct vfm_vgpu_records *ret_records, struct vfm_error *err)
{
	VFM_CLEANUP(done_nvidia) struct vfm_nvidia_facts nvidia = {.gpus = {.items = NULL}};
	VFM_AUTO_FREE char *why = NULL;
	struct inquiry inquiry = {.uuid = uuid, .nvidia = &nvidia};

	vfm_nvidia_read_gpus(&nvidia);
	if (nvidia.gpus.fact.state == VFM_UNKNOWN)
		return vfm_error_set(err, -EIO, NULL, NULL, "the GPUs are not known: %s",
				     vfm_fact_reason(&nvidia.gpus.fact));
	if (!add_records(&nvidia, devices, &inquiry.records)) {
		vfm_vgpu_records_done(&inquiry.records);
		return vfm_error_no_memory(err, NULL);
	}
	if (inquiry.records.vgpus.count &&
	    vfm_nvml_in_child(fill_records, vfm_vgpu_records_fields, &inquiry,
			      sizeof(inquiry.records), deadline_ms, &why) < 0)
		fill_records(NULL, why ? why : "out of memory", &inquiry);
	*ret_records = inquiry.records;
	return 0;
}

/* ---- compatibility ------------------------------------------------------------------------ */

/* What the child has beside the fits that it fills. */
struct question {
	struct vfm_vgpu_fits fits; /* first: this is what is filled */
	struct vfm_nvml_vgpu_metadata **metadata;
	size_t count;
	const struct vfm_nvidia_facts *nvidia;
};

static void done_question(struct question *question)
{
	for (size_t i = 0; i < question->count; i++)
		free(question->metadata[i]);
	free(question->metadata);
	vfm_vgpu_fits_done(&question->fits);
}

/* One GPU's answer; or the library's code. */
static int ask_gpu(const struct vfm_nvml *nvml, const char *bdf,
		   struct vfm_nvml_vgpu_metadata *metadata, struct vfm_nvml_compatibility *ret_says)
{
	VFM_AUTO_FREE struct vfm_nvml_gpu_metadata *own = NULL;
	vfm_nvml_device device = NULL;
	unsigned int size;
	int code = open_gpu(nvml, bdf, &device);

	if (code == VFM_NVML_SUCCESS)
		code = vfm_nvml_gpu_metadata(nvml, device, &own, &size);
	if (code == VFM_NVML_SUCCESS && !nvml->compatibility)
		code = VFM_NVML_FUNCTION_NOT_FOUND;
	return code ? code : nvml->compatibility(metadata, own, ret_says);
}

/* Live first; among those that are not, a limit other than "another GPU" says more. */
static unsigned int rank(const struct vfm_nvml_compatibility *says)
{
	return ((says->compatibility & VFM_NVML_LIVE) ? 4u : 0u) +
	       (says->limit != VFM_NVML_LIMIT_GPU ? 2u : 0u) + (says->compatibility ? 1u : 0u);
}

/*
 * A GPU that takes it live decides. That none does is known only when each was heard; one that has
 * no metadata at all takes none.
 */
static void fill_fit(const struct vfm_nvml *nvml, const struct question *question,
		     struct vfm_nvml_vgpu_metadata *metadata, struct vfm_vgpu_fit *fit)
{
	struct vfm_nvml_compatibility best = {.compatibility = 0};
	int unheard = VFM_NVML_SUCCESS, unable = VFM_NVML_NOT_FOUND;
	const char *where = NULL;

	vfm_list_each (const struct vfm_gpu_facts, gpu, &question->nvidia->gpus) {
		struct vfm_nvml_compatibility says = {.compatibility = 0};
		int code = ask_gpu(nvml, gpu->bdf.value, metadata, &says);

		if (code == VFM_NVML_NOT_SUPPORTED)
			unable = code;
		else if (code)
			unheard = code;
		else if (!where || rank(&says) > rank(&best)) {
			best = says;
			where = gpu->bdf.value;
		}
	}
	if (!where || (unheard && !(best.compatibility & VFM_NVML_LIVE))) {
		const char *words = vfm_nvml_words(nvml, unheard ? unheard : unable);

		vfm_fact_set_unknown(&fit->gpu.fact, "NVML: %s", words);
		vfm_fact_set_unknown(&fit->compatibility.fact, "NVML: %s", words);
		vfm_fact_set_unknown(&fit->limit.fact, "NVML: %s", words);
		return;
	}
	vfm_fact_set_text(&fit->gpu, where);
	vfm_fact_set_uint(&fit->compatibility, best.compatibility);
	vfm_fact_set_uint(&fit->limit, best.limit);
}

static void fill_fits(const struct vfm_nvml *nvml, const char *why, void *object)
{
	struct question *question = object;
	size_t i = 0;

	vfm_list_each (struct vfm_vgpu_fit, fit, &question->fits.fits) {
		if (nvml) {
			fill_fit(nvml, question, question->metadata[i++], fit);
			continue;
		}
		vfm_fact_set_unknown(&fit->gpu.fact, "%s", why);
		vfm_fact_set_unknown(&fit->compatibility.fact, "%s", why);
		vfm_fact_set_unknown(&fit->limit.fact, "%s", why);
	}
}

static int take_metadata(const struct vfm_strings *texts, struct question *question,
			 struct vfm_error *err)
{
	vfm_fact_set_empty(&question->fits.fits);
	for (size_t i = 0; i < texts->count; i++) {
		struct vfm_nvml_vgpu_metadata *metadata = NULL;
		int r = vfm_vgpu_metadata_decode(texts->values[i], &metadata, err);

		if (r < 0)
			return r;
		if (VFM_APPEND(question->metadata, question->count, metadata) < 0) {
			free(metadata);
			return vfm_error_no_memory(err, NULL);
		}
		if (!vfm_fact_list_add(&question->fits.fits, sizeof(struct vfm_vgpu_fit)))
			return vfm_error_no_memory(err, NULL);
	}
	return 0;
}

int vfm_vgpu_fits_read(const struct vfm_strings *metadata, int64_t deadline_ms,
		       struct vfm_vgpu_fits *ret_fits, struct vfm_error *err)
{
	VFM_CLEANUP(done_nvidia) struct vfm_nvidia_facts nvidia = {.gpus = {.items = NULL}};
	VFM_CLEANUP(done_question) struct question question = {.nvidia = &nvidia};
	VFM_AUTO_FREE char *why = NULL;
	int r = take_metadata(metadata, &question, err);

	if (r < 0)
		return r;
	vfm_nvidia_read_gpus(&nvidia);
	if (!vfm_known(&nvidia.gpus.fact)) {
		const struct vfm_fact *gpus = &nvidia.gpus.fact;

		fill_fits(NULL,
			  gpus->state == VFM_ABSENT ? "there is no NVIDIA GPU"
						    : vfm_fact_reason(gpus),
			  &question);
	} else if (vfm_nvml_in_child(fill_fits, vfm_vgpu_fits_fields, &question,
				     sizeof(question.fits), deadline_ms, &why) < 0) {
		fill_fits(NULL, why ? why : "out of memory", &question);
	}
	*ret_fits = question.fits;
	question.fits = (struct vfm_vgpu_fits){.fits = {.items = NULL}};
	return 0;
}

void vfm_vgpu_document_begin(struct vfm_vgpu_document *document)
{
	const struct vfm_read_options options = {.full = false};
	VFM_AUTO_FACTS struct vfm_facts facts;

	memset(&facts, 0, sizeof(facts));
	vfm_read_reader(&document->program, &document->time);
	vfm_read_host(&options, &facts);
	vfm_source_copy(&document->host, &facts.host.hostname);
	vfm_source_copy(&document->arch, &facts.host.arch);
}
