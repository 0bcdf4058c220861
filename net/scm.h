/*
 * scm: what lies beside a message: open files, and who sent it.
 *
 * sendmsg(2)'s control data is parsed into a struct scm_cookie, which the
 * family hangs on the skb; recvmsg(2) gets one from the skb and puts it back
 * into control data, the files into the receiver's descriptor table.
 */
#pragma once

#include <keel/list.h>
#include <net/socket.h>

struct file;
struct pid;
struct user;

#define SCM_MAX_FD	253	/* in one message */

/* Files on their way; each is a reference. */
struct scm_fp_list {
	struct list_head	node;	/* in a list of those to be let go */
	struct user		*user;	/* whose limit they count against */
	unsigned int		count;
	struct file		*files[];
};

struct scm_cookie {
	struct pid		*pid;	/* NULL: the sender did not say */
	uid_t			uid;
	gid_t			gid;
	struct scm_fp_list	*fp;	/* or NULL */
};

#define SCM_NO_ID	((uid_t)-1)

static inline void scm_init(struct scm_cookie *scm)
{
	scm->pid = NULL;
	scm->uid = SCM_NO_ID;
	scm->gid = SCM_NO_ID;
	scm->fp = NULL;
}

int scm_parse(const struct msghdr *msg, struct scm_cookie *scm);
void scm_release(struct scm_cookie *scm);
void scm_put(const struct sock *sk, struct msghdr *msg,
	     struct scm_cookie *scm, unsigned int flags);
void scm_put_cmsg(struct msghdr *msg, int level, int type, const void *data,
		  size_t len);
struct scm_fp_list *scm_fp_alloc(unsigned int max);
struct scm_fp_list *scm_fp_dup(const struct scm_fp_list *fp);
void scm_fp_free(struct scm_fp_list *fp);

/* Let go of what scm_parse() found and nobody took. */
static inline void scm_destroy(struct scm_cookie *scm)
{
	if (unlikely(scm->pid || scm->fp))
		scm_release(scm);
}

/* What sendmsg begins with. Return: as scm_parse(). */
static inline int scm_send(const struct msghdr *msg, struct scm_cookie *scm)
{
	scm_init(scm);
	return likely(!msg->controllen) ? 0 : scm_parse(msg, scm);
}
