/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes over the wire between a peer and 'vfprep serve': JSON objects, one a line.
 *
 *   greeting  {"schema":1,"kind":"vfprep-serve","program":"vfmig 0.1.0"}
 *   request   {"schema":1,"verb":"facts","full":false,"timeout_ms":50000}
 *   answer    {"schema":1,"ok":true,"facts":{…}}
 *             {"schema":1,"ok":false,"error":{"domain":"system","code":22,"object":…,"what":…,
 *                                             "hint":…}}
 *
 * The verbs and what each takes, beside "timeout_ms"; its answer's value stands under the key named
 * last. Devices are PCI addresses, and a member that is null is as one that is missing.
 *
 *   facts     full                    the host's facts                                → facts
 *   claim     vf, owner               reserves a VF: its facts, read after that       → vf
 *   slots     pf, count, owner        reserves migration slots: how many              → slots
 *   release   device                  gives up what is reserved of it: how many       → released
 *   port      vf, bridge, tag, mtu    {"name":…,"before":{"bridge":…,"tag":…,"mtu":…}} → port
 *   hw-addr   vf, mac                 {"before":MAC}                                  → hw_addr
 *   announce  pf, addresses           of {"mac":…,"tag":…}: frames that were sent     → announced
 *   forget    vf, mac                 "dropped", "none", "kept", "unsupported"        → forgotten
 *   storage   paths                   {"sides":[…]}, one a path (facts/storage.h)     → storage
 *   reach     targets                 of {"what":…,"host":…,"port":…}:
 *                                     {"answers":[…]}, one a target (facts/dial.h)    → reach
 *   place                             the host's limits and network (facts/place.h)   → place
 *   vgpu-metadata  devices, uuid      {"vgpus":[…]}: those that are vGPUs of this host
 *                                     (facts/vgpu_metadata.h)                         → metadata
 *   vgpu-fits  metadata               {"fits":[…]}, one a piece of metadata (likewise) → fits
 *
 * What is reserved ends with the session; port and hw-addr change only what this one has reserved.
 *
 * Unknown keys are ignored. A higher schema is refused by name. All functions are pure.
 */
#ifndef VFM_PEER_PROTOCOL_H
#define VFM_PEER_PROTOCOL_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"

enum { VFM_PROTOCOL_SCHEMA = 1, VFM_PROTOCOL_MAX_LINE_BYTES = VFM_JSON_MAX_BYTES };

/* Texts below are lines with their end, to be freed by the caller; NULL: out of memory. */
char *vfm_greeting_text(void);

/* 0; -EPROTO: no greeting at all; -ENOTSUP: of a higher schema, which err names. */
int vfm_greeting_read(const char *line, size_t size, struct vfm_error *err);

/* {"schema":1,"verb":verb}, to be put by the caller; NULL: out of memory. */
json_object *vfm_request_new(const char *verb);
char *vfm_request_text(json_object *request);

/* -EINVAL: no request; -ENOTSUP: of a higher schema. *ret_verb lives as long as the request. */
int vfm_request_read(const char *line, size_t size, json_object **ret_request,
		     const char **ret_verb, struct vfm_error *err);

/* A member that is a boolean; missing: false. */
int vfm_request_bool(json_object *request, const char *key, bool *ret_value, struct vfm_error *err);

/* "timeout_ms", the time the asker gives: within 1 and VFM_PEER_MAX_TIMEOUT_MS, or -EINVAL;
 * missing: VFM_PEER_TIMEOUT_MS. */
int vfm_request_timeout(json_object *request, int *ret_timeout_ms, struct vfm_error *err);

/* An answer with the value under its key, or with an error. Takes the value. */
char *vfm_answer_text(const char *key, json_object *value);
char *vfm_answer_error_text(const struct vfm_error *err);

/*
 * Reads an answer. 0: *ret_value is what stands under 'key' (to be put by the caller). -EREMOTEIO:
 * the other side failed, and its error is *err. -EPROTO: no answer; -ENOTSUP: of a higher schema.
 */
int vfm_answer_read(const char *line, size_t size, const char *key, json_object **ret_value,
		    struct vfm_error *err);

#endif
