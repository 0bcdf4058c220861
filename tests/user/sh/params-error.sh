(echo ${u?}; echo not reached); echo $?
(echo ${u:?message}; echo not reached); echo $?
e=
(echo ${e:?}; echo not reached); echo $?
(echo ${e?fine}; echo reached); echo $?
echo ${u?final}
echo not reached
