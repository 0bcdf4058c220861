true & wait $!; echo $?
false & wait $!; echo $?
(exit 7) & wait $!; echo $?
(exit 3) & a=$!; (exit 4) & b=$!; wait $b; echo $?; wait $a; echo $?
wait; echo $?
wait 99999; echo $?
sleep 100 & kill $!; wait $!; echo $?
sleep 100 & kill -9 $!; wait $!; echo $?
(exit 5) & wait; echo $?
{ echo bg; } & wait
for i in 1 2 3; do (exit $i) & pids="$pids $!"; done
for p in $pids; do wait $p; echo $?; done
cat & wait $!; echo "stdin is null $?"
f() { echo in f; return 6; }; f & wait $!; echo $?
true | (exit 8) & wait $!; echo $?
trap 'echo usr1' USR1
(sleep 0.2; kill -USR1 $$) & sleep 5 & s=$!
wait $s; [ $? -gt 128 ] && echo interrupted
kill $s
echo a & wait; echo b
wait nonsense 2>/dev/null; echo $?
sleep 0 & wait %1; echo $?
