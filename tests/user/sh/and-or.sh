true && echo 1
false && echo no
false || echo 2
true || echo no
true && false || echo 3
false && true || echo 4
true || false && echo 5
false || false || echo 6
true && true && echo 7
false && echo no && echo no || echo 8
true &&
echo 9 ||

echo no
(exit 5) || echo $?
(exit 5) && :; echo $?
! true || echo 10
! false && echo 11
{ false; true; } && echo 12
true; false || true && echo 13
