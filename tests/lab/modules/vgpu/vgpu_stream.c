// SPDX-License-Identifier: GPL-2.0
/*
 * A vGPU as bytes: a row of records.  First who made them (host driver, GPU, type), then
 * framebuffer pages, all of them and after that those the guest has written meanwhile, then
 * the device, last the end with a checksum.  The file descriptors behave as VFIO wants them:
 * no seeking, ENOMSG at the end of what there is during pre-copy, ENODEV once the device has
 * left the state they belong to.
 *
 * Bytes come from user space: nothing is believed before it is checked.
 */
#include <linux/anon_inodes.h>
#include <linux/bitmap.h>
#include <linux/crc32.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vgpu.h"

#define STREAM_MAGIC   0x5550474e /* "NGPU" */
#define STREAM_VERSION 2
#define STREAM_ROUNDS  4 /* how often, at most, the whole framebuffer goes along */

enum record_type { RECORD_HELLO = 1, RECORD_FB, RECORD_DEVICE, RECORD_END };

struct record {
	__le32 type;
	__le32 bytes; /* with this header */
};

struct hello_record {
	struct record head;
	__le32 magic, version;
	__le32 type_id;
	__le32 fb_kb;
	__le32 generation;
	char host[VGPU_VERSION_LEN];
	char gpu[VGPU_NAME_LEN];
	char type[VGPU_NAME_LEN];
};

struct fb_record {
	struct record head;
	__le32 page, reserved;
	u8 data[PAGE_SIZE];
};

struct device_record {
	struct record head;
	u8 config[VGPU_CONFIG_BYTES];
	u8 regs[VGPU_REGS_BYTES];
};

struct end_record {
	struct record head;
	__le32 crc, reserved; /* of the framebuffer */
};

/* One direction of a migration stream, behind the file descriptor that VFIO hands out. */
struct vgpu_stream {
	struct file *filp;
	struct vgpu *vgpu;
	struct mutex lock; /* inner to the vGPU's */
	u8 *buf;
	size_t size;   /* of buf */
	size_t len;    /* of the contents so far */
	size_t pos;    /* read up to here */
	size_t first;  /* where the first round ends */
	bool complete; /* saving: nothing will be added */
	bool closed;   /* the device has left the state this stream belongs to */
	bool checked;  /* resuming: the first record was looked at */
};

/* ---- sizes ------------------------------------------------------------------------ */

static size_t fb_round_bytes(void)
{
	return vgpu_fb_pages() * sizeof(struct fb_record);
}

static size_t last_bytes(void)
{
	return fb_round_bytes() + sizeof(struct device_record) + sizeof(struct end_record);
}

size_t vgpu_stream_bytes(void)
{
	return sizeof(struct hello_record) + last_bytes();
}

static size_t stream_max(void)
{
	return sizeof(struct hello_record) + (STREAM_ROUNDS - 1) * fb_round_bytes() + last_bytes();
}

/* ---- saving ------------------------------------------------------------------------ */

static void *add(struct vgpu_stream *stream, enum record_type type, size_t bytes)
{
	struct record *record = (void *)(stream->buf + stream->len);

	memset(record, 0, bytes);
	record->type = cpu_to_le32(type);
	record->bytes = cpu_to_le32(bytes);
	stream->len += bytes;
	return record;
}

/* Pages written since they were last taken, as far as they fit below limit. */
static void add_framebuffer(struct vgpu *vgpu, struct vgpu_stream *stream, size_t limit)
{
	struct fb_record *record;
	unsigned int page;

	for_each_set_bit (page, vgpu->fb_dirty, vgpu_fb_pages()) {
		if (stream->len + sizeof(*record) > limit)
			return;
		record = add(stream, RECORD_FB, sizeof(*record));
		record->page = cpu_to_le32(page);
		memcpy(record->data, vgpu->fb + (size_t)page * PAGE_SIZE, PAGE_SIZE);
		clear_bit(page, vgpu->fb_dirty);
	}
}

