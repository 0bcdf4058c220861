echo one >f; cat f; echo two >>f; cat <f
echo three >|f; cat f
>empty; wc -c <empty
echo out; { echo out; echo err >&2; } 2>errs; cat errs
{ echo o; echo e >&2; } >both 2>&1; cat both
{ echo o; echo e >&2; } 2>&1 >/dev/null | cat
echo x >a >b; wc -c <a; cat b
cat <f <b
ls /nonexistent 2>/dev/null; echo $?
exec 3>three; echo a >&3; echo b >&3; exec 3>&-; cat three
exec 4<three; read x <&4; read y <&4; echo $x$y; exec 4<&-
exec 5<>rw; echo hello >&5; exec 5>&-; cat rw
echo visible; echo hidden >&-; echo $?
cat <nofile; echo $?
echo x >/nonexistent/dir; echo $?
: >nodir/x; echo not reached
