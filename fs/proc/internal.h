/*
 * What the files of fs/proc/ share.
 */
#pragma once

#include <fs/inode.h>
#include <fs/proc/proc.h>
#include <kernel/task.h>

struct mm;
struct path;
struct pid;
struct seq_file;
struct task_file;

/*
 * An inode of procfs. Those of the fixed tree have no pid, and a pseudo_entry
 * in vfs.private. Those of tasks hold a struct pid, not a task: a task that is
 * gone is not kept in memory because somebody has its directory open.
 */
struct proc_inode {
	struct inode		vfs;
	struct pid		*pid;		/* [C] counted */
	const struct task_file	*file;		/* [C] NULL: a task's directory,
						 * or in fd/, fdinfo/ */
	unsigned int		fd;		/* [C] in fd/, fdinfo/ */
	bool			is_thread;	/* [C] below task/: this one
						 * task, not the process */
};

static inline struct proc_inode *PROC_I(const struct inode *inode)
{
	return container_of(inode, struct proc_inode, vfs);
}

/*
 * One file in a task's directory: exactly one of show (a text), link (where a
 * magic link leads: *@path gets references), fops.
 */
struct task_file {
	const char		*name;
	mode_t			mode;		/* type and permissions */
	unsigned int		where;		/* IN_* */
	int			(*show)(struct seq_file *m, struct task *task);
	int			(*link)(struct inode *inode, struct task *task,
						struct path *path);
	const struct inode_ops	*iops;
	const struct file_ops	*fops;
	void			*private;	/* the inode's */
};

#define IN_PROCESS	1u	/* /proc/<pid> */
#define IN_THREAD	2u	/* /proc/<pid>/task/<tid> */
#define IN_BOTH		(IN_PROCESS | IN_THREAD)

/*
 * Inode numbers of tasks' files say what they are of, so that readdir knows
 * them without making the inode. Those of the fixed tree are below 2^36.
 */
enum ino_class { INO_PROCESS, INO_THREAD, INO_FD, INO_FDINFO, INO_NS };

static inline ino_t task_ino(pid_t nr, enum ino_class class, unsigned int n)
{
	return (ino_t)nr << 36 | (ino_t)class << 32 | n;
}

/* inode.c */
extern const struct super_ops proc_super_ops;
void proc_inode_cache_init(void);

/* task.c: a task's directory, and what all inodes of tasks have in common. */
struct dentry *proc_process_lookup(struct inode *dir, struct dentry *dentry);
struct inode *task_inode_alloc(struct super_block *sb, struct task *task,
			       mode_t mode, ino_t ino);
struct inode *task_dir_inode(struct super_block *sb, struct task *task,
			     bool is_thread);
struct dentry *task_splice(struct inode *inode, struct dentry *dentry);
struct task *inode_task(const struct inode *inode);
int task_getattr(const struct path *path, struct kstat *stat,
		 uint32_t request_mask, unsigned int flags);
int task_setattr(struct dentry *dentry, struct iattr *attr);
bool name_to_number(const char *name, size_t len, unsigned int *number);
extern const struct inode_ops task_file_iops;
extern const struct inode_ops task_link_iops;
extern const struct task_file task_files[];
extern const unsigned int nr_task_files;

/* For a task_file's show: is it about one thread, not the process? */
bool task_show_is_thread(const struct seq_file *m);

/* threads.c, fd.c, net.c, ns.c: the directories inside. */
extern const struct inode_ops threads_iops, fd_dir_iops, fdinfo_dir_iops;
extern const struct inode_ops net_dir_iops, ns_dir_iops;
extern const struct file_ops threads_fops, fd_dir_fops, fdinfo_dir_fops;
extern const struct file_ops net_dir_fops, ns_dir_fops;
int fd_link_path(struct inode *inode, struct task *task, struct path *path);
int fd_link_revalidate(struct inode *inode, struct task *task);

/* task_sched.c */
int task_sched_show(struct seq_file *m, struct task *task);
int task_schedstat_show(struct seq_file *m, struct task *task);
extern const struct file_ops task_timerslack_fops;
/* task_stat.c, task_status.c, task_misc.c: texts. */
int task_stat_show(struct seq_file *m, struct task *task);
int task_statm_show(struct seq_file *m, struct task *task);
int task_status_show(struct seq_file *m, struct task *task);
int task_limits_show(struct seq_file *m, struct task *task);
int task_personality_show(struct seq_file *m, struct task *task);
int task_io_show(struct seq_file *m, struct task *task);
int task_loginuid_show(struct seq_file *m, struct task *task);
int task_oom_score_show(struct seq_file *m, struct task *task);
int task_mounts_show(struct seq_file *m, struct task *task);
int task_mountinfo_show(struct seq_file *m, struct task *task);
int task_wchan_show(struct seq_file *m, struct task *task);
int task_stack_show(struct seq_file *m, struct task *task);
int task_syscall_show(struct seq_file *m, struct task *task);
extern const struct file_ops task_comm_fops;
extern const struct file_ops task_oom_score_adj_fops, task_oom_adj_fops;
extern const struct file_ops task_coredump_filter_fops;

/* task_userns.c */
int task_cgroup_show(struct seq_file *m, struct task *task);
int task_children_show(struct seq_file *m, struct task *task);
extern const struct file_ops task_id_map_fops, task_setgroups_fops;

/* pagemap.c */
extern const struct file_ops task_pagemap_fops, task_clear_refs_fops;

/* task_links.c */
int task_cwd_link(struct inode *inode, struct task *task, struct path *path);
int task_root_link(struct inode *inode, struct task *task, struct path *path);
int task_exe_link(struct inode *inode, struct task *task, struct path *path);

/* task_mem.c, maps.c, smaps.c: what lies in its memory. */
struct mm *inode_mm_open(const struct inode *inode, unsigned int ptrace_mode);
int mm_file_release(struct inode *inode, struct file *file);
extern const struct file_ops task_mem_fops, task_environ_fops, task_auxv_fops;
extern const struct file_ops task_cmdline_fops;
extern const struct file_ops task_maps_fops, task_smaps_fops;
extern const struct file_ops task_smaps_rollup_fops;

struct vma;
int maps_open(struct inode *inode, struct file *file,
	      const struct seq_ops *ops);
int maps_release(struct inode *inode, struct file *file);
void *maps_start(struct seq_file *m, loff_t *pos);
void *maps_next(struct seq_file *m, void *record, loff_t *pos);
void maps_stop(struct seq_file *m, void *record);
int maps_show_area(struct seq_file *m, const struct vma *vma);

/* The machine's files: each adds its own to proc_root. */
void proc_memory_init(void);
void proc_cpu_init(void);
void proc_system_init(void);
void proc_kmsg_init(void);
void proc_sys_init(void);
