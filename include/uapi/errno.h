/*
 * Error numbers.
 *
 * Inside the kernel a failure is a negative value of this list, carried
 * upwards unchanged; it leaves ring 0 as the result of the system call, and
 * the C library turns -4095..-1 into errno and -1. Which call returns which
 * number is part of the ABI: programs test for them.
 *
 * Source: man 3 errno, man 2 <the call>. Numbers 41 and 58 are unused.
 */
#pragma once

/* The classics: what a Unix has answered since the beginning. */
#define EPERM		1	/* not allowed, whoever owns the object */
#define ENOENT		2	/* the name leads nowhere */
#define ESRCH		3	/* no such process or thread */
#define EINTR		4	/* a signal ended the wait */
#define EIO		5	/* the device failed */
#define ENXIO		6	/* no device, or nobody at the other end */
#define E2BIG		7	/* arguments and environment too long */
#define ENOEXEC		8	/* not a format that can be executed */
#define EBADF		9	/* not an open descriptor, or wrong mode */
#define ECHILD		10	/* no child to wait for */
#define EAGAIN		11	/* would have to wait; try later */
#define ENOMEM		12	/* out of memory or address space */
#define EACCES		13	/* permission bits say no */
#define EFAULT		14	/* a pointer leads outside user memory */
#define ENOTBLK		15	/* a block device is needed */
#define EBUSY		16	/* in use by somebody */
#define EEXIST		17	/* the name is taken */
#define EXDEV		18	/* the two names are on different mounts */
#define ENODEV		19	/* the device does not support this */
#define ENOTDIR		20	/* a directory is needed */
#define EISDIR		21	/* a directory is not acceptable */
#define EINVAL		22	/* an argument makes no sense */
#define ENFILE		23	/* too many open files in the system */
#define EMFILE		24	/* too many open files in this process */
#define ENOTTY		25	/* the object does not know this ioctl */
#define ETXTBSY		26	/* the file is being executed */
#define EFBIG		27	/* larger than a file may be */
#define ENOSPC		28	/* the file system is full */
#define ESPIPE		29	/* cannot seek on this */
#define EROFS		30	/* mounted read-only */
#define EMLINK		31	/* too many hard links */
#define EPIPE		32	/* nobody is left to read */
#define EDOM		33	/* outside the domain of the function */
#define ERANGE		34	/* the result does not fit */

/* Limits, locks and names. */
#define EDEADLK		35	/* waiting would never end */
#define ENAMETOOLONG	36	/* longer than NAME_MAX or PATH_MAX */
#define ENOLCK		37	/* no lock can be had */
#define ENOSYS		38	/* no such system call */
#define ENOTEMPTY	39	/* the directory still has entries */
#define ELOOP		40	/* too many symbolic links on the way */
#define ENOMSG		42	/* no message of that type */
#define EIDRM		43	/* the IPC object was removed meanwhile */
#define EWOULDBLOCK	EAGAIN
#define EDEADLOCK	EDEADLK

/* Inherited from hardware and networks that have left. */
#define ECHRNG		44	/* channel number out of range */
#define EL2NSYNC	45	/* level 2 out of step */
#define EL3HLT		46	/* level 3 stopped */
#define EL3RST		47	/* level 3 was reset */
#define ELNRNG		48	/* link number out of range */
#define EUNATCH		49	/* protocol driver missing */
#define ENOCSI		50	/* no CSI structure */
#define EL2HLT		51	/* level 2 stopped */
#define EBADE		52	/* bad exchange */
#define EBADR		53	/* bad request descriptor */
#define EXFULL		54	/* exchange full */
#define ENOANO		55	/* no anode */
#define EBADRQC		56	/* bad request code */
#define EBADSLT		57	/* bad slot */
#define EBFONT		59	/* bad font file */

