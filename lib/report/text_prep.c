/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preparations and their history as text. */
#include "report/layout.h"

#define STEP_LINE "{result?{result!:9}}{subject:46} {|}{change}{message?: {message}}"

const struct layout vfm_layout_prep[] = {
	{.line = "{command} {host}: {|}{verdict!}{message?: {message}}",
	 .rows = vfm_layout_own_findings},
	{.each = "steps",
	 .group = "group",
	 .heading = "{group}",
	 .line = "  " STEP_LINE,
	 .flags = BLANK_BEFORE},
	{.each = "notes",
	 .group = "none",
	 .heading = "Notes",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	{.each = "status.hosts",
	 .line = "{name}: {verdict!}",
	 .flags = BLANK_BEFORE,
	 .rows = vfm_layout_status_host},
	END,
};

static const struct layout run_rows[] = {
	{.line = "  {|}{message}", .when = "message"},
	{.each = "steps", .group = "group", .heading = "  {group}", .line = "    " STEP_LINE},
	END,
};

const struct layout vfm_layout_history[] = {
	{.line = "no run is recorded", .unless = "runs"},
	{.each = "runs",
	 .line = "{number} {begun} {result!}: {|}{command}",
	 .flags = BLANK_BEFORE,
	 .rows = run_rows},
	END,
};
