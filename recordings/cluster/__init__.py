"""Transcription on many machines: the extra ``callcenter-12345[cluster]``, by Dask's engine (ADR 0013).

``keys.py``: who may take part; ``engine.py``: the engine as we use it; ``machine.py``: what runs on the machines of the
cluster; ``house.py``: how the house reaches them. Only ``engine.py`` knows the library's settings.
"""
