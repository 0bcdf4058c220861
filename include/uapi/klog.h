/*
 * The kernel log for user space: syslog(2), which C libraries call klogctl,
 * and the levels that stand in front of each message as "<level>".
 *
 * Linux does not publish the action names; the numbers are in the man page.
 *
 * Source: man 2 syslog.
 */
#pragma once

#define SYSLOG_ACTION_CLOSE		0
#define SYSLOG_ACTION_OPEN		1
#define SYSLOG_ACTION_READ		2	/* take, waiting for some */
#define SYSLOG_ACTION_READ_ALL		3	/* look at the last messages */
#define SYSLOG_ACTION_READ_CLEAR	4
#define SYSLOG_ACTION_CLEAR		5
#define SYSLOG_ACTION_CONSOLE_OFF	6
#define SYSLOG_ACTION_CONSOLE_ON	7
#define SYSLOG_ACTION_CONSOLE_LEVEL	8
#define SYSLOG_ACTION_SIZE_UNREAD	9
#define SYSLOG_ACTION_SIZE_BUFFER	10

#define LOG_EMERG	0	/* the system is unusable */
#define LOG_ALERT	1
#define LOG_CRIT	2
#define LOG_ERR		3
#define LOG_WARNING	4
#define LOG_NOTICE	5
#define LOG_INFO	6
#define LOG_DEBUG	7
