// SPDX-License-Identifier: GPL-2.0
/*
 * The migration state machine: which steps there are and what each does.  VFIO core finds
 * the way from state to state; here is only the table of single steps.
 */
#include <linux/delay.h>
#include <linux/file.h>

#include "vfio.h"

/* ---- steps: NULL, an error, or the file of a stream that begins ------------ */

static struct file *nothing(struct vlab_dev *dev)
{
	return NULL;
}

static struct file *quiesce(struct vlab_dev *dev)
{
	int err = dev->stopped ? 0 : cx7_vf_stop(dev->core.pdev, &dev->regs);

	if (err)
		return ERR_PTR(err);
	dev->stopped = true;
	return NULL;
}

/* Also the way back of a migration that was called off. */
static struct file *go_on(struct vlab_dev *dev)
{
	int err = dev->stopped ? cx7_vf_run(dev->core.pdev, &dev->regs) : 0;

	if (err)
		return ERR_PTR(err);
	dev->stopped = false;
	return NULL;
}

static struct file *save_early(struct vlab_dev *dev)
{
	struct vlab_stream *stream = vlab_save_open(dev, true);

	if (IS_ERR(stream))
		return ERR_CAST(stream);
	dev->saving = stream;
	return stream->filp;
}

static struct file *save_all(struct vlab_dev *dev)
{
	struct vlab_stream *stream = vlab_save_open(dev, false);

	if (IS_ERR(stream))
		return ERR_CAST(stream);
	msleep(READ_ONCE(vlab_stop_ms));
	vlab_save_finish(dev, stream);
	dev->saving = stream;
	return stream->filp;
}

/* The rest goes into the stream that pre-copy has opened. */
static struct file *save_rest(struct vlab_dev *dev)
{
	struct file *err = quiesce(dev);

	if (err)
		return err;
	msleep(READ_ONCE(vlab_stop_ms));
	vlab_save_finish(dev, dev->saving);
	return NULL;
}

static struct file *save_end(struct vlab_dev *dev)
{
	vlab_stream_close(&dev->saving);
	return NULL;
}

static struct file *resume_begin(struct vlab_dev *dev)
{
	struct vlab_stream *stream = vlab_resume_open(dev);

	if (IS_ERR(stream))
		return ERR_CAST(stream);
	dev->resuming = stream;
	return stream->filp;
}

static struct file *resume_end(struct vlab_dev *dev)
{
	int err = vlab_resume_finish(dev, dev->resuming);

	if (err)
		return ERR_PTR(err);
	vlab_stream_close(&dev->resuming);
	return NULL;
}

#define STEP(from, to, what)                                                                       \
	{                                                                                          \
		VFIO_DEVICE_STATE_##from, VFIO_DEVICE_STATE_##to, what                             \
	}

/* Those without P2P are taken only when it is not offered (knob p2p). */
static const struct {
	enum vfio_device_mig_state from, to;
	struct file *(*what)(struct vlab_dev *dev);
} steps[] = {
	STEP(RUNNING, RUNNING_P2P, nothing),      STEP(RUNNING_P2P, RUNNING, nothing),
	STEP(RUNNING_P2P, STOP, quiesce),         STEP(RUNNING, STOP, quiesce),
	STEP(STOP, RUNNING_P2P, go_on),           STEP(STOP, RUNNING, go_on),
	STEP(RUNNING, PRE_COPY, save_early),      STEP(RUNNING_P2P, PRE_COPY_P2P, save_early),
	STEP(PRE_COPY, PRE_COPY_P2P, nothing),    STEP(PRE_COPY_P2P, PRE_COPY, nothing),
	STEP(PRE_COPY, RUNNING, save_end),        STEP(PRE_COPY_P2P, RUNNING_P2P, save_end),
	STEP(PRE_COPY_P2P, STOP_COPY, save_rest), STEP(PRE_COPY, STOP_COPY, save_rest),
	STEP(STOP, STOP_COPY, save_all),          STEP(STOP_COPY, STOP, save_end),
	STEP(STOP, RESUMING, resume_begin),       STEP(RESUMING, STOP, resume_end),
};

static struct file *step(struct vlab_dev *dev, enum vfio_device_mig_state to)
{
	if (READ_ONCE(vlab_fail_state) == (int)to)
		return ERR_PTR(-abs(READ_ONCE(vlab_fail_errno)));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].from == dev->state && steps[i].to == to)
			return steps[i].what(dev);
	return ERR_PTR(-EINVAL);
}

/* ---- locking, resets ------------------------------------------------------ */

static void back_to_running(struct vlab_dev *dev)
{
	dev->state = VFIO_DEVICE_STATE_RUNNING;
	dev->stopped = false;
	vlab_stream_close(&dev->saving);
	vlab_stream_close(&dev->resuming);
}

/*
 * A reset arrives with locks held that are taken inside state_mutex elsewhere, so it must
 * not wait for that mutex.  It leaves word, and whoever gives the mutex up does the work.
 */
static void state_unlock(struct vlab_dev *dev)
{
	spin_lock(&dev->reset_lock);
	while (dev->reset_pending) {
		dev->reset_pending = false;
		spin_unlock(&dev->reset_lock);
		back_to_running(dev);
		spin_lock(&dev->reset_lock);
	}
	mutex_unlock(&dev->state_mutex);
	spin_unlock(&dev->reset_lock);
}

void vlab_states_reset(struct vlab_dev *dev)
{
	bool taken;

	spin_lock(&dev->reset_lock);
	dev->reset_pending = true;
	taken = mutex_trylock(&dev->state_mutex);
	spin_unlock(&dev->reset_lock);
	if (taken)
		state_unlock(dev);
}

/* ---- what VFIO core calls -------------------------------------------------- */

static struct file *set_state(struct vfio_device *device, enum vfio_device_mig_state wanted)
{
	struct vlab_dev *dev = vlab_dev_of(device);
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	int err;

	mutex_lock(&dev->state_mutex);
	while (dev->state != wanted) {
		err = vfio_mig_get_next_state(device, dev->state, wanted, &next);
		file = err ? ERR_PTR(err) : step(dev, next);
		if (IS_ERR(file))
			break;
		pci_dbg(dev->core.pdev, "migration state %d to %d\n", dev->state, next);
		dev->state = next;
	}
	state_unlock(dev);
	return file;
}

enum vfio_device_mig_state vlab_state(struct vlab_dev *dev)
{
	enum vfio_device_mig_state state;

	mutex_lock(&dev->state_mutex);
	state = dev->state;
	state_unlock(dev);
	return state;
}

static int get_state(struct vfio_device *device, enum vfio_device_mig_state *state)
{
	*state = vlab_state(vlab_dev_of(device));
	return 0;
}

static int get_data_size(struct vfio_device *device, unsigned long *bytes)
{
	*bytes = vlab_state_bytes();
	return 0;
}

const struct vfio_migration_ops vlab_migration_ops = {
	.migration_set_state = set_state,
	.migration_get_state = get_state,
	.migration_get_data_size = get_data_size,
};

void vlab_states_init(struct vlab_dev *dev)
{
	mutex_init(&dev->state_mutex);
	spin_lock_init(&dev->reset_lock);
	dev->state = VFIO_DEVICE_STATE_RUNNING;
}

void vlab_states_open(struct vlab_dev *dev)
{
	mutex_lock(&dev->state_mutex);
	back_to_running(dev);
	dev->generation = 0;
	state_unlock(dev);
}

void vlab_states_close(struct vlab_dev *dev)
{
	mutex_lock(&dev->state_mutex);
	back_to_running(dev);
	state_unlock(dev);
}
