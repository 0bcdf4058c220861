(exec echo replaced; echo no)
(exec true; echo no); echo $?
(exec nosuchcommand; echo no); echo $?
(exec ./nofile; echo no); echo $?
touch noexec; (exec ./noexec; echo no); echo $?
(X=1 exec env) | grep '^X='
exec 3>f; echo x >&3; exec 3>&-; cat f
exec; echo still here
(exec >g; echo a; echo b); cat g
"$SH" -c 'exec 3<nofile; echo no'; echo $?
"$SH" -c 'command exec 3<nofile; echo yes'; echo $?
(exec "$SH" -c 'echo $0 $1' a b)
