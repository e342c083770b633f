// SPDX-License-Identifier: GPL-2.0
/*
 * The device state as bytes: a row of records, first any number of early ones (filler, as
 * big as a knob wants) and last the device itself.  The file descriptors behave as VFIO
 * wants them: no seeking, ENOMSG at the end of what there is during pre-copy, ENODEV once
 * the device has left the state they belong to.
 *
 * Bytes come from user space: nothing is believed before it is checked.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>

#include "vfio.h"

#define RECORD_MAGIC   0x37584346 /* "FCX7" */
#define RECORD_VERSION 3
#define RESUME_MAX     (1u << 20)
#define SAVE_MAX       (RESUME_MAX / 4) /* of either part: what is saved can be resumed */

enum record_type { RECORD_EARLY = 1, RECORD_DEVICE };

struct record {
	__le32 magic;
	__le16 type;
	__le16 version;
	__le32 len; /* after this header */
} __packed;

struct device_record {
	char psid[CX7_PSID_LEN];
	__le32 fw[3];
	__le32 generation;
	__le16 vf_id;
	__le16 reserved;
	struct cx7_vf_regs regs;
} __packed;

/* ---- files --------------------------------------------------------------- */

static int stream_release(struct inode *inode, struct file *filp)
{
	struct vlab_stream *stream = filp->private_data;

	kvfree(stream->buf);
	mutex_destroy(&stream->lock);
	kfree(stream);
	return 0;
}

static ssize_t read_locked(struct vlab_stream *stream, char __user *buf, size_t len)
{
	size_t left = stream->len - stream->pos;

	if (stream->closed)
		return -ENODEV;
	if (!left)
		return stream->complete ? 0 : -ENOMSG;
	len = min(len, left);
	if (copy_to_user(buf, stream->buf + stream->pos, len))
		return -EFAULT;
	stream->pos += len;
	return len;
}

static ssize_t save_read(struct file *filp, char __user *buf, size_t len, loff_t *pos)
{
	struct vlab_stream *stream = filp->private_data;
	ssize_t done;

	if (pos)
		return -ESPIPE;
	mutex_lock(&stream->lock);
	done = read_locked(stream, buf, len);
	mutex_unlock(&stream->lock);
	return done;
}

static bool in_precopy(const struct vlab_dev *dev)
{
	return dev->state == VFIO_DEVICE_STATE_PRE_COPY ||
	       dev->state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static long save_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct vlab_stream *stream = filp->private_data;
	void __user *user = (void __user *)arg;
	const size_t need = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct vfio_precopy_info info;
	int err = 0;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, user, need))
		return -EFAULT;
	if (info.argsz < need)
		return -EINVAL;
	mutex_lock(&stream->dev->state_mutex);
	mutex_lock(&stream->lock);
	if (!in_precopy(stream->dev))
		err = -EINVAL;
	else if (stream->closed)
		err = -ENODEV;
	info.initial_bytes = stream->len - stream->pos;
	info.dirty_bytes = 0;
	mutex_unlock(&stream->lock);
	mutex_unlock(&stream->dev->state_mutex);
	if (err)
		return err;
	return copy_to_user(user, &info, need) ? -EFAULT : 0;
}

static ssize_t write_locked(struct vlab_stream *stream, const char __user *buf, size_t len)
{
	unsigned int refuse = READ_ONCE(vlab_refuse_write);

	if (stream->closed)
		return -ENODEV;
	if (refuse && stream->len + len > refuse)
		return -EINVAL;
	if (len > stream->size - stream->len)
		return -ENOMEM;
	if (copy_from_user(stream->buf + stream->len, buf, len))
		return -EFAULT;
	stream->len += len;
	return len;
}

static ssize_t resume_write(struct file *filp, const char __user *buf, size_t len, loff_t *pos)
{
	struct vlab_stream *stream = filp->private_data;
	ssize_t done;

	if (pos)
		return -ESPIPE;
	mutex_lock(&stream->lock);
	done = write_locked(stream, buf, len);
	mutex_unlock(&stream->lock);
	return done;
}

static const struct file_operations save_fops = {
	.owner = THIS_MODULE,
	.read = save_read,
	.unlocked_ioctl = save_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = stream_release,
};

static const struct file_operations resume_fops = {
	.owner = THIS_MODULE,
	.write = resume_write,
	.release = stream_release,
};

/* The stream has two holders: whoever VFIO gives the descriptor to, and the device. */
static struct vlab_stream *stream_open_new(struct vlab_dev *dev, const struct file_operations *fops,
					   int flags, size_t size)
{
	struct vlab_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL_ACCOUNT);
	struct file *filp;

	if (!stream)
		return ERR_PTR(-ENOMEM);
	mutex_init(&stream->lock);
	stream->dev = dev;
	stream->size = size;
	stream->buf = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	filp = stream->buf ? anon_inode_getfile("vfio-migration", fops, stream, flags)
			   : ERR_PTR(-ENOMEM);
	if (IS_ERR(filp)) {
		kvfree(stream->buf);
		kfree(stream);
		return ERR_CAST(filp);
	}
	stream_open(filp->f_inode, filp);
	stream->filp = filp;
	get_file(filp);
	return stream;
}

void vlab_stream_close(struct vlab_stream **slot)
{
	struct vlab_stream *stream = *slot;

	if (!stream)
		return;
	mutex_lock(&stream->lock);
	stream->closed = true;
	mutex_unlock(&stream->lock);
	fput(stream->filp);
	*slot = NULL;
}

