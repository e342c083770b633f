/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Short words for the tables of tests about rules: statuses and severities. */
#ifndef VFM_TESTS_RULEWORDS_H
#define VFM_TESTS_RULEWORDS_H

#include "judge/judge.h"

#define PASS    VFM_STATUS_PASS
#define FAIL    VFM_STATUS_FAIL
#define UNKNOWN VFM_STATUS_UNKNOWN
#define SKIP    VFM_STATUS_SKIP
#define NONE    VFM_SEVERITY_NONE
#define INFO    VFM_SEVERITY_INFO
#define WARN    VFM_SEVERITY_WARN
#define REFUSE  VFM_SEVERITY_REFUSE

#endif
