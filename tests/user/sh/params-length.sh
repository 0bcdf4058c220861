x=hello; e=; unset u
echo ${#x} ${#e} ${#u} ${#}
set -- a bb ccc
echo ${#} ${#1} ${#3} ${#4} $#
echo "${#x}" "${#2}"
echo ${#?}