/* ---- saving -------------------------------------------------------------- */

static size_t early_bytes(void)
{
	return min_t(size_t, (size_t)READ_ONCE(vlab_precopy_kb) << 10, SAVE_MAX);
}

size_t vlab_state_bytes(void)
{
	return clamp_t(size_t, (size_t)READ_ONCE(vlab_state_kb) << 10,
		       sizeof(struct record) + sizeof(struct device_record), SAVE_MAX);
}

/* A record of bytes altogether at the end of the stream; returns its body. */
static void *record_add(struct vlab_stream *stream, enum record_type type, size_t bytes)
{
	struct record *record = (void *)(stream->buf + stream->len);

	*record = (struct record){
		.magic = cpu_to_le32(RECORD_MAGIC),
		.type = cpu_to_le16(type),
		.version = cpu_to_le16(RECORD_VERSION),
		.len = cpu_to_le32(bytes - sizeof(*record)),
	};
	stream->len += bytes;
	return record + 1;
}

struct vlab_stream *vlab_save_open(struct vlab_dev *dev, bool early)
{
	size_t first = early ? early_bytes() : 0;
	struct vlab_stream *stream =
		stream_open_new(dev, &save_fops, O_RDONLY, first + vlab_state_bytes());

	if (!IS_ERR(stream) && first)
		record_add(stream, RECORD_EARLY, first);
	return stream;
}

void vlab_save_finish(struct vlab_dev *dev, struct vlab_stream *stream)
{
	struct device_record *device;

	mutex_lock(&stream->lock);
	device = record_add(stream, RECORD_DEVICE, stream->size - stream->len);
	memcpy(device->psid, dev->info.psid, sizeof(device->psid));
	for (size_t i = 0; i < ARRAY_SIZE(device->fw); i++)
		device->fw[i] = cpu_to_le32(dev->info.fw[i]);
	device->vf_id = cpu_to_le16(dev->info.vf_id);
	device->generation = cpu_to_le32(dev->generation + 1);
	device->regs = dev->regs;
	stream->complete = true;
	mutex_unlock(&stream->lock);
}

/* ---- resuming ------------------------------------------------------------ */

struct vlab_stream *vlab_resume_open(struct vlab_dev *dev)
{
	return stream_open_new(dev, &resume_fops, O_WRONLY, RESUME_MAX);
}

/* The device record, which must be the last one and the only one of its kind. */
static const struct device_record *find_device(const struct vlab_stream *stream)
{
	const struct record *record;
	size_t pos = 0, len;

	while (stream->len - pos >= sizeof(*record)) {
		record = (const void *)(stream->buf + pos);
		pos += sizeof(*record);
		len = le32_to_cpu(record->len);
		if (le32_to_cpu(record->magic) != RECORD_MAGIC ||
		    le16_to_cpu(record->version) != RECORD_VERSION || len > stream->len - pos)
			return NULL;
		if (le16_to_cpu(record->type) == RECORD_DEVICE)
			return len >= sizeof(struct device_record) && pos + len == stream->len
				       ? (const void *)(record + 1)
				       : NULL;
		if (le16_to_cpu(record->type) != RECORD_EARLY)
			return NULL;
		pos += len;
	}
	return NULL;
}

static bool same_firmware(const struct vlab_dev *dev, const struct device_record *device)
{
	for (size_t i = 0; i < ARRAY_SIZE(device->fw); i++)
		if (le32_to_cpu(device->fw[i]) != dev->info.fw[i])
			return false;
	return true;
}

static int check(struct vlab_dev *dev, const struct vlab_stream *stream,
		 const struct device_record *device)
{
	struct pci_dev *pdev = dev->core.pdev;

	if (!device) {
		pci_err(pdev, "resume: malformed state (%zu bytes)\n", stream->len);
		return -EINVAL;
	}
	if (memcmp(device->psid, dev->info.psid, sizeof(device->psid))) {
		pci_err(pdev, "resume: state of psid %.16s on %.16s\n", device->psid,
			dev->info.psid);
		return -EINVAL;
	}
	if (READ_ONCE(vlab_strict_fw) && !same_firmware(dev, device)) {
		pci_err(pdev, "resume: state of another firmware\n");
		return -EINVAL;
	}
	return 0;
}

static int load(struct vlab_dev *dev, const struct vlab_stream *stream)
{
	const struct device_record *device = find_device(stream);
	int err = check(dev, stream, device);

	if (err)
		return err;
	dev->generation = le32_to_cpu(device->generation);
	dev->regs = device->regs;
	if (READ_ONCE(vlab_drop_rings)) {
		memset(&dev->regs.rx, 0, sizeof(dev->regs.rx));
		memset(&dev->regs.tx, 0, sizeof(dev->regs.tx));
	}
	err = cx7_vf_load(dev->core.pdev, &dev->regs);
	if (err)
		return err;
	dev->stopped = true;
	pci_info(dev->core.pdev, "resume: loaded %zu bytes, from vf %u mac %pM, generation %u\n",
		 stream->len, le16_to_cpu(device->vf_id), device->regs.mac, dev->generation);
	return 0;
}

int vlab_resume_finish(struct vlab_dev *dev, struct vlab_stream *stream)
{
	int err;

	mutex_lock(&stream->lock);
	err = load(dev, stream);
	mutex_unlock(&stream->lock);
	return err;
}