static void add_hello(struct vgpu *vgpu, struct vgpu_stream *stream)
{
	struct hello_record *hello = add(stream, RECORD_HELLO, sizeof(*hello));

	hello->magic = cpu_to_le32(STREAM_MAGIC);
	hello->version = cpu_to_le32(STREAM_VERSION);
	hello->type_id = cpu_to_le32(vgpu->type->id);
	hello->fb_kb = cpu_to_le32(vgpu_fb_kb);
	hello->generation = cpu_to_le32(vgpu->generation + 1);
	strscpy(hello->host, vgpu_version, sizeof(hello->host));
	strscpy(hello->gpu, gpu_name(vgpu->gpu), sizeof(hello->gpu));
	gpu_type_name(vgpu->gpu, vgpu->type, hello->type);
}

void vgpu_save_finish(struct vgpu *vgpu, struct vgpu_stream *stream)
{
	struct device_record *device;
	struct end_record *end;

	mutex_lock(&stream->lock);
	add_framebuffer(vgpu, stream, stream->size);
	device = add(stream, RECORD_DEVICE, sizeof(*device));
	memcpy(device->config, vgpu->config, sizeof(device->config));
	memcpy(device->regs, vgpu->regs, sizeof(device->regs));
	end = add(stream, RECORD_END, sizeof(*end));
	end->crc = cpu_to_le32(crc32_le(~0, vgpu->fb, vgpu_fb_bytes()));
	stream->complete = true;
	mutex_unlock(&stream->lock);
}

/* ---- resuming ----------------------------------------------------------------------- */

static int refuse(struct vgpu *vgpu, const char *what, const char *theirs, const char *ours)
{
	dev_err(vgpu->vdev.dev, "NVRM: vGPU resume: state of %s %.64s refused by %s\n", what,
		theirs, ours);
	return -EINVAL;
}

static int malformed(struct vgpu *vgpu, size_t bytes)
{
	dev_err(vgpu->vdev.dev, "NVRM: vGPU resume: malformed state (%zu bytes)\n", bytes);
	return -EINVAL;
}

/* As the production driver: the same host driver, GPU and vGPU type, or nothing. */
static int check_hello(struct vgpu *vgpu, const struct hello_record *hello)
{
	char type[VGPU_NAME_LEN];

	if (le32_to_cpu(hello->head.type) != RECORD_HELLO ||
	    le32_to_cpu(hello->head.bytes) != sizeof(*hello) ||
	    le32_to_cpu(hello->magic) != STREAM_MAGIC ||
	    le32_to_cpu(hello->version) != STREAM_VERSION ||
	    le32_to_cpu(hello->fb_kb) != vgpu_fb_kb)
		return malformed(vgpu, sizeof(*hello));
	if (strncmp(hello->host, vgpu_version, sizeof(hello->host)))
		return refuse(vgpu, "host driver", hello->host, vgpu_version);
	if (strncmp(hello->gpu, gpu_name(vgpu->gpu), sizeof(hello->gpu)))
		return refuse(vgpu, "GPU", hello->gpu, gpu_name(vgpu->gpu));
	gpu_type_name(vgpu->gpu, vgpu->type, type);
	if (le32_to_cpu(hello->type_id) != vgpu->type->id)
		return refuse(vgpu, "vGPU type", hello->type, type);
	return 0;
}

static int load_framebuffer(struct vgpu *vgpu, const struct record *record)
{
	const struct fb_record *fb = container_of(record, struct fb_record, head);
	u32 page = le32_to_cpu(fb->page);

	if (page >= vgpu_fb_pages())
		return -EINVAL;
	memcpy(vgpu->fb + (size_t)page * PAGE_SIZE, fb->data, PAGE_SIZE);
	return 0;
}

static int load_device(struct vgpu *vgpu, const struct record *record)
{
	const struct device_record *device = container_of(record, struct device_record, head);

	memcpy(vgpu->config, device->config, sizeof(device->config));
	memcpy(vgpu->regs, device->regs, sizeof(device->regs));
	return 0;
}

