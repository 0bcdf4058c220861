#!/bin/sh
# Boot stopped, with gdb attached (make gdb).
#
# QEMU waits for the debugger on a socket in the build folder and shows the
# guest's console in its log; gdb gets the symbols of build/keel.elf and the
# commands of tools/gdb/keel.py (help user-defined; ktasks, kcpus, kstack,
# kareas, kwalk, klog). When gdb ends, so does the guest.
#
# Ctrl-C goes to every process of the terminal's foreground group. It is meant
# for gdb, which then stops the guest; QEMU would end. So QEMU gets a session of
# its own, and, as no hangup reaches it there, dies with the shell that started
# it. The shell itself waits for gdb whatever is typed.
set -u

socket=$BUILD/gdb.sock
log=$BUILD/gdb-console.log
rm -f "$socket"
trap : INT
setsid setpriv --pdeathsig KILL \
	qemu-system-x86_64 -accel tcg -cpu max -smp "${SMP:-1}" -m "${MEM:-256}" \
	-display none -monitor none -no-reboot -nic none \
	-serial "file:$log" -S -gdb "unix:$socket,server=on,wait=off" \
	-kernel "$BUILD/keel.elf" -initrd "$INITRD" \
	-append "console=ttyS0 norandmaps ${APPEND:-}" &
qemu=$!
trap 'kill $qemu 2>/dev/null; wait $qemu' EXIT
tries=0
until [ -S "$socket" ]; do
	tries=$((tries + 1))
	if [ $tries -gt 100 ] || ! kill -0 $qemu 2>/dev/null; then
		echo "gdb: QEMU did not start" >&2
		exit 1
	fi
	sleep 0.1
done
echo "The guest's console is in $log."
gdb -q "$BUILD/keel.elf" -iex "set auto-load no" \
	-ex "set confirm off" -ex "set pagination off" \
	-ex "target remote $socket" \
	-x tools/gdb/keel.py -ex "hbreak start_kernel" ${GDB_ARGS:-}
