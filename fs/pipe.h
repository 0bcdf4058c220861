/*
 * Pipes and FIFOs.
 */
#pragma once

#include <fs/file.h>

struct inode;
struct pipe;

extern const struct file_ops fifo_fops;	/* what a FIFO's inode opens with */

void pipe_free(struct pipe *pipe);
void pipe_init(void);
/* /proc/sys/fs/pipe-max-size, in bytes */
extern unsigned int pipe_max_size;
