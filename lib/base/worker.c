/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A blocking call in a thread; see worker.h. */
#include "base/worker.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/deadline.h"

struct vfm_worker {
	pthread_t thread;
	pthread_mutex_t lock; /* over, left */
	bool over, left;
	int fd;
	void (*work)(void *data);
	void (*release)(void *data);
	void *data;
};

static void destroy(struct vfm_worker *worker)
{
	if (worker->release)
		worker->release(worker->data);
	pthread_mutex_destroy(&worker->lock);
	close(worker->fd);
	free(worker);
}

static void *run(void *argument)
{
	struct vfm_worker *worker = argument;
	bool left;

	worker->work(worker->data);
	pthread_mutex_lock(&worker->lock);
	worker->over = true;
	left = worker->left;
	/* under the lock: whoever sees it readable and frees the worker takes the lock first */
	if (!left)
		(void)eventfd_write(worker->fd, 1);
	pthread_mutex_unlock(&worker->lock);
	if (left)
		destroy(worker);
	return NULL;
}

int vfm_worker_start(void (*work)(void *data), void (*release)(void *data), void *data,
		     struct vfm_worker **ret_worker, struct vfm_error *err)
{
	struct vfm_worker *worker = calloc(1, sizeof(*worker));
	int r;

	if (!worker)
		return vfm_error_no_memory(err, "thread");
	worker->work = work;
	worker->release = release;
	worker->data = data;
	worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->fd < 0) {
		r = -errno;
		free(worker);
		return vfm_error_set(err, r, "thread", NULL, "%s", strerror(-r));
	}
	pthread_mutex_init(&worker->lock, NULL);
	r = pthread_create(&worker->thread, NULL, run, worker);
	if (r) {
		worker->release = NULL;
		destroy(worker);
		return vfm_error_set(err, -r, "thread", NULL, "%s", strerror(r));
	}
	*ret_worker = worker;
	return 0;
}

int vfm_worker_fd(const struct vfm_worker *worker)
{
	return worker->fd;
}

int vfm_worker_wait(struct vfm_worker *worker, int64_t deadline_ms)
{
	struct pollfd look = {.fd = worker->fd, .events = POLLIN};
	bool over;
	int n;

	do
		n = poll(&look, 1, vfm_deadline_left(deadline_ms));
	while (n < 0 && errno == EINTR);
	pthread_mutex_lock(&worker->lock);
	over = worker->over;
	pthread_mutex_unlock(&worker->lock);
	return over ? 0 : -ETIMEDOUT;
}

void vfm_worker_free(struct vfm_worker *worker)
{
	bool over;

	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	over = worker->over;
	worker->left = true;
	if (!over)
		pthread_detach(worker->thread);
	pthread_mutex_unlock(&worker->lock);
	if (!over)
		return;
	pthread_join(worker->thread, NULL);
	destroy(worker);
}
