"""The web's readers on the real store: straight from SQL to views, called like the ports that they plug into.

Invariant: they only read, and they return numbers as they are (masking happens where an answer is serialized). ``peaks`` alone
keeps what it made: a waveform.
"""
