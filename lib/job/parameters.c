/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our parameters to libvirt's; see parameters.h. */
#include "job/parameters.h"

static int add(const struct vfm_parameter *parameter, void *data)
{
	struct vfm_parameters *list = data;
	int r = -1;

	switch (parameter->type) {
	case VFM_PARAMETER_INT:
		r = virTypedParamsAddInt(&list->items, &list->count, &list->capacity,
					 parameter->name, (int)parameter->number);
		break;
	case VFM_PARAMETER_ULLONG:
		r = virTypedParamsAddULLong(&list->items, &list->count, &list->capacity,
					    parameter->name, parameter->number);
		break;
	case VFM_PARAMETER_STRING:
		r = virTypedParamsAddString(&list->items, &list->count, &list->capacity,
					    parameter->name, parameter->text);
		break;
	case VFM_PARAMETER_TYPE_MAX:
		break;
	}
	return r < 0 ? -ENOMEM : 0;
}

int vfm_parameters_fill(const struct vfm_migration *migration, struct vfm_parameters *ret_list,
			struct vfm_error *err)
{
	struct vfm_parameters list = {.items = NULL};
	int r = vfm_migration_parameters(migration, add, &list);

	if (r < 0) {
		vfm_parameters_done(&list);
		return vfm_error_no_memory(err, "migration parameters");
	}
	*ret_list = list;
	return 0;
}

void vfm_parameters_done(struct vfm_parameters *list)
{
	virTypedParamsFree(list->items, list->count);
	list->items = NULL;
	list->count = list->capacity = 0;
}
