(echo $((1/0)); echo not); echo $?
(echo $((1%0)); echo not); echo $?
(echo $((1+)); echo not); echo $?
(echo $((08)); echo not); echo $?
(x=abc; echo $((x)); echo not); echo $?
(echo $((1 2)); echo not); echo $?

(echo $((1?2)); echo not); echo $?
