x=1; (x=2; echo $x); echo $x
(cd /; pwd); [ "$(pwd)" = / ] || echo unchanged
(exit 3); echo $?
( (echo nested) )
(echo a; (echo b; exit 1) || echo c)
f() { echo f; }; (f; f() { echo g; }; f); f
(set -- 1 2 3; echo $#); echo $#
[ "$(echo $$)" = $$ ] && echo same pid
(trap 'echo trap in subshell' EXIT; true)
(false) || echo failed
( echo "spaces" )
(
	echo lines
)
(exit 1; echo not reached); echo $?
for i in 1 2; do (exit $i) || echo $?; done
(return 4 2>/dev/null; exit 4); echo $?
(break 2>/dev/null; echo after)
