# Parts of CPython's own tests, as Debian ships them: those that are quick.
python3 -u /compat/pytests.py
