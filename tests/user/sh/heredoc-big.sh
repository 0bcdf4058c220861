line='0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
big=$line$line$line$line; big=$big$big$big$big$big$big$big$big
big=$big$big$big$big$big$big$big$big$big$big$big$big$big$big$big$big
cat <<E | wc -c
$big$big$big$big$big
E
cat <<E >/dev/null
$big$big$big
E
echo $?
true <<E
$big$big$big
E
echo $?
