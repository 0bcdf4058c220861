echo start; { sleep 0.1; echo late; } & echo early; wait
(sleep 0.1; echo one) & (wait; echo no children here) ; wait
for i in 1 2 3; do (exit $i) & done; wait; echo all done $?
x=1; { x=2; echo in $x; } & wait; echo out $x
sleep 100 & p=$!; kill -0 $p && echo running; kill $p; wait $p; echo $?
kill -0 $p 2>/dev/null || echo gone
true & true & true & wait
echo a | { cat & wait; }
{ echo x; false; } & wait $!; echo $?
f() { sleep 0.1; return 4; }; f & wait $!; echo $?
if true & then echo cond; fi; wait
while true; do sleep 0 & break; done; wait; echo broke
! false & wait $!; echo $?
true && false & wait $!; echo $?
echo $(echo sub & wait)
set -e; false & wait; echo errexit ignores background
