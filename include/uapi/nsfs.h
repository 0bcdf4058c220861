/*
 * ioctl(2) on the files of namespaces. Source: man 2 ioctl_ns.
 */
#pragma once

#define NS_GET_USERNS		0xb701	/* a descriptor of its owner's */
#define NS_GET_PARENT		0xb702
#define NS_GET_NSTYPE		0xb703	/* CLONE_NEW* */
#define NS_GET_OWNER_UID	0xb704	/* of a user namespace */