static int load_end(struct vgpu *vgpu, const struct record *record)
{
	const struct end_record *end = container_of(record, struct end_record, head);

	return le32_to_cpu(end->crc) == crc32_le(~0, vgpu->fb, vgpu_fb_bytes()) ? 0 : -EINVAL;
}

static const struct {
	size_t bytes;
	int (*load)(struct vgpu *vgpu, const struct record *record);
} records[] = {
	[RECORD_FB] = {sizeof(struct fb_record), load_framebuffer},
	[RECORD_DEVICE] = {sizeof(struct device_record), load_device},
	[RECORD_END] = {sizeof(struct end_record), load_end},
};

/* The records behind the first one; the last of them, and no other, is the end. */
static int load_records(struct vgpu *vgpu, const struct vgpu_stream *stream)
{
	size_t pos = sizeof(struct hello_record);
	const struct record *record;
	u32 type = 0;

	while (type != RECORD_END && stream->len - pos >= sizeof(*record)) {
		record = (const void *)(stream->buf + pos);
		type = le32_to_cpu(record->type);
		if (type >= ARRAY_SIZE(records) || !records[type].load ||
		    le32_to_cpu(record->bytes) != records[type].bytes ||
		    records[type].bytes > stream->len - pos || records[type].load(vgpu, record))
			return -EINVAL;
		pos += records[type].bytes;
	}
	return type == RECORD_END && pos == stream->len ? 0 : -EINVAL;
}

static int load(struct vgpu *vgpu, const struct vgpu_stream *stream)
{
	const struct hello_record *hello = (const void *)stream->buf;
	int err;

	if (stream->len < sizeof(*hello))
		return malformed(vgpu, stream->len);
	err = check_hello(vgpu, hello);
	if (err)
		return err;
	if (load_records(vgpu, stream))
		return malformed(vgpu, stream->len);
	vgpu_set_generation(vgpu, le32_to_cpu(hello->generation));
	dev_info(vgpu->vdev.dev, "NVRM: vGPU resume: loaded %zu bytes, %.64s, generation %u\n",
		 stream->len, hello->type, vgpu->generation);
	return 0;
}

int vgpu_resume_finish(struct vgpu *vgpu, struct vgpu_stream *stream)
{
	int err;

	mutex_lock(&stream->lock);
	err = load(vgpu, stream);
	mutex_unlock(&stream->lock);
	return err;
}

/* ---- files --------------------------------------------------------------------------- */

static void lock(struct vgpu_stream *stream)
{
	mutex_lock(&stream->vgpu->lock);
	mutex_lock(&stream->lock);
}

static void unlock(struct vgpu_stream *stream)
{
	mutex_unlock(&stream->lock);
	mutex_unlock(&stream->vgpu->lock);
}

static ssize_t read_locked(struct vgpu_stream *stream, char __user *buf, size_t len)
{
	if (stream->closed)
		return -ENODEV;
	if (!stream->complete && stream->pos == stream->len)
		add_framebuffer(stream->vgpu, stream, stream->size - last_bytes());
	len = min(len, stream->len - stream->pos);
	if (!len)
		return stream->complete ? 0 : -ENOMSG;
	if (copy_to_user(buf, stream->buf + stream->pos, len))
		return -EFAULT;
	stream->pos += len;
	return len;
}

static ssize_t save_read(struct file *filp, char __user *buf, size_t len, loff_t *pos)
{
	struct vgpu_stream *stream = filp->private_data;
	ssize_t done;

	if (pos)
		return -ESPIPE;
	lock(stream);
	done = read_locked(stream, buf, len);
	unlock(stream);
	return done;
}

static int fill_info(const struct vgpu_stream *stream, struct vfio_precopy_info *info)
{
	const struct vgpu *vgpu = stream->vgpu;

	if (vgpu->state != VFIO_DEVICE_STATE_PRE_COPY &&
	    vgpu->state != VFIO_DEVICE_STATE_PRE_COPY_P2P)
		return -EINVAL;
	if (stream->closed)
		return -ENODEV;
	info->initial_bytes = stream->first - min(stream->first, stream->pos);
	info->dirty_bytes =
		stream->len - max(stream->first, stream->pos) +
		(u64)bitmap_weight(vgpu->fb_dirty, vgpu_fb_pages()) * sizeof(struct fb_record);
	return 0;
}

