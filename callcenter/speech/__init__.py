"""The offline Chinese voice, and the demo recognizer made from it.

Invariant: nothing here reaches the network, and nothing binary of it is kept in the repository:
everything is made on the spot from installed wheels and from texts of the project, and cached.
"""
