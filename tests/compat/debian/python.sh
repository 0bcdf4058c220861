# Debian's python3: what its threads, processes and signals need of a kernel.
python3 -u /compat/python.py
python3 -u /compat/python_asyncio.py
