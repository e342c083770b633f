/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: patterns of messages.h in a line of text. */
#ifndef VFM_EXPLAIN_MATCH_H
#define VFM_EXPLAIN_MATCH_H

#include "base/span.h"
#include "explain/messages.h"

/* A message found in a line. */
struct vfm_match {
	const struct vfm_message *message;
	enum vfm_layer layer;
	size_t start, end;      /* in the line */
	size_t literal;         /* bytes of the pattern that are no holes */
	struct vfm_span object; /* data NULL: none */
	struct vfm_span holes[VFM_MESSAGE_HOLES];
	size_t hole_count;
};

/* Looks for the message in the line from 'from' on; false when it is not there. */
bool vfm_match_find(const struct vfm_message *message, struct vfm_span line, size_t from,
		    struct vfm_match *ret_match);

#endif
