unset u; e=; v=value
echo "${u-a}" "${e-a}" "${v-a}"
echo "${u:-a}" "${e:-a}" "${v:-a}"
echo "${u+a}" "${e+a}" "${v+a}"
echo "${u:+a}" "${e:+a}" "${v:+a}"
echo "${u=one}" "$u"; unset u
echo "${e=one}" "$e"
echo "${e:=two}" "$e"; e=
echo ${u:-a b} "${u:-a b}" ${u:-"a b"}
for i in ${u:-a b} ${u:-"c d"} "${u:-e f}"; do echo "<$i>"; done
echo ${u:-${v}} ${u:-$(echo sub)} ${u:-`echo bq`} ${u:-$((2*3))}
echo ${u:-'single $v'} "${u:-don't}"
echo "${u:-"inner quoted"}"
echo ${u:-\}} "${u:-\}}"
echo ${u:-{a}}
set --
echo ${1-none} ${1:-none}
set -- x
echo ${1-none} ${2-none} ${@-none}
