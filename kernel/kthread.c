/*
 * Kernel threads: see kernel/kthread.h.
 *
 * Whoever wants one writes a request and waits; kthreadd takes requests off
 * its list and clones. The new thread first reports that it exists, then
 * sleeps until its creator has done with it what he wanted (bind it to a CPU,
 * note it down) and wakes it.
 */
#define LOG_PREFIX "kthread"

#include <arch/current.h>
#include <kernel/completion.h>
#include <kernel/kthread.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/printf.h>
#include <mm/gfp.h>
#include <mm/slab.h>
#include <uapi/sched.h>

/* What a kernel thread and who stops it share. */
struct kthread {
	struct refcount		refs;	/* the thread, and who stops it */
	bool			should_stop;
	int			result;		/* of its function */
	struct completion	exited;
};

/* A thread that is wanted; on the stack of who wants it. */
struct kthread_request {
	struct list_head	node;		/* [request_lock] */
	int			(*fn)(void *);
	void			*arg;
	char			name[TASK_COMM_LEN];
	struct kthread		*kthread;
	struct task		*task;		/* the answer, or ERR_PTR */
	struct completion	done;
};

static DEFINE_SPINLOCK(request_lock, RANK_LEAF);
static LIST_HEAD(requests);		/* [request_lock] */
static DEFINE_WAIT_QUEUE(requests_wait);

static void kthread_put(struct kthread *kthread)
{
	if (refcount_put(&kthread->refs))
		kfree(kthread);
}

/*
 * A kernel thread begins here. Its state says "asleep" before its creator can
 * know of it, so the first wake-up, and nothing else, starts it.
 */
static int kthread_main(void *arg)
{
	struct kthread_request *request = arg;
	struct kthread *self = request->kthread;
	int (*fn)(void *) = request->fn;
	void *fn_arg = request->arg;

	set_task_comm(current, request->name);
	current->sched.kthread = self;
	request->task = current;
	set_current_state(TASK_IDLE);
	complete(&request->done);	/* the request may be gone after this */
	schedule();
	self->result = kthread_should_stop() ? -EINTR : fn(fn_arg);
	complete_all(&self->exited);
	kthread_put(self);
	do_exit(0);
}

static void answer(struct kthread_request *request)
{
	struct kernel_clone_args args = {
		.flags = CLONE_FS | CLONE_FILES,
		.exit_signal = SIGCHLD,
		.fn = kthread_main,
		.fn_arg = request,
		.kthread = true,
	};
	pid_t pid = kernel_clone(&args);

	if (pid >= 0)
		return;		/* the thread answers */
	request->task = ERR_PTR(pid);
	complete(&request->done);
}

static struct kthread_request *next_request(void)
{
	struct kthread_request *request;

	SPIN_GUARD(&request_lock);

	request = list_first_entry_or_null(&requests, struct kthread_request,
					   node);
	if (request)
		list_del(&request->node);
	return request;
}

/* PID 2: makes all other kernel threads. Never returns. */
int kthreadd(void *unused __unused)
{
	/*
	 * Nobody waits for kernel threads: they vanish when they end. Nor do
	 * they look at signals: one that root sends to them, or to everybody,
	 * would wait for ever and cut each of their interruptible waits short.
	 * Their threads inherit this.
	 */
	for (int i = 0; i < NSIG; i++)
		current->sighand->action[i].handler = SIG_IGN;
	set_task_comm(current, "kthreadd");
	for (;;) {
		struct kthread_request *request;

		wait_event_idle(&requests_wait, !list_empty(&requests));
		while ((request = next_request()))
			answer(request);
	}
	return 0;
}

static struct task *create(struct kthread_request *request, const char *fmt,
			   va_list args)
{
	vsnprintf(request->name, sizeof(request->name), fmt, args);
	request->kthread = kzalloc(sizeof(*request->kthread), GFP_KERNEL);
	if (!request->kthread)
		return ERR_PTR(-ENOMEM);
	refcount_set(&request->kthread->refs, 1);
	completion_init(&request->kthread->exited);
	completion_init(&request->done);
	spin_lock(&request_lock);
	list_add_tail(&request->node, &requests);
	spin_unlock(&request_lock);
	wake_up(&requests_wait);
	wait_for_completion(&request->done);
	if (IS_ERR(request->task))
		kfree(request->kthread);
	return request->task;
}

/*
 * Make a kernel thread that will run @fn(@arg) once it is woken by
 * wake_up_process(). Its name is made from @fmt.
 *
 * Context: process; may sleep. Needs kthreadd.
 * Return:  the task, or ERR_PTR(-ENOMEM, -EAGAIN). The caller owns no
 *          reference to it: the task is there as long as its function runs.
 */
struct task *kthread_create(int (*fn)(void *), void *arg, const char *fmt, ...)
{
	struct kthread_request request = { .fn = fn, .arg = arg };
	struct task *task;
	va_list args;

	va_start(args, fmt);
	task = create(&request, fmt, args);
	va_end(args);
	return task;
}

/* Make a kernel thread and start it. As kthread_create() otherwise. */
struct task *kthread_run(int (*fn)(void *), void *arg, const char *fmt, ...)
{
	struct kthread_request request = { .fn = fn, .arg = arg };
	struct task *task;
	va_list args;

	va_start(args, fmt);
	task = create(&request, fmt, args);
	va_end(args);
	if (!IS_ERR(task))
		wake_up_process(task);
	return task;
}

/* True if someone wants this kernel thread to return. */
bool kthread_should_stop(void)
{
	return READ_ONCE(current->sched.kthread->should_stop);
}

/*
 * Ask @task, whose function does not return of itself, to return, and wait
 * until it has. A thread that was never started never runs its function.
 *
 * Context: process; sleeps.
 * Return:  what its function returned; -EINTR if that never ran.
 */
int kthread_stop(struct task *task)
{
	struct kthread *kthread = task->sched.kthread;
	int result;

	refcount_get(&kthread->refs);
	WRITE_ONCE(kthread->should_stop, true);
	wake_up_process(task);
	wait_for_completion(&kthread->exited);
	result = kthread->result;
	kthread_put(kthread);
	return result;
}

/*
 * Have @task, which has not been started, run on @cpu only.
 * Context: process.
 */
void kthread_bind(struct task *task, int cpu)
{
	struct cpumask mask = CPUMASK_NONE;

	cpumask_set_cpu(cpu, &mask);
	if (set_cpus_allowed(task, &mask))
		panic("kthread: %s bound to CPU %d, which is not online",
		      task->comm, cpu);
}
