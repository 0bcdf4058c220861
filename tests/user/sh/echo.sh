echo; echo -n no newline; echo; echo -n; echo -n -n x; echo
echo 'a\tb' 'c\nd' 'e\\f' 'g\0101h'
echo 'stop\c' never; echo
echo -e x; echo -- x; echo -E x
echo 'a\qb' 'trail\'
echo "a  b"   c
echo '\101'
echo > f; wc -c <f
echo x >/dev/full; echo $?
