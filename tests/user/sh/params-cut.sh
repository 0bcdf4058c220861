p=/usr/local/lib/file.tar.gz
echo ${p#*/} ${p##*/} ${p%/*} ${p%%/*}.
echo ${p%.*} ${p%%.*} ${p#/usr} ${p#nothing} ${p%nothing}
echo ${p%'*'} ${p%"*"} "${p%.*}" "${p##*/}"
s='a*b*c'
echo "${s%'*'*}" "${s#*'*'}" "${s##*\*}" "${s%%\**}"
star='*'
echo "${s#*$star}" "${s#*"$star"}"
x=aaa
echo ${x#a} ${x##a} ${x%a} ${x%%a*} ${x##*}.
d=2024-01-31
echo ${d%%-*} ${d##*-} ${d#*-}
t="  lead"
echo "[${t#"${t%%[! ]*}"}]"
echo ${x#[ab]} ${x%[!b]} ${x#?} ${x##??}
