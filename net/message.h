/*
 * One message through sendmsg(2)'s and recvmsg(2)'s header: between
 * net/message.c and net/mmsg.c.
 */
#pragma once

#include "internal.h"

ssize_t message_send(const struct file *file, struct socket *sock,
		     const struct user_msghdr __user *umsg, unsigned int flags);
ssize_t message_receive(const struct file *file, struct socket *sock,
			struct user_msghdr __user *umsg, unsigned int flags);
