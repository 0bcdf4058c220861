base=$PWD
rel() { p=$(pwd "$@"); echo "${p#"$base"}."; }
mkdir -p a/b/c; ln -s a/b link
cd a; rel; cd b; rel; cd ..; rel; cd ../a/./b/../b//c; rel
cd; [ "$PWD" = "$HOME" ] && echo home
cd "$base/link"; rel; rel -P; cd ..; rel
cd link; cd -P ..; rel; cd "$base"
cd - >/dev/null; rel; cd "$OLDPWD"; rel
cd nosuch; echo $?; rel
cd a/b; [ "$OLDPWD" = "$base" ] && echo oldpwd; cd "$base"
CDPATH=$base/a; cd b >out; rel; [ "$(cat "$base/out")" = "$base/a/b" ] && echo printed; unset CDPATH
cd /; pwd; cd ///; cd /usr/../usr; pwd; cd ../../../; pwd
cd "$base"; cd -P link; rel -P; cd "$base"
cd a; (cd b; rel); rel
cd '' ; echo $?