/* STREAMS and remote file systems; a few live on elsewhere. */
#define ENOSTR		60	/* not a stream */
#define ENODATA		61	/* the attribute has no value */
#define ETIME		62	/* the timer ran out */
#define ENOSR		63	/* no stream resources left */
#define ENONET		64	/* not on any network */
#define ENOPKG		65	/* package missing */
#define EREMOTE		66	/* the object is remote */
#define ENOLINK		67	/* the link was cut */
#define EADV		68	/* advertise failed */
#define ESRMNT		69	/* srmount failed */
#define ECOMM		70	/* sending failed */
#define EPROTO		71	/* the protocol was violated */
#define EMULTIHOP	72	/* more than one hop needed */
#define EDOTDOT		73	/* RFS's own error */
#define EBADMSG		74	/* the data is not a valid message */
#define EOVERFLOW	75	/* the value does not fit its type */
#define ENOTUNIQ	76	/* name not unique on the network */
#define EBADFD		77	/* descriptor in a bad state */
#define EREMCHG		78	/* the remote address changed */

/* Shared libraries, text, terminals. */
#define ELIBACC		79	/* a needed library cannot be opened */
#define ELIBBAD		80	/* a needed library is damaged */
#define ELIBSCN		81	/* .lib section damaged */
#define ELIBMAX		82	/* too many libraries */
#define ELIBEXEC	83	/* a library cannot be executed */
#define EILSEQ		84	/* not a character in this encoding */
#define ERESTART	85	/* the call should be started again */
#define ESTRPIPE	86	/* error in a pipe of streams */
#define EUSERS		87	/* too many users */

/* Sockets. */
#define ENOTSOCK	88	/* a socket is needed */
#define EDESTADDRREQ	89	/* no destination given */
#define EMSGSIZE	90	/* too long for one message */
#define EPROTOTYPE	91	/* protocol and socket type disagree */
#define ENOPROTOOPT	92	/* the protocol has no such option */
#define EPROTONOSUPPORT	93	/* unknown protocol */
#define ESOCKTNOSUPPORT	94	/* unknown socket type */
#define EOPNOTSUPP	95	/* the object cannot do this */
#define EPFNOSUPPORT	96	/* unknown protocol family */
#define EAFNOSUPPORT	97	/* unknown address family */
#define EADDRINUSE	98	/* the address is taken */
#define EADDRNOTAVAIL	99	/* the address is not ours */
#define ENETDOWN	100	/* the network is down */
#define ENETUNREACH	101	/* no route to the network */
#define ENETRESET	102	/* the network dropped the connection */
#define ECONNABORTED	103	/* given up on this side */
#define ECONNRESET	104	/* given up by the other side */
#define ENOBUFS		105	/* no buffer space */
#define EISCONN		106	/* already connected */
#define ENOTCONN	107	/* not connected */
#define ESHUTDOWN	108	/* sending was shut down */
#define ETOOMANYREFS	109	/* too many references in flight */
#define ETIMEDOUT	110	/* waited long enough */
#define ECONNREFUSED	111	/* nobody listens there */
#define EHOSTDOWN	112	/* the host is down */
#define EHOSTUNREACH	113	/* no route to the host */
#define EALREADY	114	/* already under way */
#define EINPROGRESS	115	/* begun, not finished */
#define ENOTSUP		EOPNOTSUPP

/* Later arrivals. */
#define ESTALE		116	/* the file handle outlived its file */
#define EUCLEAN		117	/* the file system is damaged */
#define ENOTNAM		118	/* not a XENIX named file */
#define ENAVAIL		119	/* no XENIX semaphores */
#define EISNAM		120	/* is a named type file */
#define EREMOTEIO	121	/* the remote end failed */
#define EDQUOT		122	/* the quota is used up */
#define ENOMEDIUM	123	/* nothing in the drive */
#define EMEDIUMTYPE	124	/* the wrong thing in the drive */
#define ECANCELED	125	/* cancelled before it was done */
#define ENOKEY		126	/* no such key */
#define EKEYEXPIRED	127	/* the key is too old */
#define EKEYREVOKED	128	/* the key was withdrawn */
#define EKEYREJECTED	129	/* the key does not fit */
#define EOWNERDEAD	130	/* the lock's owner died holding it */
#define ENOTRECOVERABLE	131	/* what the lock guarded is lost */
#define ERFKILL		132	/* the radio is switched off */
#define EHWPOISON	133	/* the memory page is broken */
