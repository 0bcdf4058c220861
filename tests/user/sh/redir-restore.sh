echo a 2>/dev/null >f; echo visible
f() { echo in; exec >g; echo lost; }
f >h; echo still visible; cat g
eval 'echo x' >i; echo y; cat i
. ./nonexistent-file-is-fatal >/dev/null 2>&1
echo never
