"""The history of the tables. A revision that was released is never edited.

A new one is written by hand in ``versions/``; a contract test compares where they lead with ``callcenter.store.schema``.
"""
