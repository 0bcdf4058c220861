/*
 * Pipes and FIFOs.
 */
#pragma once

#include <fs/file.h>

struct inode;
struct iov_iter;
struct pipe;

extern const struct file_ops fifo_fops;	/* what a FIFO's inode opens with */

/*
 * splice(2) and its kin, where pipes are concerned. @flags: of SPLICE_F_*,
 * NONBLOCK alone means something, and that is: not to wait for the pipe.
 */
struct pipe *file_pipe(const struct file *file);
ssize_t pipe_from_file(struct pipe *pipe, struct file *in, loff_t *pos,
		       size_t len, unsigned int flags);
ssize_t pipe_to_file(struct pipe *pipe, struct file *out, loff_t *pos,
		     size_t len, unsigned int flags);
ssize_t pipe_to_pipe(struct pipe *in, struct pipe *out, size_t len,
		     unsigned int flags);
ssize_t pipe_tee(struct pipe *in, struct pipe *out, size_t len,
		 unsigned int flags);
ssize_t pipe_from_memory(struct pipe *pipe, struct iov_iter *from,
			 unsigned int flags);
ssize_t pipe_to_memory(struct pipe *pipe, struct iov_iter *to,
		       unsigned int flags);

/* The kernel's own pipes. */
int pipe_create(struct file *files[2], int flags);
int pipe_await_end(struct file *file);

void pipe_free(struct pipe *pipe);
void pipe_init(void);
/* /proc/sys/fs/pipe-max-size, in bytes */
extern unsigned int pipe_max_size;
