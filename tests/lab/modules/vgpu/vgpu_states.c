// SPDX-License-Identifier: GPL-2.0
/*
 * The migration state machine: which steps there are and what each does.  VFIO core finds
 * the way from state to state; here is only the table of single steps.
 */
#include <linux/delay.h>
#include <linux/file.h>

#include "vgpu.h"

/* ---- steps: NULL, an error, or the file of a stream that begins ------------------- */

/* The vGPU does nothing by itself: to stop it and let it go on takes nothing. */
static struct file *nothing(struct vgpu *vgpu)
{
	return NULL;
}

static struct file *begin(struct vgpu_stream *stream, struct vgpu_stream **slot)
{
	if (IS_ERR(stream))
		return ERR_CAST(stream);
	*slot = stream;
	return vgpu_stream_file(stream);
}

static struct file *save_early(struct vgpu *vgpu)
{
	return begin(vgpu_save_open(vgpu), &vgpu->saving);
}

/* The rest goes into the stream that pre-copy has opened. */
static struct file *save_rest(struct vgpu *vgpu)
{
	msleep(READ_ONCE(vgpu_stop_ms));
	vgpu_save_finish(vgpu, vgpu->saving);
	return NULL;
}

static struct file *save_all(struct vgpu *vgpu)
{
	struct file *file = save_early(vgpu);

	if (!IS_ERR(file))
		save_rest(vgpu);
	return file;
}

static struct file *save_end(struct vgpu *vgpu)
{
	vgpu_stream_close(&vgpu->saving);
	return NULL;
}

static struct file *resume_begin(struct vgpu *vgpu)
{
	return begin(vgpu_resume_open(vgpu), &vgpu->resuming);
}

static struct file *resume_end(struct vgpu *vgpu)
{
	int err = vgpu_resume_finish(vgpu, vgpu->resuming);

	if (err)
		return ERR_PTR(err);
	vgpu_stream_close(&vgpu->resuming);
	return NULL;
}

#define STEP(from, to, what)                                                                       \
	{                                                                                          \
		VFIO_DEVICE_STATE_##from, VFIO_DEVICE_STATE_##to, what                             \
	}

/* Those without P2P are taken only when it is not offered (knob p2p). */
static const struct {
	enum vfio_device_mig_state from, to;
	struct file *(*what)(struct vgpu *vgpu);
} steps[] = {
	STEP(RUNNING, RUNNING_P2P, nothing),      STEP(RUNNING_P2P, RUNNING, nothing),
	STEP(RUNNING_P2P, STOP, nothing),         STEP(RUNNING, STOP, nothing),
	STEP(STOP, RUNNING_P2P, nothing),         STEP(STOP, RUNNING, nothing),
	STEP(RUNNING, PRE_COPY, save_early),      STEP(RUNNING_P2P, PRE_COPY_P2P, save_early),
	STEP(PRE_COPY, PRE_COPY_P2P, nothing),    STEP(PRE_COPY_P2P, PRE_COPY, nothing),
	STEP(PRE_COPY, RUNNING, save_end),        STEP(PRE_COPY_P2P, RUNNING_P2P, save_end),
	STEP(PRE_COPY_P2P, STOP_COPY, save_rest), STEP(PRE_COPY, STOP_COPY, save_rest),
	STEP(STOP, STOP_COPY, save_all),          STEP(STOP_COPY, STOP, save_end),
	STEP(STOP, RESUMING, resume_begin),       STEP(RESUMING, STOP, resume_end),
};

static struct file *step(struct vgpu *vgpu, enum vfio_device_mig_state to)
{
	if (READ_ONCE(vgpu_fail_state) == (int)to)
		return ERR_PTR(-abs(READ_ONCE(vgpu_fail_errno)));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].from == vgpu->state && steps[i].to == to)
			return steps[i].what(vgpu);
	return ERR_PTR(-EINVAL);
}

/* ---- what VFIO core calls --------------------------------------------------------- */

static struct file *set_state(struct vfio_device *device, enum vfio_device_mig_state wanted)
{
	struct vgpu *vgpu = vgpu_of(device);
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	int err;

	mutex_lock(&vgpu->lock);
	while (vgpu->state != wanted) {
		err = vfio_mig_get_next_state(device, vgpu->state, wanted, &next);
		file = err ? ERR_PTR(err) : step(vgpu, next);
		if (IS_ERR(file))
			break;
		dev_dbg(device->dev, "migration state %d to %d\n", vgpu->state, next);
		vgpu->state = next;
	}
	mutex_unlock(&vgpu->lock);
	return file;
}

static int get_state(struct vfio_device *device, enum vfio_device_mig_state *state)
{
	struct vgpu *vgpu = vgpu_of(device);

	mutex_lock(&vgpu->lock);
	*state = vgpu->state;
	mutex_unlock(&vgpu->lock);
	return 0;
}

static int get_data_size(struct vfio_device *device, unsigned long *bytes)
{
	*bytes = vgpu_stream_bytes();
	return 0;
}

const struct vfio_migration_ops vgpu_migration_ops = {
	.migration_set_state = set_state,
	.migration_get_state = get_state,
	.migration_get_data_size = get_data_size,
};

void vgpu_states_reset(struct vgpu *vgpu)
{
	vgpu->state = VFIO_DEVICE_STATE_RUNNING;
	vgpu_stream_close(&vgpu->saving);
	vgpu_stream_close(&vgpu->resuming);
}