static long save_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	const size_t need = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct vgpu_stream *stream = filp->private_data;
	void __user *user = (void __user *)arg;
	struct vfio_precopy_info info;
	int err;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, user, need))
		return -EFAULT;
	if (info.argsz < need)
		return -EINVAL;
	lock(stream);
	err = fill_info(stream, &info);
	unlock(stream);
	if (err)
		return err;
	return copy_to_user(user, &info, need) ? -EFAULT : 0;
}

/* The knob early_check: a foreign state is refused as soon as one can tell, or at its end. */
static int check_early(struct vgpu_stream *stream)
{
	if (stream->checked || stream->len < sizeof(struct hello_record) ||
	    !READ_ONCE(vgpu_early_check))
		return 0;
	stream->checked = true;
	return check_hello(stream->vgpu, (const void *)stream->buf);
}

static ssize_t write_locked(struct vgpu_stream *stream, const char __user *buf, size_t len)
{
	if (stream->closed)
		return -ENODEV;
	if (len > stream->size - stream->len)
		return -ENOMEM;
	if (copy_from_user(stream->buf + stream->len, buf, len))
		return -EFAULT;
	stream->len += len;
	return check_early(stream) ?: (ssize_t)len;
}

static ssize_t resume_write(struct file *filp, const char __user *buf, size_t len, loff_t *pos)
{
	struct vgpu_stream *stream = filp->private_data;
	ssize_t done;

	if (pos)
		return -ESPIPE;
	lock(stream);
	done = write_locked(stream, buf, len);
	unlock(stream);
	return done;
}

static int stream_release(struct inode *inode, struct file *filp)
{
	struct vgpu_stream *stream = filp->private_data;

	vfio_put_device(&stream->vgpu->vdev);
	kvfree(stream->buf);
	mutex_destroy(&stream->lock);
	kfree(stream);
	return 0;
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

struct file *vgpu_stream_file(struct vgpu_stream *stream)
{
	return stream->filp;
}

/* The stream has two holders: whoever VFIO gives the descriptor to, and the device. */
static struct vgpu_stream *open_stream(struct vgpu *vgpu, const struct file_operations *fops,
				       int flags)
{
	struct vgpu_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL_ACCOUNT);
	struct file *filp;

	if (!stream)
		return ERR_PTR(-ENOMEM);
	mutex_init(&stream->lock);
	stream->vgpu = vgpu;
	stream->size = stream_max();
	stream->buf = kvzalloc(stream->size, GFP_KERNEL_ACCOUNT);
	filp = stream->buf ? anon_inode_getfile("vfio-migration", fops, stream, flags)
			   : ERR_PTR(-ENOMEM);
	if (IS_ERR(filp)) {
		kvfree(stream->buf);
		kfree(stream);
		return ERR_CAST(filp);
	}
	stream_open(filp->f_inode, filp);
	get_device(&vgpu->vdev.device); /* a descriptor may outlive the use of the device */
	stream->filp = filp;
	get_file(filp);
	return stream;
}

void vgpu_stream_close(struct vgpu_stream **slot)
{
	struct vgpu_stream *stream = *slot;

	if (!stream)
		return;
	mutex_lock(&stream->lock);
	stream->closed = true;
	mutex_unlock(&stream->lock);
	fput(stream->filp);
	*slot = NULL;
}

struct vgpu_stream *vgpu_save_open(struct vgpu *vgpu)
{
	struct vgpu_stream *stream = open_stream(vgpu, &save_fops, O_RDONLY);

	if (IS_ERR(stream))
		return stream;
	add_hello(vgpu, stream);
	bitmap_fill(vgpu->fb_dirty, vgpu_fb_pages());
	add_framebuffer(vgpu, stream, stream->size);
	stream->first = stream->len;
	return stream;
}

struct vgpu_stream *vgpu_resume_open(struct vgpu *vgpu)
{
	return open_stream(vgpu, &resume_fops, O_WRONLY);
}
