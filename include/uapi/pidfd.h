/*
 * Processes as descriptors: pidfd_open(2) and its kin.
 *
 * Source: man 2 pidfd_open.
 */
#pragma once

#define PIDFD_NONBLOCK	04000	/* O_NONBLOCK: waitid(2) does not sleep */
